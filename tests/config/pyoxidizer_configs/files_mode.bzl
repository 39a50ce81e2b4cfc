def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.set_resource_handling_mode("files")
    policy.resources_location = "filesystem-relative:lib"
    config = dist.make_python_interpreter_config()
    config.module_search_paths = ["$ORIGIN/lib"]
    config.filesystem_importer = True
    config.oxidized_importer = False
    config.sys_frozen = True
    config.run_module = "numbers_app"
    exe = dist.to_python_executable(name = "numbers_app", packaging_policy = policy, config = config)
    for resource in exe.pip_install(["numbers_like"]):
        exe.add_python_resource(resource)
    return exe

def make_install(exe):
    files = FileManifest()
    files.add_python_resource(".", exe)
    return files

register_target("exe", make_exe)
register_target("install", make_install, depends = ["exe"], default = True)
resolve_targets()
