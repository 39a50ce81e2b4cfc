"""bzip2: the `_bz2` module. Knows which seven files make the library."""

load("@stdlib//recipe.bzl", "recipe")

def bzip2(platform):
    return recipe.declare(
        name = "bzip2",
        platform = platform,
        version = "1.0.8",
        sha256 = "ab5a03176ee106d3f0fa90e381da478ddae405918153cca248e682cd0c4a2269",
        places = [
            "https://sourceware.org/pub/bzip2/bzip2-1.0.8.tar.gz",
            "debian:pool/main/b/bzip2/bzip2_1.0.8.orig.tar.gz",
        ],
        license = "bzip2-1.0.6",
        libraries = ["bz2"],
        script = r"""
library bz2 "-O2 -D_FILE_OFFSET_BITS=64" \
    blocksort.c bzlib.c compress.c crctable.c decompress.c huffman.c randtable.c
cp source/bzlib.h out/include/
""",
    )
