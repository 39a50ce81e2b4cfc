"""Takes functions out of a static library, so that they come from where everybody has them. Pure: bytes in, bytes out."""

from __future__ import annotations

import struct
from collections.abc import Container
from typing import Final

from staticbuild.linking import ar, elf

# An entry of a symbol table without its name, which stays: st_info, st_other, st_shndx, st_value, st_size.
_WITHOUT_NAME: Final = struct.Struct("<BBHQQ")
_WANTED: Final = _WITHOUT_NAME.pack(elf.GLOBAL << 4, 0, elf.UNDEFINED, 0, 0)


def undefine(library: bytes, names: Container[str]) -> bytes:
    """The static library `library`, whose members want the functions `names` of others where they defined them.

    Code that nothing refers to any more stays in its section, which the link drops. The library's own index still lists the
    names; LLD reads the members' tables instead.
    """
    for member in ar.members(library):
        library = library.replace(member.data, _undefined(member.data, names), 1)
    return library


def _undefined(data: bytes, names: Container[str]) -> bytes:
    parsed, result = elf.parse(data), bytearray(data)
    for table in parsed.sections:
        if table.kind != elf.SYMBOL_TABLE:
            continue
        # The first entry of a table is empty, and not among the symbols.
        for index, symbol in enumerate(elf.symbols(parsed), start=1):
            if symbol.is_defined and symbol.binding != elf.LOCAL and symbol.name in names:
                at = table.offset + index * table.entry_size + 4
                result[at : at + _WITHOUT_NAME.size] = _WANTED
    return bytes(result)


def offered(stub: bytes) -> frozenset[str]:
    """The names that a program finds in a shared library."""
    return frozenset(symbol.name for symbol in elf.symbols(elf.parse(stub), elf.DYNAMIC_SYMBOLS) if symbol.is_defined)
