def callback(policy, resource):
    if type(resource) == "PythonModuleSource":
        resource.add_include = True
        if resource.name in ["antigravity", "this"] or resource.name.endswith(".tests"):
            resource.add_include = False
        resource.add_source = resource.name.startswith("demo")

def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.include_distribution_sources = False
    policy.include_non_distribution_sources = False
    policy.include_distribution_resources = False
    policy.include_test = False
    policy.bytecode_optimize_level_zero = False
    policy.bytecode_optimize_level_one = False
    policy.bytecode_optimize_level_two = True
    policy.register_resource_callback(callback)
    config = dist.make_python_interpreter_config()
    config.optimization_level = 2
    config.run_module = "demo"
    exe = dist.to_python_executable("small", policy, config)
    exe.add_python_resources(exe.pip_install(["demo"]))
    return exe

register_target("exe", make_exe)
resolve_targets()
