set_build_path("out")

def make_exe():
    return default_python_distribution().to_python_executable("app")

def make_release(exe):
    files = exe.to_file_manifest(".")
    files.install("release/" + VARS.get("VERSION", "dev"), replace = True)

register_target("exe", make_exe)
register_target("release", make_release, depends = ["exe"], default = True)
resolve_targets()
