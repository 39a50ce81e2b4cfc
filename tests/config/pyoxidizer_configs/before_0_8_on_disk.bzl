def make_exe():
    dist = default_python_distribution()
    config = PythonInterpreterConfig(run_eval = "import demo; demo.main()")
    exe = dist.to_python_executable(name = "demo", config = config, resources_policy = "filesystem-relative-only:lib")
    exe.add_filesystem_relative_python_resources("lib", dist.read_package_root(path = CWD, packages = ["app"]))
    return exe

register_target("exe", make_exe)
resolve_targets()
