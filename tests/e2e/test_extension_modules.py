"""`extension_modules`: which modules of C an executable has, by filter and by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import Project, run

CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()
python_resources(name = "app", srcs = ["main.py"])
python_executable(name = "minimal", resources = [":app"], entry_point = "main:main", extension_modules = "minimal")
python_executable(name = "free", resources = [":app"], entry_point = "main:main", extension_modules = "no-libraries")
python_executable(name = "named", resources = [":app"], entry_point = "main:main", extension_modules = ["zlib"])
"""
MAIN = """\
import sys
def main():
    print(*sys.builtin_module_names)
    raise SystemError("shown")
"""


@pytest.fixture
def app(project: Project) -> Project:
    project.write("staticbuild.bzl", CONFIG)
    project.write("main.py", MAIN)
    return project


def modules(executable: Path) -> set[str]:
    """What is linked into `executable`, whose own traceback must look as it always does."""
    done = run([executable], code=1)
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert '    raise SystemError("shown")\n' in done.stderr
    return set(done.stdout.split())


def test_filters_and_names(app: Project) -> None:
    app.run("build")
    minimal, free, named = (modules(app.result(f"{name}/{name}")) for name in ("minimal", "free", "named"))
    assert minimal >= {"sys", "builtins", "posix", "_io", "_codecs", "atexit", "_staticbuild"}
    assert not minimal & {"math", "_json", "_random", "select", "zlib", "_ssl"}
    assert free - minimal >= {"math", "_json", "_random", "select", "_socket"}
    assert not free & {"zlib", "_ssl", "_hashlib", "_sqlite3", "_ctypes", "readline", "_decimal", "pyexpat"}
    assert named == minimal | {"zlib"}


@pytest.mark.parametrize(
    ("given", "says", "hint"),
    [
        ('extension_modules = "none"', '`extension_modules` wants one of `"all"`, `"minimal"`', ""),
        ('extensions = ["zlib"]', "has no attribute `extensions`", "it is called `extension_modules`"),
        ('extension_module_filter = "all"', "has no attribute `extension_module_filter`", "it is called `extension_modules`"),
    ],
)
def test_mistakes(app: Project, given: str, says: str, hint: str) -> None:
    app.write("staticbuild.bzl", CONFIG + f'python_executable(name = "x", entry_point = "main", {given})\n')
    done = app.run("targets", code=2)
    assert says in done.stderr
    assert hint in done.stderr


def test_what_cannot_be_left_out(app: Project) -> None:
    app.write("staticbuild.bzl", CONFIG.replace('["zlib"]', '["zlib"], exclude_extensions = ["posix"]'))
    assert "the extension `posix` cannot be left out" in app.run("build", "named", code=1).stderr
