"""unzstd: the half of zstd that decompresses, for executables whose resources are compressed. Knows how its names get a prefix.

Not part of the archive: it is linked into the executables that ask for `compress`. zstd's own sources, as `zstd.bzl` pins them.
"""

load("@stdlib//recipe.bzl", "recipe")
load("@stdlib//recipes/zstd.bzl", "ZSTD")

def unzstd(platform):
    if not platform.folder:
        native.files(name = "unzstd_names", srcs = ["unzstd.c"])
    return recipe.declare(
        name = "zstd",
        target = "unzstd",
        source = "zstd",
        platform = platform,
        version = ZSTD.version,
        sha256 = ZSTD.sha256,
        places = ZSTD.places,
        license = ZSTD.license,
        inputs = {"names/": "@stdlib//recipes:unzstd_names"},
        describe = True,
        script = r"""
mkdir out/source
cp -R source/lib/common source/lib/decompress source/lib/*.h names/unzstd.c out/source/
chmod -R u+w out/source
find out/source/*/ out/source/*.h -name '*.[ch]' \
    -exec sed -i -E 's/\b(ZSTD_|ZSTDLIB_|ZSTDERRORLIB_|HUF_|FSE_|ERR_|XXH)/sb_\1/g' {} +

# The sources stay for `python -m bench.fuzz`. Without threads, the formats that zstd had before its first release, and texts of
# errors that nobody sees. Of several ways to decode the same, each for another kind of data or processor, the smallest.
cc -std=c11 -O2 -DNDEBUG -w -fvisibility=hidden -ffunction-sections -DDEBUGLEVEL=0 -DDYNAMIC_BMI2=0 \
    -Dsb_ZSTD_DISABLE_ASM=1 -Dsb_ZSTD_LEGACY_SUPPORT=0 -Dsb_ZSTD_STRIP_ERROR_STRINGS -Dsb_XXH_NAMESPACE=sb_ZSTD_ \
    -Dsb_HUF_FORCE_DECOMPRESS_X1 -Dsb_ZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT -Dsb_ZSTD_NO_INLINE \
    -c out/source/unzstd.c -o out/lib/unzstd.o
""",
    )
