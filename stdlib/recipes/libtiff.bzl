"""libtiff: TIFF, for Pillow. Knows libtiff's files, and what its configure script finds out."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def libtiff(platform):
    return recipe.declare(
        name = "libtiff",
        platform = platform,
        # What Debian's stable release keeps. Debian patches it for what was found since; these sources are upstream's, unpatched.
        version = "4.7.0",
        sha256 = "2b8b5c4e79cb2a4651796602e45d6179b7f18bc283feab417b8e881ef7e81862",
        places = [
            "https://gitlab.com/libtiff/libtiff/-/archive/v4.7.0/libtiff-v4.7.0.tar.bz2",
            "debian:pool/main/t/tiff/tiff_4.7.0.orig.tar.bz2",
        ],
        license = "libtiff",
        license_files = ["LICENSE.md"],
        libraries = ["tiff"],
        deps = ["zlib", "libjpeg-turbo"],
        modules = {"libtiff-4": pkgconfig.module("TIFF", "-ltiff -lm", requires = ["libjpeg", "zlib"])},
        describe = True,
        weight = 10,
        script = r"""
# Every compression that TIFF itself has, and those of zlib and libjpeg; not JBIG, LERC, LZMA, WebP and Zstandard.
{
    for codec in CCITT JPEG LOGLUV LZW NEXT OJPEG PACKBITS PIXARLOG THUNDER ZIP SUBIFD MDI; do
        echo "#define ${codec}_SUPPORT 1"
    done
    for part in COLORIMETRY YCBCR CMYK ICC PHOTOSHOP IPTC; do echo "#define ${part}_SUPPORT"; done
    for bits in 8 16 32 64; do
        echo "#define TIFF_INT${bits}_T int${bits}_t"
        echo "#define TIFF_UINT${bits}_T uint${bits}_t"
    done
    cat <<'EOF'
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#define TIFF_SSIZE_T int64_t
#define HAVE_IEEEFP 1
#define HOST_FILLORDER FILLORDER_LSB2MSB
#define HOST_BIGENDIAN 0
#define STRIPCHOP_DEFAULT TIFF_STRIPCHOP
#define DEFAULT_EXTRASAMPLE_AS_ALPHA 1
#define CHECK_JPEG_YCBCR_SUBSAMPLING 1
EOF
} >out/include/tiffconf.h
cat >build/tif_config.h <<'EOF'
#include "tiffconf.h"
#define CHUNKY_STRIP_READ_SUPPORT 1
#define DEFER_STRILE_LOAD 1
#define HAVE_ASSERT_H 1
#define HAVE_FCNTL_H 1
#define HAVE_FSEEKO 1
#define HAVE_MMAP 1
#define HAVE_STRINGS_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_UNISTD_H 1
#define SIZEOF_SIZE_T 8
#define STRIP_SIZE_DEFAULT 8192
#define TIFF_MAX_DIR_COUNT 1048576
#define TIFF_SIZE_FORMAT "zu"
#define TIFF_SSIZE_FORMAT PRId64
EOF
sed -e 's/@LIBTIFF_VERSION@/4.7.0/' -e "s/@LIBTIFF_RELEASE_DATE@/$(cat source/RELEASE-DATE)/" -e 's/@LIBTIFF_MAJOR_VERSION@/4/' \
    -e 's/@LIBTIFF_MINOR_VERSION@/7/' -e 's/@LIBTIFF_MICRO_VERSION@/0/' source/libtiff/tiffvers.h.cmake.in >out/include/tiffvers.h
cp source/libtiff/tiff.h source/libtiff/tiffio.h out/include/
library tiff "-O2 -Ibuild -Iout/include -Isource/libtiff -Ideps/zlib/include -Ideps/libjpeg-turbo/include" \
    $(cd source && ls libtiff/tif_*.c | grep -v -E '_win32')
""",
    )
