"""Switches of `python_executable` that make a program smaller, and what it then still does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project import Project, run

pytestmark = pytest.mark.slow

CONFIG = """
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")
python_resources(name = "app", package_roots = ["src"])
python_executable(name = "program", entry_point = "app.cli:main", resources = [":app"], {attributes})
"""
CLI = '''"""Says how to use it."""

import inspect
import json


def main() -> None:
    """Show what there is."""
    import app.tests

    print(json.dumps([__doc__, main.__doc__, json.dumps.__doc__, inspect.getmodule(main).__name__]))
    try:
        print(inspect.getsource(main)[:10])
    except OSError as error:
        print(error)
    try:
        assert not __debug__
    except AssertionError:
        raise ValueError("asserted")
'''


def make(project: Project, attributes: str) -> None:
    """Write the project: a package with a subpackage of tests that it imports, and another one that it does not."""
    project.write("staticbuild.bzl", CONFIG.format(attributes=attributes))
    project.write("src/app/__init__.py", "")
    project.write("src/app/cli.py", CLI)
    project.write("src/app/cli.pyi", "def main() -> None: ...\n")
    project.write("src/app/tests/__init__.py", "")
    project.write("src/app/core/__init__.py", "")
    project.write("src/app/core/tests/test_core.py", "")
    project.write("src/app/core/tests/data.bin", "x" * 1000)


def test_all_of_them(project: Project) -> None:
    make(project, "sources = False, docstrings = False, exclude_tests = True")
    project.run("build")
    done = run([project.result("program/program")], code=1, env={})
    shown, no_source = done.stdout.splitlines()
    assert json.loads(shown) == [None, None, None, "app.cli"]
    assert no_source == "could not get source code"
    # Lines are known by number, in our own code and in the standard library's.
    assert "ValueError: asserted" in done.stderr
    assert 'app/cli.py", line 19, in main\nValueError' in done.stderr
    shown = project.run("inspect").stdout
    assert "left out: tests and type stubs: 2 modules, 2 files, " in shown
    assert "    app.core.tests\n" in shown
    assert "left out: sources: " in shown


def test_docstrings_of_the_application_only_and_compressed_sources(project: Project) -> None:
    make(project, 'docstrings = "application", compress = ["files", "sources"]')
    project.run("build")
    assert "compressed: sources: 2" in project.run("inspect").stdout
    done = run([project.result("program/program")], code=1, env={})
    assert json.loads(done.stdout.splitlines()[0]) == ["Says how to use it.", "Show what there is.", None, "app.cli"]
    assert 'raise ValueError("asserted")' in done.stderr


TRIMMED = """
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")
python_resources(name = "app", package_roots = ["src"])
python_executable(name = "recording", entry_point = "app.cli:main", resources = [":app"], record_modules = True)
python_executable(name = "trimmed", entry_point = "app.cli:main", resources = [":app"], trim = True)
python_executable(
    name = "kept",
    entry_point = "app.cli:main",
    resources = [":app"],
    trim = True,
    trim_keep = ["app.plugins.*"],
    trim_record = "modules.txt",
)
"""
PLUGINS = """
import importlib.util
import json
import sys


def main() -> None:
    # Long numbers take a module in Python that C code imports.
    sys.set_int_max_str_digits(0)
    print(json.dumps({"big": len(str(10 ** 50000)), "encoded": "ä".encode("cp1252").hex()}))
    print(importlib.util.find_spec(sys.argv[2]) is None)
    try:
        __import__("app." + sys.argv[1])
        print("found")
    except ModuleNotFoundError as error:
        print(error.name, error)
    "x".missing
"""


def test_trimming(project: Project, tmp_path: Path) -> None:
    project.write("staticbuild.bzl", TRIMMED)
    project.write("src/app/__init__.py", "")
    project.write("src/app/cli.py", PLUGINS)
    project.write("src/app/plugins/__init__.py", "")
    project.write("src/app/plugins/csv.py", "import csv\n")
    project.write("modules.txt", "")
    project.run("build", "recording", "trimmed")
    record = tmp_path / "record.txt"
    environ = {"STATICBUILD_RECORD": str(record)}
    run([project.result("recording/recording"), "plugins.csv", "pydoc"], code=1, env=environ)
    assert {"app.cli", "app.plugins.csv", "csv", "json.decoder", "sys"} <= set(record.read_text().split())

    # What is not there says so where it is imported, and only there.
    done = run([project.result("trimmed/trimmed"), "plugins.csv", "pydoc"], code=1, env={})
    big, specs, missing = done.stdout.splitlines()
    assert (big, specs) == ('{"big": 50001, "encoded": "e4"}', "True")
    assert missing.startswith("app.plugins.csv No module named 'app.plugins.csv': `trim` left it out of this executable")
    assert "AttributeError: 'str' object has no attribute 'missing'" in done.stderr
    assert '"x".missing' in done.stderr
    sizes = [project.result(f"{name}/{name}").stat().st_size for name in ("trimmed", "recording")]
    assert sizes[0] < sizes[1] - 8_000_000

    # Both ways to keep it: by name, and by what a run imported.
    project.write("modules.txt", record.read_text())
    project.run("build", "kept")
    assert run([project.result("kept/kept"), "plugins.csv", "pydoc"], code=1, env={}).stdout.splitlines()[2] == "found"
    shown = project.run("inspect", "trimmed").stdout
    assert "trimmed: " in shown
    assert "    pydoc: 1 modules, " in shown
    why = project.run("inspect", "kept", "--why", "app.plugins.csv").stdout
    assert why == "app.plugins.csv: a recorded run imported it\n"
    why = project.run("inspect", "trimmed", "--why", "json.decoder").stdout
    assert why.splitlines() == [
        "json.decoder: `json` imports it",
        "json: `app.cli` imports it",
        "app.cli: the program begins there",
    ]
    assert "`pydoc` is not reached: it was left out" in project.run("inspect", "trimmed", "--why", "pydoc").stdout


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ('trim_keep = ["a"]', "`trim_keep` is for `trim = True`"),
        ("trim = True, python_commands = True", "`trim` and `python_commands` contradict each other"),
        ('trim = True, trim_record = "nothing.txt"', "`nothing.txt` does not exist"),
    ],
)
def test_mistakes(project: Project, attributes: str, message: str) -> None:
    make(project, attributes)
    assert message in project.run("build", code=2).stderr
