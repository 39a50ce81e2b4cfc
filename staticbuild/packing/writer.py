"""Turns resources into a blob and joins blobs into one. Knows the order of data; how records look is `index`'s affair."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Generic, TypeVar

from staticbuild.packing import reader, resource
from staticbuild.packing.format import align
from staticbuild.packing.index import FileEntry, Index, ModuleEntry, Span, encode
from staticbuild.packing.resource import File, Module, ModuleKind, ResourceConflictError, Resources, Setting, sort_key

_Entry = TypeVar("_Entry", ModuleEntry, FileEntry, Setting)


class Precedence(Enum):
    """Which of two different resources with one name `merge` keeps."""

    NONE = "none"
    FIRST = "first"
    LAST = "last"


def write(resources: Resources) -> bytes:
    """The blob of `resources`. Equal resources give equal bytes, in whatever order they come."""
    resources = resource.collect(
        resources.modules,
        resources.files,
        {setting.key: setting.value for setting in resources.settings},
        resources.locations,
    )
    data = _Data()
    # Bytecode lies together, since a start reads little else; then sources, which only tracebacks want.
    bytecode = [data.add(module.bytecode) for module in resources.modules]
    sources = [data.add(module.source) for module in resources.modules]
    index = Index(
        tuple(
            ModuleEntry(module.name, module.kind, module.path, source, code, module.portions, module.native)
            for module, source, code in zip(resources.modules, sources, bytecode, strict=True)
        ),
        tuple(FileEntry(file.path, data.place(file.data), file.executable) for file in resources.files),
        resources.settings,
        resources.locations,
    )
    return encode(index, data.pieces)


def merge(blobs: Sequence[bytes], precedence: Precedence = Precedence.NONE) -> bytes:
    """One blob with the resources of all. The data is copied in a few large slices, never looked at.

    Entries that are the same in every way never conflict; the portions of namespace packages are united in the order
    of the blobs. For other names that several blobs claim, `precedence` decides; without one they are an error.
    """
    parts = _rebased(blobs)
    modules: _Table[ModuleEntry] = _Table(precedence)
    files: _Table[FileEntry] = _Table(precedence)
    settings: _Table[Setting] = _Table(precedence)
    for part in parts:
        for module in part.index.modules:
            known = modules.entries.get(module.name)
            if known and known.kind is module.kind is ModuleKind.NAMESPACE:
                portions = tuple(dict.fromkeys(known.portions + module.portions))
                modules.entries[module.name] = replace(known, portions=portions)
            else:
                modules.add(module.name, module, lambda entry: _contents(entry, parts))
        for file in part.index.files:
            files.add(file.path, file, lambda entry: _contents(entry, parts))
        for setting in part.index.settings:
            settings.add(setting.key, setting, lambda entry: entry.value)
    conflicts = modules.conflicts | files.conflicts | settings.conflicts
    if conflicts:
        raise ResourceConflictError(conflicts)
    locations = resource.sort_locations({location for part in parts for location in part.index.locations})
    index = Index(modules.sorted(), files.sorted(), settings.sorted(), locations)
    resource.check_paths([*(module.path for module in index.modules if module.path), *files.entries])
    if wrong := resource.check_locations(
        locations, {*files.entries, *(module.path for module in index.modules if module.source)}
    ):
        raise ResourceConflictError(wrong, "locations of several blobs do not fit together")
    return _encode_live(index, parts)


class _Table(Generic[_Entry]):
    """Entries of several blobs by name, while they are merged."""

    def __init__(self, precedence: Precedence) -> None:
        self.entries: dict[str, _Entry] = {}
        self.conflicts: set[str] = set()
        self._precedence = precedence

    def add(self, name: str, entry: _Entry, contents: Callable[[_Entry], object]) -> None:
        """Enter `entry`, unless another one with its name is to be kept. `contents` tells whether they differ."""
        known = self.entries.setdefault(name, entry)
        if known is entry:
            return
        if self._precedence is Precedence.LAST:
            self.entries[name] = entry
        elif self._precedence is Precedence.NONE and contents(known) != contents(entry):
            self.conflicts.add(name)

    def sorted(self) -> tuple[_Entry, ...]:
        """The entries in the order of a blob."""
        return tuple(self.entries[name] for name in sorted(self.entries, key=sort_key))


class _Data:
    """The section of data while it is made: equal pieces once, each at a multiple of the alignment."""

    def __init__(self) -> None:
        self.pieces: list[bytes | memoryview] = []
        self._places: dict[bytes, Span] = {}
        self._offset = 0

    def add(self, piece: bytes | None) -> Span | None:
        return None if piece is None else self.place(piece)

    def place(self, piece: bytes) -> Span:
        known = self._places.get(piece)
        if known is None:
            known = self._places[piece] = Span(self._offset, len(piece))
            padding = align(len(piece)) - len(piece)
            self.pieces += [piece, bytes(padding)]
            self._offset += len(piece) + padding
        return known


@dataclass(frozen=True, slots=True)
class _Part:
    """One blob of a merge. Its index points into the data of all blobs laid end to end, where its own has this range."""

    index: Index
    data: memoryview
    base: int


def _rebased(blobs: Iterable[bytes]) -> list[_Part]:
    parts: list[_Part] = []
    base = 0
    for blob in blobs:
        index, data = reader.read_index(blob)
        parts.append(_Part(_moved(index, _shift(base)), data, base))
        base += align(len(data))
    return parts


def _shift(distance: int) -> Callable[[Span], Span]:
    return lambda span: span._replace(offset=span.offset + distance)


def _moved(index: Index, move: Callable[[Span], Span]) -> Index:
    """`index` after its data has moved."""
    return Index(
        tuple(
            ModuleEntry(
                module.name,
                module.kind,
                module.path,
                None if module.source is None else move(module.source),
                None if module.bytecode is None else move(module.bytecode),
                module.portions,
                module.native,
            )
            for module in index.modules
        ),
        tuple(FileEntry(file.path, move(file.data), file.executable) for file in index.files),
        index.settings,
        index.locations,
    )


def _contents(entry: ModuleEntry | FileEntry, parts: Sequence[_Part]) -> Module | File:
    """What `entry` stands for, to be compared with an entry of another blob."""
    if isinstance(entry, FileEntry):
        return File(entry.path, _bytes(entry.data, parts), entry.executable)
    return Module(
        entry.name,
        entry.kind,
        entry.path,
        None if entry.source is None else _bytes(entry.source, parts),
        None if entry.bytecode is None else _bytes(entry.bytecode, parts),
        entry.portions,
        entry.native,
    )


def _bytes(span: Span, parts: Sequence[_Part]) -> bytes:
    # Of several parts with one base, all but the last are empty.
    part = parts[bisect_right(parts, span.offset, key=lambda part: part.base) - 1]
    return reader.contents(part.data, span._replace(offset=span.offset - part.base))


def _encode_live(index: Index, parts: Sequence[_Part]) -> bytes:
    """Encode `index` with just the data that it points to: what lost a conflict is left behind."""
    spans = {span for module in index.modules for span in (module.source, module.bytecode) if span}
    spans.update(file.data for file in index.files)
    starts: list[int] = []
    targets: list[int] = []
    slices: list[bytes | memoryview] = []
    size = 0
    for part in parts:
        last = part.base + align(len(part.data))
        live = sorted(span for span in spans if part.base <= span.offset and span.offset < last)
        for start, stop in _runs(live):
            piece = part.data[start - part.base : stop - part.base]
            starts.append(start)
            targets.append(size)
            slices += [piece, bytes(align(len(piece)) - len(piece))]
            size += align(len(piece))

    def move(span: Span) -> Span:
        run = bisect_right(starts, span.offset) - 1
        return span._replace(offset=targets[run] + span.offset - starts[run]) if span.size else Span(0, 0)

    return encode(_moved(index, move), slices)


def _runs(spans: Iterable[Span]) -> Iterable[tuple[int, int]]:
    """Sorted spans as few ranges (start, stop), joined where nothing but padding lies between them."""
    start = stop = -1
    for span in spans:
        if start >= 0 and span.offset <= align(stop):
            stop = max(stop, span.offset + span.size)
            continue
        if start >= 0:
            yield start, stop
        start, stop = span.offset, span.offset + span.size
    if start >= 0:
        yield start, stop
