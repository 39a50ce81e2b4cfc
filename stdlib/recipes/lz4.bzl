"""lz4: a fast compressor. Knows that each file of lib/ is part of the library."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def lz4(platform):
    return recipe.declare(
        name = "lz4",
        platform = platform,
        version = "1.10.0",
        sha256 = "537512904744b35e232912055ccf8ec66d768639ff3abe5788d90d792ec5f48b",
        places = [
            "https://github.com/lz4/lz4/archive/refs/tags/v1.10.0.tar.gz",
            "debian:pool/main/l/lz4/lz4_1.10.0.orig.tar.gz",
        ],
        license = "BSD-2-Clause",
        license_files = ["lib/LICENSE"],
        libraries = ["lz4"],
        modules = {"liblz4": pkgconfig.module("extremely fast LZ compression", "-llz4")},
        describe = True,
        script = r"""
library lz4 "-O3 -DXXH_NAMESPACE=LZ4_" $(cd source && ls lib/*.c)
cp source/lib/lz4.h source/lib/lz4file.h source/lib/lz4frame.h source/lib/lz4frame_static.h source/lib/lz4hc.h out/include/
""",
    )
