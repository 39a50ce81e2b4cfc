ON_DISK = ["certs", "other"]

def resource_callback(policy, resource):
    if type(resource) in ("PythonModuleSource", "PythonPackageResource"):
        for name in ON_DISK:
            package = resource.name if type(resource) == "PythonModuleSource" else resource.package
            if package == name or package.startswith(name + "."):
                resource.add_location = "filesystem-relative:lib"

def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.register_resource_callback(resource_callback)
    exe = dist.to_python_executable("app", policy)
    exe.add_python_resources(exe.pip_install(["demo", "certs", "other"]))
    return exe

register_target("exe", make_exe)
resolve_targets()
