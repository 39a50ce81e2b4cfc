def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable("app")
    names = sorted([r.name for r in dist.python_resources() if type(r) == "PythonModuleSource" and r.is_stdlib and not r.is_package])
    print(len(names), names[0])
    return exe

register_target("exe", make_exe)
resolve_targets()
