"""Turns the bytes of a blob back into resources. Trusts nothing: any bytes read as resources or raise `FormatError`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from staticbuild.errors import FormatError, StaticbuildError
from staticbuild.packing import format as layout
from staticbuild.packing import resource
from staticbuild.packing.compression import decompress
from staticbuild.packing.format import LocationFlag, ModuleFlag, PathFlag, Record, Section
from staticbuild.packing.index import FileEntry, Index, ModuleEntry, Span, distributions, module_locations, slots
from staticbuild.packing.resource import File, Location, LocationKind, Module, ModuleKind, Resources, Setting, sort_key

_KINDS = {
    ModuleFlag(0): ModuleKind.MODULE,
    ModuleFlag.PACKAGE: ModuleKind.PACKAGE,
    ModuleFlag.PACKAGE | ModuleFlag.NAMESPACE: ModuleKind.NAMESPACE,
}

_DATA_FLAGS = ModuleFlag.SOURCE | ModuleFlag.BYTECODE | ModuleFlag.SOURCE_COMPRESSED | ModuleFlag.BYTECODE_COMPRESSED


def read(blob: bytes) -> Resources:
    """What `blob` holds: `read(write(resources)) == resources`."""
    index, data = read_index(blob)
    piece = partial(contents, data)
    resources = Resources(
        tuple(
            Module(
                module.name,
                module.kind,
                module.path,
                None if module.source is None else piece(module.source),
                None if module.bytecode is None else piece(module.bytecode),
                module.portions,
                module.native,
            )
            for module in index.modules
        ),
        tuple(File(file.path, piece(file.data), file.executable) for file in index.files),
        index.settings,
        index.locations,
    )
    try:
        resource.check(resources)
    except StaticbuildError as error:
        raise FormatError(f"not a blob: {error.message}") from error
    return resources


def contents(data: memoryview, span: Span) -> bytes:
    """What `span` stands for in the section of data."""
    piece = data[span.offset : span.offset + span.size]
    return decompress(piece) if span.compressed else bytes(piece)


def read_index(blob: bytes) -> tuple[Index, memoryview]:
    """The index of `blob` and its section of data. Every span of the index lies inside that section."""
    sections = _Sections(blob)
    modules = _modules(sections)
    files = _files(sections, modules)
    settings = tuple(
        Setting(sections.text(key_at, key_size), sections.text(value_at, value_size))
        for key_at, key_size, value_at, value_size in sections.records(Section.SETTINGS)
    )
    _require_sorted([setting.key for setting in settings], "settings")
    index = Index(modules, files, settings, _locations(sections))
    _require_derived(sections, index)
    return index, sections.body(Section.DATA)


class _Sections:
    """The bytes of each section, found and measured before anything is read from them."""

    def __init__(self, blob: bytes) -> None:
        view = memoryview(blob)
        if len(view) < layout.HEADER.size:
            raise _not_a_blob("it is shorter than a header")
        magic, version, count, size, reserved = layout.HEADER.struct.unpack_from(view)
        if magic != layout.MAGIC:
            raise _not_a_blob("it begins differently")
        if version != layout.VERSION:
            raise _not_a_blob(f"its version is {version}, this reads {layout.VERSION}")
        first = layout.HEADER.size + layout.SECTION.size * len(Section)
        if count != len(Section) or size != len(view) or reserved or size < first:
            raise _not_a_blob("the header contradicts its size or sections")
        self._bodies: dict[Section, memoryview] = {}
        for section in Section:
            offset, size = layout.SECTION.struct.unpack_from(view, layout.HEADER.size + layout.SECTION.size * section)
            if offset < first or offset % layout.ALIGNMENT or offset > len(view) or size > len(view) - offset:
                raise _not_a_blob(f"the section of {section.name.lower()} lies outside of it")
            self._bodies[section] = view[offset : offset + size]
        self._texts: dict[tuple[int, int], str] = {}

    def body(self, section: Section) -> memoryview:
        return self._bodies[section]

    def records(self, section: Section) -> Iterator[tuple[Any, ...]]:
        record: Record = layout.SECTION_RECORDS[section]
        body = self._bodies[section]
        if len(body) % record.size:
            raise _not_a_blob(f"the section of {section.name.lower()} ends within a record")
        return record.struct.iter_unpack(body)

    def text(self, offset: int, size: int) -> str:
        known = self._texts.get((offset, size))
        if known is None:
            pool = self._bodies[Section.STRINGS]
            if offset > len(pool) or size > len(pool) - offset:
                raise _not_a_blob("a name lies outside of the section of strings")
            try:
                known = str(pool[offset : offset + size], "utf-8")
            except UnicodeDecodeError as error:
                raise _not_a_blob("a name is not UTF-8") from error
            self._texts[offset, size] = known
        return known

    def span(self, offset: int, size: int, *, compressed: bool) -> Span:
        length = len(self._bodies[Section.DATA])
        if offset > length or size > length - offset or offset % layout.ALIGNMENT:
            raise _not_a_blob("data lies outside of its section")
        return Span(offset, size, compressed)


def _modules(sections: _Sections) -> tuple[ModuleEntry, ...]:
    folders = [sections.text(*reference) for reference in sections.records(Section.PORTIONS)]
    modules = []
    next_portion = 0
    for record in sections.records(Section.MODULES):
        flags, first, count, _location = record[8:]
        kind = _KINDS.get(ModuleFlag(flags) & ~(_DATA_FLAGS | ModuleFlag.NATIVE))
        if kind is None:
            raise _not_a_blob("a module has unknown flags")
        if first != next_portion or count > len(folders) - first:
            raise _not_a_blob("a module has the folders of another")
        next_portion = first + count
        modules.append(
            ModuleEntry(
                sections.text(*record[0:2]),
                kind,
                sections.text(*record[2:4]),
                _optional(sections, record[4:6], flags, ModuleFlag.SOURCE, ModuleFlag.SOURCE_COMPRESSED),
                _optional(sections, record[6:8], flags, ModuleFlag.BYTECODE, ModuleFlag.BYTECODE_COMPRESSED),
                tuple(folders[first:next_portion]),
                bool(flags & ModuleFlag.NATIVE),
            )
        )
    if next_portion != len(folders):
        raise _not_a_blob("a folder belongs to no module")
    _require_sorted([module.name for module in modules], "modules")
    return tuple(modules)


def _optional(sections: _Sections, reference: Sequence[int], flags: int, present: int, compressed: int) -> Span | None:
    if flags & present:
        return sections.span(*reference, compressed=bool(flags & compressed))
    if any(reference) or flags & compressed:
        raise _not_a_blob("a module has data that it does not have")
    return None


def _files(sections: _Sections, modules: Sequence[ModuleEntry]) -> tuple[FileEntry, ...]:
    """The files that are not sources of modules; checks that the modules' paths are just those of the modules."""
    expected = {module.path: (number, module.source) for number, module in enumerate(modules) if module.path}
    files = []
    paths = []
    for text_at, text_size, data_at, data_size, flags, number in sections.records(Section.PATHS):
        path = sections.text(text_at, text_size)
        paths.append(path)
        if flags & PathFlag.MODULE:
            source = _optional(sections, (data_at, data_size), flags ^ PathFlag.ABSENT, PathFlag.ABSENT, PathFlag.COMPRESSED)
            if flags & PathFlag.EXECUTABLE or expected.pop(path, None) != (number, source):
                raise _not_a_blob(f"`{path}` is not the path of its module")
        elif number or flags & ~(PathFlag.EXECUTABLE | PathFlag.COMPRESSED):
            raise _not_a_blob("a path has unknown flags")
        else:
            span = sections.span(data_at, data_size, compressed=bool(flags & PathFlag.COMPRESSED))
            files.append(FileEntry(path, span, bool(flags & PathFlag.EXECUTABLE)))
    if expected:
        raise _not_a_blob("the path of a module is missing")
    _require_sorted(paths, "paths")
    return tuple(files)


def _locations(sections: _Sections) -> tuple[Location, ...]:
    paths = [sections.text(*record[0:2]) for record in sections.records(Section.PATHS)]
    members = [number for (number,) in sections.records(Section.MEMBERS)]
    locations = []
    next_member = 0
    for *texts, flags, first, count, reserved in sections.records(Section.LOCATIONS):
        if reserved or flags not in {0, LocationFlag.BESIDE}:
            raise _not_a_blob("a location has unknown flags")
        if first != next_member or count > len(members) - first:
            raise _not_a_blob("a location has the files of another")
        next_member = first + count
        mine = members[first:next_member]
        if any(number >= len(paths) for number in mine) or sorted(mine) != mine:
            raise _not_a_blob("the files of a location are not sorted, or are none")
        kind = LocationKind.BESIDE if flags else LocationKind.EXTRACTED
        name, folder = sections.text(*texts[0:2]), sections.text(*texts[2:4])
        locations.append(Location(name, kind, folder, tuple(paths[number] for number in mine)))
    if next_member != len(members):
        raise _not_a_blob("a file belongs to no location")
    return tuple(locations)


def _require_derived(sections: _Sections, index: Index) -> None:
    """Refuse a blob whose derived tables are not what its records say, since only C reads those."""
    table = [number for (number,) in sections.records(Section.MODULE_SLOTS)]
    if table != slots(module.name for module in index.modules):
        raise _not_a_blob("its hash table does not belong to its modules")
    if [record[-1] for record in sections.records(Section.MODULES)] != module_locations(index):
        raise _not_a_blob("its modules do not belong to its locations")
    found = [(sections.text(*record[0:2]), sections.text(*record[2:4])) for record in sections.records(Section.DISTRIBUTIONS)]
    if found != distributions(index):
        raise _not_a_blob("its distributions do not belong to its paths")


def _require_sorted(names: Sequence[str], what: str) -> None:
    if any(first >= second for first, second in pairwise(map(sort_key, names))):
        raise _not_a_blob(f"its {what} are not sorted")


def _not_a_blob(reason: str) -> FormatError:
    return FormatError(f"not a blob: {reason}")
