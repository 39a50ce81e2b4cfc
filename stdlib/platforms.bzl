"""What libraries are built for: the C libraries that there are toolchains for. Knows labels, nothing of any recipe."""

def _musl():
    """musl, for executables that need nothing of the host. It is also what programs that run during a build are made for."""
    return struct(
        triple = "x86_64-unknown-linux-musl",
        archive_options = "--options noopt+static",
        libc = "musl",
        # Recipes for it bear their plain names and declare the sources; the others use those.
        folder = "",
        toolchain = {
            # The three trees that compile and link anything. Only `zig/zig` itself is read: headers and libc are in `sysroot`.
            "toolchain": "@stdlib//toolchain:cc",
            "zig": "@stdlib//toolchain:zig",
            "sysroot": "@stdlib//toolchain:sysroot",
        },
    )

def _glibc(version):
    """glibc, for executables that can load shared libraries, on any host with `version` (as `2.17`) or a newer one."""
    return struct(
        triple = "x86_64-unknown-linux-gnu",
        archive_options = "--options noopt --glibc " + version,
        libc = "glibc",
        folder = version + "/",
        toolchain = {
            "toolchain/": "@stdlib//toolchain:binutils",
            "toolchain/bin/cc": "@stdlib//toolchain/glibc:cc",
            "zig": "@stdlib//toolchain:zig",
            "sysroot": "@stdlib//toolchain/glibc:%s/sysroot" % version,
        },
    )

platforms = struct(
    musl = _musl(),
    glibc = _glibc,
    # Those that the pinned ziglang knows, but for those that nobody runs any more: 2.17 is manylinux2014's.
    glibc_versions = ["2.%d" % minor for minor in range(17, 45)],
)
