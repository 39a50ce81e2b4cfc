"""What is taken of the standard library, and globs."""

from __future__ import annotations

import pytest

from staticbuild.errors import ConfigError
from staticbuild.packing.policy import StandardLibraryPolicy, is_wanted, matcher, takes_standard


def taken(paths: str, policy: StandardLibraryPolicy | None = None, *, has_tkinter: bool = False) -> str:
    chosen = policy or StandardLibraryPolicy()
    return " ".join(path for path in paths.split() if takes_standard(chosen, path, has_tkinter=has_tkinter))


def test_the_library_itself_is_taken() -> None:
    kept = "os.py json/decoder.py LICENSE.txt unittest/mock.py _sysconfigdata__linux_.py pydoc_data/topics.py"
    assert taken(kept) == kept
    assert taken("venv/scripts/common/activate ensurepip/__init__.py") == "venv/scripts/common/activate ensurepip/__init__.py"


def test_what_is_left_out() -> None:
    dropped = (
        "test/test_os.py ctypes/test/x.py idlelib/idle.py turtledemo/a.py lib2to3/x.py site-packages/README.txt turtle.py "
        "lib-dynload/_tkinter.so config-3.13-x86_64-linux-gnu/Makefile json/__pycache__/a.pyc ensurepip/_bundled/pip.whl "
        "tkinter/__init__.py __phello__/spam.py __hello__.py"
    )
    assert taken(dropped) == ""


def test_switches() -> None:
    assert taken("test/a.py __hello__.py", StandardLibraryPolicy(include_test=True)) == "test/a.py __hello__.py"
    assert taken("lib2to3/a.py", StandardLibraryPolicy(include_tools=True)) == "lib2to3/a.py"
    assert taken("ensurepip/_bundled/p.whl", StandardLibraryPolicy(include_ensurepip=True)) == "ensurepip/_bundled/p.whl"
    assert taken("turtle.py tkinter/a.py", has_tkinter=True) == "turtle.py tkinter/a.py"
    assert taken("turtle.py", StandardLibraryPolicy(include_tkinter=False), has_tkinter=True) == ""
    assert taken("turtle.py", StandardLibraryPolicy(include_tkinter=True)) == "turtle.py"


@pytest.mark.parametrize("path", ["a/__pycache__/b.pyc", ".git/config", "x.py~", "a/.DS_Store", "b.pyo"])
def test_never_wanted(path: str) -> None:
    assert not is_wanted(path)


@pytest.mark.parametrize(
    ("glob", "matching", "others"),
    [
        ("*.py", "a.py .py", "a/b.py a.pyc"),
        ("**/*.py", "a.py a/b/c.py", "a.pyi"),
        ("tests/**", "tests/a tests/a/b", "tests a/tests/b tests.py"),
        ("**", "a a/b", ""),
        ("a/**/b", "a/b a/x/b a/x/y/b", "ab a/bb b"),
        ("?.t[x]t", "a.t[x]t", "a.txt ab.t[x]t /.t[x]t"),
    ],
)
def test_globs(glob: str, matching: str, others: str) -> None:
    matches = matcher([glob])
    assert [path for path in matching.split() if not matches(path)] == []
    assert [path for path in others.split() if matches(path)] == []


@pytest.mark.parametrize("glob", ["", "/etc/*", "../x", "a//b", "./a"])
def test_globs_that_are_none(glob: str) -> None:
    with pytest.raises(ConfigError, match="not a glob"):
        matcher([glob])
