"""Wraps the packed blob into a relocatable object, without a compiler. Pure: bytes in, bytes out."""

from __future__ import annotations

import struct
from typing import Final

from staticbuild.errors import ConfigError
from staticbuild.linking import elf

SECTION: Final = ".sb_blob"
START: Final = "sb_blob_start"
END: Final = "sb_blob_end"

ALIGNMENT: Final = 4096
"""A page: the kernel can be advised about the blob without touching its neighbours."""

# The small code model reaches two gigabytes; code, data and the blob share them.
LARGEST: Final = (1 << 31) - (256 << 20)

_X86_64: Final = 62
_AARCH64: Final = 183
_MACHINES: Final = {"x86_64": _X86_64, "aarch64": _AARCH64}


def prologue_and_epilogue(size: int, architecture: str) -> tuple[bytes, bytes]:
    """What stands before and after a blob of `size` bytes in an object that defines `sb_blob_start` and `sb_blob_end`.

    The blob itself is not passed: it may be large, and is copied once, from file to file.
    """
    if size > LARGEST:
        raise ConfigError(
            f"the resources take {size / 1e9:.1f} GB; an executable can hold {LARGEST / 1e9:.1f} GB",
            hint="leave out what the program does not need, or ship large data files beside the executable",
        )
    names = _Strings()
    symbol_names = _Strings()
    symbols = struct.pack("<IBBHQQ", 0, 0, 0, 0, 0, 0)
    for name, value in ((START, 0), (END, size)):
        symbols += struct.pack("<IBBHQQ", symbol_names.add(name), elf.GLOBAL << 4 | 1, 0, 1, value, 0)
    # After the blob: a gap up to 8, the symbols, their names, the sections' names, a gap, the sections.
    tail = bytearray(-size % 8)
    first = ALIGNMENT + size
    symbols_at = first + len(tail)
    tail += symbols
    strings_at = first + len(tail)
    tail += symbol_names.data
    rows = [
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        (names.add(SECTION), 1, elf.ALLOC, 0, ALIGNMENT, size, 0, 0, ALIGNMENT, 0),
        (names.add(".symtab"), elf.SYMBOL_TABLE, 0, 0, symbols_at, len(symbols), 3, 1, 8, 24),
        (names.add(".strtab"), elf.STRING_TABLE, 0, 0, strings_at, len(symbol_names.data), 0, 0, 1, 0),
        # Its absence would mean: this object wants an executable stack.
        (names.add(".note.GNU-stack"), 1, 0, 0, strings_at, 0, 0, 0, 1, 0),
    ]
    shstrtab = names.add(".shstrtab")
    rows.append((shstrtab, elf.STRING_TABLE, 0, 0, first + len(tail), len(names.data), 0, 0, 1, 0))
    tail += names.data
    tail += bytes(-(first + len(tail)) % 8)
    sections_at = first + len(tail)
    for row in rows:
        tail += struct.pack("<IIQQQQIIQQ", *row)
    identification = elf.MAGIC + bytes([2, 1, 1]) + bytes(9)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        identification,
        elf.RELOCATABLE,
        _MACHINES[architecture],
        1,
        0,
        0,
        sections_at,
        0,
        64,
        0,
        0,
        64,
        len(rows),
        len(rows) - 1,
    )
    return header.ljust(ALIGNMENT, b"\0"), bytes(tail)


class _Strings:
    """A string table that grows."""

    def __init__(self) -> None:
        self.data = b"\0"

    def add(self, name: str) -> int:
        offset = len(self.data)
        self.data += name.encode() + b"\0"
        return offset
