"""Which program a command of a requirement is."""

from __future__ import annotations

import contextlib
from importlib.metadata import EntryPoints, entry_points

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import ConfigError
from staticbuild.packing.resource import File
from staticbuild.packing.scripts import find_scripts, with_script

SITE = "lib/python3.13/site-packages"
TEXT = b"""\
[console_scripts]
Black = black:patched_main
blackd=blackd.cli:Main.run [d]
broken = nonsense
[gui_scripts]
window = app.gui:main
[other]
hidden = a:b
"""


def metadata(name: str, data: bytes) -> File:
    return File(f"{SITE}/{name}-1.0.dist-info/entry_points.txt", data)


FILES = (
    metadata("black", TEXT),
    File(f"{SITE}/old-1.0.data/scripts/old-tool", b"#!python\nprint(1)\n"),
    File(f"{SITE}/old-1.0.data/scripts/shell-tool", b"#!/bin/sh\n"),
    File(f"{SITE}/black/entry_points.txt", b"[console_scripts]\nno = no:no\n"),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Black", {"entry_point": "black:patched_main"}),
        ("blackd", {"entry_point": "blackd.cli:Main.run"}),
        ("window", {"entry_point": "app.gui:main"}),
        ("old-tool", {"file": f"{SITE}/old-1.0.data/scripts/old-tool"}),
    ],
)
def test_what_a_script_runs(name: str, expected: dict[str, str]) -> None:
    assert with_script({"verbose": "1", "entry_point": f"script:{name}"}, FILES) == {"verbose": "1", **expected}


@pytest.mark.parametrize("settings", [{}, {"entry_point": "black:main"}, {"command": "script:x"}])
def test_what_is_no_script_stays(settings: dict[str, str]) -> None:
    assert with_script(settings, FILES) == settings


@pytest.mark.parametrize(
    ("package", "modules", "expected"),
    [
        ("black", (), {"entry_point": "black:patched_main"}),
        ("Old_", (), {"file": f"{SITE}/old-1.0.data/scripts/old-tool"}),
        ("my.tool", ("my_tool", "my_tool.__main__"), {"entry_point": "my_tool"}),
    ],
)
def test_what_a_package_is_known_for(package: str, modules: tuple[str, ...], expected: dict[str, str]) -> None:
    """The command called like it, its only one, or its module."""
    assert with_script({"entry_point": f"program:{package.rstrip('_')}"}, FILES, modules) == expected


def test_packages_that_are_no_program() -> None:
    with pytest.raises(ConfigError, match="`two` has several scripts: `one`, `other`") as caught:
        with_script({"entry_point": "program:two"}, [metadata("two", b"[console_scripts]\none = a:b\nother = a:c\n")])
    assert caught.value.problems[0].hint == "say which: `script:one`"
    with pytest.raises(ConfigError, match=r"`idna` is no program: it has no script, and no module `idna.__main__`") as caught:
        with_script({"entry_point": "program:idna"}, FILES)
    assert "`black` has the script `Black`" in caught.value.problems[0].notes


def check_error(name: str, files: tuple[File, ...], message: str, hint: str, note: str | None = None) -> None:
    with pytest.raises(ConfigError) as caught:
        with_script({"entry_point": f"script:{name}"}, files)
    (problem,) = caught.value.problems
    assert problem.message == message
    assert problem.hint == hint
    assert note is None or problem.notes == (note,)


def test_near_misses() -> None:
    there_are = "there are `Black`, `blackd`, `old-tool`, `window`"
    check_error("black", FILES, "no requirement has a script `black`", "did you mean `script:blackd`?", there_are)


def test_none_at_all() -> None:
    hint = "name a module or a function instead: `package.module:function`"
    check_error("x", (), "no requirement has a script `x`", hint, "no requirement has a script")


def test_two_of_one_name() -> None:
    other = metadata("other", b"[console_scripts]\nBlack = other:main\n")
    expected = 'name what it runs: `entry_point = "black:patched_main"` or `entry_point = "other:main"`'
    check_error("Black", (*FILES, other), "`black` and `other` both have a script `Black`", expected)
    same = metadata("other", b"[console_scripts]\nBlack = black:patched_main\n")
    assert with_script({"entry_point": "script:Black"}, (*FILES, same)) == {"entry_point": "black:patched_main"}


def test_importlib_agrees() -> None:
    """On all that is installed here."""
    theirs: EntryPoints = entry_points(group="console_scripts")
    texts = {point.dist.name: point.dist.read_text("entry_points.txt") for point in theirs if point.dist is not None}
    ours = find_scripts(metadata(name, (text or "").encode()) for name, text in texts.items())
    assert {(script.name, script.value) for script in ours if script.name} >= {(point.name, point.value) for point in theirs}


@given(st.binary() | st.text().map(lambda text: b"[console_scripts]\n" + text.encode("utf-8", "replace")))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(ConfigError):
        assert with_script({"entry_point": "script:x"}, [metadata("a", data)])
