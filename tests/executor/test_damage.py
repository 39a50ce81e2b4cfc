"""Whatever happens to the cache, the next build is right: what is damaged is made again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from staticbuild.executor.fetch import FetchSettings
from staticbuild.executor.store import MissingBlobError
from staticbuild.graph.action import Content, Download, Place
from staticbuild.graph.digest import FileState
from tests.executor.workbench import Workbench, damage


def copy(folder: Path) -> None:
    (folder / "out").write_text((folder / "in.txt").read_text())


def loud(folder: Path) -> None:
    (folder / "out").write_text((folder / "in.txt").read_text() + "!")


def chain(bench: Workbench) -> Any:
    first = bench.action("first", copy, in_txt=bench.write("a.txt", "text")).output("out")
    return first, bench.action("second", loud, in_txt=first).output("out")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: path.unlink(),
    "shorter": lambda path: damage(path, b"t"),
    "empty": lambda path: damage(path, b""),
    "other bytes": lambda path: damage(path, path.read_bytes()[::-1]),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_wanted_result(bench: Workbench, how: str) -> None:
    _, second = chain(bench)
    outcome = bench.build(second)
    DAMAGES[how](bench.blob(outcome, second))
    again = bench.build(second)
    assert again.ran == ["second"]
    assert bench.text(again, second) == "text!"


@pytest.mark.parametrize("how", DAMAGES)
def test_the_result_of_a_cached_producer(bench: Workbench, how: str) -> None:
    """Its consumer runs for another reason, and finds the damage."""
    first, second = chain(bench)
    outcome = bench.build(first, second)
    if how == "other bytes":
        bench.build(first)
    DAMAGES[how](bench.blob(outcome, first))
    users = [bench.action(name, loud, in_txt=first).output("out") for name in ("third", "fourth")]
    again = bench.build(*users)
    assert sorted(again.ran) == ["first", "fourth", "third"]
    assert {bench.text(again, user) for user in users} == {"text!"}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_tree(bench: Workbench, how: str) -> None:
    tree = bench.action("fill", lambda folder: (folder / "t/x").write_text("text"), {"t": "tree"}).output("t")
    bench.build(tree)
    (path,) = bench.cache.glob("trees/*/x")
    path.parent.chmod(0o755)
    DAMAGES[how](path)
    user = bench.action("user", lambda f: (f / "out").write_text((f / "tree/x").read_text()), tree=tree).output("out")
    outcome = bench.build(user)
    assert bench.text(outcome, user) == "text"
    # A name that is gone from the folder is still in the store; bytes that were overwritten are gone in both.
    assert outcome.ran == (["user"] if how == "gone" else ["fill", "user"])


@pytest.mark.parametrize(
    "record", ["", "{", "[]", '{"outputs": 5, "seconds": 1}', "[" * 100_000, "\xff", "other outputs", "nan"]
)
def test_a_record_of_the_action_cache(bench: Workbench, record: Any) -> None:
    first, _ = chain(bench)
    bench.build(first)
    (path,) = bench.cache.glob("actions/*/*")
    good = json.loads(path.read_text())
    if record == "other outputs":
        record = json.dumps(good | {"outputs": {"else": good["outputs"]["out"]}})
    if record == "nan":
        record = json.dumps(good | {"seconds": float("nan")})
    path.write_bytes(record.encode("latin-1"))
    assert bench.build(first).ran == ["first"]


@pytest.mark.parametrize("digest", [["0" * 64, 5], ["x" * 64, 5], ["0" * 64, -1], ["../" * 21 + "a", 4], "ab"])
def test_a_record_that_names_nothing(bench: Workbench, digest: Any) -> None:
    first, _ = chain(bench)
    bench.build(first)
    (path,) = bench.cache.glob("actions/*/*")
    record = json.loads(path.read_text())
    record["outputs"]["out"]["file"] = digest
    path.write_text(json.dumps(record))
    outcome = bench.build(first)
    assert (outcome.ran, bench.text(outcome, first)) == (["first"], "text")


def test_a_record_that_calls_a_file_a_tree(bench: Workbench) -> None:
    tree = bench.action("fill", lambda folder: (folder / "t/x").write_text("text"), {"t": "tree"}).output("t")
    first, _ = chain(bench)
    outcome = bench.build(tree, first)
    state = outcome.states[first]
    for path in bench.cache.glob("actions/*/*"):
        record = json.loads(path.read_text())
        if "t" in record["outputs"]:
            record["outputs"]["t"]["tree"] = [state.digest.hash, state.digest.size]
            path.write_text(json.dumps(record))
    assert bench.build(tree).ran == ["fill"]


@pytest.mark.parametrize("name", ["journal", "sources.json"])
@pytest.mark.parametrize("text", ["", "5", "null", '{"files": {"a": 5}, "trees": {"b": []}}', "[" * 100_000])
def test_what_only_saves_time(bench: Workbench, name: str, text: str) -> None:
    first, _ = chain(bench)
    bench.build(first)
    (bench.cache / name).write_text(text)
    assert bench.build(first).ran == []


def test_a_damaged_content(bench: Workbench) -> None:
    output = bench.action("copy", copy, in_txt=Content(b"made up")).output("out")
    outcome = bench.build(output)
    for how in (b"", b"MADE UP"):
        damage(bench.blob(outcome, output), how)
        user = bench.action(f"user{len(how)}", loud, in_txt=Content(b"made up")).output("out")
        assert bench.text(bench.build(user), user) == "made up!"


def test_a_wrong_digest_remembered_of_a_source(bench: Workbench) -> None:
    first, _ = chain(bench)
    bench.build(first)
    path = bench.cache / "sources.json"
    record = json.loads(path.read_text())
    (key,) = (key for key in record["files"] if key.endswith("a.txt"))
    record["files"][key][-1] = "0" * 64
    path.write_text(json.dumps(record))
    outcome = bench.build(first)
    assert bench.text(outcome, first) == "text"


def test_a_damaged_download(bench: Workbench) -> None:
    data = bench.write("mirror/x.tar", "text")
    sha256 = hashlib.sha256(b"text").hexdigest()
    download = Download("x", "1", sha256, (Place(f"file://{data.path}"),), "x.tar")
    bench.fetch = FetchSettings()
    bench.build(bench.action("one", copy, in_txt=download).output("out"))
    for number, how in enumerate(DAMAGES.values()):
        path = bench.cache / "blobs" / sha256[:2] / sha256
        how(path)
        user = bench.action(f"user{number}", loud, in_txt=download).output("out")
        assert bench.text(bench.build(user), user) == "text!"


def test_no_temporary_files_stay(bench: Workbench) -> None:
    first, second = chain(bench)
    outcome = bench.build(first, second)
    bench.blob(outcome, first).unlink()
    bench.build(bench.action("third", loud, in_txt=first).output("out"))
    assert os.listdir(bench.cache / "tmp") == []


def test_a_copy_that_fails_leaves_nothing(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    store = bench.store()
    source = bench.write("a", "text")

    def broken(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(bench.host, "copy_and_hash", broken)
    with pytest.raises(OSError, match="Input/output"):
        store.add_file(source.path, executable=False)
    assert os.listdir(bench.cache / "tmp") == []


def test_reading_a_damaged_file_says_that_it_is_missing(bench: Workbench) -> None:
    store = bench.store()
    digest = store.add_bytes(b"text")
    damage(bench.cache / "blobs" / digest.hash[:2] / digest.hash, b"TEXT")
    with pytest.raises(MissingBlobError):
        store.copy_out(FileState(digest), str(bench.folder / "x"))
    assert not (bench.folder / "x").exists()
