"""Checks a linked executable: that it needs no more of the host than it may, betrays nothing of the build and lacks nothing.

Pure: bytes in, findings out. A finding says what was found and where, so that it can be acted on without a second look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from staticbuild.linking import elf, versions
from staticbuild.linking.blob import SECTION as BLOB_SECTION
from staticbuild.linking.elf import Elf
from staticbuild.linking.versions import Wanted

_EXCERPT: Final = 40
# More places of one kind are counted, not listed.
_MOST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an executable of ours must not have, or lacks."""

    message: str
    hint: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """What an executable may need of a host that has glibc: its loader, and what came with `glibc` (as `2.17`) or before."""

    interpreter: str
    glibc: str


GLIBC_PARTS: Final = frozenset(
    {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"}
    | {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
)
"""The libraries that every host with glibc has, newer ones too: what has since become a part of libc is left as a name."""


def check_structure(linked: Elf, machine: str, host: Host | None = None) -> Iterator[Finding]:
    """What would keep the executable from starting on a `machine`, bare or with `host`, or make it easier to attack."""
    found = elf.MACHINES.get(linked.machine, f"number {linked.machine}")
    if found != machine:
        yield Finding(f"it is for {found} instead of {machine}", "was an object of another target linked?")
    if linked.kind not in {elf.EXECUTABLE, elf.SHARED} or not linked.segments:
        yield Finding("it is not an executable", "the linker was asked for something else")
    yield from _check_nothing_needed(linked) if host is None else _check_needed(linked, host)
    yield from _check_memory(linked)


def _check_nothing_needed(linked: Elf) -> Iterator[Finding]:
    program = elf.interpreter(linked)
    if program is not None:
        yield Finding(f"it wants to be loaded by `{program}`", "link it with `-static` and without shared libraries")
    libraries = elf.needed(linked)
    if libraries:
        yield Finding("it needs shared libraries", "link static ones in their place", tuple(libraries))


def _check_needed(linked: Elf, host: Host) -> Iterator[Finding]:
    program = elf.interpreter(linked)
    if program != host.interpreter:
        wants = "does not want to be loaded" if program is None else f"wants to be loaded by `{program}`, not"
        yield Finding(f"it {wants} by `{host.interpreter}`", "link it with that `--dynamic-linker`")
    strange = [library for library in elf.needed(linked) if library not in GLIBC_PARTS]
    if strange:
        yield Finding("it needs shared libraries that are not glibc's", "link static ones in their place", tuple(strange))
    folders = elf.search_paths(linked)
    if folders:
        yield Finding("it has libraries searched in folders of its own", "link without `-rpath`", folders)
    newer = [wanted for wanted in versions.wanted(linked) if not _is_in(wanted.version, host.glibc)]
    if newer:
        yield Finding(
            f"it needs more than glibc {host.glibc} has",
            "compile what uses it against the headers of that version, or choose a newer `glibc` in `make_dist`",
            _shortened([_version_place(wanted) for wanted in newer]),
        )


def _version_place(wanted: Wanted) -> str:
    """`getrandom`, `memfd_create` (libc.so.6, GLIBC_2.27)."""
    symbols = [f"`{symbol}`" for symbol in wanted.symbols]
    more = [f"and {len(symbols) - _MOST_SHOWN} more"] if len(symbols) > _MOST_SHOWN else []
    return f"{', '.join([*symbols[:_MOST_SHOWN], *more]) or 'no symbol'} ({wanted.library}, {wanted.version})"


_GLIBC_VERSION: Final = re.compile(r"GLIBC_(\d{1,4}(?:\.\d{1,4}){1,3})")


def _is_in(version: str, glibc: str) -> bool:
    """Whether the symbol version `version` is one of glibc's own that came with the release `glibc` or before."""
    match = _GLIBC_VERSION.fullmatch(version)
    return match is not None and _number(match[1]) <= _number(glibc)


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def newest_glibc(linked: Elf) -> str | None:
    """The version of glibc that the newest of the symbols that `linked` needs came with; None if it needs none."""
    found = [match[1] for wanted in versions.wanted(linked) if (match := _GLIBC_VERSION.fullmatch(wanted.version))]
    return max(found, key=_number, default=None)


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
    imported = {name for wanted in versions.wanted(linked) for name in wanted.symbols}
    for symbol in elf.symbols(linked):
        if symbol.binding == elf.LOCAL:
            continue
        if symbol.is_defined:
            defined.add(symbol.name)
        elif symbol.binding != elf.WEAK and symbol.name not in imported:
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
    absent: list[bytes] = []
    for text in sorted(everywhere.union(outside_of_blob) - {b""}):
        # Each search reads tens of megabytes. Of most paths a folder above is sought, too, and comes first.
        if text.startswith(tuple(absent)):
            continue
        found = list(_occurrences(linked, text))
        if not found:
            absent.append(text)
        places = [at for at in found if text in everywhere or _section_name(linked, at) != BLOB_SECTION]
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
