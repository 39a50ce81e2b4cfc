"""What was compressed is read, and any bytes are what was compressed or an error."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from typing import get_args

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from staticbuild.errors import FormatError
from staticbuild.packing import resource
from staticbuild.packing.compress import compress_blob
from staticbuild.packing.compression import compress, decompress
from staticbuild.packing.format import LARGEST_CONTENT
from staticbuild.packing.plan import DataKind
from staticbuild.packing.reader import read, read_index
from staticbuild.packing.resource import File, Module, ModuleKind, Resources
from staticbuild.packing.writer import merge, write
from tests.packing.blob_strategies import resources

KINDS: tuple[DataKind, ...] = get_args(DataKind)
TEXT = b"".join(b"def f%d(x):\n    return x + %d\n" % (number, number) for number in range(40))


def enlarged(given_resources: Resources) -> Resources:
    """The same with enough data in everything to be compressed."""

    def more(data: bytes | None) -> bytes | None:
        return None if data is None else data * 40

    return replace(
        given_resources,
        modules=tuple(
            replace(module, source=more(module.source), bytecode=more(module.bytecode)) for module in given_resources.modules
        ),
        files=tuple(replace(file, data=file.data * 40) for file in given_resources.files),
    )


@settings(deadline=None)  # three merges for each example take long on a busy machine
@given(resources().map(enlarged), st.sets(st.sampled_from(KINDS)))
def test_what_was_compressed_is_read(given_resources: Resources, kinds: set[DataKind]) -> None:
    plain = write(given_resources)
    compressed = compress_blob(plain, kinds)
    assert read(compressed.blob) == given_resources
    assert len(compressed.blob) <= len(plain)
    assert read(merge([compressed.blob])) == given_resources
    # What is compressed already is left alone.
    assert read(compress_blob(compressed.blob, KINDS).blob) == given_resources


@given(st.binary(max_size=3000) | st.sampled_from([TEXT, bytes(100_000)]))
def test_pieces(data: bytes) -> None:
    frame = compress(data)
    assert frame is None or (decompress(frame) == data and len(frame) < len(data))


@given(st.binary(max_size=200))
@example(b"")
@example(bytes.fromhex("28b52ffd"))
@example(bytes.fromhex("28b52ffd2000010000"))
@example(zstandard.ZstdCompressor(write_content_size=False).compress(TEXT))
@example(zstandard.ZstdCompressor().compress(TEXT) * 2)
@example(zstandard.ZstdCompressor().compress(TEXT)[:-1])
@example(zstandard.ZstdCompressor().compress(b""))
# A frame that says it holds more than there is memory.
@example(bytes.fromhex("28b52ffde0ffffffffffffff00"))
def test_any_bytes(data: bytes) -> None:
    for bytes_given in (data, bytes.fromhex("28b52ffd") + data):
        with pytest.raises(FormatError, match="compressed data is damaged"):
            decompress(bytes_given)


def test_any_change() -> None:
    frame = compress(TEXT)
    assert frame is not None
    for position, byte in enumerate(frame):
        for value in (0, byte ^ 1, byte ^ 128, 255):
            try:
                assert len(decompress(frame[:position] + bytes([value]) + frame[position + 1 :])) <= LARGEST_CONTENT
            except FormatError:
                continue


@pytest.mark.skipif(sys.version_info < (3, 14), reason="compression.zstd is new in Python 3.14")
def test_the_standard_library_reads_it() -> None:
    assert decompress(compress(TEXT) or b"") == TEXT


SAMPLE = resource.collect(
    [
        Module("a", ModuleKind.MODULE, "a.py", TEXT, TEXT[::-1]),
        Module("small", ModuleKind.MODULE, "small.py", b"x = 1", b"code"),
    ],
    [
        File("same.txt", TEXT),
        File("noise.bin", random.Random(1).randbytes(2000)),
        File("ca.pem", b"-----BEGIN CERTIFICATE-----\n" + b"A" * 2000),
        File("data.txt", TEXT * 2),
    ],
)


class TestChoice:
    def test_what_saves_something(self) -> None:
        compressed = compress_blob(write(SAMPLE), KINDS)
        index, _ = read_index(compressed.blob)
        by_name = {module.name: module for module in index.modules}
        files = {file.path: file.data.compressed for file in index.files}
        source, bytecode = by_name["a"].source, by_name["a"].bytecode
        assert source is not None
        assert bytecode is not None
        assert (source.compressed, bytecode.compressed) == (True, True)
        assert by_name["small"].source is not None
        assert not by_name["small"].source.compressed
        # OpenSSL reads certificates where they are; and equal contents are still stored once.
        assert files == {"same.txt": True, "noise.bin": False, "ca.pem": False, "data.txt": True}
        assert next(file for file in index.files if file.path == "same.txt").data == source
        for saved in compressed.saved:
            assert saved.after < saved.before

    def test_kinds(self) -> None:
        index, _ = read_index(compress_blob(write(SAMPLE), ["bytecode"]).blob)
        assert index.modules[0].bytecode is not None
        assert index.modules[0].source is not None
        assert (index.modules[0].bytecode.compressed, index.modules[0].source.compressed) == (True, False)
        assert not any(file.data.compressed for file in index.files)

    def test_same_bytes_each_time(self) -> None:
        assert compress_blob(write(SAMPLE), KINDS) == compress_blob(write(SAMPLE), KINDS)


def test_changed_bytes() -> None:
    """Of a blob: resources or a FormatError, wherever the change is."""
    blob = compress_blob(write(SAMPLE), KINDS).blob
    for position in range(0, len(blob), 7):
        for value in (0, blob[position] ^ 1, 255):
            try:
                found = read(blob[:position] + bytes([value]) + blob[position + 1 :])
            except FormatError:
                continue
            assert read(write(found)) == found
