"""Any bytes read as resources or as `FormatError`."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from staticbuild.errors import FormatError
from staticbuild.packing import resource
from staticbuild.packing.format import HEADER, MAGIC, SECTION, VERSION, Section
from staticbuild.packing.reader import read
from staticbuild.packing.resource import File, Module, ModuleKind, Resources
from staticbuild.packing.writer import write
from tests.packing.blob_strategies import resources

SAMPLE = write(
    resource.collect(
        [
            Module("a", ModuleKind.PACKAGE, "lib/a/__init__.py", b"x = 1", b"code", ("lib/a",)),
            Module("a.b", ModuleKind.MODULE, "lib/a/b.py", None, b"more code"),
            Module("n", ModuleKind.NAMESPACE, portions=("one", "two")),
        ],
        [File("bin/tool", b"#!", executable=True), File("app/x-1.dist-info/METADATA", b"Name: x")],
        {"entry_point": "a:b"},
    )
)


def attempt(data: bytes) -> Resources | None:
    """What `data` reads as. Any other exception than `FormatError` is a failure."""
    try:
        return read(data)
    except FormatError:
        return None


@given(st.binary(max_size=300))
@example(MAGIC + VERSION.to_bytes(4, "little"))
def test_arbitrary_bytes(data: bytes) -> None:
    attempt(data)
    attempt(MAGIC + data)


@given(resources(), st.data())
def test_changed_bytes(given_resources: Resources, data: st.DataObject) -> None:
    blob = bytearray(write(given_resources))
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.sampled_from([0, 1, 2, 4, 8, 16, 127, 128, 255]))
    found = attempt(bytes(blob))
    if found is not None:
        assert read(write(found)) == found


def test_each_byte_changed() -> None:
    for position, byte in enumerate(SAMPLE):
        for value in (0, byte ^ 1, 255):
            attempt(SAMPLE[:position] + bytes([value]) + SAMPLE[position + 1 :])


def test_cut_off() -> None:
    assert [size for size in range(len(SAMPLE)) if attempt(SAMPLE[:size])] == []


def patched(section: Section, field: int, value: int) -> bytes:
    """The sample with one number of the table of sections replaced: field 0 is the offset, 1 the size."""
    place = HEADER.size + section * SECTION.size + field * 8
    return SAMPLE[:place] + value.to_bytes(8, "little") + SAMPLE[place + 8 :]


@pytest.mark.parametrize("section", Section)
@pytest.mark.parametrize("value", [2**64 - 1, 2**63, len(SAMPLE) + 16, 0])
def test_sections_outside(section: Section, value: int) -> None:
    assert attempt(patched(section, 0, value)) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is shorter than a header"),
        (b"x" * 64, "it begins differently"),
        (MAGIC + b"\x07" + SAMPLE[9:], "its version is 7, this reads 3"),
        (SAMPLE + b"\0", "the header contradicts its size or sections"),
        (patched(Section.MODULES, 1, 65), "the section of modules ends within a record"),
        (patched(Section.DATA, 1, 2**63), "the section of data lies outside of it"),
        (patched(Section.DATA, 1, 0), "data lies outside of its section"),
        (patched(Section.STRINGS, 1, 0), "a name lies outside of the section of strings"),
        (patched(Section.MODULE_SLOTS, 1, 0), "its hash table does not belong to its modules"),
        (patched(Section.DISTRIBUTIONS, 1, 0), "its distributions do not belong to its paths"),
        (patched(Section.PATHS, 1, 0), "the path of a module is missing"),
        (patched(Section.PORTIONS, 1, 0), "a module has the folders of another"),
    ],
)
def test_reasons(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(data)
    assert caught.value.message == f"not a blob: {reason}"
