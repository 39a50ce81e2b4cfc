"""OpenBLAS: the matrix arithmetic of numpy. Knows OpenBLAS's Makefiles, and which processors are worth routines of their own.

BLAS and CBLAS only. LAPACK is Fortran; numpy brings what it needs of it in C, and falls back to that by itself.
"""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def openblas(platform):
    return recipe.declare(
        name = "openblas",
        platform = platform,
        version = "0.3.29",
        sha256 = "38240eee1b29e2bde47ebb5d61160207dc68668a54cac62c076bb5032013b1eb",
        places = [
            "https://github.com/OpenMathLib/OpenBLAS/releases/download/v0.3.29/OpenBLAS-0.3.29.tar.gz",
            {
                # Debian's copy lacks LAPACK, which is not built here; the rest is the same.
                "place": "debian:pool/main/o/openblas/openblas_0.3.29+ds.orig.tar.xz",
                "sha256": "eb691e2cff83799400da22aa6ab93ebaa346ad317fea578b7ae119e226ce1b01",
            },
        ],
        license = "BSD-3-Clause",
        libraries = ["openblas"],
        programs = ["make"],
        modules = {"openblas": pkgconfig.module("optimised BLAS", "-lopenblas -lpthread -lm")},
        describe = True,
        weight = 300,
        # Its last line leaves in the log what OpenBLAS was told of the processor, and what was installed.
        script = r"""
# OpenBLAS builds in its source only.
cp -R source/. build/
chmod -R u+w build
# Any x86-64 processor runs it; those with AVX2 get routines of their own, chosen when it starts. As many threads as there are processors,
# at most 64. Nothing of what it finds out is of the host: the target is given, and BFLOAT16 is for no package that there is.
run() {
    make -C build -j "$JOBS" -s TARGET=PRESCOTT DYNAMIC_ARCH=1 DYNAMIC_LIST=HASWELL BINARY=64 NOFORTRAN=1 NO_LAPACK=1 NO_SHARED=1 \
        USE_THREAD=1 NUM_THREADS=64 USE_OPENMP=0 NO_AFFINITY=1 NO_WARMUP=1 BUILD_BFLOAT16=0 SMALL_MATRIX_OPT=0 \
        CC=cc HOSTCC=cc AR=ar RANLIB=ranlib LD=ld "$@" >build/make.log 2>&1 || { tail -n 60 build/make.log >&2; exit 1; }
}
run libs
run OPENBLAS_INCLUDE_DIR="$ROOT/out/include" OPENBLAS_LIBRARY_DIR="$ROOT/out/lib" OPENBLAS_BINARY_DIR="$ROOT/unused" \
    OPENBLAS_CMAKE_DIR="$ROOT/unused" OPENBLAS_PKGCONFIG_DIR="$ROOT/unused" install
cat out/include/openblas_config.h; find out
""",
    )
