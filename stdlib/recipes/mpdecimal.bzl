"""mpdecimal: the `_decimal` module. Knows its files and that x86-64 has a 64-bit build with inline assembler."""

load("@stdlib//recipe.bzl", "recipe")

def mpdecimal(platform):
    return recipe.declare(
        name = "mpdecimal",
        platform = platform,
        version = "4.0.1",
        sha256 = "96d33abb4bb0070c7be0fed4246cd38416188325f820468214471938545b1ac8",
        places = [
            "https://www.bytereef.org/software/mpdecimal/releases/mpdecimal-4.0.1.tar.gz",
            "debian:pool/main/m/mpdecimal/mpdecimal_4.0.1.orig.tar.gz",
        ],
        license = "BSD-2-Clause",
        license_files = ["COPYRIGHT.txt"],
        libraries = ["mpdec"],
        script = r"""
sed -e 's/@MPD_HEADER_CONFIG@/#define MPD_CONFIG_64 1/' source/libmpdec/mpdecimal.h.in >out/include/mpdecimal.h
library mpdec "-O2 -DNDEBUG -DCONFIG_64 -DASM -Iout/include" \
    $(cd source && for part in basearith constants context convolute crt difradix2 fnt fourstep io mpalloc mpdecimal mpsignal \
        numbertheory sixstep transpose; do echo libmpdec/$part.c; done)
""",
    )
