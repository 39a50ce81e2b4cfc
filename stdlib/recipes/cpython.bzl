"""CPython, of each version that there is a recipe for, with every extension module builtin, and the archives made of them.

Knows CPython's configure and make, and what differs from version to version. How an archive is laid out is known to
staticbuild/distribution/assemble.py alone, and what users are told of versions to staticbuild/distribution/versions.py.
"""

load("@stdlib//recipe.bzl", "recipe")

# 3.11 has a Setup.stdlib, but builds its modules with setup.py, as shared libraries. Four modules are not in that file, because
# its configure does not look for their libraries, but into a folder of the host's.
_BY_SETUP_STDLIB = r"""
: >source/setup.py
sed -i 's,^    MODULES_SETUP_STDLIB=$,&Modules/Setup.stdlib,; s,  *-I/usr/include/ncursesw,,' source/configure
grep -q '^    MODULES_SETUP_STDLIB=Modules/Setup.stdlib$' source/configure
# COMPILEALL_OPTS has no meaning yet.
sed -i 's,/compileall\.py,& --help,' source/Makefile.pre.in
cat >>source/Modules/Setup.stdlib.in <<'EOF'
_ctypes _ctypes/_ctypes.c _ctypes/callbacks.c _ctypes/callproc.c _ctypes/cfield.c _ctypes/stgdict.c -DHAVE_FFI_CLOSURE_ALLOC -DHAVE_FFI_PREP_CIF_VAR -DHAVE_FFI_PREP_CLOSURE_LOC -I../deps/libffi/include -L../deps/libffi/lib -lffi
_curses _cursesmodule.c -DHAVE_NCURSESW -I../deps/ncurses/include -L../deps/ncurses/lib -lncursesw
_curses_panel _curses_panel.c -DHAVE_NCURSESW -I../deps/ncurses/include -L../deps/ncurses/lib -lpanelw -lncursesw
readline readline.c -D_RL_FUNCTION_TYPEDEF -I../deps/libedit/include -L../deps/libedit/lib -ledit -L../deps/ncurses/lib -lncursesw
EOF
"""

# Since 3.14 `_hmac` is made of the objects of `_md5` and its kin. As members of static libraries, each is linked once.
_HASHES_ONCE = r"""sed -i 's/LIBHACL_LDEPS_LIBTYPE=SHARED/LIBHACL_LDEPS_LIBTYPE=STATIC/' source/configure
grep -q LIBHACL_LDEPS_LIBTYPE=STATIC source/configure
"""
_HASHES_FIRST = r"""make -f Makefile -f date.mk -j "$JOBS" $(sed -n 's/^LIBHACL_[A-Z0-9_]*_LIB_STATIC=//p' Makefile)
"""

# What CPython says of the code of others that it carries. 3.11 says nothing.
_SBOM = r"""# What CPython says of the code of others that it carries (HACL*, mimalloc, ...), for a list of everything that is inside.
mkdir ../out/build/Misc
cp ../source/Misc/sbom.spdx.json ../out/build/Misc/
"""

_OPTIMISE = "-DNDEBUG -O3 -Wall"

def _release(
        version,
        sha256,
        ending,
        day,
        optimise = _OPTIMISE,
        prepare = "",
        found_by_name = [],
        flags = "",
        first = "",
        sbom = _SBOM):
    """One row of the table of versions.

    Args:
      version: upstream's version.
      sha256: of upstream's tarball; Debian's is the same file.
      ending: of the tarball's name.
      day: of the release, as a C compiler writes `__DATE__`.
      optimise: flags that come after configure's own.
      prepare: shell lines that edit the source.
      found_by_name: libraries whose flags configure does not ask for.
      flags: shell lines that tell configure the flags of more libraries.
      first: shell lines that make something before the rest is made.
      sbom: shell lines that take CPython's own list of what it carries.
    """
    minor = version.rpartition(".")[0]
    return struct(
        version = version,
        sha256 = sha256,
        places = [
            "https://www.python.org/ftp/python/%s/Python-%s.%s" % (version, version, ending.replace("tar.gz", "tgz")),
            "debian:pool/main/p/python%s/python%s_%s.orig.%s" % (minor, minor, version, ending),
        ],
        day = day,
        optimise = optimise,
        prepare = prepare,
        found_by_name = found_by_name,
        flags = flags,
        first = first,
        sbom = sbom,
    )

_RELEASES = {
    # Debian 12 keeps it.
    "3.11": _release(
        version = "3.11.2",
        sha256 = "2411c74bda5bbcfcddaf4531f66d1adc73f247f529aee981b029513aefdbf849",
        ending = "tar.gz",
        day = "Feb  8 2023",
        # Its configure forgets this where flags are given, and CPython counts on signed numbers that wrap around.
        optimise = _OPTIMISE + " -fwrapv",
        prepare = _BY_SETUP_STDLIB,
        found_by_name = ["libedit", "ncurses"],
        sbom = "",
    ),
    # Upstream has it. Debian had 3.12 in no release.
    "3.12": _release(
        version = "3.12.15",
        sha256 = "c2c4321961fab0fb999d66e0cecf521c2ab3994c7992873ea99e306c1094fd5a",
        ending = "tar.xz",
        day = "Oct  1 2026",
        optimise = _OPTIMISE + " -fwrapv",
    ),
    # Debian 13 keeps it.
    "3.13": _release(
        version = "3.13.5",
        sha256 = "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640",
        ending = "tar.xz",
        day = "Jun 11 2025",
    ),
    # Upstream has it; Debian's testing drops a release within weeks.
    "3.14": _release(
        version = "3.14.8",
        sha256 = "c2215904f02b175596dc49351585104f4bc20341e1c47378b26a2c274360ce73",
        ending = "tar.xz",
        day = "Sep 30 2026",
        prepare = _HASHES_ONCE,
        flags = "    found LIBZSTD zstd -lzstd\n",
        first = _HASHES_FIRST,
    ),
}

_NO_PYTHONAPI = r"""
# ctypes opens the program itself when it is imported, and in a static program that fails. The runtime of staticbuild makes it
# work; this is for the plain interpreter, which builds packages, and gives what python-build-standalone gives: no `pythonapi`.
ctypes=../out/install/lib/python%{MINOR}/ctypes/__init__.py
sed -i 's/^    pythonapi = PyDLL(None)$/    try:\n        pythonapi = PyDLL(None)\n    except OSError:\n        pythonapi = None/' "$ctypes"
grep -q '^        pythonapi = None$' "$ctypes"
"""

# %{NAME} is what differs.
_SCRIPT = r"""
# The interpreters that build CPython leave bytecode beside its modules, and the source belongs to all: this action gets its own.
cp -RL source own
chmod -R u+w own
rm source
mv own source
# Setup.stdlib says that some test modules must be shared libraries, of which a static interpreter can load none.
sed -i '/^\*shared\*/d' source/Modules/Setup.stdlib.in
# The program that freezes modules is linked with all that is builtin, but without getpath, which one test module calls.
echo 'void *_Py_Get_Getpath_CodeObject(void) { return NULL; }' >>source/Modules/getpath_noop.c
%{PREPARE}cd build

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
%{FLAGS}} >flags
while IFS= read -r flag; do set -- "$@" "$flag"; done <flags

# MODULE_BUILDTYPE: every module of Setup.stdlib becomes builtin. LINKFORSHARED: nothing will be loaded, so nothing is exported.
../source/configure --prefix=/install --build=x86_64-unknown-linux-musl \
    CC=cc AR=ar RANLIB=ranlib OPT="%{OPT}" LINKFORSHARED=" " MODULE_BUILDTYPE=static \
    CPPFLAGS="-I$DEPS/expat/include -I$DEPS/mpdecimal/include%{CPPFLAGS}" LDFLAGS="-L$DEPS/expat/lib -L$DEPS/mpdecimal/lib%{LDFLAGS}" \
    --with-pkg-config=no --with-system-expat --with-system-libmpdec --with-readline=editline --with-openssl=$DEPS/openssl \
    --with-dbmliborder= --without-ensurepip "$@"

# CPython is built on the day of its release, wherever and whenever that is.
cat >date.mk <<'EOF'
Modules/getbuildinfo.o: private PY_CORE_CFLAGS += -DDATE='"%{DAY}"' -DTIME='"00:00:00"'
EOF
%{FIRST}make -f Makefile -f date.mk -j "$JOBS"
# Bytecode is made later, from what an executable selects: `--help` keeps compileall from compiling the whole library three times.
make -f Makefile -f date.mk install DESTDIR="$ROOT/out" COMPILEALL_OPTS=--help

# What the archive's objects and table of modules are taken from.
mkdir ../out/build
find Modules Objects Parser Programs Python -name '*.o' -exec cp --parents '{}' ../out/build/ ';'
cp --parents Makefile Modules/config.c Modules/Setup.* ../out/build/
cp ../source/Modules/config.c.in ../source/Modules/Setup ../out/build/Modules/
%{SBOM}%{NO_PYTHONAPI}
# The bytecode that `python` left behind while it built itself, and the private folder's name in make's and sysconfig's variables.
find ../out -name __pycache__ -prune -exec rm -rf '{}' +
grep -rlF "$ROOT" ../out | xargs sed -i "s,$ROOT,/build,g"
cd "$ROOT"
"""

_ASSEMBLE = r"""
printf '%s\n' "$COMPONENTS" >components.json
PYTHONPATH=tool python3 -B -m staticbuild.distribution.assemble --cpython cpython --libraries libraries --components components.json \
    --triple %{TRIPLE} %{OPTIONS} --output python
"""

def cpython(platform, minor, libraries, suffix):
    """Declares `cpython<suffix>` (the raw build and install trees) and `archive<suffix>` (a python-build-standalone tree of them).

    Args:
      platform: what it is for, one of `platforms`.
      minor: the version, as `3.13`.
      libraries: what `recipe.declare` returned for each library that CPython is linked with.
      suffix: of the targets' names.
    """
    release = _RELEASES[minor]
    interpreter = recipe.declare(
        name = "cpython",
        target = "cpython" + suffix,
        platform = platform,
        version = release.version,
        sha256 = release.sha256,
        places = release.places,
        license = "Python-2.0 AND CNRI-Python",
        deps = [library.name for library in libraries],
        programs = ["make"],
        weight = 55,
        glibc = {
            "-linux-musl": "-linux-gnu",
            "nothing will be loaded, so nothing is exported": "what is loaded finds the C API in the interpreter",
            'LINKFORSHARED=" "': 'LINKFORSHARED="-Wl,--export-dynamic" --enable-loadable-sqlite-extensions',
            # SQLite loads extensions.
            "-lsqlite3\n": "-lsqlite3 -ldl -lm -lpthread\n",
            _NO_PYTHONAPI.replace("%{MINOR}", minor): "",
        },
        script = _script(minor, release),
    )
    components = [interpreter] + libraries
    inputs = {
        "tool": "@stdlib//recipes:assembler",
        "cpython": ":%scpython%s" % (platform.folder, suffix),
    }
    for library in libraries:
        inputs["libraries/" + library.name] = ":" + platform.folder + library.name
    native.run_action(
        name = platform.folder + "archive" + suffix,
        script = _ASSEMBLE.replace("%{TRIPLE}", platform.triple).replace("%{OPTIONS}", platform.archive_options),
        inputs = inputs,
        env = {"COMPONENTS": json.encode([_component(component) for component in components])},
        output_trees = ["python"],
        tools = ["python3"],
    )

def _script(minor, release):
    """The script, with what differs put in."""
    script = _SCRIPT
    for name, text in {
        "NO_PYTHONAPI": _NO_PYTHONAPI,
        "CPPFLAGS": "".join([" -I$DEPS/%s/include" % library for library in release.found_by_name]),
        "DAY": release.day,
        "FIRST": release.first,
        "FLAGS": release.flags,
        "LDFLAGS": "".join([" -L$DEPS/%s/lib" % library for library in release.found_by_name]),
        "MINOR": minor,
        "OPT": release.optimise,
        "PREPARE": release.prepare,
        "SBOM": release.sbom,
    }.items():
        script = script.replace("%{" + name + "}", text)
    return script

def _component(declared):
    """What SOURCES.json says of one source."""
    return {
        "name": declared.name,
        "version": declared.version,
        "sha256": declared.sha256,
        "license": declared.license,
        "libraries": declared.libraries,
    }
