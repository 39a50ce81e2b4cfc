"""What a build of Rust code finds beside the host's Rust toolchain: its drivers, and what links programs for the host.

Knows no crate and no package. Where the host's toolchain is, `staticbuild/rules/rust.py` finds out.
"""

native.files(name = "bin", srcs = ["bin/cargo", "bin/host-cc", "bin/rustc"])

native.files(name = "std_script", srcs = ["std.sh"])

native.files(name = "unwind_source", srcs = ["unwind.c"])

# Build scripts and macros run where rustc runs, so on a host with this glibc or a newer one, and with its libgcc_s.
native.run_action(
    name = "unwind",
    script = "mkdir -p unwind && toolchain/bin/cc -shared -nostdlib -fPIC -Wl,-soname,libgcc_s.so.1 source/unwind.c -o unwind/libgcc_s.so",
    inputs = {
        "source/": ":unwind_source",
        "sysroot": "@stdlib//toolchain/glibc:2.17/sysroot",
        "toolchain/": "@stdlib//toolchain:binutils",
        "toolchain/bin/cc": "@stdlib//toolchain/glibc:cc",
        "zig": "@stdlib//toolchain:zig",
    },
    output_trees = ["unwind"],
)

# `staticbuild build @stdlib//toolchain/rust:std` makes it alone.
native.rust_standard_library(name = "std")
