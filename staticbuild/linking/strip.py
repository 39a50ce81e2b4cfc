"""Says how to remove from an executable what no running program reads: symbols, names, comments. Pure: writes nothing.

The linker could do that itself (`-s`), but then nothing would be left to check the result by, and linking twice costs
more.
"""

from __future__ import annotations

import struct
from dataclasses import astuple, dataclass
from typing import Final

from staticbuild.errors import FormatError
from staticbuild.linking import elf
from staticbuild.linking.elf import Elf

_HEADER_SIZE: Final = 64
_SECTIONS_AT: Final = 40
_SECTION_COUNT_AT: Final = 60
_SECTION: Final = struct.Struct("<IIQQQQIIQQ")


@dataclass(frozen=True, slots=True)
class Stripped:
    """How the file changes: its new header, how many of its bytes stay, and what comes after them."""

    header: bytes
    kept: int
    tail: bytes


def strip(linked: Elf) -> Stripped:
    """How to remove the unmapped sections of an executable; what is mapped, and where, does not change.

    Raises `FormatError` if an unmapped section stands before a mapped one, which no linker does.
    """
    kept = [number for number, section in enumerate(linked.sections) if section.kind == 0 or section.flags & elf.ALLOC]
    mapped = max((segment.offset + segment.file_size for segment in linked.segments), default=_HEADER_SIZE)
    ends = (linked.sections[number].offset + linked.sections[number].file_size for number in kept)
    end = max([mapped, *ends])
    for number, section in enumerate(linked.sections):
        if number not in kept and section.file_size and section.offset < end:
            raise FormatError(f"section `{section.name}` (at {section.offset:#x}) stands among those that are mapped")
    # Sections refer to each other by number; those that refer to one that goes lose the reference.
    numbers = {old: new for new, old in enumerate(kept)}
    names = b"\0"
    rows = b""
    for section in (linked.sections[number] for number in kept):
        row = list(astuple(section))
        row[0] = len(names) if section.name else 0
        row[6] = numbers.get(section.link, 0)
        names += section.name.encode("utf-8", "surrogateescape") + b"\0" if section.name else b""
        rows += _SECTION.pack(*row)
    own_name = len(names)
    names += b".shstrtab\0"
    rows += _SECTION.pack(own_name, elf.STRING_TABLE, 0, 0, end, len(names), 0, 0, 1, 0)
    gap = bytes(-(end + len(names)) % 8)
    header = bytearray(linked.data[:_HEADER_SIZE])
    struct.pack_into("<Q", header, _SECTIONS_AT, end + len(names) + len(gap))
    struct.pack_into("<HH", header, _SECTION_COUNT_AT, len(kept) + 1, len(kept))
    return Stripped(bytes(header), end, names + gap + rows)
