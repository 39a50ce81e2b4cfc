"""Reads 64-bit little-endian ELF files: objects and executables. Pure: bytes in, values or `FormatError` out.

Every offset and count comes from the file and is checked before it is used, so any bytes can be given. The format is
the System V ABI's (chapters "Object Files" and "Program Loading"); names of constants are shortened, their numbers are
not ours.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from mmap import mmap
from typing import Final, NamedTuple

from staticbuild.errors import FormatError

# A mapped file reads like bytes, and does not have to fit into memory.
Bytes = bytes | mmap

MAGIC: Final = b"\x7fELF"

# e_type
RELOCATABLE: Final = 1
EXECUTABLE: Final = 2
SHARED: Final = 3

# sh_type
SYMBOL_TABLE: Final = 2
STRING_TABLE: Final = 3
NOTE: Final = 7
NO_BITS: Final = 8
DYNAMIC_SYMBOLS: Final = 11

# sh_flags
WRITE: Final = 1
ALLOC: Final = 2
EXECUTE: Final = 4

# p_type
LOAD: Final = 1
DYNAMIC: Final = 2
INTERPRETER: Final = 3
NOTES: Final = 4
GNU_STACK: Final = 0x6474E551
GNU_RELRO: Final = 0x6474E552

# p_flags
SEGMENT_EXECUTE: Final = 1
SEGMENT_WRITE: Final = 2

# d_tag
NEEDED: Final = 1
STRINGS_ADDRESS: Final = 5
SEARCH_PATH: Final = 15
LATER_SEARCH_PATH: Final = 29

# st_info and st_shndx
LOCAL: Final = 0
GLOBAL: Final = 1
WEAK: Final = 2
FUNCTION: Final = 2
UNDEFINED: Final = 0
ABSOLUTE: Final = 0xFFF1
COMMON: Final = 0xFFF2

MACHINES: Final = {3: "i686", 62: "x86_64", 183: "aarch64", 40: "armv7", 243: "riscv64", 21: "ppc64", 22: "s390x"}

_HEADER: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION: Final = struct.Struct("<IIQQQQIIQQ")
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")
_SYMBOL: Final = struct.Struct("<IBBHQQ")
_NOTE: Final = struct.Struct("<III")
_DYNAMIC: Final = struct.Struct("<qQ")

_EXTENDED: Final = 0xFFFF
_WIDE_NOTES: Final = 8
# Longer than any mangled name seen; it keeps a file that points a million symbols at one endless string from costing
# its square.
_LONGEST_NAME: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Section:
    """A row of the section header table."""

    name: str
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entry_size: int

    @property
    def file_size(self) -> int:
        """How many bytes of the file it takes."""
        return 0 if self.kind == NO_BITS else self.size


@dataclass(frozen=True, slots=True)
class Segment:
    """A row of the program header table: what the kernel maps."""

    kind: int
    flags: int
    offset: int
    address: int
    file_size: int
    memory_size: int
    align: int


class Symbol(NamedTuple):
    """One entry of a symbol table. A named tuple because there are tens of thousands."""

    name: str
    binding: int
    kind: int
    visibility: int
    section: int
    value: int
    size: int

    @property
    def is_defined(self) -> bool:
        """Whether this file says what it is."""
        return self.section != UNDEFINED


@dataclass(frozen=True, slots=True)
class Note:
    """One note: whose, which, and its bytes."""

    owner: str
    kind: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Elf:
    """A parsed file. `data` is the whole of it; sections and segments are known to lie inside."""

    data: Bytes = field(repr=False)
    kind: int
    machine: int
    entry: int
    sections: tuple[Section, ...]
    segments: tuple[Segment, ...]

    def content(self, section: Section) -> bytes:
        """The bytes of `section`; empty for one that takes no room in the file."""
        return self.data[section.offset : section.offset + section.file_size]

    def section_at(self, offset: int) -> Section | None:
        """The section that holds the byte at `offset` of the file."""
        for section in self.sections:
            if section.offset <= offset < section.offset + section.file_size:
                return section
        return None


def parse(data: Bytes) -> Elf:
    """The headers of an ELF file.

    Raises `FormatError` if `data` is not a 64-bit little-endian ELF file or if a table or section reaches outside of
    it.
    """
    if len(data) < _HEADER.size or data[:4] != MAGIC:
        raise FormatError("not an ELF file", notes=(f"it begins with {data[:8]!r}",))
    if data[4] != 2 or data[5] != 1:  # noqa: PLR2004 - ELFCLASS64, ELFDATA2LSB
        raise FormatError("not a 64-bit little-endian ELF file")
    head = _HEADER.unpack_from(data)
    (
        _,
        kind,
        machine,
        _,
        entry,
        segments_at,
        sections_at,
        _,
        _,
        segment_size,
        segment_count,
        section_size,
        count,
        names,
    ) = head
    sections: tuple[Section, ...] = ()
    if sections_at:
        sections = _read_sections(data, sections_at, section_size, count, names)
    segments: tuple[Segment, ...] = ()
    if segment_count:
        segments = _read_segments(data, segments_at, segment_size, segment_count)
    return Elf(data, kind, machine, entry, sections, segments)


def _read_sections(data: Bytes, offset: int, size: int, count: int, names: int) -> tuple[Section, ...]:
    if size != _SECTION.size:
        raise FormatError(f"section headers of {size} bytes instead of {_SECTION.size}")
    _check_inside(data, offset, size, "the section header table")
    if count == 0:
        count = _SECTION.unpack_from(data, offset)[5]
    if names == _EXTENDED:
        names = _SECTION.unpack_from(data, offset)[6]
    _check_inside(data, offset, size * count, "the section header table")
    rows = list(_SECTION.iter_unpack(data[offset : offset + size * count]))
    strings = b""
    if names:
        if names >= count:
            raise FormatError(f"section names are in section {names} of {count}")
        _check_inside(data, rows[names][4], rows[names][5], "the table of section names")
        strings = data[rows[names][4] : rows[names][4] + rows[names][5]]
    result = []
    for name, kind, flags, address, at, length, link, info, align, entry_size in rows:
        text = string_at(strings, name) if names else ""
        if kind not in {0, NO_BITS}:
            _check_inside(data, at, length, f"section `{text}`")
        result.append(Section(text, kind, flags, address, at, length, link, info, align, entry_size))
    return tuple(result)


def _read_segments(data: Bytes, offset: int, size: int, count: int) -> tuple[Segment, ...]:
    if size != _SEGMENT.size:
        raise FormatError(f"program headers of {size} bytes instead of {_SEGMENT.size}")
    _check_inside(data, offset, size * count, "the program header table")
    result = []
    for kind, flags, at, address, _, file_size, memory_size, align in _SEGMENT.iter_unpack(
        data[offset : offset + size * count]
    ):
        _check_inside(data, at, file_size, "a segment")
        result.append(Segment(kind, flags, at, address, file_size, memory_size, align))
    return tuple(result)


def symbols(elf: Elf, table: int = SYMBOL_TABLE) -> Iterator[Symbol]:
    """The entries of the file's symbol table, or of the dynamic one, without the empty first."""
    for section in elf.sections:
        if section.kind != table:
            continue
        if section.entry_size != _SYMBOL.size or section.size % _SYMBOL.size:
            raise FormatError(f"section `{section.name}` is not a table of symbols")
        strings = strings_of(elf, section)
        rows = _SYMBOL.iter_unpack(elf.content(section))
        next(rows, None)
        for name, info, other, index, value, size in rows:
            yield Symbol(string_at(strings, name), info >> 4, info & 15, other & 3, index, value, size)


def strings_of(elf: Elf, section: Section) -> bytes:
    """The table of names that `section` refers to."""
    if section.link >= len(elf.sections) or elf.sections[section.link].kind != STRING_TABLE:
        raise FormatError(f"section `{section.name}` has no table of names")
    return elf.content(elf.sections[section.link])


@dataclass(frozen=True, slots=True)
class Interface:
    """What a relocatable object offers to others and what it wants from them."""

    defined: frozenset[str]
    undefined: frozenset[str]


def interface(elf: Elf) -> Interface:
    """The global symbols of `elf`; what it merely would like to have (weak and undefined) is left out."""
    defined, undefined = set(), set()
    for symbol in symbols(elf):
        if symbol.binding == LOCAL or not symbol.name:
            continue
        if symbol.is_defined:
            defined.add(symbol.name)
        elif symbol.binding != WEAK:
            undefined.add(symbol.name)
    return Interface(frozenset(defined), frozenset(undefined))


def notes(elf: Elf) -> Iterator[Note]:
    """The notes of an executable's note segments, or of an object's note sections."""
    areas = [(segment.offset, segment.file_size, segment.align) for segment in elf.segments if segment.kind == NOTES]
    if not areas:
        areas = [(section.offset, section.size, section.align) for section in elf.sections if section.kind == NOTE]
    for offset, size, align in areas:
        # The gABI knows two alignments of notes; everything but 8 has always meant 4.
        yield from _read_notes(elf.data[offset : offset + size], 8 if align == _WIDE_NOTES else 4)


def _read_notes(data: bytes, align: int) -> Iterator[Note]:
    at = 0
    while at < len(data):
        _check_inside(data, at, _NOTE.size, "a note")
        name_size, size, kind = _NOTE.unpack_from(data, at)
        at += _NOTE.size
        _check_inside(data, at, name_size, "a note's owner")
        owner = data[at : at + name_size].split(b"\0", 1)[0].decode("latin-1")
        # The payload begins at the next multiple of the alignment, counted from the note's own beginning.
        at = _round_up(at + name_size, align)
        _check_inside(data, min(at, len(data)), size, "a note")
        yield Note(owner, kind, data[at : at + size])
        at = _round_up(at + size, align)


def needed(elf: Elf) -> tuple[str, ...]:
    """The shared libraries that the dynamic segment asks for, in its order."""
    return _dynamic_names(elf, {NEEDED})


def search_paths(elf: Elf) -> tuple[str, ...]:
    """The folders that the dynamic segment has libraries searched in, before those of the host."""
    return _dynamic_names(elf, {SEARCH_PATH, LATER_SEARCH_PATH})


def _dynamic_names(elf: Elf, tags: Container[int]) -> tuple[str, ...]:
    entries: list[tuple[int, int]] = []
    for segment in elf.segments:
        if segment.kind == DYNAMIC:
            size = segment.file_size - segment.file_size % _DYNAMIC.size
            for tag, value in _DYNAMIC.iter_unpack(elf.data[segment.offset : segment.offset + size]):
                if tag == 0:
                    break
                entries.append((tag, value))
    wanted = [value for tag, value in entries if tag in tags]
    if not wanted:
        return ()
    address = next((value for tag, value in entries if tag == STRINGS_ADDRESS), None)
    for segment in elf.segments:
        if segment.kind == LOAD and address is not None and 0 <= address - segment.address < segment.file_size:
            start = segment.offset + address - segment.address
            strings = elf.data[start : segment.offset + segment.file_size]
            return tuple(string_at(strings, value) for value in wanted)
    raise FormatError("the dynamic segment names libraries, but its table of names is not mapped")


def interpreter(elf: Elf) -> str | None:
    """The program that must load this one, e.g. `/lib64/ld-linux-x86-64.so.2`."""
    for segment in elf.segments:
        if segment.kind == INTERPRETER:
            text = elf.data[segment.offset : segment.offset + segment.file_size]
            return text.split(b"\0", 1)[0].decode("utf-8", "replace")
    return None


def string_at(strings: bytes, offset: int) -> str:
    """The name that begins at `offset` of a table of names."""
    end = strings.find(b"\0", offset, offset + _LONGEST_NAME)
    if end < 0:
        raise FormatError("a name lies outside of its table, or does not end")
    return strings[offset:end].decode("utf-8", "surrogateescape")


def _round_up(value: int, align: int) -> int:
    return (value + align - 1) & -align


def _check_inside(data: Bytes, offset: int, size: int, what: str) -> None:
    if offset > len(data) or size > len(data) - offset:
        raise FormatError(f"{what} reaches outside of the file ({size} bytes at {offset} of {len(data)})")
