def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable("app")
    exe.add_python_resources(exe.read_virtualenv(path = ".venv"))
    return exe

register_target("exe", make_exe)
resolve_targets()
