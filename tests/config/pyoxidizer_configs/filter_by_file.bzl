def make_exe():
    exe = default_python_distribution().to_python_executable("app")
    exe.add_python_resources(exe.pip_install(["demo"]))
    exe.filter_resources_from_files(files = ["modules.txt"], glob_files = ["lists/*.txt"])
    return exe

register_target("exe", make_exe)
resolve_targets()
