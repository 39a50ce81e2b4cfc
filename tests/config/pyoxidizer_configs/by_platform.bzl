PLATFORM_PACKAGES = {"x86_64-unknown-linux-musl": ["demo"], "x86_64-unknown-linux-gnu": ["other"]}

def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable("app")
    packages = []
    packages += PLATFORM_PACKAGES.get(BUILD_TARGET_TRIPLE, [])
    if any([p == "demo" for p in packages]):
        packages.append("other")
    exe.add_python_resources(exe.pip_install(packages, extra_envs = {"A": "1"}))
    print("packages: {}".format(", ".join(packages)))
    return exe

register_target("exe", make_exe)
resolve_targets()
