"""Makes the global symbols of a relocatable object its own, by giving each another name. Pure: bytes in, bytes out.

Two extensions may define one name, each for itself: two copies of a C library, or the same helper function. As shared
libraries they would not see each other; as parts of one executable they would be a duplicate. Only names change: within one
relocatable object all references go through the entry of the symbol table that is renamed. A symbol is given a new name rather
than made local, because local symbols must come first in the table, and all relocations count its entries.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from staticbuild.errors import FormatError
from staticbuild.linking import elf
from staticbuild.linking.elf import Elf, Section

_SYMBOL: Final = struct.Struct("<IBBHQQ")
_SECTION: Final = struct.Struct("<IIQQQQIIQQ")
# Where the ELF header says where the section headers are.
_SECTION_HEADERS_AT: Final = 0x28
_WORD: Final = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Privatised:
    """An object whose global symbols have names of their own: `renamed` maps the old to the new."""

    data: bytes
    renamed: dict[str, str]


def privatise(data: bytes, rename: Callable[[str], str]) -> Privatised:
    """The relocatable object `data` with each global or weak symbol that it defines named `rename(name)`.

    What it wants of others keeps its name. Raises `FormatError` if `data` is no relocatable object.
    """
    parsed = elf.parse(data)
    if parsed.kind != elf.RELOCATABLE:
        raise FormatError("not a relocatable object")
    tables = [(index, section) for index, section in enumerate(parsed.sections) if section.kind == elf.SYMBOL_TABLE]
    if len(tables) > 1:
        raise FormatError("a relocatable object with more than one symbol table")
    if not tables:
        return Privatised(data, {})
    ((_, table),) = tables
    symbols, strings, renamed = _renamed(parsed, table, rename)
    result = bytearray(data)
    result[table.offset : table.offset + table.size] = symbols
    # The table of names grows, so it goes to the end of the file, aligned as any section may want to be.
    result += bytes(-len(result) % 8)
    _move_section(result, table.link, len(result), len(strings))
    return Privatised(bytes(result + strings), renamed)


def _renamed(parsed: Elf, table: Section, rename: Callable[[str], str]) -> tuple[bytes, bytes, dict[str, str]]:
    """The new symbol table, the new table of names, and what was renamed."""
    if table.entry_size != _SYMBOL.size or table.size % _SYMBOL.size:
        raise FormatError(f"section `{table.name}` is not a table of symbols")
    old = elf.strings_of(parsed, table)
    added = bytearray()
    renamed: dict[str, str] = {}
    at: dict[str, int] = {}
    rows = bytearray()
    for name_at, info, other, index, value, size in _SYMBOL.iter_unpack(parsed.content(table)):
        place = name_at
        if index != elf.UNDEFINED and info >> 4 != elf.LOCAL and name_at:
            name = elf.string_at(old, name_at)
            if name not in at:
                renamed[name] = rename(name)
                at[name] = len(old) + len(added)
                added += renamed[name].encode("utf-8", "surrogateescape") + b"\0"
            place = at[name]
        rows += _SYMBOL.pack(place, info, other, index, value, size)
    # The old names stay: sections may have theirs in the same table.
    return bytes(rows), old + added, renamed


def _move_section(data: bytearray, index: int, offset: int, size: int) -> None:
    (headers,) = _WORD.unpack_from(data, _SECTION_HEADERS_AT)
    place = headers + index * _SECTION.size
    row = list(_SECTION.unpack_from(data, place))
    row[4], row[5] = offset, size
    _SECTION.pack_into(data, place, *row)
