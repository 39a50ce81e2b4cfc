"""Resources become a blob, and blobs become one."""

from __future__ import annotations

import random
import tracemalloc
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.packing import resource
from staticbuild.packing.format import ALIGNMENT
from staticbuild.packing.index import normalise
from staticbuild.packing.reader import read, read_index
from staticbuild.packing.resource import BadResourceError, File, Module, ModuleKind, ResourceConflictError, Resources, Setting
from staticbuild.packing.writer import Precedence, merge, write
from tests.packing.blob_strategies import resources

_T = TypeVar("_T")

EMPTY = resource.collect()


def package(name: str, source: bytes = b"", folder: str = "lib") -> Module:
    path = f"{folder}/{name.replace('.', '/')}"
    return Module(name, ModuleKind.PACKAGE, f"{path}/__init__.py", source, None, (path,))


def namespace(name: str, *portions: str) -> Module:
    return Module(name, ModuleKind.NAMESPACE, portions=portions)


@given(resources())
def test_what_was_written_is_read(given_resources: Resources) -> None:
    assert read(write(given_resources)) == given_resources


@given(resources(), st.randoms(use_true_random=False))
def test_order_does_not_matter(given_resources: Resources, rng: random.Random) -> None:
    def shuffled(items: tuple[_T, ...]) -> tuple[_T, ...]:
        return tuple(rng.sample(items, len(items)))

    other = Resources(
        shuffled(given_resources.modules),
        shuffled(given_resources.files),
        shuffled(given_resources.settings),
        shuffled(given_resources.locations),
    )
    assert write(other) == write(given_resources)


@given(resources())
def test_data_is_aligned_and_stored_once(given_resources: Resources) -> None:
    index, data = read_index(write(given_resources))
    spans = {span for module in index.modules for span in (module.source, module.bytecode) if span is not None}
    spans |= {file.data for file in index.files}
    assert all(span.offset % ALIGNMENT == 0 for span in spans)
    contents = [bytes(data[span.offset : span.offset + span.size]) for span in spans]
    assert len(contents) == len(set(contents))


def test_distributions_are_found_by_their_metadata() -> None:
    files = [
        File("app/Demo_Pkg-1.0.dist-info/METADATA", b""),
        File("app/Demo_Pkg-1.0.dist-info/RECORD", b""),
        File("app/old.egg-info/PKG-INFO", b""),
        File("app/no.dist-info/RECORD", b""),
        File("app/METADATA", b""),
    ]
    # What only C reads is checked by the Python reader, too.
    assert read(write(resource.collect(files=files))).files == tuple(sorted(files, key=lambda file: file.path))


def test_normalise() -> None:
    assert normalise("Demo__Pkg-.x") == "demo-pkg-x"


class TestCollect:
    @pytest.mark.parametrize(
        ("module", "reason"),
        [
            (Module("a..b", ModuleKind.MODULE, "a.py"), "`a..b`: is no module name"),
            (Module("", ModuleKind.MODULE, "a.py"), "``: is no module name"),
            (Module("\udc80", ModuleKind.MODULE, "a.py"), "is no module name"),
            (Module("a", ModuleKind.MODULE, "../a.py"), "`a`: `'../a.py'` is not a path inside the tree"),
            (Module("a", ModuleKind.MODULE, "/a.py"), "`a`: `'/a.py'` is not a path inside the tree"),
            (Module("a", ModuleKind.MODULE, "x//a.py"), "`a`: `'x//a.py'` is not a path inside the tree"),
            (Module("a", ModuleKind.MODULE, "x\0.py"), "is not a path inside the tree"),
            (Module("a", ModuleKind.MODULE), "`a`: has no path"),
            (Module("a", ModuleKind.MODULE, "a.py", portions=("a",)), "`a`: is no package, but has folders"),
            (Module("a", ModuleKind.NAMESPACE), "`a`: is a namespace package without a folder"),
            (Module("a", ModuleKind.NAMESPACE, "a.py", portions=("a",)), "can have neither path nor code"),
        ],
    )
    def test_bad_modules(self, module: Module, reason: str) -> None:
        with pytest.raises(BadResourceError) as caught:
            resource.collect([module])
        assert reason in caught.value.message

    def test_all_that_is_wrong_in_one_message(self) -> None:
        with pytest.raises(BadResourceError) as caught:
            resource.collect(files=[File(f"../{number}", b"") for number in range(12)])
        assert caught.value.message.count("is not a path inside the tree") == 10
        assert caught.value.message.endswith("and 2 more")

    @pytest.mark.parametrize(
        ("modules", "files", "names"),
        [
            ([package("a"), package("a")], [], ("a",)),
            ([package("a")], [File("lib/a/__init__.py", b"")], ("lib/a/__init__.py",)),
            ([], [File("x", b"1"), File("x", b"2")], ("x",)),
            ([], [File("x", b""), File("x/y", b"")], ("x",)),
        ],
    )
    def test_conflicts(self, modules: list[Module], files: list[File], names: tuple[str, ...]) -> None:
        with pytest.raises(ResourceConflictError) as caught:
            resource.collect(modules, files)
        assert caught.value.names == names


class TestMerge:
    @given(resources())
    def test_alone(self, given_resources: Resources) -> None:
        assert read(merge([write(given_resources)])) == given_resources

    @given(resources())
    def test_the_same_twice_is_no_conflict(self, given_resources: Resources) -> None:
        blob = write(given_resources)
        assert read(merge([blob, blob])) == given_resources

    @given(resources(), resources())
    def test_last_wins(self, first: Resources, second: Resources) -> None:
        try:
            merged = read(merge([write(first), write(second)], Precedence.LAST))
        except ResourceConflictError:
            return  # one has a folder where the other has a file
        assert set(second.files) <= set(merged.files)
        assert set(second.settings) <= set(merged.settings)
        assert {module.name for module in merged.modules} == {module.name for module in first.modules + second.modules}

    def test_nothing(self) -> None:
        assert merge([]) == write(EMPTY)

    def test_same_bytes_each_time(self) -> None:
        blobs = [write(resource.collect([package(name, name.encode())])) for name in "abc"]
        assert merge(blobs) == merge(blobs)

    def test_conflicts_are_all_named(self) -> None:
        first = resource.collect([package("a", b"1"), package("b")], [File("x", b"1")], {"key": "1"})
        second = resource.collect([package("a", b"2"), package("b")], [File("x", b"2")], {"key": "2"})
        with pytest.raises(
            ResourceConflictError, match="two different resources have the same name: `a`, `key`, `x`"
        ) as caught:
            merge([write(first), write(second)])
        assert caught.value.names == ("a", "key", "x")

    @pytest.mark.parametrize(("precedence", "source"), [(Precedence.FIRST, b"1" * 99), (Precedence.LAST, b"2" * 99)])
    def test_precedence(self, precedence: Precedence, source: bytes) -> None:
        blobs = [write(resource.collect([package("a", digit * 99)], [], {"key": digit.decode()})) for digit in (b"1", b"2")]
        merged = read(merge(blobs, precedence))
        assert [module.source for module in merged.modules] == [source]
        assert merged.settings == (Setting("key", source[:1].decode()),)

    def test_what_lost_is_left_behind(self) -> None:
        blobs = [write(resource.collect([package("a", digit * 99)])) for digit in (b"1", b"2")]
        assert b"1" * 99 not in merge(blobs, Precedence.LAST)

    def test_namespace_packages_are_united(self) -> None:
        blobs = [write(resource.collect([namespace("n", portion, "both")])) for portion in ("one", "two")]
        assert read(merge(blobs)).modules == (namespace("n", "one", "both", "two"),)

    def test_a_namespace_package_is_no_package(self) -> None:
        with pytest.raises(ResourceConflictError):
            merge([write(resource.collect([namespace("n", "lib/n")])), write(resource.collect([package("n")]))])

    def test_two_modules_at_one_path(self) -> None:
        first = Module("a", ModuleKind.MODULE, "lib/x.py", b"")
        second = Module("b", ModuleKind.MODULE, "lib/x.py", b"")
        with pytest.raises(ResourceConflictError, match=r"`lib/x\.py`"):
            merge([write(resource.collect([first])), write(resource.collect([second]))])

    def test_a_file_and_a_folder_of_one_name(self) -> None:
        blobs = [write(resource.collect(files=[File(path, b"")])) for path in ("a/b", "a")]
        with pytest.raises(ResourceConflictError, match="a path is both a file and a folder: `a`"):
            merge(blobs)

    def test_a_large_blob_is_copied_not_read(self) -> None:
        """30 MB in 3000 modules and a small application: the data is never there twice beside the result."""
        code = bytes(10_000)
        modules = [package(f"p{number}", str(number).encode() + code) for number in range(3000)]
        large, small = write(resource.collect(modules)), write(resource.collect([package("app", b"x")]))
        tracemalloc.start()
        try:
            merged = merge([large, small])
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 1.5 * len(merged)
        assert len(read_index(merged)[0].modules) == 3001
