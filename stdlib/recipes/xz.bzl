"""xz: liblzma, for the `_lzma` module. Knows liblzma's files and what its configure script finds out on x86-64 musl."""

load("@stdlib//recipe.bzl", "recipe")

def xz(platform):
    return recipe.declare(
        name = "xz",
        platform = platform,
        version = "5.8.1",
        sha256 = "0b54f79df85912504de0b14aec7971e3f964491af1812d83447005807513cd9e",
        places = [
            "https://github.com/tukaani-project/xz/releases/download/v5.8.1/xz-5.8.1.tar.xz",
            "debian:pool/main/x/xz-utils/xz-utils_5.8.1.orig.tar.xz",
        ],
        license = "0BSD",
        license_files = ["COPYING.0BSD"],
        libraries = ["lzma"],
        script = r"""
# Every filter, check and match finder is in. ASSUME_RAM is upstream's default for systems that do not tell.
{
    for coder in LZMA1 LZMA2 X86 ARM ARMTHUMB ARM64 POWERPC IA64 SPARC RISCV DELTA; do
        echo "#define HAVE_ENCODER_$coder 1"
        echo "#define HAVE_DECODER_$coder 1"
    done
    for finder in BT2 BT3 BT4 HC3 HC4; do echo "#define HAVE_MF_$finder 1"; done
    for check in CRC32 CRC64 SHA256; do echo "#define HAVE_CHECK_$check 1"; done
    for feature in ENCODERS DECODERS LZIP_DECODER \
        STDBOOL_H STDINT_H INTTYPES_H IMMINTRIN_H CPUID_H UNISTD_H SYS_PARAM_H MBRTOWC WCWIDTH VISIBILITY \
        CLOCK_GETTIME CLOCK_MONOTONIC PTHREAD_CONDATTR_SETCLOCK FUNC_ATTRIBUTE_CONSTRUCTOR USABLE_CLMUL \
        _MM_MOVEMASK_EPI8 __BUILTIN_ASSUME_ALIGNED __BUILTIN_BSWAPXX; do
        echo "#define HAVE_$feature 1"
    done
    echo '#define ASSUME_RAM 128'
    echo '#define MYTHREAD_POSIX 1'
    echo '#define NDEBUG 1'
    echo '#define PACKAGE_BUGREPORT "xz@tukaani.org"'
    echo '#define PACKAGE_NAME "XZ Utils"'
    echo '#define PACKAGE_URL "https://tukaani.org/xz/"'
    echo '#define SIZEOF_SIZE_T 8'
    echo '#define TUKLIB_CPUCORES_SCHED_GETAFFINITY 1'
    echo '#define TUKLIB_FAST_UNALIGNED_ACCESS 1'
    echo '#define TUKLIB_PHYSMEM_SYSCONF 1'
    echo '#define _GNU_SOURCE 1'
} >build/config.h

directories=
for directory in api common check lz rangecoder lzma delta simple; do
    directories="$directories -Isource/src/liblzma/$directory"
done

# The *tablegen.c, *_small.c and crc32_x86.S-like files make tables or replace others; the rest is the library.
cd source
files=$(ls src/liblzma/common/*.c src/liblzma/check/*.c src/liblzma/lz/*.c src/liblzma/rangecoder/*.c src/liblzma/lzma/*.c \
    src/liblzma/delta/*.c src/liblzma/simple/*.c src/common/tuklib_physmem.c src/common/tuklib_cpucores.c |
    grep -v -e tablegen -e _small -e consts_gen)
cd "$ROOT"
library lzma "-O2 -DHAVE_CONFIG_H -DTUKLIB_SYMBOL_PREFIX=lzma_ -fvisibility=hidden -pthread -Ibuild -Isource/src/common $directories" $files
cp -R source/src/liblzma/api/. out/include/
rm -f out/include/Makefile*
""",
    )
