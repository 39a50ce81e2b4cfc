def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable("app")
    wanted = [r for r in exe.pip_download(["demo", "--platform", "manylinux2014_x86_64"]) if not r.name.startswith("demo.core")]
    for resource in wanted:
        if type(resource) != "PythonExtensionModule":
            exe.add_python_resource(resource)
    return exe

register_target("exe", make_exe)
resolve_targets()
