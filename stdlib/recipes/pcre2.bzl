"""PCRE2: Perl's regular expressions, over bytes and UTF-8. Knows its files, and which of them come ready to use."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def pcre2(platform):
    return recipe.declare(
        name = "pcre2",
        platform = platform,
        version = "10.46",
        sha256 = "8d28d7f2c3b970c3a4bf3776bcbb5adfc923183ce74bc8df1ebaad8c1985bd07",
        places = [
            "https://github.com/PCRE2Project/pcre2/releases/download/pcre2-10.46/pcre2-10.46.tar.gz",
            "debian:pool/main/p/pcre2/pcre2_10.46.orig.tar.gz",
        ],
        license = "BSD-3-Clause WITH PCRE2-exception",
        license_files = ["LICENCE.md"],
        libraries = ["pcre2-8", "pcre2-posix"],
        modules = {
            "libpcre2-8": pkgconfig.module("Perl-compatible regular expressions, 8 bits", "-lpcre2-8 -lpthread", cflags = "-DPCRE2_STATIC"),
            "libpcre2-posix": pkgconfig.module("PCRE2 with the POSIX API", "-lpcre2-posix", requires = ["libpcre2-8"]),
        },
        describe = True,
        weight = 12,
        script = r"""
# It brings what configure makes elsewhere: a header with the version, tables for the C locale, and limits.
cp source/src/pcre2.h.generic out/include/pcre2.h
cp source/src/pcre2posix.h out/include/
cp source/src/config.h.generic build/config.h
cp source/src/pcre2_chartables.c.dist build/pcre2_chartables.c
FLAGS="-O2 -DHAVE_CONFIG_H -DPCRE2_CODE_UNIT_WIDTH=8 -DPCRE2_STATIC -DSUPPORT_PCRE2_8 -DSUPPORT_UNICODE -DSUPPORT_JIT -pthread \
    -Ibuild -Iout/include -Isource/src -Isource/deps/sljit/sljit_src"
library pcre2-8 "$FLAGS" \
    $(for part in auto_possess chkdint compile compile_class config context convert dfa_match error extuni find_bracket jit_compile \
        maketables match match_data newline ord2utf pattern_info script_run serialize string_utils study substitute substring tables \
        ucd valid_utf xclass; do echo src/pcre2_$part.c; done)
cc $FLAGS -c build/pcre2_chartables.c -o build/pcre2_chartables.o
ar qcsD out/lib/libpcre2-8.a build/pcre2_chartables.o
library pcre2-posix "$FLAGS" src/pcre2posix.c
""",
    )
