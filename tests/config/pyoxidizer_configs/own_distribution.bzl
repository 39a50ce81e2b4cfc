def make_exe():
    dist = PythonDistribution(
        sha256 = "0000000000000000000000000000000000000000000000000000000000000000",
        url = "https://example.org/cpython-3.12.4-x86_64-unknown-linux-musl-noopt-full.tar.zst",
    )
    policy = dist.make_python_packaging_policy()
    policy.set_preferred_extension_module_variant("readline", "libedit")
    policy.extension_module_filter = "minimal"
    return dist.to_python_executable("python", policy)

register_target("exe", make_exe)
resolve_targets()
