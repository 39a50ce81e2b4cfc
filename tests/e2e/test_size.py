"""Switches of `python_executable` that make a program smaller, and what it then still does."""

from __future__ import annotations

import json

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
