"""zlib: the `zlib` module. Knows zlib's files, and that its configure script only edits two lines of zconf.h."""

load("@stdlib//recipe.bzl", "recipe")

def zlib(platform):
    return recipe.declare(
        name = "zlib",
        platform = platform,
        version = "1.3.1",
        sha256 = "9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23",
        places = [
            "https://zlib.net/fossils/zlib-1.3.1.tar.gz",
            {
                # Debian's copy lacks the non-free parts of contrib/; the library's files are the same.
                "place": "debian:pool/main/z/zlib/zlib_1.3.dfsg+really1.3.1.orig.tar.gz",
                "sha256": "60dd315c07f616887caa029408308a018ace66e3d142726a97db164b3b8f69fb",
            },
        ],
        license = "Zlib",
        libraries = ["z"],
        script = r"""
sed -e 's/^#ifdef HAVE_UNISTD_H.*/#if 1/' -e 's/^#ifdef HAVE_STDARG_H.*/#if 1/' source/zconf.h >out/include/zconf.h
cp source/zlib.h out/include/
# The library itself is compiled against the unedited header, with the answers as definitions: it finds that one first.
library z "-O2 -D_LARGEFILE64_SOURCE=1 -DHAVE_HIDDEN -DZ_HAVE_UNISTD_H -DZ_HAVE_STDARG_H" \
    adler32.c compress.c crc32.c deflate.c gzclose.c gzlib.c gzread.c gzwrite.c infback.c inffast.c inflate.c inftrees.c trees.c \
    uncompr.c zutil.c
""",
    )
