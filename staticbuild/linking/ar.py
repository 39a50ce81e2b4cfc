"""Reads static libraries (`ar` archives as GNU and LLVM write them). Pure: bytes in, values or `FormatError` out."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from staticbuild.errors import FormatError

MAGIC: Final = b"!<arch>\n"
_THIN: Final = b"!<thin>\n"
_HEADER: Final = struct.Struct("16s12s6s6s8s10s2s")
_LONGEST_NAME: Final = 4096


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive: its name and its bytes. Names need not be unique."""

    name: str
    data: bytes = field(repr=False)


def members(data: bytes) -> Iterator[Member]:
    """The archive's files in their order, without its symbol index and its table of long names."""
    if data[: len(MAGIC)] == _THIN:
        raise FormatError("a thin archive: it holds the names of objects and not the objects")
    if data[: len(MAGIC)] != MAGIC:
        raise FormatError("not a static library", notes=(f"it begins with {data[:8]!r}",))
    long_names = b""
    at = len(MAGIC)
    while at < len(data):
        if len(data) - at < _HEADER.size:
            raise FormatError(f"the static library ends inside a member's header (at {at})")
        raw_name, _, _, _, _, raw_size, mark = _HEADER.unpack_from(data, at)
        at += _HEADER.size
        size = _number(raw_size)
        if mark != b"`\n" or size is None or size > len(data) - at:
            raise FormatError(f"a damaged member's header in the static library (at {at - _HEADER.size})")
        name, content = raw_name.rstrip(b" "), data[at : at + size]
        # Members begin at even offsets.
        at += size + size % 2
        if name in {b"/", b"/SYM64/", b"__.SYMDEF", b"__.SYMDEF SORTED"}:
            continue
        if name == b"//":
            long_names = content
            continue
        yield Member(*_named(name, content, long_names))


def _named(name: bytes, content: bytes, long_names: bytes) -> tuple[str, bytes]:
    """The member's real name and content: long names stand in a table (GNU) or before the content (BSD)."""
    if name.startswith(b"#1/"):
        length = _number(name[3:])
        if length is None or length > min(len(content), _LONGEST_NAME):
            raise FormatError("a member of the static library has a damaged name")
        return content[:length].rstrip(b"\0").decode("utf-8", "surrogateescape"), content[length:]
    if name[:1] == b"/":
        offset = _number(name[1:])
        end = -1 if offset is None else long_names.find(b"/\n", offset, offset + _LONGEST_NAME)
        if offset is None or end < 0:
            raise FormatError("a member of the static library has a damaged name")
        name = long_names[offset:end]
    return name.removesuffix(b"/").decode("utf-8", "surrogateescape"), content


def _number(field_: bytes) -> int | None:
    # Not int(): that takes signs, underscores and other scripts' digits.
    text = field_.rstrip(b" ")
    return int(text) if text.isdigit() else None
