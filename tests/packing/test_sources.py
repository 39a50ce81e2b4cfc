"""Which files of a folder are declared as inputs, on folders that exist."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from staticbuild.errors import ConfigError
from staticbuild.host import Host
from staticbuild.packing.sources import walk


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"")


def walked(folder: Path, *exclude: str) -> list[str]:
    return [item.path for item in walk(Host({}), str(folder), exclude=exclude)]


def check_error(folder: Path, *messages: str) -> None:
    with pytest.raises(ConfigError) as caught:
        walked(folder)
    for message, problem in zip(messages, caught.value.problems, strict=True):
        assert message in problem.message


def test_all_files_in_order(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a/c.txt", "a/b/d", ".hidden", "A.py")
    assert walked(tmp_path) == [".hidden", "A.py", "a/b/d", "a/c.txt", "b.py"]


def test_what_nobody_ships(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.py",
        "a.py~",
        ".git/HEAD",
        "p/__pycache__/a.pyc",
        "p/.mypy_cache/x",
        ".DS_Store",
        "env/pyvenv.cfg",
        "env/x.py",
    )
    assert walked(tmp_path) == ["a.py"]


def test_exclude(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "tests/a.py", "p/tests/b.py", "build/x/y", "p/a.pyi")
    assert walked(tmp_path, "build/**", "**/tests/**", "**/*.pyi") == ["a.py"]


class TestSymlinks:
    def test_inside_of_the_folder_they_are_followed(self, tmp_path: Path) -> None:
        write(tmp_path, "real/a.py")
        (tmp_path / "link.py").symlink_to("real/a.py")
        (tmp_path / "folder").symlink_to("real")
        (tmp_path / "real/absolute.py").symlink_to(tmp_path / "real/a.py")
        staged = {item.path: item.source for item in walk(Host({}), str(tmp_path))}
        source = f"{tmp_path}/real/a.py"
        assert staged == dict.fromkeys(
            ["real/a.py", "real/absolute.py", "link.py", "folder/a.py", "folder/absolute.py"], source
        )

    @pytest.mark.parametrize("target", ["../outside", "/etc/passwd", "a/../../outside"])
    def test_out_of_the_folder(self, tmp_path: Path, target: str) -> None:
        write(tmp_path, "outside", "src/a/x")
        (tmp_path / "src/link").symlink_to(target)
        check_error(tmp_path / "src", "the symlink `")

    def test_circles(self, tmp_path: Path) -> None:
        write(tmp_path, "a/x.py")
        (tmp_path / "a/up").symlink_to("..")
        (tmp_path / "self").symlink_to("self")
        check_error(tmp_path, "self` leads in a circle", "a/up` leads in a circle")

    def test_nowhere(self, tmp_path: Path) -> None:
        (tmp_path / "gone").symlink_to("missing")
        check_error(tmp_path, "gone` leads to nothing that belongs to the folder")

    def test_an_excluded_link_may_lead_anywhere(self, tmp_path: Path) -> None:
        (tmp_path / "gone").symlink_to("/nowhere")
        assert walked(tmp_path, "gone") == []


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/bad\xff.py", "wb"):
        pass
    check_error(tmp_path, r"bad\xff.py` is not UTF-8")


def test_a_very_deep_tree(tmp_path: Path) -> None:
    path = "/".join(["d"] * 600)
    write(tmp_path, f"{path}/a.py")
    assert walked(tmp_path) == [f"{path}/a.py"]
