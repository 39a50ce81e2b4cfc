"""libpng: PNG, for freetype's coloured bitmaps and for packages that ask for it. Knows libpng's files; it brings a configuration."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def libpng(platform):
    return recipe.declare(
        name = "libpng",
        platform = platform,
        # What Debian's stable release keeps. Debian patches it for what was found since; these sources are upstream's, unpatched.
        version = "1.6.48",
        sha256 = "b17e99026055727e8cba99160c3a9a7f9af788e9f786daeadded5a42243f1dd0",
        places = [
            "https://github.com/pnggroup/libpng/archive/refs/tags/v1.6.48.tar.gz",
            "debian:pool/main/libp/libpng1.6/libpng1.6_1.6.48.orig.tar.gz",
        ],
        license = "libpng-2.0",
        libraries = ["png16"],
        deps = ["zlib"],
        modules = {
            "libpng": pkgconfig.module("PNG", "-lpng16 -lm", requires = ["zlib"]),
            "libpng16": pkgconfig.module("PNG", "-lpng16 -lm", requires = ["zlib"]),
        },
        describe = True,
        weight = 4,
        script = r"""
cp source/scripts/pnglibconf.h.prebuilt out/include/pnglibconf.h
cp source/png.h source/pngconf.h out/include/
library png16 "-O3 -DPNG_INTEL_SSE_OPT=1 -Iout/include -Isource -Ideps/zlib/include" \
    $(for part in '' error get mem pread read rio rtran rutil set trans wio write wtran wutil; do echo png$part.c; done) \
    intel/intel_init.c intel/filter_sse2_intrinsics.c
# Some builds look for it under its short name.
cp out/lib/libpng16.a out/lib/libpng.a
""",
    )
