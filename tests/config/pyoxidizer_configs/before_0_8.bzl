def make_exe(dist):
    python_config = PythonInterpreterConfig(run_module = "demo", raw_allocator = "system", no_site = True)
    exe = dist.to_python_executable(
        name = "demo",
        config = python_config,
        extension_module_filter = "all",
        include_sources = True,
        include_resources = False,
        include_test = False,
    )
    exe.add_in_memory_python_resources(dist.pip_install(["demo"]))
    return exe

def make_dist():
    return default_python_distribution()

register_target("dist", make_dist)
register_target("exe", make_exe, depends = ["dist"], default = True)
resolve_targets()
PYOXIDIZER_VERSION = "0.7.0"
PYOXIDIZER_COMMIT = "UNKNOWN"
