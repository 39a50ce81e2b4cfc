"""Checks a linked executable: that it needs nothing of the host, betrays nothing of the build and lacks nothing.

Pure: bytes in, findings out. A finding says what was found and where, so that it can be acted on without a second look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from staticbuild.linking import elf
from staticbuild.linking.blob import SECTION as BLOB_SECTION
from staticbuild.linking.elf import Elf

_EXCERPT: Final = 40
# More places of one kind are counted, not listed.
_MOST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an executable of ours must not have, or lacks."""

    message: str
    hint: str
    places: tuple[str, ...] = ()


def check_structure(linked: Elf, machine: str) -> Iterator[Finding]:
    """What would keep the executable from starting on a bare kernel of `machine`, or make it easier to attack."""
    found = elf.MACHINES.get(linked.machine, f"number {linked.machine}")
    if found != machine:
        yield Finding(f"it is for {found} instead of {machine}", "was an object of another target linked?")
    if linked.kind not in {elf.EXECUTABLE, elf.SHARED} or not linked.segments:
        yield Finding("it is not an executable", "the linker was asked for something else")
    program = elf.interpreter(linked)
    if program is not None:
        yield Finding(f"it wants to be loaded by `{program}`", "link it with `-static` and without shared libraries")
    libraries = elf.needed(linked)
    if libraries:
        yield Finding("it needs shared libraries", "link static ones in their place", tuple(libraries))
    yield from _check_memory(linked)


def _check_memory(linked: Elf) -> Iterator[Finding]:
    stacks = [segment for segment in linked.segments if segment.kind == elf.GNU_STACK]
    if not stacks or any(segment.flags & elf.SEGMENT_EXECUTE for segment in stacks):
        yield Finding(
            "its stack is executable",
            "an object lacks the section `.note.GNU-stack`, often one of assembly; link with `-z noexecstack`",
        )
    both = elf.SEGMENT_EXECUTE | elf.SEGMENT_WRITE
    for segment in linked.segments:
        if segment.kind == elf.LOAD and segment.flags & both == both:
            yield Finding(
                "it has memory that is writable and executable",
                "an object has a section with both flags",
                (_segment_place(linked, segment.offset, segment.address, segment.memory_size),),
            )
    if linked.segments and not any(
        segment.kind == elf.LOAD
        and segment.flags & elf.SEGMENT_EXECUTE
        and 0 <= linked.entry - segment.address < segment.file_size
        for segment in linked.segments
    ):
        yield Finding(f"its entry point {linked.entry:#x} is not code", "does an object define `_start`? crt1.o should")


def check_symbols(linked: Elf, required: tuple[str, ...]) -> Iterator[Finding]:
    """What is missing or left open. `linked` must still have its symbol table."""
    defined, undefined = set(), set()
    for symbol in elf.symbols(linked):
        if symbol.binding == elf.LOCAL:
            continue
        if symbol.is_defined:
            defined.add(symbol.name)
        elif symbol.binding != elf.WEAK:
            undefined.add(symbol.name)
    if undefined:
        yield Finding("nothing defines some of its symbols", "link what defines them", _shortened(sorted(undefined)))
    missing = [name for name in required if name not in defined]
    if missing:
        yield Finding(
            "functions that must be inside are not",
            "their objects are not linked, or the link dropped them; relink without `--gc-sections` to see which",
            _shortened(missing),
        )


def check_secrets(linked: Elf, forbidden: Iterable[bytes], *, outside_of_blob: Iterable[bytes] = ()) -> Iterator[Finding]:
    """Where byte strings stand that must not leave the build machine: paths of folders, names of users.

    Those of `outside_of_blob` may stand in the blob, whose files are the user's own and may speak of anything.
    """
    everywhere = frozenset(forbidden)
    for text in sorted(everywhere.union(outside_of_blob) - {b""}):
        places = [at for at in _occurrences(linked, text) if text in everywhere or _section_name(linked, at) != BLOB_SECTION]
        if not places:
            continue
        in_blob = all(_section_name(linked, at) == BLOB_SECTION for at in places)
        yield Finding(
            f"the build path `{text.decode('utf-8', 'replace')}` is inside",
            "a packed file or its bytecode quotes it: compile bytecode with a relative file name"
            if in_blob
            else "compile with `-ffile-prefix-map`, and configure with paths that exist on no machine",
            _shortened([_byte_place(linked, at, len(text)) for at in places]),
        )


def _occurrences(linked: Elf, text: bytes) -> Iterator[int]:
    at = linked.data.find(text)
    while at >= 0:
        yield at
        at = linked.data.find(text, at + len(text))


def _byte_place(linked: Elf, offset: int, length: int) -> str:
    """`.rodata, at 0x1234: "…the text and what is around it…"`."""
    start, end = max(0, offset - _EXCERPT), offset + length + _EXCERPT
    before = linked.data[start:offset].rpartition(b"\0")[2]
    after = linked.data[offset + length : end].partition(b"\0")[0]
    text = before + linked.data[offset : offset + length] + after
    shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in text)  # noqa: PLR2004 - printable ASCII
    return f'{_section_name(linked, offset)}, at {offset:#x}: "{shown}"'


def _section_name(linked: Elf, offset: int) -> str:
    section = linked.section_at(offset)
    return (section.name or "no section") if section else "no section"


def _segment_place(linked: Elf, offset: int, address: int, size: int) -> str:
    names = [
        section.name
        for section in linked.sections
        if section.flags & elf.ALLOC and address <= section.address < address + size and section.name
    ]
    return f"{size} bytes at {address:#x} (at {offset:#x} of the file): {', '.join(names) or 'no section'}"


def _shortened(items: list[str]) -> tuple[str, ...]:
    shown = tuple(items[:_MOST_SHOWN])
    return shown if len(items) <= _MOST_SHOWN else (*shown, f"and {len(items) - _MOST_SHOWN} more")
