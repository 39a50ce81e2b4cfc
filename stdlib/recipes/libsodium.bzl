"""libsodium: PyNaCl's cryptography. Knows which files need which instructions, and what its configure script finds out on x86-64."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def libsodium(platform):
    return recipe.declare(
        name = "libsodium",
        platform = platform,
        # Debian's stable release has 1.0.18, which is too old for PyNaCl (no AEGIS); this is what its next one has.
        version = "1.0.22",
        sha256 = "5838bb0c3da6148c24ebe531d1ed1297de9a87aea77d426bcd99f289e681631c",
        places = [
            "https://github.com/jedisct1/libsodium/archive/refs/tags/1.0.22-RELEASE.tar.gz",
            "debian:pool/main/libs/libsodium/libsodium_1.0.22.orig.tar.gz",
        ],
        license = "ISC",
        libraries = ["sodium"],
        modules = {"libsodium": pkgconfig.module("a modern and easy-to-use crypto library", "-lsodium -lpthread")},
        describe = True,
        weight = 8,
        # In glibc since 2.25; without them the library reads /dev/urandom and clears memory through a weak function.
        glibc = {" -DHAVE_EXPLICIT_BZERO -DHAVE_GETRANDOM -DHAVE_SYS_RANDOM_H": ""},
        script = r"""
cp -R source/src/libsodium/include/sodium.h source/src/libsodium/include/sodium out/include/
chmod -R u+w out/include
rm -rf out/include/sodium/private out/include/sodium/version.h.in
cp source/builds/msvc/version.h out/include/sodium/version.h

FLAGS="-O3 -w -fvisibility=hidden -fno-strict-aliasing -fwrapv -pthread -DCONFIGURED -DNATIVE_LITTLE_ENDIAN -DTLS=_Thread_local \
    -DHAVE_PTHREAD -DHAVE_TI_MODE -DHAVE_INLINE_ASM -DHAVE_AMD64_ASM -DHAVE_AVX_ASM -DHAVE_CPUID -DHAVE_RDRAND \
    -DHAVE_MMINTRIN_H -DHAVE_EMMINTRIN_H -DHAVE_PMMINTRIN_H -DHAVE_TMMINTRIN_H -DHAVE_SMMINTRIN_H -DHAVE_AVXINTRIN_H \
    -DHAVE_AVX2INTRIN_H -DHAVE_AVX512FINTRIN_H -DHAVE_WMMINTRIN_H -DHAVE_WEAK_SYMBOLS -DHAVE_ATOMIC_OPS -DHAVE_GCC_MEMORY_FENCES -DHAVE_SYS_MMAN_H \
    -DHAVE_MMAP -DHAVE_MLOCK -DHAVE_MADVISE -DHAVE_MPROTECT -DHAVE_POSIX_MEMALIGN -DHAVE_GETPID -DHAVE_NANOSLEEP -DHAVE_CLOCK_GETTIME -DHAVE_SYSCONF -DHAVE_RAISE \
    -DHAVE_EXPLICIT_BZERO -DHAVE_GETRANDOM -DHAVE_SYS_RANDOM_H -Iout/include/sodium -Isource/src/libsodium/include/sodium"

# The processor is asked at run time which of these it has; each file may use the instructions that it is for, and no other file may.
files=$(cd source && find src/libsodium -name '*.c' -o -name salsa20_xmm6-asm.S -o -name sandy2x.S | LC_ALL=C sort)
part() { printf '%s\n' $files | grep -E "$1"; }
library sodium "$FLAGS" $(printf '%s\n' $files | grep -v -E 'aesni|ssse3|sse41|avx2|avx512|internal_random')
library sodium "$FLAGS -mrdrnd" $(part internal_random)
library sodium "$FLAGS -mssse3 -maes -mpclmul" $(part aesni)
library sodium "$FLAGS -mssse3" $(part ssse3)
library sodium "$FLAGS -msse4.1" $(part sse41)
library sodium "$FLAGS -mavx2" $(part avx2)
library sodium "$FLAGS -mavx512f" $(part avx512)
""",
    )
