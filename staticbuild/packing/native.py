"""Which machine code a file is, and which libraries it asks for. Pure: bytes in, values out; any bytes are survived.

Only what decides is read: the header, the segments and the dynamic section. Names of constants are those of the System V ABI,
shortened. What is damaged, or made for another processor, is no machine code of ours: to the executable it is data.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

MAGIC: Final = b"\x7fELF"

_IDENT: Final = MAGIC + bytes((2, 1))  # 64 bits, little-endian
_MACHINE: Final = 62  # x86-64, the only processor that executables are made for
_EXECUTABLE, _SHARED = 2, 3
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_NEEDED, _STRINGS, _SONAME, _RPATH, _RUNPATH, _FLAGS_1 = 1, 5, 14, 15, 29, 0x6FFFFFFB
_PIE: Final = 0x08000000

_HEADER: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")
_ENTRY: Final = struct.Struct("<qQ")

# glibc's own libraries: who has the one that an executable asks for has them all.
_GLIBC: Final = frozenset(
    (
        *("libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libmvec.so.1"),
        *("libresolv.so.2", "libanl.so.1", "libnss_files.so.2", "libthread_db.so.1", "ld-linux-x86-64.so.2"),
    )
)


class NativeKind(Enum):
    """What runs a file of machine code."""

    LIBRARY = "shared library"
    # It has its loader, and what it asks for, of the host.
    PROGRAM = "program"
    # The kernel alone.
    STATIC_PROGRAM = "static program"


@dataclass(frozen=True, slots=True)
class Native:
    """One file of machine code: the name that others ask for it by, whom it asks for, and where these are looked for."""

    kind: NativeKind
    soname: str = ""
    needs: tuple[str, ...] = ()
    search: tuple[str, ...] = ()


def describe(data: bytes) -> Native | None:
    """What machine code `data` is; None where this kind of host can run nothing in it."""
    if not data.startswith(_IDENT) or len(data) < _HEADER.size:
        return None
    _, kind, machine, _, _, segments_at, _, _, _, entry_size, count, *_ = _HEADER.unpack_from(data)
    if machine != _MACHINE or kind not in {_EXECUTABLE, _SHARED} or (count and entry_size != _SEGMENT.size):
        return None
    if segments_at > len(data) or count * _SEGMENT.size > len(data) - segments_at:
        return None
    segments = [_SEGMENT.unpack_from(data, segments_at + number * _SEGMENT.size) for number in range(count)]
    entries = list(_entries(data, segments))
    strings = _strings(data, segments, entries)
    is_program = kind == _EXECUTABLE or any(tag == _FLAGS_1 and value & _PIE for tag, value in entries)
    native = NativeKind.LIBRARY
    if any(segment[0] == _INTERPRETER for segment in segments):
        # A library can have an interpreter, too, as glibc's own have, so that it tells its version when it is run.
        has_name = any(tag == _SONAME for tag, _ in entries)
        native = NativeKind.LIBRARY if has_name and not is_program else NativeKind.PROGRAM
    elif is_program:
        native = NativeKind.STATIC_PROGRAM
    return Native(
        native,
        next((_text(data, strings + value) for tag, value in entries if tag == _SONAME), ""),
        tuple(_text(data, strings + value) for tag, value in entries if tag == _NEEDED),
        tuple(
            part
            for tag, value in entries
            if tag in {_RPATH, _RUNPATH}
            for part in _text(data, strings + value).split(":")
            if part
        ),
    )


def is_extension(data: bytes, name: str) -> bool:
    """Whether a shared library can be imported as the module whose last name is `name`: a file like `libz.so` cannot."""
    try:
        symbol = b"PyInit_" + name.encode("ascii")
    except UnicodeEncodeError:
        symbol = b"PyInitU_" + name.encode("punycode").replace(b"-", b"_")  # PEP 489
    return data.startswith(MAGIC) and symbol + b"\0" in data


def is_of_glibc(library: str) -> bool:
    """Whether the library is one that every host with glibc has."""
    return library in _GLIBC


def _entries(data: bytes, segments: list[tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    """The dynamic section's (tag, value)."""
    for kind, _, offset, _, _, size, _, _ in segments:
        if kind == _DYNAMIC:
            for at in range(offset, min(offset + size, len(data)) - _ENTRY.size + 1, _ENTRY.size):
                tag, value = _ENTRY.unpack_from(data, at)
                if tag == 0:
                    return
                yield tag, value


def _strings(data: bytes, segments: list[tuple[int, ...]], entries: list[tuple[int, int]]) -> int:
    """Where the texts of the dynamic section begin in the file; its end where that is not said."""
    address = next((value for tag, value in entries if tag == _STRINGS), -1)
    for kind, _, offset, start, _, size, _, _ in segments:
        if kind == _LOAD and start <= address < start + size:
            return offset + address - start
    return len(data)


def _text(data: bytes, at: int) -> str:
    """The text at `at`, up to its zero; empty outside of the file."""
    end = data.find(b"\0", at) if at < len(data) else -1
    return data[at:end].decode("utf-8", "replace") if end >= 0 else ""
