"""The sysroots for glibc, one for each version, and the compiler driver that goes with any of them.

Knows which files of PyPI's ziglang are read. Knows nothing of what will be compiled.
"""

load("@stdlib//platforms.bzl", "platforms")

# Beside the drivers of `@stdlib//toolchain:binutils`.
native.files(name = "cc", srcs = ["bin/cc"])

# What `zig cc` makes stubs and start files of, for x86_64-linux-gnu, and the headers that belong to them.
_ZIG_LIBRARY = [
    "LICENSE",
    "zig",
    "lib/compiler/**",
    "lib/compiler_rt.zig",
    "lib/compiler_rt/**",
    "lib/include/**",
    "lib/libc/glibc/**",
    "lib/libc/include/any-linux-any/**",
    "lib/libc/include/generic-glibc/**",
    "lib/libc/include/x86-linux-any/**",
    "lib/libc/include/x86-linux-gnu/**",
    "lib/std/**",
]

native.package_tree(
    name = "zig_library",
    package = "ziglang",
    files = _ZIG_LIBRARY,
)

native.files(name = "sysroot_script", srcs = ["sysroot.sh"])

def _sysroot(version):
    native.run_action(
        name = version + "/sysroot",
        script = ". ./scripts/sysroot.sh",
        inputs = {
            "scripts/": ":sysroot_script",
            "zig": ":zig_library",
        },
        env = {"GLIBC": version},
        output_trees = ["sysroot"],
        weight = 10,
    )

[_sysroot(version) for version in platforms.glibc_versions]

# What zig compiles its C++ library from, beside that.
native.package_tree(
    name = "zig_cxx_library",
    package = "ziglang",
    files = [file for file in _ZIG_LIBRARY if file != "LICENSE"] + ["lib/libcxx/**", "lib/libcxxabi/**", "lib/libunwind/**"],
)

def _cxx(version):
    """The C++ run-time library, for packages that are written in it; built when the first one is."""
    native.run_action(
        name = version + "/cxx",
        script = ". ./scripts/cxx.sh",
        inputs = {
            "scripts/": "@stdlib//toolchain:cxx_script",
            "zig": ":zig_cxx_library",
        },
        env = {"TARGET": "x86_64-linux-gnu." + version},
        output_trees = ["cxx"],
        weight = 60,
    )

[_cxx(version) for version in platforms.glibc_versions]
