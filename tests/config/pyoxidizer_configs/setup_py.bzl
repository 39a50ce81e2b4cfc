def make_exe():
    dist = default_python_distribution(flavor = "standalone")
    exe = dist.to_python_executable(name = "old")
    exe.add_python_resources(exe.setup_py_install(package_path = CWD))
    return exe

register_target("exe", make_exe)
resolve_targets()
