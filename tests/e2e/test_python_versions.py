"""Every version of Python that there is a recipe for: one program, built from source, asked for what a version can break.

A version whose source no place has here is skipped. Each costs a build of CPython: with a new cache about two minutes of a
quiet machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from staticbuild.distribution.versions import VERSIONS, Version
from tests.project import Project, run

pytestmark = pytest.mark.slow

CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(python_version = "{version}")
python_resources(name = "app", package_roots = ["src"])
python_executable(name = "ask", resources = [":app"], entry_point = "ask:main")
"""
ASK = """\
import importlib.util, json, sys, threading


def main():
    exec(sys.argv[1], {"__name__": "asked"})


def show(value):
    print(json.dumps(value))


def fails():
    raise ValueError("not caught")


def in_a_thread():
    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
"""
# Modules of `sys.stdlib_module_names` that are for other systems, not among what is packed, or left out with a reason
# (docs/distributions.md).
OTHER_SYSTEMS = {
    *("_msi", "_overlapped", "_scproxy", "_winapi", "_wmi", "msilib", "msvcrt", "nt", "winreg", "winsound", "_ios_support"),
}
NOT_PACKED = {"idlelib", "lib2to3", "tkinter", "turtle", "turtledemo"}
LEFT_OUT = {"_tkinter", "_dbm", "_gdbm", "nis"}


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda version: version.short)
def version(request: pytest.FixtureRequest) -> Version:
    found: Version = request.param
    return found


@pytest.fixture(scope="module")
def built(version: Version, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program."""
    project = Project(tmp_path_factory.mktemp(f"python-{version.short}"))
    project.write("staticbuild.bzl", CONFIG.format(version=version.short))
    project.write("src/ask.py", ASK)
    project.write("src/data/words.txt", "two words")
    project.write("src/data/__init__.py", "")
    project.write("src/space/words.txt", "in a namespace")
    project.write("src/space/module.py", "")
    source = project.run("build", f"@stdlib//recipes:cpython{version.recipe}_source", code=None)
    if source.returncode:
        said = next(line for line in source.stderr.splitlines() if line.startswith("error: "))
        # Any other error is one of ours: a wrong digest, say.
        assert said.startswith("error: no place has "), source.stderr
        pytest.skip(f"the source of CPython {version.release} cannot be had here: {said}")
    project.run("build")
    return project.result("ask/ask")


@pytest.fixture
def ask(built: Path) -> Callable[[str], Any]:
    """What the program says, asked with a line of Python that calls `show`."""

    def ask(code: str) -> Any:
        return json.loads(run([built, f"from ask import *; {code}"], env={}).stdout)

    return ask


def test_it_is_the_release_that_the_recipe_pins(version: Version, ask: Callable[[str], Any]) -> None:
    assert ask("show('%d.%d.%d' % sys.version_info[:3])") == version.release


def test_no_module_is_missing(ask: Callable[[str], Any]) -> None:
    missing = ask("show([name for name in sys.stdlib_module_names if importlib.util.find_spec(name) is None])")
    assert set(missing) <= OTHER_SYSTEMS | NOT_PACKED | LEFT_OUT


def test_every_extension_is_builtin_and_imports(ask: Callable[[str], Any]) -> None:
    names = ask("show([name for name in sys.builtin_module_names if __import__(name)])")
    assert {"_ctypes", "_curses", "_hashlib", "_lzma", "_sqlite3", "_ssl", "_uuid", "readline", "zlib"} <= set(names)


def test_libraries(ask: Callable[[str], Any]) -> None:
    assert ask("import sqlite3; show(sqlite3.connect(':memory:').execute('select 6 * 7').fetchone())") == [42]
    assert ask("import ssl; show(bool(ssl.create_default_context().get_ciphers()))") is True
    assert ask("import ctypes, os; show(ctypes.CDLL(None).getpid() == os.getpid())") is True
    assert ask("import ctypes; show(ctypes.pythonapi.Py_IsInitialized())") == 1
    assert ask("import decimal; show(str(decimal.Decimal(1) / 7))") == "0.1428571428571428571428571429"
    round_trip = "show([__import__(name).decompress(__import__(name).compress(b'x' * 99)).decode() for name in names])"
    assert ask(f"names = ['bz2', 'lzma', 'zlib']; {round_trip}") == ["x" * 99] * 3


def test_data(ask: Callable[[str], Any]) -> None:
    read = "importlib.resources.files({}).joinpath('words.txt').read_text()"
    assert ask(f"import data, importlib.resources; show({read.format('data')})") == "two words"
    assert ask(f"import space, importlib.resources; show({read.format('space')})") == "in a namespace"
    assert ask("import importlib.metadata; show([d.name for d in importlib.metadata.distributions()])") == []


def test_other_interpreters(version: Version, ask: Callable[[str], Any]) -> None:
    module = "_interpreters" if version.numbers >= (3, 13) else "_xxsubinterpreters"
    code = f"import {module} as i; i.run_string(i.create(), 'import ask, json; ask.show(json.__name__)')"
    assert ask(code) == "json"


@pytest.mark.parametrize("call", ["fails()", "in_a_thread()"])
def test_what_nobody_catches_is_shown_with_source_lines(built: Path, call: str) -> None:
    done = run([built, f"from ask import *; {call}"], env={}, code=None)
    assert '    raise ValueError("not caught")\nValueError: not caught\n' in done.stderr.replace("    ^^^^^^^^^\n", "")
    assert done.returncode == (1 if call == "fails()" else 0)


def test_hooks_are_the_interpreters_own(ask: Callable[[str], Any]) -> None:
    assert ask("show(sys.excepthook is sys.__excepthook__)") is True
    assert ask("show([threading.excepthook is threading.__excepthook__, sys.excepthook.__name__])") == [True, "excepthook"]
