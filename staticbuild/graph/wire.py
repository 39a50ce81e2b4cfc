"""The few messages of the Remote Execution API v2 that name an action, as bytes. Knows nothing of digests' meaning or the disk.

An action's identity is the SHA-256 of the canonical protobuf encoding of `build.bazel.remote.execution.v2.Action`, so that the
same digest works in a remote cache. Six small messages do not earn a dependency on protobuf's runtime and its version pins;
a test compares every encoder here with protobuf's own.

Source: remote_execution.proto (field numbers) and the protocol buffers encoding specification. Canonical means: fields in
the order of their numbers, default values left out, repeated entries sorted as the API asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from staticbuild.errors import FormatError

_VARINT = 0
_BYTES = 2

_HASH_LENGTH = 64
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """SHA-256 (64 hex digits) and size in bytes of some content."""

    hash: str
    size: int

    def encode(self) -> bytes:
        """The message `Digest`."""
        return _text(1, self.hash) + _number(2, self.size)


@dataclass(frozen=True, slots=True)
class FileNode:
    """A file in a directory."""

    name: str
    digest: Digest
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    """One folder: files, folders (name and the digest of their own message) and symlinks (name and target)."""

    files: tuple[FileNode, ...] = ()
    directories: tuple[tuple[str, Digest], ...] = ()
    symlinks: tuple[tuple[str, str], ...] = ()

    def encode(self) -> bytes:
        """The message `Directory`, its entries sorted by name."""
        parts = []
        for node in sorted(self.files, key=lambda node: node.name):
            body = _text(1, node.name) + _message(2, node.digest.encode()) + _number(4, int(node.executable))
            parts.append(_message(1, body))
        parts += [_message(2, _text(1, name) + _message(2, digest.encode())) for name, digest in sorted(self.directories)]
        parts += [_message(3, _text(1, name) + _text(2, target)) for name, target in sorted(self.symlinks)]
        return b"".join(parts)

    @classmethod
    def decode(cls, data: bytes) -> Directory:
        """The folder that `data` describes. Raises FormatError for other bytes and for names that are not plain names."""
        files, directories, symlinks = [], [], []
        seen = set()
        for number, value in _fields(data):
            entry = dict(_fields(_as_bytes(value)))
            name = _as_text(entry.get(1, b""))
            if name in ("", ".", "..") or "/" in name or "\0" in name:
                raise FormatError(f"a directory entry is named {name!r}")
            if name in seen:
                raise FormatError(f"two directory entries are named {name!r}")
            seen.add(name)
            if number == 1:
                files.append(FileNode(name, _decode_digest(entry.get(2, b"")), bool(entry.get(4, 0))))
            elif number == 2:  # noqa: PLR2004 - field numbers
                directories.append((name, _decode_digest(entry.get(2, b""))))
            elif number == 3:  # noqa: PLR2004
                target = _as_text(entry.get(2, b""))
                if not target or "\0" in target:
                    raise FormatError(f"the symlink {name!r} leads to {target!r}")
                symlinks.append((name, target))
        return cls(tuple(files), tuple(directories), tuple(symlinks))


@dataclass(frozen=True, slots=True)
class Command:
    """How an action is run, without its inputs."""

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    output_files: tuple[str, ...] = ()
    output_directories: tuple[str, ...] = ()
    platform: tuple[tuple[str, str], ...] = ()

    def encode(self) -> bytes:
        """The message `Command`.

        `output_paths` (API 2.1) is set beside the older pair of fields, which servers of 2.0 read and newer ones ignore.
        """
        parts = [_text(1, argument, keep_empty=True) for argument in self.argv]
        parts += [_message(2, _text(1, name) + _text(2, value)) for name, value in sorted(self.env)]
        parts += [_text(3, path) for path in sorted(self.output_files)]
        parts += [_text(4, path) for path in sorted(self.output_directories)]
        if self.platform:
            parts.append(_message(5, encode_platform(self.platform)))
        parts += [_text(7, path) for path in sorted((*self.output_files, *self.output_directories))]
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class ActionMessage:
    """The message whose digest names an action."""

    command: Digest
    input_root: Digest
    timeout_seconds: int
    salt: bytes = b""
    platform: tuple[tuple[str, str], ...] = field(default=())

    def encode(self) -> bytes:
        """The message `Action`."""
        body = _message(1, self.command.encode()) + _message(2, self.input_root.encode())
        if self.timeout_seconds:
            body += _message(6, _number(1, self.timeout_seconds))
        if self.salt:
            body += _message(9, self.salt)
        if self.platform:
            body += _message(10, encode_platform(self.platform))
        return body


def is_hash(value: object) -> bool:
    """Whether `value` is a SHA-256 in the only spelling that we write."""
    return isinstance(value, str) and len(value) == _HASH_LENGTH and not set(value) - _HEX


def encode_platform(properties: Iterable[tuple[str, str]]) -> bytes:
    """The message `Platform`, its properties sorted by name, then value."""
    return b"".join(_message(1, _text(1, name) + _text(2, value)) for name, value in sorted(properties))


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value) if value else b""


def _message(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(body)) + body


def _text(number: int, value: str, *, keep_empty: bool = False) -> bytes:
    return _message(number, value.encode("utf-8", "surrogateescape")) if value or keep_empty else b""


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    position = 0
    while position < len(data):
        tag, position = _read_varint(data, position)
        if tag & 7 == _VARINT:
            value, position = _read_varint(data, position)
            yield tag >> 3, value
        elif tag & 7 == _BYTES:
            length, position = _read_varint(data, position)
            if position + length > len(data):
                raise FormatError("a directory message ends in the middle of a field")
            yield tag >> 3, data[position : position + length]
            position += length
        else:
            raise FormatError(f"a directory message holds a field of type {tag & 7}")


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:  # noqa: PLR2004 - the longest varint has 64 bits
            raise FormatError("a directory message holds a broken number")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - no continuation bit
            return value, position
        shift += 7


def _as_bytes(value: bytes | int) -> bytes:
    if isinstance(value, int):
        raise FormatError("a directory message holds a number where an entry belongs")
    return value


def _as_text(value: bytes | int) -> str:
    return _as_bytes(value).decode("utf-8", "surrogateescape")


def _decode_digest(value: bytes | int) -> Digest:
    entry = dict(_fields(_as_bytes(value)))
    hash_, size = _as_text(entry.get(1, b"")), entry.get(2, 0)
    if not is_hash(hash_) or not isinstance(size, int):
        raise FormatError(f"{hash_[:80]!r} is not a SHA-256 digest")
    return Digest(hash_, size)
