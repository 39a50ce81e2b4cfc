"""What machine code files are: our reader against files of this host, files made up, and damage."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.packing.native import Native, NativeKind, describe, is_extension, is_of_glibc
from tests.packing.elves import elf, extension

LIBRARY = elf(soname="libdemo.so.1", needs=("libc.so.6", "libz.so.1"), rpath="$ORIGIN/../demo.libs:/opt")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (LIBRARY, Native(NativeKind.LIBRARY, "libdemo.so.1", ("libc.so.6", "libz.so.1"), ("$ORIGIN/../demo.libs", "/opt"))),
        (elf(runpath="$ORIGIN"), Native(NativeKind.LIBRARY, search=("$ORIGIN",))),
        (elf(soname="libc.so.6", interpreter=True), Native(NativeKind.LIBRARY, "libc.so.6")),
        (elf(kind=2, interpreter=True, needs=("libc.so.6",)), Native(NativeKind.PROGRAM, needs=("libc.so.6",))),
        (elf(pie=True, interpreter=True), Native(NativeKind.PROGRAM)),
        (elf(interpreter=True), Native(NativeKind.PROGRAM)),
        (elf(kind=2, dynamic=False), Native(NativeKind.STATIC_PROGRAM)),
        (elf(pie=True), Native(NativeKind.STATIC_PROGRAM)),
    ],
)
def test_described(data: bytes, expected: Native) -> None:
    assert describe(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x7fELF",
        b"MZ",
        LIBRARY[:63],
        LIBRARY[:70],
        elf(machine=183),
        elf(kind=1),
        b"\x7fELF\x01" + LIBRARY[5:],
    ],
    ids=["empty", "magic", "windows", "half a header", "half a segment", "aarch64", "object", "32 bits"],
)
def test_data(data: bytes) -> None:
    assert describe(data) is None


def _files() -> Iterator[Path]:
    yield Path(sys.executable).resolve()
    yield from sorted(Path(sysconfig.get_path("platlib")).rglob("*.so*"))[:40]


def test_pyelftools_agrees() -> None:
    """On the machine code of this very environment."""
    seen = 0
    for path in _files():
        with path.open("rb") as file:
            parsed = ELFFile(file)
            tags = [tag for part in parsed.iter_segments() if isinstance(part, DynamicSegment) for tag in part.iter_tags()]
            needed = tuple(getattr(tag, "needed", "") for tag in tags if tag.entry.d_tag == "DT_NEEDED")
            names = [getattr(tag, "soname", "") for tag in tags if tag.entry.d_tag == "DT_SONAME"]
            paths = [getattr(tag, "rpath", "") for tag in tags if tag.entry.d_tag == "DT_RPATH"]
            paths += [getattr(tag, "runpath", "") for tag in tags if tag.entry.d_tag == "DT_RUNPATH"]
        found = describe(path.read_bytes())
        assert found is not None, path
        assert (found.needs, found.soname) == (needed, "".join(names)), path
        assert list(found.search) == [place for text in paths for place in text.split(":")], path
        assert (found.kind is NativeKind.LIBRARY) == (".so" in path.name), path
        seen += 1
    assert seen > 1


@given(st.lists(st.tuples(st.integers(0, len(LIBRARY) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_damage_is_survived(changes: list[tuple[int, int]]) -> None:
    data = bytearray(LIBRARY)
    for at, value in changes:
        data[at] = value
    found = describe(bytes(data))
    assert found is None or isinstance(found, Native)


@given(st.binary(max_size=300))
def test_any_bytes(rest: bytes) -> None:
    found = describe(LIBRARY[:16] + rest)
    assert found is None or isinstance(found, Native)


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (extension("_fast"), "_fast", True),
        (extension("_faster"), "_fast", False),
        (elf(soname="libz.so"), "libz", False),
        (elf(symbols=("PyInitU_bcher_kva",)), "bücher", True),
        (b"PyInit_a\0", "a", False),
    ],
)
def test_extensions(data: bytes, name: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert is_extension(data, name) is expected


def test_of_glibc() -> None:
    assert is_of_glibc("libpthread.so.0")
    assert not is_of_glibc("libstdc++.so.6")
