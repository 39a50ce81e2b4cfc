"""The flavor `standalone_dynamic`: one file that needs glibc, an old one will do, and loads shared libraries.

Environment: SB_TEST_DEBIAN=bullseye makes a root file system of that Debian with debootstrap and runs the executable there.
This takes minutes, root, and a host whose apt knows an archive that still has it. SB_TEST_ROOT names one that is there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from elftools.elf.segments import InterpSegment

from staticbuild.executor.places import DebianArchive
from staticbuild.host import Host
from staticbuild.linking import ar, elf
from staticbuild.toolchain.triple import Triple
from staticbuild.toolchain.zig import Toolchain, compile_source
from tests.project import Done, Project, run

pytestmark = pytest.mark.slow

TRIPLE = "x86_64-unknown-linux-gnu"
CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_dynamic"{more})
python_resources(name = "app", srcs = ["main.py"])
python_executable(name = "prog", resources = [":app"], entry_point = "main:main", sys_path = ["$ORIGIN/site"])
"""
MAIN = """\
import sys

def main():
    exec(compile(sys.stdin.read(), "program", "exec"), {"__name__": "program"})
"""
# Prints what it finds of a host: of the C library, of what is inside, of the environment.
LOOK = """\
import ctypes, hashlib, json, os, platform, sqlite3, ssl, sys, zlib
os.environ["SB_SET"] = "by us"
libc = ctypes.CDLL("libc.so.6")
libc.getenv.restype = ctypes.c_char_p
libc.gnu_get_libc_version.restype = ctypes.c_char_p
print(json.dumps({
    "pid": libc.getpid() == os.getpid(),
    "environment": libc.getenv(b"SB_SET").decode(),
    "glibc": libc.gnu_get_libc_version().decode(),
    "sqlite": sqlite3.connect(":memory:").execute("select 6 * 7").fetchone()[0],
    "tls": ssl.create_default_context().check_hostname,
    "zlib": zlib.decompress(zlib.compress(b"data")).decode(),
    "executable": sys.executable,
}))
"""


@pytest.fixture(scope="module")
def prog(tmp_path_factory: pytest.TempPathFactory) -> Project:
    if os.environ.get("STATICBUILD_QUICK_TESTS") == "1":
        pytest.skip("STATICBUILD_QUICK_TESTS=1: CPython is not built a second time")
    project = Project(tmp_path_factory.mktemp("dynamic"))
    project.write("staticbuild.bzl", CONFIG.format(more=""))
    project.write("main.py", MAIN)
    project.run("build")
    return project


@pytest.fixture(scope="module")
def executable(prog: Project) -> Path:
    return prog.folder / "build" / TRIPLE / "prog" / "prog"


def execute(executable: Path, program: str, *, around: Sequence[str | Path] = ()) -> Done:
    """Have the executable, started by the command `around`, run a text; its environment has a PATH and nothing else."""
    return run([*around, executable], input=program, stdin=None, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


def test_looks_at_this_host(executable: Path) -> None:
    found = json.loads(execute(executable, LOOK).stdout)
    assert found == {
        "pid": True,
        "environment": "by us",
        "glibc": os.confstr("CS_GNU_LIBC_VERSION").split()[1],  # type: ignore[union-attr] # this host has glibc
        "sqlite": 42,
        "tls": True,
        "zlib": "data",
        "executable": str(executable),
    }


def test_runs_as_the_only_file_of_ours(executable: Path, tmp_path: Path) -> None:
    copy = shutil.copy(executable, tmp_path / "alone")
    assert execute(Path(copy), "import asyncio, decimal, readline, curses, uuid; print(6 * 7)").stdout == "42\n"


def test_needs_nothing_newer_than_its_glibc(executable: Path) -> None:
    """As pyelftools reads the file."""
    with executable.open("rb") as file:
        parsed = ELFFile(file)
        (program,) = (segment.get_interp_name() for segment in parsed.iter_segments() if isinstance(segment, InterpSegment))
        (dynamic,) = (section for section in parsed.iter_sections() if isinstance(section, DynamicSection))
        tags = [(tag.entry.d_tag, getattr(tag, "needed", "")) for tag in dynamic.iter_tags()]
        (needs,) = (section for section in parsed.iter_sections() if isinstance(section, GNUVerNeedSection))
        versions = {version.name for _, entries in needs.iter_versions() for version in entries}
    assert program == "/lib64/ld-linux-x86-64.so.2"
    libraries = {name for tag, name in tags if tag == "DT_NEEDED"}
    assert libraries <= {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"}
    assert not {"DT_RPATH", "DT_RUNPATH", "DT_TEXTREL"} & {tag for tag, _ in tags}
    numbers = {tuple(int(part) for part in str(name).removeprefix("GLIBC_").split(".")) for name in versions}
    assert max(numbers) <= (2, 17)


def test_memory_and_numbers_are_glibcs_affair(executable: Path) -> None:
    """The compiler's own library has these functions, too: slower, and less exact."""
    symbols = elf.symbols(elf.parse(executable.read_bytes()), elf.DYNAMIC_SYMBOLS)
    wanted = {symbol.name for symbol in symbols if not symbol.is_defined}
    assert {"memcmp", "memcpy", "memmove", "memset", "strlen", "sin", "exp", "log2", "fmod"} <= wanted
    assert execute(executable, "import math; print(math.log2(1e-308))").stdout == "-1023.1538532253076\n"


def test_inspect_says_what_it_needs(prog: Project) -> None:
    assert "needs       glibc 2.17 or newer: libc.so.6, " in prog.run("inspect").stdout
    (report,) = [event for event in prog.events("inspect") if event["event"] == "report"]
    host = report["host"]
    assert isinstance(host, dict)
    assert (host["interpreter"], host["glibc"]) == ("/lib64/ld-linux-x86-64.so.2", "2.17")


def test_libraries_find_the_c_api_and_not_our_libraries(executable: Path) -> None:
    program = """\
import ctypes
error = ctypes.py_object.in_dll(ctypes.pythonapi, "PyExc_ValueError").value
print(error, ctypes.pythonapi.Py_IsInitialized())
for name in ("deflate", "SSL_new", "sqlite3_open", "sb_program", "main"):
    try:
        print(name, getattr(ctypes.CDLL(None), name))
    except AttributeError:
        pass
"""
    assert execute(executable, program).stdout == "<class 'ValueError'> 1\n"


EXTENSION = """\
#include <Python.h>

static PyObject *twice(PyObject *self, PyObject *argument) {
    if (!PyLong_Check(argument)) {
        PyErr_Format(PyExc_TypeError, "not %R", argument);
        return NULL;
    }
    return PyNumber_Add(argument, argument);
}

static PyMethodDef methods[] = {{"twice", twice, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_fast", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit__fast(void) { return PyModuleDef_Init(&definition); }
"""
USE = """\
import json, speedy, speedy._fast as fast
def wrong():
    try:
        fast.twice("x")
    except TypeError as error:
        return str(error)
print(json.dumps([speedy.NAME, fast.twice(21), wrong(), fast.__file__, type(fast.__loader__).__name__, fast.__package__]))
"""


def test_an_extension_module_of_a_package_beside_it(
    executable: Path, prog: Project, glibc_toolchain_folder: Path, tmp_path: Path
) -> None:
    """Compiled as a wheel's would be: position independent, and it looks for the C API when it is loaded."""
    prog.run("dist", "extract", str(tmp_path / "dist"))
    (include,) = (tmp_path / "dist").rglob("include/python3.13")
    package = tmp_path / "site/speedy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('NAME = "speedy"\n')
    (tmp_path / "fast.c").write_text(EXTENSION)
    toolchain = Toolchain(Triple.parse(TRIPLE))
    made, library = tmp_path / "fast.o", package / "_fast.cpython-313-x86_64-linux-gnu.so"
    compilation = compile_source(toolchain, str(tmp_path / "fast.c"), str(made), includes=[str(include)], flags=["-fPIC"])
    run(compilation, cwd=glibc_toolchain_folder)
    run([toolchain.program, "ld.lld", "-shared", made, "-o", library], cwd=glibc_toolchain_folder)
    copy = Path(shutil.copy(executable, tmp_path / "prog"))
    assert json.loads(execute(copy, USE).stdout) == [
        "speedy",
        42,
        "not 'x'",
        str(library),
        "ExtensionFileLoader",
        "speedy",
    ]


@pytest.mark.network
@pytest.mark.usefixtures("package_index")
def test_an_extension_module_of_a_real_wheel(executable: Path, tmp_path: Path) -> None:
    words = ["--only-binary", ":all:", "--python-version", "3.13", "--platform", "manylinux2014_x86_64", "--no-deps"]
    run([sys.executable, "-m", "pip", "download", "-q", *words, "-d", tmp_path, "MarkupSafe==3.0.3"])
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    copy = Path(shutil.copy(executable, tmp_path / "prog"))
    program = "import markupsafe._speedups as s, markupsafe; print(s.__file__); print(markupsafe.escape('<\u00e9>'))"
    done = execute(copy, program).stdout.splitlines()
    assert Path(done[0]).parent == tmp_path / "site/markupsafe"
    assert done[1] == "&lt;\u00e9&gt;"


def test_sqlite_loads_extensions(executable: Path) -> None:
    program = """\
import sqlite3
database = sqlite3.connect(":memory:")
database.enable_load_extension(True)
try:
    database.load_extension("/no/such/library")
except sqlite3.OperationalError as error:
    print(error)
"""
    assert "cannot open shared object file" in execute(executable, program).stdout


def test_its_own_archive_is_taken(prog: Project, tmp_path: Path) -> None:
    prog.run("build", ":dist")
    archive = prog.folder / "build" / TRIPLE / "dist" / f"cpython-3.13-{TRIPLE}-full.tar.zst"
    other = Project(tmp_path)
    other.write("main.py", MAIN)
    other.write("staticbuild.bzl", CONFIG.format(more=f', path = "{archive}"'))
    other.run("build")
    assert execute(tmp_path / "build" / TRIPLE / "prog" / "prog", "print(6 * 7)").stdout == "42\n"
    other.write(
        "staticbuild.bzl", CONFIG.format(more=f', path = "{archive}"').replace("standalone_dynamic", "standalone_static")
    )
    assert "it is for `x86_64-unknown-linux-gnu`" in other.run("build", code=1).stderr


def test_a_c_library_for_its_target(project: Project) -> None:
    """Compiled with glibc's headers: `stdin` is one variable there, and a macro of that name."""
    project.write(
        "here.c", "#include <stdio.h>\n#ifndef __GLIBC__\n#error not glibc\n#endif\nFILE *here(void) { return stdin; }\n"
    )
    load = 'load("@stdlib//cc.bzl", "cc_library")\n'
    project.write("staticbuild.bzl", load + 'cc_library(name = "here", srcs = ["here.c"])\n')
    project.run("build", "here", "--target", TRIPLE)
    (member,) = ar.members((project.folder / "build" / TRIPLE / "here/libhere.a").read_bytes())
    assert elf.interface(elf.parse(member.data)) == elf.Interface(frozenset({"here"}), frozenset({"stdin"}))


@pytest.fixture(scope="module")
def older_debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root file system of an older Debian."""
    if named := os.environ.get("SB_TEST_ROOT"):
        return Path(named)
    suite = os.environ.get("SB_TEST_DEBIAN")
    if not suite:
        pytest.skip("SB_TEST_DEBIAN names no Debian to make, such as bullseye")
    if os.geteuid() != 0:
        pytest.skip("only root can make a root file system")
    program = shutil.which("debootstrap", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("debootstrap is not installed")
    bases = DebianArchive(Host()).bases()
    if not bases:
        pytest.skip("apt on this host knows no archive")
    root = tmp_path_factory.mktemp("debian") / suite
    try:
        done = run([program, "--variant=minbase", suite, root, bases[0]], code=None, timeout=900)
    except subprocess.TimeoutExpired:
        pytest.skip(f"debootstrap did not finish {suite} within a quarter of an hour")
    if done.returncode:
        pytest.skip(f"debootstrap cannot make {suite}: {(done.stdout.splitlines() or ['it says nothing'])[-1]}")
    return root


def test_runs_on_an_older_debian(executable: Path, older_debian: Path) -> None:
    folder = older_debian / "opt/staticbuild-test"
    folder.mkdir(parents=True)
    try:
        shutil.copy(executable, folder / "prog")
        found = json.loads(execute(Path("/opt/staticbuild-test/prog"), LOOK, around=("chroot", older_debian)).stdout)
    finally:
        shutil.rmtree(folder)
    version = [int(part) for part in found.pop("glibc").split(".")]
    assert version >= [2, 17]
    assert found == {
        "pid": True,
        "environment": "by us",
        "sqlite": 42,
        "tls": True,
        "zlib": "data",
        "executable": "/opt/staticbuild-test/prog",
    }
