def make_dist():
    return default_python_distribution(flavor = "standalone_static")

def make_exe(dist):
    config = dist.make_python_interpreter_config()
    config.run_module = "app"
    exe = dist.to_python_executable(name = "app", config = config)
    exe.add_python_resources(exe.read_package_root(path = ".", packages = ["app"]))
    return exe

register_target("dist", make_dist)
register_target("exe", make_exe, depends = ["dist"], default = True)
resolve_targets()
