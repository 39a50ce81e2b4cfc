"""Reading ELF files and static libraries, compared with what pyelftools reads; and any bytes at all."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from staticbuild.errors import FormatError
from staticbuild.linking import ar, blob, elf, versions
from staticbuild.linking.ar import Member

SOURCE = """
__attribute__((weak)) int may_be_replaced(void) { return 1; }
extern int wanted(void);
__attribute__((weak)) extern int liked(void);
static int own(void) { return liked ? liked() : wanted(); }
__thread int per_thread = 3;
int common_to_all = 1;
int offered(void) { return own() + per_thread + common_to_all; }
"""

SECTION_KEYS = ("sh_flags", "sh_addr", "sh_offset", "sh_size", "sh_link", "sh_info", "sh_addralign", "sh_entsize")
SEGMENT_KEYS = ("p_flags", "p_offset", "p_vaddr", "p_filesz", "p_memsz")


@pytest.fixture(scope="module")
def object_file(toolchain: Any, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = toolchain.compile(SOURCE, tmp_path_factory.mktemp("elf") / "object.o", "-g")
    return bytes(path.read_bytes())


@pytest.fixture(scope="module")
def executable(toolchain: Any) -> bytes:
    """Any executable will do; the compiler is one, and large."""
    return bytes((toolchain.folder / "zig/zig").read_bytes())


class TestAgainstPyelftools:
    def check(self, data: bytes) -> None:
        ours, theirs = elf.parse(data), ELFFile(io.BytesIO(data))
        assert ours.kind == {"ET_REL": 1, "ET_EXEC": 2, "ET_DYN": 3}[theirs["e_type"]]
        assert ours.entry == theirs["e_entry"]
        assert [
            (s.name, s.flags, s.address, s.offset, s.size, s.link, s.info, s.align, s.entry_size) for s in ours.sections
        ] == [
            (
                s.name,
                *(s[key] for key in SECTION_KEYS),
            )
            for s in theirs.iter_sections()
        ]
        assert [(s.flags, s.offset, s.address, s.file_size, s.memory_size) for s in ours.segments] == [
            tuple(s[key] for key in SEGMENT_KEYS) for s in theirs.iter_segments()
        ]
        table = theirs.get_section_by_name(".symtab")
        if isinstance(table, SymbolTableSection):
            assert [(s.name, s.value, s.size) for s in elf.symbols(ours)] == [
                (s.name, s["st_value"], s["st_size"]) for s in list(table.iter_symbols())[1:]
            ]

    def test_object(self, object_file: bytes) -> None:
        self.check(object_file)

    def test_executable(self, executable: bytes) -> None:
        self.check(executable)

    def test_our_own_object(self) -> None:
        before, after = blob.prologue_and_epilogue(5, "x86_64")
        self.check(before + b"12345" + after)

    def test_python_itself(self) -> None:
        self.check(Path("/proc/self/exe").read_bytes())


class TestMeaning:
    def test_interface(self, object_file: bytes) -> None:
        interface = elf.interface(elf.parse(object_file))
        assert interface.defined == {"may_be_replaced", "per_thread", "common_to_all", "offered"}
        assert interface.undefined == {"wanted"}

    def test_dynamic_program(self) -> None:
        parsed = elf.parse(Path("/bin/sh").read_bytes())
        assert "ld-linux" in str(elf.interpreter(parsed))
        assert "libc.so.6" in elf.needed(parsed)
        assert [note.owner for note in elf.notes(parsed)].count("GNU") >= 1

    def test_static_program(self, executable: bytes) -> None:
        parsed = elf.parse(executable)
        assert elf.interpreter(parsed) is None
        assert elf.needed(parsed) == ()

    def test_section_at(self, object_file: bytes) -> None:
        parsed = elf.parse(object_file)
        section = next(section for section in parsed.sections if section.name == ".debug_str")
        assert parsed.section_at(section.offset + 1) == section
        assert parsed.section_at(0) is None


def read_everything(data: bytes) -> None:
    parsed = elf.parse(data)
    list(elf.symbols(parsed))
    list(elf.notes(parsed))
    elf.interface(parsed)
    elf.needed(parsed)
    elf.search_paths(parsed)
    list(elf.symbols(parsed, elf.DYNAMIC_SYMBOLS))
    versions.wanted(parsed)
    elf.interpreter(parsed)
    for section in parsed.sections:
        parsed.content(section)


@settings(deadline=None)
@given(st.binary() | st.binary(min_size=64).map(lambda data: b"\x7fELF\x02\x01" + data))
@example(b"\x7fELF\x02\x01".ljust(64, b"\xff"))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(FormatError):
        read_everything(data)


BEFORE, AFTER = blob.prologue_and_epilogue(16, "x86_64")
SMALL = BEFORE + bytes(16) + AFTER
# The bytes that mean something: the header, and what follows the page that is mostly empty.
MEANINGFUL = [*range(64), *range(len(BEFORE), len(SMALL))]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(MEANINGFUL), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 300))
def test_any_damage_is_read_or_refused(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(SMALL)
    for at, value in changes:
        data[at] = value
    with contextlib.suppress(FormatError):
        read_everything(bytes(data[: len(data) - cut]))


@settings(deadline=None)
@given(st.data())
def test_any_damage_to_a_dynamic_program(data: st.DataObject) -> None:
    content = bytearray(Path("/bin/true").read_bytes())
    parsed = elf.parse(bytes(content))
    dynamic = next(segment for segment in parsed.segments if segment.kind == elf.DYNAMIC)
    heads = [*range(64, 64 + 56 * len(parsed.segments)), *range(dynamic.offset, dynamic.offset + 64)]
    for at in data.draw(st.lists(st.sampled_from(heads), max_size=6)):
        content[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        read_everything(bytes(content))


class TestArchive:
    def test_members(self, toolchain: Any, tmp_path: Path) -> None:
        names = ["short.o", "a_name_that_is_much_longer_than_sixteen.o"]
        paths = [toolchain.compile(f"int f{number};", tmp_path / name) for number, name in enumerate(names)]
        toolchain.run((toolchain.toolchain.program, "ar", "rcsD", str(tmp_path / "lib.a"), *map(str, paths)))
        members = list(ar.members((tmp_path / "lib.a").read_bytes()))
        assert members == [Member(path.name, path.read_bytes()) for path in paths]

    def test_names_of_bsd(self) -> None:
        data = ar.MAGIC + b"#1/4".ljust(48) + b"11".ljust(10) + b"`\na.o\0content\n"
        with pytest.raises(FormatError):
            list(ar.members(data[:-5]))
        assert list(ar.members(data)) == [Member("a.o", b"content")]

    def test_thin_archive(self) -> None:
        with pytest.raises(FormatError, match="a thin archive"):
            list(ar.members(b"!<thin>\n"))

    @settings(deadline=None)
    @given(st.binary() | st.binary().map(lambda data: ar.MAGIC + data))
    @example(ar.MAGIC + b"/99".ljust(48) + b"0".ljust(10) + b"`\n")
    @example(ar.MAGIC + b"x".ljust(48) + b"-1".ljust(10) + b"`\n")
    def test_any_bytes(self, data: bytes) -> None:
        with contextlib.suppress(FormatError):
            list(ar.members(data))
