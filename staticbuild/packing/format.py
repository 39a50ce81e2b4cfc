"""The layout of a blob: one table of fields. Knows nothing of what is done with them.

`writer` and `reader` walk this table; `runtime/format.h` and `docs/blob-format.md` are generated from it with
`python -m staticbuild.packing.format --write`, and a test fails when they differ.

All numbers are little-endian and unsigned. Offsets of strings count from the start of the section of strings, offsets of
data from the start of the section of data, offsets of sections from the start of the blob.
"""

from __future__ import annotations

import struct
import sys
import textwrap
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from pathlib import Path

from staticbuild.packing import settings

MAGIC = b"\x93SBLOB\r\n"
VERSION = 3
# Sections and data begin at multiples of this, so that C may read them in place.
ALIGNMENT = 16
# What compressed data may hold at most: no file of a program is larger, and a number in a blob is not to be believed.
LARGEST_CONTENT = 1 << 30


@dataclass(frozen=True, slots=True)
class Field:
    """One number or reference of a record. `kind` is a key of `KINDS`."""

    name: str
    kind: str
    doc: str


@dataclass(frozen=True, slots=True)
class Kind:
    """How a field is stored: the numbers it consists of, as (suffix, C type, `struct` code)."""

    parts: tuple[tuple[str, str, str], ...]
    doc: str


KINDS = {
    "u32": Kind((("", "uint32_t", "I"),), "a number of 4 bytes"),
    "u64": Kind((("", "uint64_t", "Q"),), "a number of 8 bytes"),
    "magic": Kind((("", "uint8_t", "8s"),), "8 bytes that name the format"),
    "string": Kind(
        (("_offset", "uint32_t", "I"), ("_size", "uint32_t", "I")),
        "UTF-8 text in the section of strings: offset and size, 4 bytes each; not terminated",
    ),
    "data": Kind(
        (("_offset", "uint64_t", "Q"), ("_size", "uint64_t", "Q")),
        "bytes in the section of data: offset and size, 8 bytes each",
    ),
}


@dataclass(frozen=True, slots=True)
class Record:
    """A fixed sequence of fields."""

    name: str
    fields: tuple[Field, ...]
    doc: str

    @property
    def struct(self) -> struct.Struct:
        """How `struct` packs this record."""
        return struct.Struct("<" + "".join(part[2] for field in self.fields for part in KINDS[field.kind].parts))

    @property
    def size(self) -> int:
        """Bytes that one record takes."""
        return self.struct.size


class Section(IntEnum):
    """The sections of a blob, in the order of the table behind the header. All are always there."""

    STRINGS = 0
    MODULES = 1
    MODULE_SLOTS = 2
    PORTIONS = 3
    PATHS = 4
    DISTRIBUTIONS = 5
    SETTINGS = 6
    LOCATIONS = 7
    MEMBERS = 8
    DATA = 9


class ModuleFlag(IntFlag):
    """Bits of `module.flags`; any other bit is an error."""

    PACKAGE = 1
    NAMESPACE = 2
    SOURCE = 4
    BYTECODE = 8
    SOURCE_COMPRESSED = 16
    BYTECODE_COMPRESSED = 32
    NATIVE = 64


class PathFlag(IntFlag):
    """Bits of `path.flags`; any other bit is an error."""

    EXECUTABLE = 1
    MODULE = 2
    ABSENT = 4
    COMPRESSED = 8


class LocationFlag(IntFlag):
    """Bits of `location.flags`; any other bit is an error."""

    BESIDE = 1


MODULE_FLAG_DOCS = {
    ModuleFlag.PACKAGE: "the module is a package",
    ModuleFlag.NAMESPACE: "the module is a namespace package (`PACKAGE` is set as well)",
    ModuleFlag.SOURCE: "`source` is present (an empty source is present and has size 0)",
    ModuleFlag.BYTECODE: "`bytecode` is present",
    ModuleFlag.SOURCE_COMPRESSED: "`source` is compressed",
    ModuleFlag.BYTECODE_COMPRESSED: "`bytecode` is compressed",
    ModuleFlag.NATIVE: "`source` is a shared library that the system's loader must find on disk (`SOURCE` is set as well)",
}

PATH_FLAG_DOCS = {
    PathFlag.EXECUTABLE: "the file may be executed",
    PathFlag.MODULE: "the path is that of a module, whose number is `module`",
    PathFlag.ABSENT: "there is no file to be read here: the module came without its source",
    PathFlag.COMPRESSED: "`data` is compressed",
}

LOCATION_FLAG_DOCS = {
    LocationFlag.BESIDE: "the files lie beside the executable; without it, they are written to a cache when they are needed",
}

HEADER = Record(
    "header",
    (
        Field("magic", "magic", "`93 53 42 4C 4F 42 0D 0A`; damaged by any transfer that is not binary"),
        Field("version", "u32", "version of this format; a reader reads exactly one"),
        Field("section_count", "u32", "entries in the table of sections that follows"),
        Field("size", "u64", "bytes of the whole blob"),
        Field("reserved", "u64", "zero"),
    ),
    "The first bytes of a blob.",
)

SECTION = Record(
    "section",
    (
        Field("offset", "u64", "where the section begins; a multiple of the alignment"),
        Field("size", "u64", "its bytes, without the padding behind it"),
    ),
    "One entry of the table of sections, which follows the header.",
)

MODULE = Record(
    "module",
    (
        Field("name", "string", "dotted name; the records are sorted by it, bytewise, and it is unique"),
        Field("path", "string", "place in the tree; empty for a namespace package"),
        Field("source", "data", "what its file holds: source text as it was on disk, or a shared library"),
        Field("bytecode", "data", "marshalled code object, without a pyc header"),
        Field("flags", "u32", "see the flags of modules"),
        Field("portion_first", "u32", "number of the first folder of `__path__`"),
        Field("portion_count", "u32", "how many folders `__path__` has"),
        Field("location", "u32", "number of the location with the module's file plus 1, or 0 when that is in memory only"),
    ),
    "A module that can be imported.",
)

SLOT = Record(
    "slot",
    (Field("module", "u32", "number of a module plus 1, or 0 when the slot is free"),),
    "One slot of a hash table with linear probing. A name starts at its CRC-32 (as in zlib) modulo the number of slots, "
    "which is a power of two and more than the number of modules.",
)

PORTION = Record("portion", (Field("folder", "string", "place in the tree"),), "A folder of some package's `__path__`.")

PATH = Record(
    "path",
    (
        Field("path", "string", "place in the tree; the records are sorted by it, bytewise, and it is unique"),
        Field("data", "data", "what the file contains"),
        Field("flags", "u32", "see the flags of paths"),
        Field("module", "u32", "number of the module at this path, or 0"),
    ),
    "A file of the tree. Folders are implied by the files below them.",
)

DISTRIBUTION = Record(
    "distribution",
    (
        Field("name", "string", "normalised name; the records are sorted by it and the folder, bytewise"),
        Field("folder", "string", "the `.dist-info` or `.egg-info` folder"),
    ),
    "Metadata of an installed project. Derived from the paths.",
)

SETTING = Record(
    "setting",
    (
        Field("key", "string", "name of the setting; the records are sorted by it, bytewise, and it is unique"),
        Field("value", "string", "its value as text"),
    ),
    "One line of the table that configures the interpreter.",
)

LOCATION = Record(
    "location",
    (
        Field("name", "string", "what messages call it: the packages that it is for"),
        Field(
            "folder", "string", "digest of the files, which names their folder in the cache; or a folder beside the executable"
        ),
        Field("flags", "u32", "see the flags of locations"),
        Field("member_first", "u32", "number of its first member"),
        Field("member_count", "u32", "how many members it has"),
        Field("reserved", "u32", "zero"),
    ),
    "Files that a running program finds on disk. Below the location's folder they have their paths in the tree.",
)

MEMBER = Record(
    "member",
    (Field("path", "u32", "number of a path; a location's members are sorted by it, and no path is in two locations"),),
    "A file of a location.",
)

RECORDS = (HEADER, SECTION, MODULE, SLOT, PORTION, PATH, DISTRIBUTION, SETTING, LOCATION, MEMBER)

SECTION_RECORDS = {
    Section.MODULES: MODULE,
    Section.MODULE_SLOTS: SLOT,
    Section.PORTIONS: PORTION,
    Section.PATHS: PATH,
    Section.DISTRIBUTIONS: DISTRIBUTION,
    Section.SETTINGS: SETTING,
    Section.LOCATIONS: LOCATION,
    Section.MEMBERS: MEMBER,
}

SECTION_DOCS = {
    Section.STRINGS: "all names and paths, each once, sorted",
    Section.MODULES: "records `module`",
    Section.MODULE_SLOTS: "records `slot`: finds a module by name in constant time",
    Section.PORTIONS: "records `portion`",
    Section.PATHS: "records `path`",
    Section.DISTRIBUTIONS: "records `distribution`",
    Section.SETTINGS: "records `setting`",
    Section.LOCATIONS: "records `location`",
    Section.MEMBERS: "records `member`",
    Section.DATA: "bytecode, sources and files; equal contents are stored once",
}


def align(offset: int) -> int:
    """The next place at or behind `offset` where something may begin."""
    return (offset + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


def c_header() -> str:
    """The text of `runtime/format.h`."""
    magic = ", ".join(f"0x{byte:02x}" for byte in MAGIC)
    lines = [
        "/* format.h - the layout of a blob. Knows nothing of what is done with it.",
        " *",
        " * Generated by `python -m staticbuild.packing.format --write`; edit the table in packing/format.py instead. */",
        "",
        "#ifndef SB_FORMAT_H",
        "#define SB_FORMAT_H",
        "",
        "#include <stdint.h>",
        "",
        f"#define SB_MAGIC {{{magic}}}",
        f"#define SB_VERSION {VERSION}u",
        f"#define SB_ALIGNMENT {ALIGNMENT}u",
        f"#define SB_LARGEST_CONTENT {LARGEST_CONTENT}u",
        "",
        "enum sb_section {",
        *(f"    SB_SECTION_{item.name} = {item.value}, /* {_plain(SECTION_DOCS[item])} */" for item in Section),
        f"    SB_SECTION_COUNT = {len(Section)}",
        "};",
        "",
    ]
    for prefix, flags in _flags():
        lines += [f"#define SB_{prefix}_FLAG_{name} {value}u /* {_plain(doc)} */" for name, value, doc in flags]
        lines.append(f"#define SB_{prefix}_FLAG_ALL {sum(value for _, value, _ in flags)}u")
    for record in RECORDS:
        lines += ["", *_c_comment(record.doc), f"struct sb_{record.name}_record {{"]
        lines += [line for field in record.fields for line in _c_fields(field)]
        lines += ["};", f'_Static_assert(sizeof(struct sb_{record.name}_record) == {record.size}, "padding");']
    return "\n".join([*lines, "", "#endif", ""])


def document() -> str:
    """The text of `docs/blob-format.md`."""
    lines = [
        "# The format of a blob",
        "",
        "*Generated by `python -m staticbuild.packing.format --write` from the table in `staticbuild/packing/format.py`.*",
        "",
        "A blob is what an executable carries: modules, files and settings. It is mapped with the executable and read in",
        "place. Numbers are little-endian and unsigned. Any bytes read as resources or as an error, never as a crash: a",
        "reader checks every offset before it uses it.",
        "",
        "The blob begins with a header, then comes the table of sections, then the sections. Version",
        f"{VERSION} has these sections; each begins at a multiple of {ALIGNMENT}, and so does every piece of data.",
        "Padding is zero.",
        "",
        "Data that a flag calls compressed is one frame of zstd (RFC 8878) with nothing behind it, which says how many",
        f"bytes it holds, at most {LARGEST_CONTENT:,}.",
        "",
        "| section | name | holds |",
        "|---|---|---|",
        *(f"| {section.value} | {section.name.lower()} | {SECTION_DOCS[section]} |" for section in Section),
        "",
        "Fields are of these kinds:",
        "",
        "| kind | meaning |",
        "|---|---|",
        *(f"| {name} | {kind.doc} |" for name, kind in KINDS.items()),
    ]
    for record in RECORDS:
        lines += ["", f"## {record.name} ({record.size} bytes)", "", record.doc, ""]
        lines += ["| at | field | kind | meaning |", "|---|---|---|---|"]
        offset = 0
        for field in record.fields:
            lines.append(f"| {offset} | {field.name} | {field.kind} | {field.doc} |")
            offset += struct.calcsize("<" + "".join(part[2] for part in KINDS[field.kind].parts))
    for prefix, flags in _flags():
        lines += ["", f"## flags of a {prefix.lower()}", "", "| bit | name | meaning |", "|---|---|---|"]
        lines += [f"| {value} | {name} | {doc} |" for name, value, doc in flags]
    return "\n".join([*lines, ""])


def generated() -> dict[str, str]:
    """The generated files, by path below the repository's root."""
    return {
        "staticbuild/runtime/format.h": c_header(),
        "staticbuild/runtime/settings.h": settings.c_header(),
        "docs/blob-format.md": document(),
    }


def _flags() -> tuple[tuple[str, list[tuple[str, int, str]]], ...]:
    """The flags of each record that has some: (name, value, meaning)."""
    return (
        ("MODULE", [(str(flag.name), flag.value, doc) for flag, doc in MODULE_FLAG_DOCS.items()]),
        ("PATH", [(str(flag.name), flag.value, doc) for flag, doc in PATH_FLAG_DOCS.items()]),
        ("LOCATION", [(str(flag.name), flag.value, doc) for flag, doc in LOCATION_FLAG_DOCS.items()]),
    )


def _c_fields(field: Field) -> list[str]:
    length = "[8]" if field.kind == "magic" else ""
    parts = KINDS[field.kind].parts
    comments = [f" /* {_plain(field.doc)} */"] + [""] * (len(parts) - 1)
    return [
        f"    {ctype} {field.name}{suffix}{length};{comment}"
        for (suffix, ctype, _), comment in zip(parts, comments, strict=True)
    ]


def _c_comment(text: str) -> list[str]:
    lines = textwrap.wrap(_plain(text), 100)
    return ["/* " + "\n * ".join(lines) + " */"]


def _plain(doc: str) -> str:
    return doc.replace("`", "")


def main(arguments: list[str]) -> int:
    """Write the generated files, or say which differ."""
    root = Path(__file__).resolve().parents[2]
    differing = [
        path
        for path, text in generated().items()
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != text
    ]
    if arguments == ["--write"]:
        for path in differing:
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(generated()[path], encoding="utf-8")
        return 0
    for path in differing:
        sys.stderr.write(f"{path} is out of date: run `python -m staticbuild.packing.format --write`\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
