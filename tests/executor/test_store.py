"""What goes into the store comes out of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from staticbuild.executor.store import Store
from staticbuild.graph.digest import FileState
from staticbuild.host import Host
from tests.executor.workbench import Workbench

names = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=5).filter(
    lambda name: name not in (".", "..")
)
files = st.tuples(st.binary(max_size=9), st.booleans())
trees: st.SearchStrategy[Any] = st.recursive(
    st.just({}), lambda inner: st.dictionaries(names, files | inner | st.just("link"), max_size=4), max_leaves=8
)


def write(folder: Path, tree: Any) -> None:
    folder.mkdir(exist_ok=True)
    for name, item in tree.items():
        if isinstance(item, dict):
            write(folder / name, item)
        elif item == "link":
            (folder / name).symlink_to("some/where")
        else:
            (folder / name).write_bytes(item[0])
            (folder / name).chmod(0o755 if item[1] else 0o644)


def read(folder: Path) -> Any:
    found: dict[str, Any] = {}
    for path in folder.iterdir():
        if path.is_symlink():
            assert os.readlink(path) == "some/where"
            found[path.name] = "link"
        elif path.is_dir():
            found[path.name] = read(path)
        else:
            found[path.name] = (path.read_bytes(), os.access(path, os.X_OK) and bool(path.stat().st_mode & 0o111))
            assert path.stat().st_mtime == 1
    return found


@settings(max_examples=40, deadline=None)
@given(trees, st.booleans())
def test_a_tree_comes_back(tree: Any, move: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "in"), tree)
        host = Host({})
        state = Store(host, f"{folder}/cache").add_tree(f"{folder}/in", move=move)
        store = Store(host, f"{folder}/cache")
        assert store.has_all(state)
        laid_out = store.lay_out(state)
        assert read(Path(laid_out)) == tree
        assert Store(host, f"{folder}/cache").add_tree(laid_out) == state
        assert Store(host, f"{folder}/cache").lay_out(state) == laid_out
        host.remove(f"{folder}/cache")


def test_one_content_with_both_kinds_of_permission(bench: Workbench) -> None:
    store = bench.store()
    digest = store.add_file(bench.write("a", "x").path, executable=False)
    for executable in (True, False):
        store.copy_out(FileState(digest, executable), str(bench.folder / "out"))
        assert os.access(bench.folder / "out", os.X_OK) == executable or not executable


def test_removing_a_tree_leaves_the_stored_files_alone(bench: Workbench) -> None:
    """They are the same files under other names."""
    store = bench.store()
    bench.write("t/inner/x", "text")
    path = store.lay_out(store.add_tree(str(bench.folder / "t")))
    kept = store.path_of(FileState(store.add_bytes(b"text")))
    assert kept is not None
    before = os.stat(kept).st_mode
    bench.host.remove(path)
    assert not os.path.exists(path)
    assert os.stat(kept).st_mode == before
