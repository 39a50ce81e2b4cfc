"""Packages with C extensions, built from their sources and linked into one static executable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packing.conftest import SdistMaker
from tests.project import Project

BACKEND = (Path(__file__).parent / "data/native/backend.py").read_bytes()

# Single-phase initialisation, which learns its package's name from CPython alone. `calls` is a symbol that all packages have.
SINGLE = """
#include <Python.h>
int helper(void);
int calls;
static PyObject *count(PyObject *self, PyObject *args) { calls += helper(); return PyLong_FromLong(calls); }
static PyMethodDef methods[] = {{"count", count, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_speedups", NULL, -1, methods};
PyMODINIT_FUNC PyInit__speedups(void) { return PyModule_Create(&module); }
"""
MULTI = """
#include <Python.h>
int helper(void);
int calls;
static PyObject *count(PyObject *self, PyObject *args) { calls += helper(); return PyLong_FromLong(calls); }
static PyMethodDef methods[] = {{"count", count, METH_NOARGS, NULL}, {NULL}};
static PyModuleDef_Slot slots[] = {{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}, {0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_speedups", NULL, 0, methods, slots};
PyMODINIT_FUNC PyInit__speedups(void) { return PyModuleDef_Init(&module); }
"""
CPLUSPLUS = """
#include <Python.h>
#include <map>
#include <stdexcept>
#include <string>
int helper();
static PyObject *count(PyObject *, PyObject *) {
    static std::map<std::string, int> calls;
    try { throw std::runtime_error("again"); }
    catch (const std::exception &error) { calls[error.what()] += 3; }
    return PyLong_FromLong(calls["again"]);
}
static PyMethodDef methods[] = {{"count", count, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_speedups", NULL, -1, methods};
PyMODINIT_FUNC PyInit__speedups(void) { return PyModule_Create(&module); }
"""

CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")
python_resources(name = "libs", requirements = {requirements}, srcs = ["main.py"])
python_executable(name = "app", resources = [":libs"], entry_point = "main")
"""


def package(
    name: str, modules: Mapping[str, str], helper: int = 0, flags: tuple[str, ...] = (), files: Mapping[str, str] | None = None
) -> dict[str, bytes]:
    """The files of a project whose modules are C (C++ where they include such headers) and whose library has `helper`."""
    sources = {
        module: module.replace(".", "_") + (".cpp" if "#include <map>" in text else ".c") for module, text in modules.items()
    }
    project = {"name": name, "modules": sources, "library": ["helper.c"] if helper else [], "flags": flags}
    packages = {module.rpartition(".")[0].replace(".", "/") for module in modules}
    texts = {
        **{sources[module]: text for module, text in modules.items()},
        **{f"{folder}/__init__.py": "" for folder in packages},
        "helper.c": f"int helper(void) {{ return {helper}; }}\n",
        "project.json": json.dumps(project),
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\n",
        **(files or {}),
    }
    return {"backend.py": BACKEND, **{path: text.encode() for path, text in texts.items()}}


@dataclass
class Workshop:
    """A project that takes its packages from a folder of sdists, and from no index."""

    project: Project
    make: SdistMaker

    def write(self, main: str, config: str = CONFIG, **packages: Mapping[str, bytes]) -> Project:
        """Write the project, and lock it."""
        for name, files in packages.items():
            self.make(name, files=files)
        self.project.write("main.py", main)
        self.project.write("staticbuild.bzl", config.replace("{requirements}", json.dumps(sorted(packages))))
        self.project.run("lock")
        return self.project


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    make = SdistMaker(tmp_path / "sdists")
    environment = {"PIP_NO_INDEX": "1", "UV_FIND_LINKS": str(make.folder), "PIP_FIND_LINKS": ""}
    return Workshop(Project(tmp_path / "app", environment), make)


def test_names_that_packages_share_are_each_package_own(workshop: Workshop) -> None:
    """Three packages with a module `_speedups`, a function `helper` of their own library, and a variable `calls`."""
    project = workshop.write(
        """
import importlib.util, sys
import alpha._speedups, beta.inner._speedups, gamma._speedups
modules = [alpha._speedups, beta.inner._speedups, gamma._speedups]
print([module.__name__ for module in modules])
print([module.count() for module in modules for _ in range(2)])
print(all(importlib.util.find_spec(module.__name__) for module in modules), sys.modules["beta.inner._speedups"] is modules[1])
""",
        alpha=package("alpha", {"alpha._speedups": SINGLE}, helper=1),
        beta=package("beta", {"beta.inner._speedups": MULTI}, helper=10),
        gamma=package("gamma", {"gamma._speedups": CPLUSPLUS}, helper=100),
    )
    assert project.run("run").stdout.splitlines() == [
        "['alpha._speedups', 'beta.inner._speedups', 'gamma._speedups']",
        "[1, 2, 10, 20, 3, 6]",
        "True True",
    ]
    # What was built for one checkout is there for another.
    assert [name for name in project.build() if name.startswith("BuildPackage")] == []


def test_subinterpreters(workshop: Workshop) -> None:
    project = workshop.write(
        """
import _interpreters
import beta._speedups
beta._speedups.count()
one = _interpreters.create()
failure = _interpreters.exec(one, "import beta._speedups; print(beta._speedups.count(), flush=True)")
print(failure)
""",
        beta=package("beta", {"beta._speedups": MULTI}, helper=1),
    )
    assert project.run("run").stdout == "2\nNone\n"


def test_a_build_that_fails_says_why_and_leaves_nothing(workshop: Workshop) -> None:
    broken = package("broken", {"broken._speedups": "#include <libxml/parser.h>\n" + SINGLE}, helper=1)
    project = workshop.write("import broken._speedups", broken=broken)
    failed = project.run("build", code=1).stderr
    assert "`broken==1.0` could not be built from its sources" in failed
    assert "there is no header `libxml/parser.h`" in failed
    assert not project.result("app/app").exists()


def test_a_library_that_is_not_there(workshop: Workshop) -> None:
    broken = package("broken", {"broken._speedups": SINGLE}, helper=1, flags=("-lmissing",))
    failed = workshop.write("import broken._speedups", broken=broken).run("build", code=1).stderr
    assert "there is no library `missing`" in failed


def test_a_package_that_goes_on_without_its_extension_is_told_of(workshop: Workshop) -> None:
    files = package("timid", {"timid._speedups": "#include <gone.h>\n"}, files={"timid/__init__.py": "word = 'slow'"})
    backend = files["backend.py"].replace(
        b'"-c", source, "-o", source + ".o"], check=True', b'"-c", source, "-o", source + ".o"]'
    )
    backend = backend.replace(b'*project["flags"], "-o", target], check=True', b'*project["flags"], "-o", target]')
    project = workshop.write("import timid; print(timid.word)", timid=files | {"backend.py": backend})
    done = project.run("run")
    assert done.stdout == "slow\n"
    assert "timid: `timid==1.0` is used without its extension" in done.stderr
    assert "gone.h" in done.stderr


def test_a_library_for_ctypes_is_refused(workshop: Workshop) -> None:
    library = package("plain", {"plain.libthing": "int thing(void) { return 1; }"})
    failed = workshop.write("import plain", plain=library).run("build", code=1).stderr
    assert "which is no extension module: it does not define `PyInit_libthing`" in failed
    assert "standalone_dynamic" in failed


GIVEN = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_package", "python_resources")
load("@stdlib//build.bzl", "run_action")

make_dist(flavor = "standalone_static")
run_action(
    name = "given",
    script = '''
mkdir -p out/include out/lib
echo 'int given(void) { return 42; }' >given.c
PATH=$PWD/toolchain/bin:$PATH
cc -O2 -c given.c -o given.o
ar rcs out/lib/libgiven.a given.o
echo 'int given(void);' >out/include/given.h
''',
    inputs = {"toolchain": "@stdlib//toolchain:cc", "zig": "@stdlib//toolchain:zig", "sysroot": "@stdlib//toolchain:sysroot"},
    output_trees = ["out"],
)
python_package(name = "user", libraries = [":given"], exclude = ["user/data.txt"])
python_resources(name = "libs", requirements = {requirements}, srcs = ["main.py"], packages = [":user"])
python_executable(name = "app", resources = [":libs"], entry_point = "main")
"""


def test_a_library_of_the_graph(workshop: Workshop) -> None:
    """A `python_package` gives the build a folder with `include` and `lib`; what it excludes is not taken."""
    user = package(
        "user",
        {"user._speedups": SINGLE.replace("int helper(void);", "#include <given.h>\n").replace("helper()", "given()")},
        flags=("-lgiven",),
        files={"user/data.txt": "left out", "user/other.txt": "taken"},
    )
    main = """
import importlib.resources
import user._speedups
names = sorted(file.name for file in importlib.resources.files(user).iterdir())
print(user._speedups.count(), [name for name in names if name.endswith(".txt")])
"""
    assert workshop.write(main, GIVEN, user=user).run("run").stdout == "42 ['other.txt']\n"


REAL = """
import greenlet, markupsafe._speedups, msgpack, yaml

print(markupsafe._speedups.__name__, markupsafe.escape("<b>"))
print(yaml.load("a: [1, 2]", yaml.CSafeLoader))
there = greenlet.greenlet(lambda: back.switch("there"))
back = greenlet.greenlet(lambda word: there.throw(ValueError, word + " and back"))
try:
    there.switch()
except ValueError as error:
    print(error)
print(msgpack.unpackb(msgpack.packb([1, {"a": 2}])), msgpack.Packer.__module__)
"""


@pytest.mark.network
@pytest.mark.usefixtures("package_index")
def test_real_packages(tmp_path: Path) -> None:
    """setuptools, Cython, C++ and a library that the table of packages names; single- and multi-phase initialisation."""
    project = Project(tmp_path)
    project.write("main.py", REAL)
    requirements = ["MarkupSafe==3.0.3", "PyYAML==6.0.3", "greenlet==3.2.4", "msgpack==1.1.2"]
    project.write("staticbuild.bzl", CONFIG.replace("{requirements}", json.dumps(requirements)))
    project.run("lock")
    assert project.run("run").stdout.splitlines() == [
        "markupsafe._speedups &lt;b&gt;",
        "{'a': [1, 2]}",
        "there and back",
        "[1, {'a': 2}] msgpack._cmsgpack",
    ]


def test_built_for_glibc(workshop: Workshop) -> None:
    """Where shared libraries can be loaded, too, what is built from sources is linked."""
    project = workshop.write(
        """
import ctypes
import alpha._speedups, gamma._speedups
print(alpha._speedups.__name__, alpha._speedups.count(), gamma._speedups.count(), gamma._speedups.count())
print(ctypes.CDLL("libc.so.6").abs(-5))
""",
        CONFIG.replace("standalone_static", "standalone_dynamic"),
        alpha=package("alpha", {"alpha._speedups": SINGLE}, helper=7),
        gamma=package("gamma", {"gamma._speedups": CPLUSPLUS}),
    )
    assert project.run("run").stdout == "alpha._speedups 7 3 6\n5\n"
