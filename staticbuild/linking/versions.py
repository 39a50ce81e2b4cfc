"""Reads which versions of which symbols an executable wants of shared libraries. Pure: bytes in, values or `FormatError` out.

glibc gives each symbol the version that it came with, and its loader refuses a program that names one which it does not have.
The format is the Linux Standard Base's ("Symbol Versioning"); names of constants are shortened.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from staticbuild.errors import FormatError
from staticbuild.linking import elf
from staticbuild.linking.elf import Elf, Section

# sh_type
NEEDED_VERSIONS: Final = 0x6FFFFFFE
SYMBOL_VERSIONS: Final = 0x6FFFFFFF

_LIBRARY: Final = struct.Struct("<HHIII")
_VERSION: Final = struct.Struct("<IHHII")
_NUMBER: Final = struct.Struct("<H")
# The highest bit of a symbol's number says that the symbol is hidden, not which version it has.
_HIDDEN: Final = 0x8000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A version that a library must have, and the symbols that are why."""

    library: str
    version: str
    symbols: tuple[str, ...]


def wanted(parsed: Elf) -> tuple[Wanted, ...]:
    """All versions that the loader looks for before it starts the program, in the file's order."""
    symbols: dict[int, list[str]] = defaultdict(list)
    for name, number in _numbered(parsed):
        symbols[number].append(name)
    return tuple(
        Wanted(library, version, tuple(symbols[number]))
        for section in parsed.sections
        if section.kind == NEEDED_VERSIONS
        for library, version, number in _versions(parsed, section)
    )


def _numbered(parsed: Elf) -> Iterator[tuple[str, int]]:
    """The undefined dynamic symbols, each with the number of its version."""
    numbers = b"".join(parsed.content(section) for section in parsed.sections if section.kind == SYMBOL_VERSIONS)
    for index, symbol in enumerate(elf.symbols(parsed, elf.DYNAMIC_SYMBOLS), start=1):
        if not symbol.is_defined and (index + 1) * _NUMBER.size <= len(numbers):
            yield symbol.name, _NUMBER.unpack_from(numbers, index * _NUMBER.size)[0] & ~_HIDDEN


def _versions(parsed: Elf, section: Section) -> Iterator[tuple[str, str, int]]:
    """Library, version and its number, of one section: a list of libraries, and each has a list of versions."""
    data, strings = parsed.content(section), elf.strings_of(parsed, section)
    # As many as there is room for: lists that run into each other would have no end.
    left = len(data) // _VERSION.size
    at: int | None = 0 if section.info else None
    while at is not None:
        _, count, library, inner, following = _entry(_LIBRARY, data, at, section)
        version_at: int | None = at + inner if count else None
        while version_at is not None:
            _, _, number, name, inner_following = _entry(_VERSION, data, version_at, section)
            left -= 1
            if left < 0:
                raise FormatError(f"section `{section.name}` lists its versions without end")
            yield elf.string_at(strings, library), elf.string_at(strings, name), number & ~_HIDDEN
            version_at = version_at + inner_following if inner_following else None
        at = at + following if following else None


def _entry(layout: struct.Struct, data: bytes, at: int, section: Section) -> tuple[int, ...]:
    if at + layout.size > len(data):
        raise FormatError(f"section `{section.name}` lists a version outside of it")
    return layout.unpack_from(data, at)
