def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable("app")
    for r in exe.pip_install(["demo"]):
        if type(r) == "PythonModuleSource" and hasattr(r, "is_package") and not getattr(r, "is_package"):
            r.add_location, r.add_location_fallback = "filesystem-relative:lib", None
            r.add_bytecode_optimization_level_zero = True
        elif type(r) == "PythonPackageDistributionResource":
            print(r.package, r.name)
        exe.add_python_resource(resource = r)
    return exe

register_target("exe", make_exe)
resolve_targets()
