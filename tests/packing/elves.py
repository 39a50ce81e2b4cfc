"""Small ELF files: as much of one as says what it is and whom it asks for. Nothing could run them."""

from __future__ import annotations

import struct

NEEDED, STRINGS, SONAME, RPATH, RUNPATH, FLAGS_1 = 1, 5, 14, 15, 29, 0x6FFFFFFB
PIE = 0x08000000


def elf(  # noqa: PLR0913 - what a file can say
    *,
    kind: int = 3,
    machine: int = 62,
    soname: str = "",
    needs: tuple[str, ...] = (),
    rpath: str = "",
    runpath: str = "",
    interpreter: bool = False,
    pie: bool = False,
    dynamic: bool = True,
    symbols: tuple[str, ...] = (),
) -> bytes:
    """An ELF file for x86-64, or another `machine`: `kind` 3 is a shared object, 2 a program."""
    strings = b"\0"
    entries: list[tuple[int, int]] = []
    named = [(NEEDED, name) for name in needs] + [(SONAME, soname), (RPATH, rpath), (RUNPATH, runpath)]
    for tag, text in named:
        if text:
            entries.append((tag, len(strings)))
            strings += text.encode() + b"\0"
    for symbol in symbols:
        strings += symbol.encode() + b"\0"
    entries += [(FLAGS_1, PIE)] * pie
    segments_at, count = 64, 1 + dynamic + interpreter
    strings_at = segments_at + 56 * count
    dynamic_at = strings_at + len(strings)
    entries += [(STRINGS, 0x1000 + strings_at), (0, 0)]
    section = b"".join(struct.pack("<qQ", *entry) for entry in entries)
    size = dynamic_at + len(section)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", kind, machine, 1, 0, segments_at, 0, 0, 64, 56, count, 0, 0, 0)
    segments = [struct.pack("<IIQQQQQQ", 1, 5, 0, 0x1000, 0x1000, size, size, 0x1000)]
    if dynamic:
        at = 0x1000 + dynamic_at
        segments.append(struct.pack("<IIQQQQQQ", 2, 6, dynamic_at, at, at, len(section), len(section), 8))
    if interpreter:
        segments.append(struct.pack("<IIQQQQQQ", 3, 4, 0, 0x1000, 0x1000, 1, 1, 1))
    return header + b"".join(segments) + strings + (section if dynamic else b"")


def extension(name: str, **how: object) -> bytes:
    """A shared library with the module of that last name."""
    return elf(symbols=(f"PyInit_{name}",), **how)  # type: ignore[arg-type] # as `elf` has them
