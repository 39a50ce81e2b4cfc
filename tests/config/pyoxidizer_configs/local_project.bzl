def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.resources_location = "in-memory"
    policy.resources_location_fallback = "filesystem-relative:prefix"
    exe = dist.to_python_executable(name = "tool", packaging_policy = policy)
    exe.add_python_resources(exe.pip_install([CWD]))
    exe.add_python_resources(exe.pip_install(["--no-cache-dir", "./dist/tool-1.0-py3-none-any.whl"]))
    return exe

register_target("exe", make_exe)
resolve_targets()
