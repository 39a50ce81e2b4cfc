"""Compresses pieces of data, and reads them again. Knows zstd, nothing of where pieces are.

Python has zstd since 3.14; before, it comes from the package `zstandard`, which a distribution's interpreter does not have.
"""

from __future__ import annotations

import sys

from staticbuild.errors import FormatError, ToolchainError
from staticbuild.packing.format import LARGEST_CONTENT

# Higher levels take ten times as long for a twentieth less.
_LEVEL = 9
# Less than this is not worth a decompression: an eighth, or a few lines.
_WORTH_A_PART = 8
_WORTH_BYTES = 256


def compress(piece: bytes | memoryview) -> bytes | None:
    """`piece` as one frame that says how many bytes it holds; None where that saves little."""
    if not _WORTH_BYTES <= len(piece) <= LARGEST_CONTENT:
        return None
    import zstandard  # noqa: PLC0415 - see the top of the file

    frame: bytes = zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(piece)
    return frame if len(frame) <= len(piece) - len(piece) // _WORTH_A_PART else None


def decompress(frame: bytes | memoryview) -> bytes:
    """What `compress` was given. Any other bytes are a FormatError, and take no more memory than they say they hold."""
    frame = bytes(frame)
    if sys.version_info >= (3, 14):
        return _decompress_with_python(frame)
    try:
        import zstandard  # noqa: PLC0415 - see the top of the file
    except ImportError as error:
        raise ToolchainError("this Python cannot read zstd", hint="pip install zstandard, or use Python 3.14") from error
    try:
        size = zstandard.get_frame_parameters(frame).content_size
        if size > LARGEST_CONTENT:
            raise _damaged("it holds too much, or does not say how much")
        if not size:
            # What the module takes for "unknown". We write no such frame.
            raise _damaged("it holds nothing")
        content: bytes = zstandard.ZstdDecompressor().decompress(
            frame, max_output_size=size, read_across_frames=False, allow_extra_data=False
        )
    except (zstandard.ZstdError, MemoryError) as error:
        raise _damaged(str(error)) from error
    return _checked(content, size)


def _decompress_with_python(frame: bytes) -> bytes:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415 - new in 3.14

    try:
        size = zstd.get_frame_info(frame).decompressed_size
        if not size or size > LARGEST_CONTENT:
            raise _damaged("it holds nothing or too much, or does not say how much")
        reader = zstd.ZstdDecompressor()
        content: bytes = reader.decompress(frame, max_length=size)
        if not reader.eof or reader.unused_data:
            raise _damaged("it is cut off, or something follows it")
    except (zstd.ZstdError, MemoryError) as error:
        raise _damaged(str(error)) from error
    return _checked(content, size)


def _checked(content: bytes, size: int) -> bytes:
    if len(content) != size:
        raise _damaged("it holds another number of bytes than it says")
    return content


def _damaged(reason: str) -> FormatError:
    return FormatError(f"not a blob: compressed data is damaged: {reason}")
