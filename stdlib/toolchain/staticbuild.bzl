"""The toolchain's three trees: drivers, zig's executable, and the libc and headers that it makes.

Knows which files of PyPI's ziglang are read. Knows nothing of what will be compiled.
"""

# The drivers: `cc`, `ar`, `ranlib` and `ld`, for scripts that put `toolchain/bin` into their PATH.
native.files(name = "cc", srcs = ["bin/ar", "bin/cc", "bin/ld", "bin/ranlib"])

# Those of them that do not care for which C library.
native.files(name = "binutils", srcs = ["bin/ar", "bin/ld", "bin/ranlib"])

# All that compiling and linking read of ziglang, once there is a sysroot.
native.package_tree(name = "zig", package = "ziglang", files = ["zig"])

# What `zig cc` compiles for x86_64-linux-musl, and the headers that it finds them with. The rest of its 234 MB (other libcs,
# other architectures, libc++, documentation) is not declared.
_ZIG_LIBRARY = [
    "LICENSE",
    "zig",
    "lib/c.zig",
    "lib/c/**",
    "lib/compiler/**",
    "lib/compiler_rt.zig",
    "lib/compiler_rt/**",
    "lib/include/**",
    "lib/libc/include/any-linux-any/**",
    "lib/libc/include/generic-musl/**",
    "lib/libc/include/x86-linux-any/**",
    "lib/libc/include/x86_64-linux-musl/**",
    "lib/libc/musl/**",
    "lib/libunwind/**",
    "lib/std/**",
]

native.package_tree(
    name = "zig_library",
    package = "ziglang",
    files = _ZIG_LIBRARY,
)

# musl's own source, for the parts of it that zig leaves out; ziglang 0.17.1 carries the rest of the same version.
native.source_archive(
    name = "musl_source",
    version = "1.2.5",
    sha256 = "a9a118bbe84d8764da0ea0d28b3ab3fae8477fc7e4085d90102b8596fc7c75e4",
    places = [
        "https://musl.libc.org/releases/musl-1.2.5.tar.gz",
        "debian:pool/main/m/musl/musl_1.2.5.orig.tar.gz",
    ],
    license = "MIT",
    license_files = ["COPYRIGHT"],
)

native.files(name = "sysroot_script", srcs = ["sysroot.sh"])

# Our own routines for bytes and strings, which take the place of musl's.
native.files(name = "routines", srcs = native.glob(["libc/**"]))

native.run_action(
    name = "sysroot",
    script = ". ./scripts/sysroot.sh",
    inputs = {
        "musl": ":musl_source",
        "own/": ":routines",
        "scripts/": ":sysroot_script",
        "zig": ":zig_library",
    },
    output_trees = ["sysroot"],
    weight = 30,
)

# What packages are built with, beside `binutils`: compilers that leave relocatable objects in place of shared libraries.
native.files(name = "native", srcs = ["native/bin/cc", "native/bin/nothing", "native/glibc.sh", "native/musl.sh"])

# What zig compiles its C++ library from.
native.package_tree(
    name = "zig_cxx_library",
    package = "ziglang",
    files = [file for file in _ZIG_LIBRARY if file != "LICENSE"] + ["lib/libcxx/**", "lib/libcxxabi/**"],
)

native.files(name = "cxx_script", srcs = ["cxx.sh"])

# The C++ run-time library, for packages that are written in it; built when the first one is.
native.run_action(
    name = "cxx",
    script = ". ./scripts/cxx.sh",
    inputs = {
        "scripts/": ":cxx_script",
        "zig": ":zig_cxx_library",
    },
    env = {"TARGET": "x86_64-linux-musl"},
    output_trees = ["cxx"],
    weight = 60,
)
