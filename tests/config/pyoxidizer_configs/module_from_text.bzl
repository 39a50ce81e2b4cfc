VERSION = VARS.get("VERSION", "0.0")

def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable("app")
    source = 'version = "%s"\nplatform = "%s"\n' % (VERSION, BUILD_TARGET_TRIPLE)
    exe.add_python_resource(exe.make_python_module_source(name = "app_version", source = source))
    exe.add_python_resource(exe.make_python_module_source("app_data", "", is_package = True))
    return exe

register_target("exe", make_exe)
resolve_targets()
