"""libxslt and libexslt: XSLT, for lxml. Knows their files, what their configure script finds out, and what xslt-config answers."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def libxslt(platform):
    return recipe.declare(
        name = "libxslt",
        platform = platform,
        # What Debian's stable releases keep. Debian patches it for what was found since; these sources are upstream's, unpatched.
        version = "1.1.35",
        sha256 = "8247f33e9a872c6ac859aa45018bc4c4d00b97e2feac9eebc10c93ce1f34dd79",
        places = [
            "https://download.gnome.org/sources/libxslt/1.1/libxslt-1.1.35.tar.xz",
            "debian:pool/main/libx/libxslt/libxslt_1.1.35.orig.tar.xz",
        ],
        license = "MIT",
        license_files = ["Copyright"],
        libraries = ["xslt", "exslt"],
        deps = ["libxml2"],
        modules = {
            "libxslt": pkgconfig.module("XSLT 1.0", "-lxslt -lm", requires = ["libxml-2.0"]),
            "libexslt": pkgconfig.module(
                "EXSLT's functions",
                "-lexslt",
                requires = ["libxslt"],
                version = "0.8.20",
            ),
        },
        describe = True,
        weight = 4,
        script = r"""
# No crypto: functions (libgcrypt), no modules to load; the profiler and the debugger cost nothing unless they are asked for.
{
    for feature in XSLT_DEBUG DEBUGGER PROFILER; do echo "s/@WITH_$feature@/1/"; done
    echo 's/@WITH_[A-Z0-9_]*@/0/'
    echo 's/@VERSION@/1.1.35/'
    echo 's/@LIBXSLT_VERSION_NUMBER@/10135/'
    echo 's/@LIBEXSLT_VERSION@/0.8.20/'
    echo 's/@LIBEXSLT_VERSION_NUMBER@/820/'
    echo 's/@LIBE*XSLT_VERSION_EXTRA@//'
    echo 's/@LIBXSLT_DEFAULT_PLUGINS_PATH@//'
} >build/features.sed
for part in xslt exslt; do
    mkdir out/include/lib$part
    cp source/lib$part/*.h out/include/lib$part/
    sed -f build/features.sed "source/lib$part/${part}config.h.in" >"out/include/lib$part/${part}config.h"
    # Headers that the other sources include, and nobody else.
    rm -f "out/include/lib$part/lib$part.h"
done
{
    for feature in CLOCK_GETTIME ERRNO_H FABS FLOAT_H FLOOR FPRINTF GETTIMEOFDAY GMTIME GMTIME_R INTTYPES_H LOCALE_H LOCALTIME \
        LOCALTIME_R MATH_H MEMORY_H POW PRINTF PTHREAD_H SNPRINTF SPRINTF SSCANF STAT STDARG_H STDINT_H STDLIB_H STRINGS_H STRING_H \
        STRXFRM_L SYS_SELECT_H SYS_STAT_H SYS_TIME_H SYS_TYPES_H TIME TIME_H UNISTD_H VFPRINTF VSNPRINTF VSPRINTF; do
        echo "#define HAVE_$feature 1"
    done
    echo '#define WITH_DEBUGGER 1'
    echo '#define WITH_PROFILER 1'
    echo '#define VERSION "1.1.35"'
    echo '#define PACKAGE "libxslt"'
} >build/config.h
FLAGS="-O2 -D_GNU_SOURCE -pthread -w -Ibuild -Iout/include -Isource \
    -Ideps/libxml2/include/libxml2"
library xslt "$FLAGS" $(cd source && ls libxslt/*.c)
library exslt "$FLAGS" $(cd source && ls libexslt/*.c)

# For builds that ask it instead of pkg-config; where libxml2 and zlib are, they know themselves.
mkdir out/bin
cat >out/bin/xslt-config <<'EOF'
#!/bin/sh
prefix=$(cd "${0%/*}/.." && pwd)
for argument do
    case $argument in
        --version) echo 1.1.35 ;;
        --prefix | --exec-prefix) echo "$prefix" ;;
        --cflags) echo "-I$prefix/include" ;;
        --libs) echo "-L$prefix/lib -lexslt -lxslt -lxml2 -lz -lpthread -lm" ;;
    esac
done
EOF
chmod +x out/bin/xslt-config
""",
    )
