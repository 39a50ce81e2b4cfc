"""What names an action: the same for the same, another for another."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import FormatError
from staticbuild.graph.action import Action
from staticbuild.graph.digest import (
    EMPTY_DIRECTORY,
    Blobs,
    FileState,
    TreeState,
    action_digest,
    digest_of,
    input_root,
    member,
)
from staticbuild.graph.label import Label
from staticbuild.graph.wire import Directory

FILE = FileState(digest_of(b"text"))
ACTION = Action(Label("", "", "a"), "Run", ("cc", "a.c"), (), (("out", "file"),))

parts = st.text("abc", min_size=1, max_size=2)
paths = st.lists(parts, min_size=1, max_size=4).map("/".join)


def name(action: Any, inputs: Any = (), env: Any = ()) -> Any:
    return action_digest(action, dict(inputs), env, Blobs()).hash


@given(st.dictionaries(paths, st.binary(max_size=3), max_size=8), st.randoms())
def test_the_order_of_inputs_does_not_matter(files: Any, random: Any) -> None:
    flat = {path.replace("/", "-"): FileState(digest_of(data)) for path, data in files.items()}
    mixed = list(flat.items())
    random.shuffle(mixed)
    assert input_root(dict(mixed), Blobs()) == input_root(flat, Blobs())


@given(st.dictionaries(paths.map(lambda path: f"d/{path}-"), st.binary(max_size=3), min_size=1, max_size=8))
def test_a_folder_is_the_same_given_whole_or_in_files(files: Any) -> None:
    states = {path: FileState(digest_of(data)) for path, data in files.items()}
    blobs = Blobs()
    root = input_root(states, blobs)
    folder = TreeState(dict(Directory.decode(blobs.by_hash[root.hash]).directories)["d"])
    assert input_root({"d": folder}, Blobs()) == root
    for path, state in states.items():
        assert member(folder, path.removeprefix("d/"), blobs.by_hash) == state


@given(st.dictionaries(paths.map(lambda path: f"{path}-"), st.binary(max_size=3), max_size=8))
def test_every_message_is_named_by_its_digest(files: Any) -> None:
    blobs = Blobs()
    input_root({path: FileState(digest_of(data)) for path, data in files.items()}, blobs)
    assert all(hashlib.sha256(data).hexdigest() == hash_ for hash_, data in blobs.by_hash.items())


def test_no_inputs() -> None:
    assert input_root({}, Blobs()) == EMPTY_DIRECTORY


def test_an_input_inside_an_input() -> None:
    with pytest.raises(ValueError, match="inside another"):
        input_root({"a": FILE, "a/b": FILE}, Blobs())


@pytest.mark.parametrize(
    "other",
    [
        replace(ACTION, argv=("cc", "b.c")),
        replace(ACTION, argv=("cc a.c",)),
        replace(ACTION, outputs=(("out", "tree"),)),
        replace(ACTION, outputs=(("out2", "file"),)),
        replace(ACTION, platform=(("os", "linux"),)),
        replace(ACTION, timeout=5),
    ],
)
def test_what_counts(other: Any) -> None:
    assert name(other) != name(ACTION)


@pytest.mark.parametrize(
    "other",
    [
        replace(ACTION, label=Label("", "", "b")),
        replace(ACTION, mnemonic="Other"),
        replace(ACTION, weight=9),
        replace(ACTION, description="x"),
        replace(ACTION, tools=("make",)),
    ],
)
def test_what_does_not_count(other: Any) -> None:
    assert name(other) == name(ACTION)


def test_inputs_and_environment_count() -> None:
    different = {
        name(ACTION),
        name(ACTION, {"a": FILE}.items()),
        name(ACTION, {"b": FILE}.items()),
        name(ACTION, {"a": replace(FILE, executable=True)}.items()),
        name(ACTION, {"a": TreeState(FILE.digest)}.items()),
        name(ACTION, env=(("A", "1"),)),
        name(ACTION, env=(("A", "2"),)),
    }
    assert len(different) == 7


def test_the_digest_stays_what_it_is() -> None:
    """Another version of staticbuild finds the results of this one; bump `FORMAT` when that must not be."""
    assert (
        name(ACTION, {"a": FILE}.items(), (("LANG", "C"),))
        == "df2870146296318a03a7b0e468142554d36223bca1ac80520daa551d630e4a34"
    )


@pytest.mark.parametrize("target", ["/etc", "../x", "link", "gone"])
def test_symlinks_that_lead_nowhere(target: Any) -> None:
    blobs = Blobs()
    tree = TreeState(blobs.add(Directory(symlinks=(("link", target),)).encode()))
    with pytest.raises(FormatError):
        member(tree, "link", blobs.by_hash)
