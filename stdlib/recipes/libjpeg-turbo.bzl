"""libjpeg-turbo: JPEG, for Pillow. Knows the files of the library and what its CMake files find out.

Without its SIMD routines: for x86-64 they are written for NASM, an assembler that no place brings as a source that builds with a C
compiler alone. Pictures come out the same; decoding takes two to four times as long.
"""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def libjpeg_turbo(platform):
    return recipe.declare(
        name = "libjpeg-turbo",
        platform = platform,
        version = "2.1.5",
        sha256 = "254f3642b04e309fee775123133c6464181addc150499561020312ec61c1bf7c",
        places = [
            "https://github.com/libjpeg-turbo/libjpeg-turbo/archive/refs/tags/2.1.5.tar.gz",
            "debian:pool/main/libj/libjpeg-turbo/libjpeg-turbo_2.1.5.orig.tar.gz",
        ],
        license = "IJG AND BSD-3-Clause",
        license_files = ["LICENSE.md", "README.ijg"],
        libraries = ["jpeg"],
        modules = {"libjpeg": pkgconfig.module("JPEG, with the API of libjpeg 6b", "-ljpeg")},
        describe = True,
        weight = 6,
        script = r"""
# The API of libjpeg 6b, with the functions of 8 that read and write memory: what distributions have.
cat >out/include/jconfig.h <<'EOF'
#define JPEG_LIB_VERSION 62
#define LIBJPEG_TURBO_VERSION 2.1.5
#define LIBJPEG_TURBO_VERSION_NUMBER 2001005
#define C_ARITH_CODING_SUPPORTED 1
#define D_ARITH_CODING_SUPPORTED 1
#define MEM_SRCDST_SUPPORTED 1
#define BITS_IN_JSAMPLE 8
EOF
cat >build/jconfigint.h <<'EOF'
#define BUILD ""
#define INLINE __inline__ __attribute__((always_inline))
#define THREAD_LOCAL __thread
#define PACKAGE_NAME "libjpeg-turbo"
#define VERSION "2.1.5"
#define SIZEOF_SIZE_T 8
#define HAVE_BUILTIN_CTZL
#define FALLTHROUGH __attribute__((fallthrough));
EOF
sed 's/@COPYRIGHT_YEAR@/1991-2023/' source/jversion.h.in >build/jversion.h
cp source/jpeglib.h source/jmorecfg.h source/jerror.h source/jpegint.h out/include/
library jpeg "-O3 -Ibuild -Iout/include -Isource" \
    $(for part in capimin capistd ccoefct ccolor cdctmgr chuff cicc cinit cmainct cmarker cmaster comapi cparam cphuff cprepct csample \
        ctrans dapimin dapistd datadst datasrc dcoefct dcolor ddctmgr dhuff dicc dinput dmainct dmarker dmaster dmerge dphuff dpostct \
        dsample dtrans error fdctflt fdctfst fdctint idctflt idctfst idctint idctred quant1 quant2 utils memmgr memnobs aricom carith \
        darith simd_none; do echo j$part.c; done)
""",
    )
