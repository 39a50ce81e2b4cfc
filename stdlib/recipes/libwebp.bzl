"""libwebp: WebP, for Pillow. Knows which files are for other processors, and what its configure script finds out on x86-64."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def libwebp(platform):
    return recipe.declare(
        name = "libwebp",
        platform = platform,
        version = "1.5.0",
        sha256 = "7d6fab70cf844bf6769077bd5d7a74893f8ffd4dfb42861745750c63c2a5c92c",
        places = [
            "https://storage.googleapis.com/downloads.webmproject.org/releases/webp/libwebp-1.5.0.tar.gz",
            "debian:pool/main/libw/libwebp/libwebp_1.5.0.orig.tar.gz",
        ],
        license = "BSD-3-Clause",
        license_files = ["COPYING", "PATENTS"],
        libraries = ["webp", "webpmux", "webpdemux", "sharpyuv"],
        modules = {
            "libsharpyuv": pkgconfig.module("conversions of colours", "-lsharpyuv -lm"),
            "libwebp": pkgconfig.module("WebP", "-lwebp -lpthread", requires = ["libsharpyuv"]),
            "libwebpdemux": pkgconfig.module("reads WebP's containers", "-lwebpdemux", requires = ["libwebp"]),
            "libwebpmux": pkgconfig.module("writes WebP's containers", "-lwebpmux", requires = ["libwebp"]),
        },
        describe = True,
        weight = 15,
        script = r"""
FLAGS="-O2 -pthread -DWEBP_HAVE_SSE2 -DWEBP_HAVE_SSE41 -DWEBP_USE_THREAD -DWEBP_NEAR_LOSSLESS=1 -DHAVE_BUILTIN_BSWAP16 \
    -DHAVE_BUILTIN_BSWAP32 -DHAVE_BUILTIN_BSWAP64 -Isource"
# The processor is asked at run time whether it has SSE 4.1; only the files that are for it may use it.
files() { (cd source && ls $1 | grep -v -E '_(neon|mips32|mips_dsp_r2|msa)\.c' | grep $2 _sse41.c); }
library webp "$FLAGS" $(files 'src/dec/*.c src/dsp/*.c src/enc/*.c src/utils/*.c' -v)
library webp "$FLAGS -msse4.1" $(files 'src/dsp/*.c' -e)
library webpmux "$FLAGS" $(files 'src/mux/*.c' -v)
library webpdemux "$FLAGS" $(files 'src/demux/*.c' -v)
library sharpyuv "$FLAGS" $(files 'sharpyuv/*.c' -v)
mkdir -p out/include/webp/sharpyuv
cp source/src/webp/decode.h source/src/webp/encode.h source/src/webp/types.h source/src/webp/mux.h source/src/webp/mux_types.h \
    source/src/webp/demux.h out/include/webp/
cp source/sharpyuv/sharpyuv.h source/sharpyuv/sharpyuv_csp.h out/include/webp/sharpyuv/
""",
    )
