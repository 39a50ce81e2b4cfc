"""A blob without its data: what is in it and where. Knows how records are encoded, not where their data comes from."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from staticbuild.packing import format as layout
from staticbuild.packing.format import LocationFlag, ModuleFlag, PathFlag, Section
from staticbuild.packing.resource import Location, LocationKind, ModuleKind, Setting, sort_key

_NO_DATA = (0, 0)
_KIND_FLAGS = {
    ModuleKind.MODULE: ModuleFlag(0),
    ModuleKind.PACKAGE: ModuleFlag.PACKAGE,
    ModuleKind.NAMESPACE: ModuleFlag.PACKAGE | ModuleFlag.NAMESPACE,
}


class Span(NamedTuple):
    """Where data lies in the section of data."""

    offset: int
    size: int
    compressed: bool = False

    @property
    def reference(self) -> tuple[int, int]:
        """How a record refers to it; whether it is compressed is told by a flag."""
        return self.offset, self.size


@dataclass(frozen=True, slots=True)
class ModuleEntry:
    """A `Module` whose source and bytecode lie in the section of data."""

    name: str
    kind: ModuleKind
    path: str
    source: Span | None
    bytecode: Span | None
    portions: tuple[str, ...]
    native: bool


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A `File` whose contents lie in the section of data."""

    path: str
    data: Span
    executable: bool


@dataclass(frozen=True, slots=True)
class Index:
    """Everything in a blob but its data; all sorted by `sort_key`."""

    modules: tuple[ModuleEntry, ...]
    files: tuple[FileEntry, ...]
    settings: tuple[Setting, ...]
    locations: tuple[Location, ...] = ()


def encode(index: Index, data: Sequence[bytes | memoryview]) -> bytes:
    """The blob of `index` and the section of data that its spans point into, given as slices to be joined."""
    strings = _Strings(_all_strings(index))
    numbers = {path: number for number, path in enumerate(paths(index))}
    sections: dict[Section, Sequence[bytes | memoryview]] = {
        Section.STRINGS: [strings.pool],
        Section.MODULES: _module_records(index, strings),
        Section.MODULE_SLOTS: [_pack_slots(slots(module.name for module in index.modules))],
        Section.PORTIONS: [
            layout.PORTION.struct.pack(*strings[folder]) for module in index.modules for folder in module.portions
        ],
        Section.PATHS: _path_records(index, strings),
        Section.DISTRIBUTIONS: [
            layout.DISTRIBUTION.struct.pack(*strings[name], *strings[folder]) for name, folder in distributions(index)
        ],
        Section.SETTINGS: [
            layout.SETTING.struct.pack(*strings[setting.key], *strings[setting.value]) for setting in index.settings
        ],
        Section.LOCATIONS: _location_records(index.locations, strings),
        Section.MEMBERS: [layout.MEMBER.struct.pack(numbers[path]) for location in index.locations for path in location.paths],
        Section.DATA: data,
    }
    return _join(sections)


def slots(names: Iterable[str]) -> list[int]:
    """The hash table that finds a module's number plus 1 by its name."""
    hashes = [zlib.crc32(sort_key(name)) for name in names]
    # At least half of the slots are free, so that a search is short.
    count = 1 << (2 * len(hashes)).bit_length()
    table = [0] * count
    for number, start in enumerate(hashes, 1):
        slot = start % count
        while table[slot]:
            slot = (slot + 1) % count
        table[slot] = number
    return table


def distributions(index: Index) -> list[tuple[str, str]]:
    """The (normalised name, folder) of each project whose metadata is in the tree, sorted."""
    found = set()
    for file in index.files:
        folder, _, name = file.path.rpartition("/")
        suffix = {"METADATA": ".dist-info", "PKG-INFO": ".egg-info"}.get(name)
        if suffix and folder.endswith(suffix):
            stem = folder.rpartition("/")[2].removesuffix(suffix)
            found.add((normalise(stem.partition("-")[0]), folder))
    return sorted(found, key=lambda pair: (sort_key(pair[0]), sort_key(pair[1])))


def paths(index: Index) -> list[str]:
    """All paths of the tree, in the order of their records."""
    return sorted(
        {*(file.path for file in index.files), *(module.path for module in index.modules if module.path)}, key=sort_key
    )


def module_locations(index: Index) -> list[int]:
    """For each module the number of its location plus 1, or 0.

    A namespace package has no file; it is where all that lies in its folders is, if that is one location.
    """
    if not index.locations:
        return [0] * len(index.modules)
    by_path = {path: number for number, location in enumerate(index.locations, 1) for path in location.paths}
    by_folder: dict[str, int] = {}
    for path in paths(index):
        number = by_path.get(path, 0)
        for folder in _folders_above(path):
            if by_folder.setdefault(folder, number) != number:
                by_folder[folder] = 0
    return [
        _common({by_folder.get(folder, 0) for folder in module.portions})
        if module.kind is ModuleKind.NAMESPACE
        else by_path.get(module.path, 0)
        for module in index.modules
    ]


def _common(numbers: set[int]) -> int:
    return numbers.pop() if len(numbers) == 1 else 0


def _folders_above(path: str) -> Iterable[str]:
    while (cut := path.rfind("/")) >= 0:
        path = path[:cut]
        yield path


def normalise(project: str) -> str:
    """A project's name as the packaging specifications compare it: case and runs of `-_.` do not matter."""
    return re.sub(r"[-_.]+", "-", project).lower()


class _Strings:
    """The section of strings: each text once, sorted."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._places: dict[str, tuple[int, int]] = {}
        encoded = sorted((text.encode(), text) for text in set(texts))
        offset = 0
        for piece, text in encoded:
            self._places[text] = (offset, len(piece))
            offset += len(piece)
        self.pool = b"".join(piece for piece, _ in encoded)

    def __getitem__(self, text: str) -> tuple[int, int]:
        return self._places[text]


def _all_strings(index: Index) -> Iterable[str]:
    for module in index.modules:
        yield from (module.name, module.path, *module.portions)
    for file in index.files:
        yield file.path
    for setting in index.settings:
        yield from (setting.key, setting.value)
    for location in index.locations:
        yield from (location.name, location.folder)
    for pair in distributions(index):
        yield from pair


def _module_records(index: Index, strings: _Strings) -> list[bytes]:
    pack = layout.MODULE.struct.pack
    records = []
    first_portion = 0
    for module, location in zip(index.modules, module_locations(index), strict=True):
        flags = _KIND_FLAGS[module.kind]
        if module.source is not None:
            flags |= ModuleFlag.SOURCE
        if module.bytecode is not None:
            flags |= ModuleFlag.BYTECODE
        if module.source is not None and module.source.compressed:
            flags |= ModuleFlag.SOURCE_COMPRESSED
        if module.bytecode is not None and module.bytecode.compressed:
            flags |= ModuleFlag.BYTECODE_COMPRESSED
        if module.native:
            flags |= ModuleFlag.NATIVE
        records.append(
            pack(
                *strings[module.name],
                *strings[module.path],
                *_reference(module.source),
                *_reference(module.bytecode),
                flags,
                first_portion,
                len(module.portions),
                location,
            )
        )
        first_portion += len(module.portions)
    return records


def _reference(span: Span | None) -> tuple[int, int]:
    return _NO_DATA if span is None else span.reference


def _location_records(locations: Iterable[Location], strings: _Strings) -> list[bytes]:
    records = []
    first = 0
    for location in locations:
        flags = LocationFlag.BESIDE if location.kind is LocationKind.BESIDE else 0
        names = (*strings[location.name], *strings[location.folder])
        records.append(layout.LOCATION.struct.pack(*names, flags, first, len(location.paths), 0))
        first += len(location.paths)
    return records


def _path_records(index: Index, strings: _Strings) -> list[bytes]:
    pack = layout.PATH.struct.pack
    records = {}
    for file in index.files:
        flags = PathFlag.EXECUTABLE if file.executable else PathFlag(0)
        flags |= PathFlag.COMPRESSED if file.data.compressed else PathFlag(0)
        records[file.path] = pack(*strings[file.path], *file.data.reference, flags, 0)
    for number, module in enumerate(index.modules):
        if module.path:
            flags = PathFlag.MODULE if module.source is not None else PathFlag.MODULE | PathFlag.ABSENT
            if module.source is not None and module.source.compressed:
                flags |= PathFlag.COMPRESSED
            records[module.path] = pack(*strings[module.path], *_reference(module.source), flags, number)
    return [records[path] for path in sorted(records, key=sort_key)]


def _pack_slots(table: list[int]) -> bytes:
    return b"".join(number.to_bytes(layout.SLOT.size, "little") for number in table)


def _join(sections: dict[Section, Sequence[bytes | memoryview]]) -> bytes:
    offset = layout.align(layout.HEADER.size + layout.SECTION.size * len(Section))
    table: list[bytes] = []
    body: list[bytes | memoryview] = []
    for section in Section:
        size = sum(map(len, sections[section]))
        table.append(layout.SECTION.struct.pack(offset, size))
        padding = layout.align(offset + size) - (offset + size)
        body += [*sections[section], bytes(padding)]
        offset += size + padding
    header = layout.HEADER.struct.pack(layout.MAGIC, layout.VERSION, len(Section), offset, 0)
    return b"".join([header, *table, *body])
