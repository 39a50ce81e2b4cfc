def make_exe(name, module):
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_module = module
    exe = dist.to_python_executable(name = name, config = config)
    exe.add_python_resources(exe.pip_install(["demo"]))
    return exe

def make_first():
    return make_exe("first", "demo")

def make_second():
    return make_exe("second", "demo.core")

def make_install(first, second):
    files = FileManifest()
    for each in [first, second]:
        files.add_python_resource("bin", each)
    return files

register_target("first", make_first)
register_target("second", make_second)
register_target("install", make_install, depends = ["first", "second"], default = True)
resolve_targets()
