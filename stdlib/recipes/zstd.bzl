"""zstd: the `_zstd` module, which CPython has since 3.14. Knows the folders that make the library."""

load("@stdlib//recipe.bzl", "recipe")

ZSTD = struct(
    version = "1.5.7",
    sha256 = "eb33e51f49a15e023950cd7825ca74a4a2b43db8354825ac24fc1b7ee09e6fa3",
    license = "BSD-3-Clause",
    places = [
        "https://github.com/facebook/zstd/releases/download/v1.5.7/zstd-1.5.7.tar.gz",
        {
            # Debian's copy lacks the documentation's generator; the library's files are the same.
            "place": "debian:pool/main/libz/libzstd/libzstd_1.5.7+dfsg.orig.tar.xz",
            "sha256": "0c092ef267edce57ba7f3f2645c861f72eaf5e76273c6c3632869423464b90a5",
        },
    ],
)

def zstd(platform):
    return recipe.declare(
        name = "zstd",
        platform = platform,
        version = ZSTD.version,
        sha256 = ZSTD.sha256,
        places = ZSTD.places,
        license = ZSTD.license,
        libraries = ["zstd"],
        script = r"""
# With threads, since `compression.zstd` offers `nb_workers`; without the formats that zstd had before its first release.
cd source
files=$(ls lib/common/*.c lib/compress/*.c lib/decompress/*.c lib/decompress/*.S lib/dictBuilder/*.c)
cd "$ROOT"
library zstd "-O3 -DXXH_NAMESPACE=ZSTD_ -DZSTD_LEGACY_SUPPORT=0 -DZSTD_MULTITHREAD -fvisibility=hidden -pthread" $files
cp source/lib/zstd.h source/lib/zstd_errors.h source/lib/zdict.h out/include/
""",
    )
