"""SQLite: the `_sqlite3` module. Knows how the amalgamation is made where a place carries SQLite's full tree."""

load("@stdlib//recipe.bzl", "recipe")

def _jim():
    """Jim Tcl, whose one-file interpreter runs the scripts that make the amalgamation; it is not part of any executable."""
    native.source_archive(
        name = "jimtcl_source",
        version = "0.83",
        sha256 = "6f2df00009f5ac4ad654c1ae1d2f8ed18191de38d1f5a88a54ea99cc16936686",
        places = [
            "https://github.com/msteveb/jimtcl/archive/refs/tags/0.83.tar.gz",
            "debian:pool/main/j/jimtcl/jimtcl_0.83.orig.tar.gz",
        ],
        license = "BSD-2-Clause",
    )

def sqlite(platform):
    if not platform.folder:
        _jim()
    return recipe.declare(
        name = "sqlite",
        platform = platform,
        version = "3.46.1",
        sha256 = "67d3fe6d268e6eaddcae3727fce58fcc8e9c53869bdd07a0c61e38ddf2965071",
        places = [
            "https://www.sqlite.org/2024/sqlite-autoconf-3460100.tar.gz",
            {
                "place": "debian:pool/main/s/sqlite3/sqlite3_3.46.1.orig.tar.xz",
                "sha256": "d0cdd2ece271b29e7ce18095745d892517ee26d0f270065b3a25c2e9eb11639c",
            },
        ],
        license = "blessing",
        license_files = [],
        libraries = ["sqlite3"],
        programs = ["make"],
        weight = 30,
        inputs = {"jim": "@stdlib//recipes:jimtcl_source"},
        # There is a dlopen.
        glibc = {" -DSQLITE_OMIT_LOAD_EXTENSION": ""},
        script = r"""
if [ -e source/sqlite3.c ]; then
    cp -f source/sqlite3.c source/sqlite3.h source/sqlite3ext.h build/
else
    # SQLite's scripts ask for tclsh, which few hosts have; Jim's bootstrap interpreter understands them.
    mkdir tools
    (cd jim && sh make-bootstrap-jim) >jimsh0.c
    cc -O1 -w -D_GNU_SOURCE -DHAVE_REALPATH jimsh0.c -o tools/tclsh
    PATH="$ROOT/tools:$PATH" make -C build -f ../source/main.mk TOP=../source BCC="cc -w" OPTS= sqlite3.c sqlite3.h
    cp -f source/src/sqlite3ext.h build/
fi
cp build/sqlite3.h build/sqlite3ext.h out/include/
# What distributions commonly enable. Not LOAD_EXTENSION: a static executable has no dlopen.
cc -O2 -DNDEBUG -DSQLITE_THREADSAFE=1 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_DBSTAT_VTAB \
    -DSQLITE_ENABLE_FTS3 -DSQLITE_ENABLE_FTS3_PARENTHESIS -DSQLITE_ENABLE_FTS4 -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_GEOPOLY \
    -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_ENABLE_RTREE -DSQLITE_ENABLE_SESSION -DSQLITE_ENABLE_PREUPDATE_HOOK \
    -DHAVE_USLEEP=1 -DHAVE_FDATASYNC=1 -DHAVE_GMTIME_R=1 -DHAVE_LOCALTIME_R=1 -DHAVE_STRCHRNUL=1 \
    -c build/sqlite3.c -o build/sqlite3.o
ar qcsD out/lib/libsqlite3.a build/sqlite3.o
# The sources open with a blessing instead of a licence, and are in the public domain.
sed -n '1,/^\*\*\*/p' build/sqlite3ext.h | sed -n '/^\*\*/p' >out/licenses/LICENSE.sqlite.txt
""",
    )
