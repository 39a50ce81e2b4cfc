def make_install(exe):
    files = FileManifest()
    files.add_python_resource("bin", exe)
    files.add_path(path = "README.md", strip_prefix = "")
    files.add_path(CWD + "/docs/a.txt", strip_prefix = CWD + "/docs")
    files.add_file(FileContent(path = "LICENSE"), directory = "share")
    files.add_file(FileContent(filename = "run.sh", content = "#!/bin/sh\nexec bin/app\n", executable = True))
    files.add_manifest(glob(["data/*.json"], strip_prefix = CWD + "/"))
    return files

def make_exe():
    return default_python_distribution().to_python_executable("app")

register_target("exe", make_exe)
register_target("install", make_install, depends = ["exe"], default = True)
resolve_targets()
