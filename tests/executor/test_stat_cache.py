"""What is remembered of source files, and when it must not be believed."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from staticbuild.errors import ToolchainError
from staticbuild.executor.sources import Sources
from staticbuild.graph.action import SourceTree
from staticbuild.graph.digest import digest_of
from tests.executor.workbench import Workbench


@pytest.fixture
def sources(bench: Workbench) -> Any:
    """A function that starts anew with what was saved."""

    def fresh(previous: Any = None) -> Any:
        if previous is not None:
            previous.save()
        sources = Sources(bench.host, bench.store(), str(bench.cache / "sources.json"))
        sources.load()
        return sources

    return fresh


@pytest.fixture
def reads(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The files that were read to the end."""
    found: list[str] = []
    hash_file = bench.host.hash_file

    def listed(path: str) -> tuple[str, int]:
        found.append(os.path.basename(path))
        return hash_file(path)

    monkeypatch.setattr(bench.host, "hash_file", listed)
    return found


def test_a_file_is_read_once(bench: Workbench, sources: Any, reads: Any) -> None:
    source = bench.write("a.txt", "one")
    first = sources()
    assert first.file(source).digest == digest_of(b"one")
    assert sources(first).file(source).digest == digest_of(b"one")
    assert reads == ["a.txt"]


def test_a_file_that_was_just_written_is_read_again(bench: Workbench, sources: Any, reads: Any) -> None:
    """It could change once more without its time moving on."""
    bench.host.time = time.time()
    source = bench.write("a.txt", "one")
    first = sources()
    first.file(source)
    sources(first).file(source)
    assert reads == ["a.txt", "a.txt"]
    bench.host.time += 10
    second = sources()
    second.file(source)
    sources(second).file(source)
    assert reads == ["a.txt"] * 3


def test_a_time_that_was_set_back_does_not_help(bench: Workbench, sources: Any) -> None:
    bench.host.time = time.time()
    source = bench.write("a.txt", "one")
    os.utime(source.path, (1, 1))
    first = sources()
    first.file(source)
    bench.write("a.txt", "two")
    os.utime(source.path, (1, 1))
    assert sources(first).file(source).digest == digest_of(b"two")


def test_another_file_in_its_place(bench: Workbench, sources: Any) -> None:
    source = bench.write("a.txt", "one")
    first = sources()
    first.file(source)
    other = bench.write("b.txt", "two")
    os.replace(other.path, source.path)
    assert sources(first).file(source).digest == digest_of(b"two")


def test_a_tree_is_walked_when_its_stamp_changes(bench: Workbench, sources: Any, reads: Any) -> None:
    for name in ("root/zig", "root/lib/a", "root/lib/__pycache__/a.pyc", "RECORD"):
        bench.write(name, name)
    tree = SourceTree(str(bench.folder / "root"), ("lib", "zig"), str(bench.folder / "RECORD"))
    first = sources()
    state = first.tree(tree)
    assert sorted(reads) == ["a", "zig"]
    second = sources(first)
    bench.write("root/lib/a", "changed")
    assert second.tree(tree) == state
    bench.write("RECORD", "another")
    assert second.tree(tree) != state


def test_a_member_that_is_not_there(bench: Workbench, sources: Any) -> None:
    with pytest.raises(ToolchainError, match="is not there"):
        sources().tree(SourceTree(str(bench.folder), ("zig",), "/nothing"))
