"""Makes a blob of another in which some kinds of data are compressed. Knows which data C reads in place.

Runs after the merge, so that packs are the same for executables with and without; pieces are compressed one by one, since a
program asks for one file at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from staticbuild.packing.compression import compress
from staticbuild.packing.format import align
from staticbuild.packing.index import FileEntry, Index, ModuleEntry, Span, encode
from staticbuild.packing.plan import DataKind
from staticbuild.packing.reader import read_index

# OpenSSL reads certificates before any Python runs, and without it; what is encrypted or random would not shrink anyway.
_READ_IN_PLACE = b"-----BEGIN "


@dataclass(frozen=True, slots=True)
class Saved:
    """How many bytes data of one kind had, and has."""

    kind: DataKind
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Compressed:
    """The new blob, and what that saved."""

    blob: bytes
    saved: tuple[Saved, ...]


def compress_blob(blob: bytes, kinds: Collection[DataKind]) -> Compressed:
    """`blob` with the same resources, in which data of `kinds` is compressed where that is worth it."""
    index, data = read_index(blob)
    wanted = dict(_spans(index, kinds))
    pieces = {span: data[span.offset : span.offset + span.size] for span in wanted if not span.compressed}
    candidates = [span for span, piece in pieces.items() if _READ_IN_PLACE not in bytes(piece)]
    smaller = {span: frame for span in candidates if (frame := compress(pieces[span])) is not None}
    saved = {kind: [0, 0] for kind in sorted(kinds)}
    for span, kind in wanted.items():
        saved[kind][0] += span.size
        saved[kind][1] += len(smaller[span]) if span in smaller else span.size
    return Compressed(_with(index, data, smaller), tuple(Saved(kind, before, after) for kind, (before, after) in saved.items()))


def _spans(index: Index, kinds: Collection[DataKind]) -> Iterator[tuple[Span, DataKind]]:
    """The data of `kinds`. What is of two kinds, such as a file that is a source as well, is of the last one.

    An extension module is a file, which is only read to be written or compared.
    """
    if "bytecode" in kinds:
        yield from ((module.bytecode, "bytecode") for module in index.modules if module.bytecode)
    if "files" in kinds:
        yield from ((file.data, "files") for file in index.files)
        yield from ((module.source, "files") for module in index.modules if module.source and module.native)
    if "sources" in kinds:
        yield from ((module.source, "sources") for module in index.modules if module.source and not module.native)


def _with(index: Index, data: memoryview, smaller: dict[Span, bytes]) -> bytes:
    """The blob of `index` with frames in the place of some data; all in the order that it had."""
    pieces: list[bytes | memoryview] = []
    places: dict[Span, Span] = {}
    offset = 0
    for span in sorted(set(_all_spans(index))):
        piece = smaller.get(span, data[span.offset : span.offset + span.size])
        places[span] = Span(offset, len(piece), span.compressed or span in smaller)
        pieces += [piece, bytes(align(len(piece)) - len(piece))]
        offset += align(len(piece))
    modules = tuple(_moved(module, places) for module in index.modules)
    files = tuple(FileEntry(file.path, places[file.data], file.executable) for file in index.files)
    return encode(replace(index, modules=modules, files=files), pieces)


def _moved(module: ModuleEntry, places: dict[Span, Span]) -> ModuleEntry:
    return replace(
        module,
        source=None if module.source is None else places[module.source],
        bytecode=None if module.bytecode is None else places[module.bytecode],
    )


def _all_spans(index: Index) -> Iterable[Span]:
    for module in index.modules:
        yield from (span for span in (module.source, module.bytecode) if span is not None)
    yield from (file.data for file in index.files)
