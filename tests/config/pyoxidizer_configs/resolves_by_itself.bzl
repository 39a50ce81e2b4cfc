def make_exe():
    return default_python_distribution(build_target = BUILD_TARGET_TRIPLE).to_python_executable("app")

def make_files(exe):
    files = FileManifest()
    files.add_python_resource(".", exe)
    print(files.paths(), type(files.get_file("app")), files.remove("nothing"))
    return files

register_target(target = "exe", callable = make_exe)
register_target(target = "files", callable = make_files, depends = ["exe"], default = True)
resolve_target("files")
resolve_targets()
