"""Brotli: a compressor of the web's. Knows the folders that make its three libraries."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def brotli(platform):
    return recipe.declare(
        name = "brotli",
        platform = platform,
        version = "1.1.0",
        sha256 = "e720a6ca29428b803f4ad165371771f5398faba397edf6778837a18599ea13ff",
        places = [
            "https://github.com/google/brotli/archive/refs/tags/v1.1.0.tar.gz",
            {
                # Debian's copy lacks some of the tests' data; the library's files are the same.
                "place": "debian:pool/main/b/brotli/brotli_1.1.0.orig.tar.gz",
                "sha256": "10973f4b4199eafa1d5735ef661ddb2ec2f97319ee9fd1824d4aabe08cff5265",
            },
        ],
        license = "MIT",
        libraries = ["brotlicommon", "brotlidec", "brotlienc"],
        modules = {
            "libbrotlicommon": pkgconfig.module("Brotli's dictionary", "-lbrotlicommon"),
            "libbrotlidec": pkgconfig.module("Brotli's decoder", "-lbrotlidec", requires = ["libbrotlicommon"]),
            "libbrotlienc": pkgconfig.module("Brotli's encoder", "-lbrotlienc -lm", requires = ["libbrotlicommon"]),
        },
        describe = True,
        weight = 8,
        script = r"""
for part in common dec enc; do
    library brotli$part "-O2 -DOS_LINUX -Isource/c/include" $(cd source && ls c/$part/*.c)
done
cp -R source/c/include/brotli out/include/
""",
    )
