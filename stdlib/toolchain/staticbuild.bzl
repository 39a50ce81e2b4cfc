"""The toolchain's three trees: drivers, zig's executable, and the libc and headers that it makes.

Knows which files of PyPI's ziglang are read. Knows nothing of what will be compiled.
"""

# What `zig cc` compiles for x86_64-linux-musl, and the headers that it finds them with; the rest of its 234 MB (other libcs,
# other architectures, libc++, documentation) is not declared. `zig` alone is all that compiling and linking read afterwards.
_ZIG_LIBRARY = [
    "zig",
    "lib/c.zig",
    "lib/c/**",
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

def toolchain():
    native.stdlib_tree(name = "cc", root = "toolchain", files = ["bin/ar", "bin/cc", "bin/ld", "bin/ranlib"])
    native.package_tree(name = "zig", package = "ziglang", files = ["zig"])
    native.package_tree(name = "zig_library", package = "ziglang", files = _ZIG_LIBRARY)
    native.run_action(
        name = "sysroot",
        script = native.stdlib_text("toolchain/sysroot.sh"),
        inputs = {"zig": ":zig_library"},
        output_trees = ["sysroot"],
    )
