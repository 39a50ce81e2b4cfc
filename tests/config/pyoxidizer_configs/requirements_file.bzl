def make_exe():
    dist = default_python_distribution(python_version = "3.12")
    config = dist.make_python_interpreter_config()
    config.run_command = "from demo.core import main; main()"
    exe = dist.to_python_executable(name = "demo", config = config)
    exe.add_python_resources(exe.pip_install(["-r", "requirements.txt"]))
    exe.add_python_resources(exe.read_package_root(path = CWD, packages = ["app"]))
    return exe

register_target("exe", make_exe, default = True)
resolve_targets()
