def make_exe():
    return default_python_distribution().to_python_executable("app")

def make_files(exe):
    files = FileManifest()
    files.add_python_resources(prefix = "lib", values = exe.pip_install(["demo"]))
    for r in exe.pip_install(["other"]):
        files.add_python_resource("more", r)
    return files

register_target("exe", make_exe)
register_target("files", make_files, depends = ["exe"], default = True)
resolve_targets()
