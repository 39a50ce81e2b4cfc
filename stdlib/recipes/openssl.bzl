"""OpenSSL: the `_ssl` and `_hashlib` modules. Knows OpenSSL's Configure (perl) and which of its parts an executable can use."""

load("@stdlib//recipe.bzl", "recipe")

def openssl(platform):
    return recipe.declare(
        name = "openssl",
        platform = platform,
        version = "3.5.6",
        sha256 = "deae7c80cba99c4b4f940ecadb3c3338b13cb77418409238e57d7f31f2a3b736",
        places = [
            "https://github.com/openssl/openssl/releases/download/openssl-3.5.6/openssl-3.5.6.tar.gz",
            "debian:pool/main/o/openssl/openssl_3.5.6.orig.tar.gz",
        ],
        license = "Apache-2.0",
        license_files = ["LICENSE.txt"],
        libraries = ["ssl", "crypto"],
        programs = ["make", "perl"],
        weight = 90,
        script = r"""
# no-dso, no-module, no-engine: nothing can be loaded into a static executable. no-async: it needs getcontext, which musl lacks.
# --openssldir: certificates and settings are where distributions keep them, wherever the executable runs.
# Configure looks behind links for where the source really is, and that would reach __FILE__: it gets a real folder of links.
cp -Rs "$(readlink -f source)" linked
export PERL5LIB="$ROOT/programs/perl/lib"
cd build
CC=cc AR=ar RANLIB=ranlib CFLAGS=-O2 perl ../linked/Configure linux-x86_64 --prefix=/install --libdir=lib --openssldir=/etc/ssl \
    no-shared no-pic no-tests no-apps no-docs no-dso no-module no-engine no-legacy no-async
make -j "$JOBS" build_libs
cp libssl.a libcrypto.a ../out/lib/
mkdir ../out/include/openssl
cp ../source/include/openssl/*.h include/openssl/*.h ../out/include/openssl/
cd "$ROOT"
""",
    )
