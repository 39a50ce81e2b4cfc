"""Extension modules, shared libraries and programs of packages, in one executable of the flavor `standalone_dynamic`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from staticbuild.toolchain.triple import Triple
from staticbuild.toolchain.zig import Toolchain, compile_source
from tests.project import Done, Project, run

pytestmark = pytest.mark.slow

TRIPLE = "x86_64-unknown-linux-gnu"
TAG = "cpython-313-x86_64-linux-gnu"
CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_{flavor}")
python_resources(name = "app", package_roots = ["src"])
python_executable(name = "prog", resources = [":app"], entry_point = "runner:main")
"""
# A module that is initialised in several phases, and may be used by interpreters with locks of their own.
SEVERAL = """\
#include <Python.h>
static PyObject *twice(PyObject *self, PyObject *number) { (void)self; return PyNumber_Add(number, number); }
static PyMethodDef methods[] = {{"twice", twice, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}, {0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "NAME", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_NAME(void) { return PyModuleDef_Init(&definition); }
"""
# One that is made at once, and that only the stable API is needed for.
ONCE = """\
#define Py_LIMITED_API 0x030b0000
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "NAME", NULL, -1, NULL, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_NAME(void) {
    static int count;
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL) PyModule_AddIntConstant(module, "made", ++count);
    return module;
}
"""
LINKED = SEVERAL.replace("return PyNumber_Add(number, number);", "(void)number; return PyLong_FromLong(sum());").replace(
    "<Python.h>", "<Python.h>\nlong sum(void);"
)
PROGRAM = """\
long write(int, const void *, unsigned long);
_Noreturn void _exit(int);
void _start(void) { write(1, "a program\\n", 10); _exit(3); }
"""
STATIC = """\
static long call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}
void _start(void) { call(1, 1, (long)"alone\\n", 6); call(60, 4, 0, 0); }
"""
PURE = {
    "runner.py": "import sys\ndef main(): exec(compile(sys.stdin.read(), 'program', 'exec'), {'__name__': 'program'})\n",
    "work.py": "from speedy import _fast\ndef double(number): return _fast.twice(number)\n",
    "speedy/__init__.py": "",
    "speedy/sub/__init__.py": "",
    "speedy/both.py": "is_source = True\n",
    "whole/inner.py": "from importlib.resources import files\nTEXT = (files('whole') / 'data.txt').read_text()\n",
    "whole/data.txt": "data",
    "caller/__init__.py": (
        "import ctypes, subprocess\nfrom pathlib import Path\nHERE = Path(__file__).parent\n"
        "def base(): return ctypes.CDLL(str(HERE / 'libplain.so')).base()\n"
        "def run(name):\n    done = subprocess.run([HERE / name], capture_output=True)\n"
        "    return done.returncode, done.stdout.decode()\n"
    ),
}


class Workshop:
    """Compiles and links as the makers of wheels do."""

    def __init__(self, sysroot: Path, include: Path, folder: Path) -> None:
        self._sysroot, self._include, self._folder = sysroot, include, folder
        self._toolchain = Toolchain(Triple.parse(TRIPLE))
        self._count = 0

    def __call__(self, target: Path, code: str, *options: str | Path) -> None:
        """Link `code` to the shared library or program `target`."""
        self._count += 1
        source, made = self._folder / f"{self._count}.c", self._folder / f"{self._count}.o"
        source.write_text(code)
        target.parent.mkdir(parents=True, exist_ok=True)
        flags = ["-fPIC"]
        words = compile_source(self._toolchain, str(source), str(made), includes=[str(self._include)], flags=flags)
        run(words, cwd=self._sysroot)
        run([self._toolchain.program, "ld.lld", made, "-o", target, *options], cwd=self._sysroot)


@pytest.fixture(scope="module")
def prog(tmp_path_factory: pytest.TempPathFactory, glibc_toolchain_folder: Path) -> Project:
    """The project, built; its sources lie in `src`, and the distribution's own interpreter in `dist`."""
    if os.environ.get("STATICBUILD_QUICK_TESTS") == "1":
        pytest.skip("STATICBUILD_QUICK_TESTS=1: CPython is not built a second time")
    project = Project(tmp_path_factory.mktemp("machine-code"))
    project.write("staticbuild.bzl", CONFIG.format(flavor="dynamic"))
    project.run("dist", "extract", str(project.folder / "dist"))
    (include,) = (project.folder / "dist").rglob("include/python3.13")
    source = project.folder / "src"
    for path, text in PURE.items():
        project.write(f"src/{path}", text)
    link = Workshop(glibc_toolchain_folder, include, tmp_path_factory.mktemp("objects"))
    link(source / f"speedy/_fast.{TAG}.so", SEVERAL.replace("NAME", "_fast"), "-shared")
    link(source / f"speedy/both.{TAG}.so", SEVERAL.replace("NAME", "both"), "-shared")
    link(source / "speedy/sub/_deep.abi3.so", ONCE.replace("NAME", "_deep"), "-shared")
    link(source / "speedy/_plain.so", ONCE.replace("NAME", "_plain"), "-shared")
    link(source / f"whole/__init__.{TAG}.so", SEVERAL.replace("NAME", "whole"), "-shared")
    # As auditwheel leaves them: the path of the first finds both.
    base, total = source / "speedy.libs/libbase-1.so", source / "speedy.libs/libsum-1.so"
    link(base, "int base(void) { return 2; }", "-shared", "-soname", base.name)
    link(total, "int base(void); long sum(void) { return base() + 40; }", "-shared", "-soname", total.name, base)
    search = ["--disable-new-dtags", "-rpath", "$ORIGIN/../speedy.libs"]
    link(source / f"speedy/_linked.{TAG}.so", LINKED.replace("NAME", "_linked"), "-shared", *search, total)
    shutil.copy(base, source / "caller/libplain.so")
    link(source / "caller/static", STATIC, "-static")
    link(source / "caller/tool", PROGRAM, "-dynamic-linker", "/lib64/ld-linux-x86-64.so.2", "sysroot/lib/libc.so")
    project.run("build")
    return project


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that only we can change, as is all above it."""
    folder = Path(tempfile.mkdtemp(prefix="sb-home-", dir="/tmp"))
    yield folder
    for path in (folder, *Path("/tmp").glob(f"prog-{os.geteuid()}"), *Path("/var/tmp").glob(f"prog-{os.geteuid()}")):
        shutil.rmtree(path, ignore_errors=True)


Execute = Callable[..., Done]


@pytest.fixture
def execute(prog: Project, home: Path) -> Execute:
    """Runs Python code in the executable."""
    executable = prog.folder / "build" / TRIPLE / "prog" / "prog"

    def execute(code: str, *, around: tuple[str | Path, ...] = (), code_is: int = 0, **environ: str) -> Done:
        env = {"HOME": str(home), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environ}
        return run([*around, executable], input=code, stdin=None, env=env, code=code_is, timeout=120)

    return execute


ALL = "import speedy._fast, speedy.sub._deep, speedy._plain, speedy.both, speedy._linked, whole.inner, caller\n"


class TestLikeImportlib:
    """The same answers as from the distribution's own interpreter with the files on its `sys.path`."""

    @pytest.mark.parametrize(
        "code",
        [
            "from speedy import _fast as m; print(m.twice(21), m.__file__, m.__package__, m.__loader__.path)",
            "from speedy import _fast as m; print(m.__spec__.origin, m.__spec__.has_location, m.__spec__.cached)",
            "from speedy import _fast as m; print(type(m.__loader__), m.__loader__.is_package('speedy._fast'), dir(m))",
            "from speedy.sub import _deep as m; print(m.made, m.__file__, m.__name__, type(m.__loader__))",
            "from speedy import _plain as m; print(m.made, m.__file__, m.__loader__.get_filename())",
            "from speedy import both as m; print(m.twice(2), hasattr(m, 'is_source'), m.__file__)",
            "from speedy import _linked as m; print(m.twice(0))",
            "import whole as m; print(m.twice(1), m.__file__, m.__path__, m.__spec__.submodule_search_locations)",
            "import whole.inner as m; print(m.TEXT, m.__package__)",
            "import importlib.util as u; print(u.find_spec('speedy._fast').loader, u.find_spec('speedy._none'))",
            "import importlib.machinery as m, speedy; print(m.PathFinder.find_spec('speedy.both', speedy.__path__).origin)",
            "import importlib.machinery as m, whole; print(m.PathFinder.find_spec('whole', [whole.__path__[0][:-6]]).origin)",
            "import pkgutil, speedy; print([(m.name, m.ispkg) for m in pkgutil.walk_packages(speedy.__path__, 'speedy.')])",
            "import speedy._fast, importlib; m = importlib.reload(speedy._fast); print(m is speedy._fast, m.twice(4))",
            "import speedy._plain as a; del sys.modules['speedy._plain']; import speedy._plain as b; print(a.made, b.made)",
            "import runpy\ntry: runpy.run_module('speedy._fast')\nexcept ImportError as error: print(error)",
            "import inspect, speedy._fast as m; print(inspect.getfile(m), inspect.getmodule(m.twice))",
            "import os, speedy._linked as m; print(os.listdir(os.path.dirname(m.__file__) + '/../speedy.libs'))",
        ],
    )
    def test_same(self, prog: Project, execute: Execute, home: Path, code: str) -> None:
        (python,) = (prog.folder / "dist").rglob("bin/python3.13")
        source = prog.folder / "src"
        path = f"import sys; sys.path.insert(0, {str(source)!r})\n"
        theirs = run([python, "-I", "-S", "-B", "-c", path + code], env={}).stdout
        executable = str(prog.folder / "build" / TRIPLE / "prog" / "prog")
        ours = execute(f"import sys\n{code}").stdout.replace(executable, "ROOT")
        for folder in (home / ".cache/prog").glob("*"):
            ours = ours.replace(str(folder), "ROOT")
        assert _plain(ours) == _plain(theirs.replace(str(source), "ROOT"))


def _plain(text: str) -> list[str]:
    """Words, without the addresses of objects, and lists of files in any order."""
    return sorted(word.strip("[],'") for word in text.split() if not word.startswith("0x"))


def test_interpreters(execute: Execute) -> None:
    code = """\
import _interpreters
_interpreters.run_string(_interpreters.create(), "import speedy._fast as m; print(m.twice(4), flush=True)")
legacy = _interpreters.create("legacy")
_interpreters.run_string(legacy, "import speedy._linked as m, speedy._plain as p; print(m.twice(4), p.made, flush=True)")
import speedy._fast as m; print(m.twice(1))
"""
    assert execute(code).stdout.splitlines() == ["8", "42 1", "2"]


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_processes(execute: Execute, method: str) -> None:
    code = f"""\
import multiprocessing, work
with multiprocessing.get_context({method!r}).Pool(2) as pool:
    print(pool.map(work.double, [1, 2]))
"""
    assert execute(code).stdout == "[2, 4]\n"


def test_libraries_and_programs_of_a_package(execute: Execute) -> None:
    code = "import caller, json; print(json.dumps([caller.base(), caller.run('tool'), caller.run('static')]))"
    assert json.loads(execute(code).stdout) == [2, [3, "a program\n"], [4, "alone\n"]]


def test_a_resource_as_a_file(execute: Execute) -> None:
    """With glibc 2.17 there is no `os.memfd_create`."""
    code = (
        "from importlib.resources import as_file, files\nwith as_file(files('whole') / 'data.txt') as p: print(p.read_text())"
    )
    assert execute(code).stdout == "data\n"


def test_only_what_is_imported_is_written(execute: Execute, home: Path) -> None:
    execute("import speedy")
    assert not (home / ".cache").exists()
    execute("import speedy.sub._deep")
    (folder,) = (home / ".cache/prog").iterdir()
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert [path for path in files if not path.startswith("speedy")] == []
    assert {oct(path.stat().st_mode & 0o7777) for path in folder.rglob("*")} == {"0o700", "0o600"}


def test_started_many_times_at_once(prog: Project, home: Path) -> None:
    executable = prog.folder / "build" / TRIPLE / "prog" / "prog"
    started = [
        subprocess.Popen(
            [executable], env={"HOME": str(home)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(6)
    ]
    for process in started:
        output, _ = process.communicate((ALL + "print(speedy._linked.twice(0), caller.base())").encode(), timeout=120)
        assert output == b"42 2\n"
    assert not [path for path in (home / ".cache/prog").iterdir() if path.name.startswith(".") or "-" in path.name]


def test_a_library_that_somebody_changed_is_not_loaded(execute: Execute, home: Path) -> None:
    where = execute("import speedy._linked as m; print(m.__file__)").stdout.strip()
    library = Path(where).parent.parent / "speedy.libs/libsum-1.so"
    library.write_bytes(library.read_bytes().replace(b"sum", b"mus"))
    again = execute("import speedy._linked as m; print(m.__file__, m.twice(0))").stdout.split()
    assert again[1] == "42"
    assert Path(again[0]).parent != Path(where).parent
    assert home in Path(again[0]).parents


class TestNowhereToWrite:
    """No home, and nothing can be run from the other folders: modules are loaded from memory."""

    @pytest.fixture
    def around(self) -> tuple[str | Path, ...]:
        mounts = " && ".join(f"mount -t tmpfs -o noexec none {folder}" for folder in ("/tmp", "/var/tmp"))
        words = ("unshare", "--map-root-user", "--mount", "sh", "-c", f'{mounts} && exec "$0" "$@"')
        if run([*words, "true"], code=None).returncode:
            pytest.skip("this user cannot mount anything, not even in a namespace")
        return words

    @pytest.fixture
    def elsewhere(self, prog: Project, around: tuple[str | Path, ...]) -> Iterator[Execute]:
        # The executable must not lie in what is mounted over.
        folder = Path(tempfile.mkdtemp(prefix=".sb-test-", dir=Path.home()))
        copy = shutil.copy(prog.folder / "build" / TRIPLE / "prog" / "prog", folder / "prog")

        def execute(code: str, **environ: str) -> Done:
            return run([*around, copy], input=code, stdin=None, env={"HOME": "/nowhere", "PATH": "/usr/bin:/bin", **environ})

        yield execute
        shutil.rmtree(folder)

    def test_extension_modules_are_loaded_from_memory(self, elsewhere: Execute) -> None:
        code = """\
import speedy._fast as a, speedy.sub._deep as b, speedy._linked as c, os, sys, _interpreters
print(a.twice(21), b.made, c.twice(0))
print(a.__file__.removeprefix(sys.executable), a.__spec__.origin == a.__file__, type(a.__loader__).__name__, flush=True)
_interpreters.run_string(_interpreters.create(), "import speedy._fast as m; print(m.twice(4), flush=True)")
"""
        done = elsewhere(code)
        assert done.stdout.splitlines() == ["42 1 42", f"/speedy/_fast.{TAG}.so True MemoryLoader", "8"]
        assert done.stderr == ""

    def test_what_is_opened_by_name_is_warned_of(self, elsewhere: Execute) -> None:
        done = elsewhere("import caller\ntry: caller.base()\nexcept OSError: print('no file')")
        assert done.stdout == "no file\n"
        assert "RuntimeWarning: no private folder takes the files of caller" in done.stderr
        assert "mounted with noexec" in done.stderr

    def test_without_memory_files_it_is_said_what_to_do(self, elsewhere: Execute) -> None:
        code = """\
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try: import speedy._fast
except ImportError as error: print(error.name, error)
"""
        words = elsewhere(code).stdout
        assert words.startswith("speedy._fast `speedy._fast` is a shared library, and neither a private folder takes it (/tmp:")
        assert "File too large" in words
        assert "set XDG_CACHE_HOME" in words


def test_inspect_and_build_say_what_there_is(prog: Project) -> None:
    shown = prog.run("inspect", "--all").stdout
    for words in (
        f"  extension module `speedy/_fast.{TAG}.so`",
        "  shared library `speedy.libs/libsum-1.so`",
        "  shared library `caller/libplain.so`",
        "  program `caller/tool`",
        "  static program `caller/static`",
    ):
        assert words in shown
    (report,) = [event for event in prog.events("inspect") if event["event"] == "report"]
    assert {item["location"] for item in report["resources"]["on_disk"]} == {"extracted"}  # type: ignore[index]
    remark = "prog: the machine code of `speedy`, `whole` will be written to the user's cache when imported"
    assert remark in prog.run("build").stderr


def test_beside_the_executable(prog: Project, tmp_path: Path) -> None:
    text = CONFIG.format(flavor="dynamic").replace('"runner:main"', '"runner:main", location = {"*": "beside"}')
    other = Project(tmp_path)
    other.write("staticbuild.bzl", text)
    shutil.copytree(prog.folder / "src", tmp_path / "src")
    other.run("build")
    executable = tmp_path / "build" / TRIPLE / "prog" / "prog"
    code = ALL + "print(speedy._linked.twice(0), caller.run('tool'), speedy._fast.__file__)"
    done = run([executable], input=code, stdin=None, env={"HOME": "/nowhere"})
    assert done.stdout == f"42 (3, 'a program\\n') {executable.parent}/lib/speedy/_fast.{TAG}.so\n"


class TestStatic:
    """The other flavor refuses what it cannot load, and takes what needs no loader."""

    def test_refused(self, prog: Project, project: Project) -> None:
        project.write("staticbuild.bzl", CONFIG.format(flavor="static"))
        shutil.copytree(prog.folder / "src", project.folder / "src")
        failed = project.run("build", code=1).stderr
        assert (
            "`src` has machine code that an executable of the flavor `standalone_static` cannot load: `caller/libplain.so`"
            in (failed)
        )
        assert 'make_dist(flavor = "standalone_dynamic")' in failed

    def test_a_static_program(self, prog: Project, project: Project, home: Path) -> None:
        project.write("staticbuild.bzl", CONFIG.format(flavor="static"))
        for path in ("runner.py", "caller/__init__.py"):
            project.write(f"src/{path}", PURE[path])
        shutil.copy(prog.folder / "src/caller/static", project.folder / "src/caller/static")
        project.run("build")
        done = run(
            [project.result("prog/prog")],
            input="import caller; print(caller.run('static'))",
            stdin=None,
            env={"HOME": str(home)},
        )
        assert done.stdout == "(4, 'alone\\n')\n"


REAL = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_dynamic")
python_resources(
    name = "app",
    requirements = ["numpy==2.2.6", "MarkupSafe==3.0.3", "orjson"],
    package_roots = ["src"],
    exclude = ["**/tests/**"],
)
python_executable(name = "prog", resources = [":app"], entry_point = "runner:main")
"""
COMPUTE = """\
import markupsafe._speedups, numpy, orjson
from numpy import linalg
matrix = numpy.array([[4.0, 1.0], [2.0, 3.0]])
print(orjson.dumps(sorted(linalg.eigvals(matrix).round(9)), option=orjson.OPT_SERIALIZE_NUMPY).decode())
print(abs(matrix @ linalg.inv(matrix)).round(9).tolist(), numpy.random.default_rng(1).integers(10, size=3).tolist())
print(markupsafe.Markup("<%s>") % "a&b", numpy.fft.fft([1, 0, 0, 0]).real.tolist())
"""


@pytest.fixture(scope="module")
def real(prog: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # After `prog`: its distribution is the same.
    assert prog.folder.exists()
    project = Project(tmp_path_factory.mktemp("real"))
    project.write("staticbuild.bzl", REAL)
    project.write("src/runner.py", PURE["runner.py"])
    project.run("lock")
    project.run("build")
    return project.folder / "build" / TRIPLE / "prog" / "prog"


@pytest.mark.network
@pytest.mark.usefixtures("package_index")
class TestRealWheels:
    """Packages whose wheels have machine code only, one of them with libraries of its own, and with OpenBLAS at work."""

    # The same as from a virtual environment.
    EXPECTED = "[2.0,5.0]\n[[1.0, 0.0], [0.0, 1.0]] [4, 5, 7]\n<a&amp;b> [1.0, 1.0, 1.0, 1.0]\n"

    def test_an_empty_home(self, real: Path, home: Path) -> None:
        for _ in range(2):
            done = run([real], input=COMPUTE, stdin=None, env={"HOME": str(home)})
            assert (done.stdout, done.stderr) == (self.EXPECTED, "")
        assert len(list((home / ".cache/prog").iterdir())) == 3

    def test_twice_at_once(self, real: Path, home: Path) -> None:
        (home / "program").write_text(COMPUTE)
        with (home / "program").open() as one, (home / "program").open() as other:
            settings = {"env": {"HOME": str(home)}, "stdout": subprocess.PIPE, "text": True}
            started = [subprocess.Popen([real], stdin=file, **settings) for file in (one, other)]  # type: ignore[call-overload]
        assert [process.communicate(timeout=120)[0] for process in started] == [self.EXPECTED] * 2
        assert [process.returncode for process in started] == [0, 0]

    def test_a_cache_that_cannot_be_written_to(self, real: Path, home: Path) -> None:
        (home / "file").write_text("no folder")
        environ = {"XDG_CACHE_HOME": str(home / "file"), "HOME": str(home), "TMPDIR": str(home / "file")}
        assert run([real], input=COMPUTE, stdin=None, env=environ).stdout == self.EXPECTED
        assert [path.name for path in home.iterdir()] == ["file"]
