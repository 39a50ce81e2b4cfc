"""expat: the `pyexpat` and `_elementtree` modules. Knows expat's three files.

CPython bundles a copy, which would do. A recipe of its own lets a security fix of expat reach executables without waiting for
CPython's next release, and names the component and its version for an SBOM.
"""

load("@stdlib//recipe.bzl", "recipe")

def expat(platform):
    return recipe.declare(
        name = "expat",
        platform = platform,
        version = "2.8.3",
        sha256 = "533659a16e0184035a99fd8e783f1ad61a887a7bf8586a8681740b9d7ed42389",
        places = [
            "https://github.com/libexpat/libexpat/archive/refs/tags/R_2_8_3.tar.gz",
            "debian:pool/main/e/expat/expat_2.8.3.orig.tar.gz",
        ],
        license = "MIT",
        license_files = ["expat/COPYING"],
        libraries = ["expat"],
        # getrandom is in glibc since 2.25, and in the kernel for longer.
        glibc = {"#define HAVE_GETRANDOM 1\n": ""},
        script = r"""
cat >build/expat_config.h <<'EOF'
#define BYTEORDER 1234
#define HAVE_FCNTL_H 1
#define HAVE_GETRANDOM 1
#define HAVE_MMAP 1
#define HAVE_STDINT_H 1
#define HAVE_SYSCALL_GETRANDOM 1
#define HAVE_UNISTD_H 1
#define XML_CONTEXT_BYTES 1024
#define XML_DEV_URANDOM 1
#define XML_DTD 1
#define XML_GE 1
#define XML_NS 1
EOF
cp source/expat/lib/expat.h source/expat/lib/expat_external.h out/include/
library expat "-O2 -DNDEBUG -DHAVE_EXPAT_CONFIG_H -Ibuild" \
    $(cd source && ls expat/lib/*.c | grep -v -e rand_s -e arc4random -e _ns.c -e _impl.c -e xcsinc)
""",
    )
