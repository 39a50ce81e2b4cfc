"""CPython 3.13 with every extension module builtin, and the archive that the rest of staticbuild reads.

Knows CPython's configure and make. How the archive is laid out is known to staticbuild/distribution/assemble.py alone.
"""

load("@stdlib//recipe.bzl", "recipe")

_VERSION = "3.13.5"

def cpython(libraries):
    """Declares `cpython` (the raw build and install trees) and `archive` (a python-build-standalone tree made of them).

    Args:
      libraries: what `recipe.declare` returned for each library that CPython is linked with.
    """
    interpreter = recipe.declare(
        name = "cpython",
        version = _VERSION,
        sha256 = "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640",
        places = [
            "https://www.python.org/ftp/python/3.13.5/Python-3.13.5.tar.xz",
            "debian:pool/main/p/python3.13/python3.13_3.13.5.orig.tar.xz",
        ],
        license = "Python-2.0 AND CNRI-Python",
        deps = [library.name for library in libraries],
        programs = ["make"],
        weight = 55,
        script = r"""
# The interpreters that build CPython leave bytecode beside its modules, and the source belongs to all: this action gets its own.
cp -RL source own
chmod -R u+w own
rm source
mv own source
# Setup.stdlib says that some test modules must be shared libraries, of which a static interpreter can load none.
sed -i '/^\*shared\*/d' source/Modules/Setup.stdlib.in
# The program that freezes modules is linked with all that is builtin, but without getpath, which one test module calls.
echo 'void *_Py_Get_Getpath_CodeObject(void) { return NULL; }' >>source/Modules/getpath_noop.c
cd build

# Paths are relative, because make and sysconfig repeat them. *_CFLAGS and *_LIBS are what pkg-config would have said.
DEPS=../deps
found() {
    variable=$1 dep=$2
    shift 2
    printf '%s\n' "${variable}_CFLAGS=-I$DEPS/$dep/include" "${variable}_LIBS=-L$DEPS/$dep/lib $*"
}
{
    found ZLIB zlib -lz
    found BZIP2 bzip2 -lbz2
    found LIBLZMA xz -llzma
    found LIBFFI libffi -lffi
    found LIBSQLITE3 sqlite -lsqlite3
    # pkg-config names libuuid's inner folder, and configure therefore expects a plain <uuid.h>.
    found LIBUUID libuuid -luuid | sed 's,/include$,/include/uuid,'
    found LIBEXPAT expat -lexpat
    found LIBMPDEC mpdecimal -lmpdec
    found CURSES ncurses -lncursesw
    found PANEL ncurses -lpanelw -lncursesw
    found LIBEDIT libedit -ledit -L$DEPS/ncurses/lib -lncursesw
} >flags
while IFS= read -r flag; do set -- "$@" "$flag"; done <flags

# MODULE_BUILDTYPE: every module of Setup.stdlib becomes builtin. LINKFORSHARED: nothing will be loaded, so nothing is exported.
../source/configure --prefix=/install --build=x86_64-unknown-linux-musl \
    CC=cc AR=ar RANLIB=ranlib OPT="-DNDEBUG -O3 -Wall" LINKFORSHARED=" " MODULE_BUILDTYPE=static \
    CPPFLAGS="-I$DEPS/expat/include -I$DEPS/mpdecimal/include" LDFLAGS="-L$DEPS/expat/lib -L$DEPS/mpdecimal/lib" \
    --with-pkg-config=no --with-system-expat --with-system-libmpdec --with-readline=editline --with-openssl=$DEPS/openssl \
    --with-dbmliborder= --without-ensurepip "$@"

# CPython is built on the day of its release, wherever and whenever that is.
cat >date.mk <<'EOF'
Modules/getbuildinfo.o: private PY_CORE_CFLAGS += -DDATE='"Jun 11 2025"' -DTIME='"00:00:00"'
EOF
make -f Makefile -f date.mk -j "$JOBS"
# Bytecode is made later, from what an executable selects: `--help` keeps compileall from compiling the whole library three times.
make -f Makefile -f date.mk install DESTDIR="$ROOT/out" COMPILEALL_OPTS=--help

# What the archive's objects and table of modules are taken from.
mkdir ../out/build
find Modules Objects Parser Programs Python -name '*.o' -exec cp --parents '{}' ../out/build/ ';'
cp --parents Makefile Modules/config.c Modules/Setup.* ../out/build/
cp ../source/Modules/config.c.in ../source/Modules/Setup ../out/build/Modules/
# What CPython says of the code of others that it carries (HACL*, mimalloc, ...), for a list of everything that is inside.
mkdir ../out/build/Misc
cp ../source/Misc/sbom.spdx.json ../out/build/Misc/

# ctypes opens the program itself when it is imported, and in a static program that fails. The runtime of staticbuild makes it
# work; this is for the plain interpreter, which builds packages, and gives what python-build-standalone gives: no `pythonapi`.
ctypes=../out/install/lib/python3.13/ctypes/__init__.py
sed -i 's/^    pythonapi = PyDLL(None)$/    try:\n        pythonapi = PyDLL(None)\n    except OSError:\n        pythonapi = None/' "$ctypes"
grep -q '^        pythonapi = None$' "$ctypes"

# The bytecode that `python` left behind while it built itself, and the private folder's name in make's and sysconfig's variables.
find ../out -name __pycache__ -prune -exec rm -rf '{}' +
grep -rlF "$ROOT" ../out | xargs sed -i "s,$ROOT,/build,g"
cd "$ROOT"
""",
    )
    components = [interpreter] + libraries
    inputs = {
        "tool": ":assembler",
        "cpython": ":cpython",
    }
    for library in libraries:
        inputs["libraries/" + library.name] = ":" + library.name
    native.own_program(name = "assembler", program = "assemble")
    native.run_action(
        name = "archive",
        script = r"""
printf '%s\n' "$COMPONENTS" >components.json
PYTHONPATH=tool python3 -B -m staticbuild.distribution.assemble --cpython cpython --libraries libraries --components components.json \
    --triple x86_64-unknown-linux-musl --options noopt+static --output python
""",
        inputs = inputs,
        env = {"COMPONENTS": json.encode([_component(component) for component in components])},
        output_trees = ["python"],
        tools = ["python3"],
    )

def _component(declared):
    """What SOURCES.json says of one source."""
    return {
        "name": declared.name,
        "version": declared.version,
        "sha256": declared.sha256,
        "license": declared.license,
        "libraries": declared.libraries,
    }
