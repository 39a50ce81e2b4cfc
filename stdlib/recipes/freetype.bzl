"""FreeType: glyphs of fonts, for Pillow and matplotlib. Knows FreeType's modules, each of which is one file that includes others."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def freetype(platform):
    return recipe.declare(
        name = "freetype",
        platform = platform,
        version = "2.13.3",
        sha256 = "0550350666d427c74daeb85d5ac7bb353acba5f76956395995311a9c6f063289",
        places = [
            "https://download.savannah.gnu.org/releases/freetype/freetype-2.13.3.tar.xz",
            {
                # Debian's copy lacks the copy of zlib and the built documentation; the library's files are the same.
                "place": "debian:pool/main/f/freetype/freetype_2.13.3+dfsg.orig.tar.xz",
                "sha256": "686ec73cbf6783b245dd068a09ce807b729ac0f8a46dd70f7867923c32fdf4de",
            },
        ],
        license = "FTL OR GPL-2.0-or-later",
        license_files = ["LICENSE.TXT", "docs/FTL.TXT"],
        libraries = ["freetype"],
        deps = ["zlib", "libpng"],
        modules = {
            "freetype2": pkgconfig.module(
                "a font rasteriser",
                "-lfreetype -lm",
                requires = ["libpng", "zlib"],
                cflags = "-I${includedir}/freetype2",
                # Its own count, which says what the API is; builds ask for it.
                version = "26.2.20",
            ),
        },
        describe = True,
        weight = 12,
        script = r"""
mkdir out/include/freetype2
cp -R source/include/ft2build.h source/include/freetype out/include/freetype2/
chmod -R u+w out/include
rm -r out/include/freetype2/freetype/internal
# zlib and libpng are the recipes'. HarfBuzz, Brotli and bzip2 are for hinting by scripts, WOFF2 and .pcf.bz2, which few programs meet.
options=out/include/freetype2/freetype/config/ftoption.h
for option in SYSTEM_ZLIB USE_PNG; do
    sed -i "s,^/\* #define FT_CONFIG_OPTION_$option \*/,#define FT_CONFIG_OPTION_$option," $options
    grep -q "^#define FT_CONFIG_OPTION_$option" $options
done
library freetype "-O2 -DFT2_BUILD_LIBRARY -DHAVE_UNISTD_H=1 -DHAVE_FCNTL_H=1 -Iout/include/freetype2 -Isource/include \
    -Ideps/zlib/include -Ideps/libpng/include" \
    $(for part in base bbox bdf bitmap cid debug fstype gasp glyph gxval init mm otval patent pfr stroke synth type1 winfnt; do
        echo src/base/ft$part.c
    done) builds/unix/ftsystem.c src/autofit/autofit.c src/bdf/bdf.c src/bzip2/ftbzip2.c src/cache/ftcache.c src/cff/cff.c \
    src/cid/type1cid.c src/gzip/ftgzip.c src/lzw/ftlzw.c src/pcf/pcf.c src/pfr/pfr.c src/psaux/psaux.c src/pshinter/pshinter.c \
    src/psnames/psnames.c src/raster/raster.c src/sdf/sdf.c src/sfnt/sfnt.c src/smooth/smooth.c src/svg/svg.c src/truetype/truetype.c \
    src/type1/type1.c src/type42/type42.c src/winfonts/winfnt.c
""",
    )
