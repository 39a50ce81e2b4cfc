"""Unpacks archives from outside (source tarballs, zips, distribution archives) into a folder, whatever they contain.

Of a member's metadata only the executable bit is kept. Nothing is written outside of the folder, through a link, or
twice; what would need that, and anything but files, folders and links, is a `FormatError`. So is an archive that
unpacks to more than any real one: the sizes that a header promises are not believed, bytes are counted as they come.

A program of actions: `python3 -m staticbuild.distribution.unpack ARCHIVE FOLDER [--strip N]`. Needs the standard
library only, except that zstd before Python 3.14 comes from `zstandard`.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import lzma
import os
import stat
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, Any, Final, cast

from staticbuild.errors import FormatError, ToolchainError
from staticbuild.program import run

_CHUNK: Final = 1 << 20
# Of a tar's extended header (long names, pax records), which is read into memory whole.
_LARGEST_HEADER: Final = 1 << 20
_LONGEST_PATH: Final = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """More than any real archive holds: LLVM's sources are 2 GB in 150,000 files."""

    total_bytes: int = 8 << 30
    members: int = 500_000


DEFAULT_LIMITS: Final = Limits()


class Kind(Enum):
    """What a member becomes."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symbolic link"
    HARD_LINK = "hard link"


@dataclass(frozen=True, slots=True)
class Entry:
    """A member as the archive describes it. `content` can be read until the next entry is asked for."""

    name: str
    kind: Kind
    executable: bool = False
    target: str = ""
    content: IO[bytes] | None = None


def unpack(archive: Path, folder: Path, *, strip: int = 0, limits: Limits = DEFAULT_LIMITS) -> None:
    """Write the members of `archive` below `folder`, without the first `strip` parts of their names.

    Raises `FormatError` if it is damaged, of an unknown format, or must not be unpacked; what was written stays then.
    """
    with _naming(archive):
        target = _Target(folder, strip, limits)
        for entry in _entries(archive):
            target.add(entry)
        target.check_links()


@contextmanager
def _naming(archive: Path) -> Iterator[None]:
    try:
        yield
    except FormatError as error:
        raise FormatError(f"cannot unpack `{archive.name}`: {error.message}", hint=error.problems[0].hint) from error


class _Target:
    """The folder that is filled. Knows what it has written, so that nothing is written through or over it."""

    def __init__(self, folder: Path, strip: int, limits: Limits) -> None:
        self._folder = folder
        self._strip = strip
        self._limits = limits
        self._kinds: dict[tuple[str, ...], Kind] = {(): Kind.FOLDER}
        self._bytes = 0
        self._members = 0
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, entry: Entry) -> None:
        self._members += 1
        if self._members > self._limits.members:
            raise FormatError(f"it has more than {self._limits.members} members")
        parts = _parts(entry.name)
        stripped = parts[self._strip :]
        if not stripped:
            if entry.kind is Kind.FOLDER:
                return
            raise FormatError(f"its member `{entry.name}` stands above the folder that is unpacked")
        if entry.kind is Kind.FOLDER:
            self._make_folder(stripped)
            return
        self._make_folder(stripped[:-1])
        if stripped in self._kinds:
            raise FormatError(f"it has two members called `{'/'.join(stripped)}`")
        self._kinds[stripped] = entry.kind
        path = self._folder.joinpath(*stripped)
        match entry.kind:
            case Kind.SYMLINK:
                self._make_symlink(path, stripped, entry.target)
            case Kind.HARD_LINK:
                self._copy_link(path, entry)
            case _:
                self._write(path, entry)

    def _make_folder(self, parts: tuple[str, ...]) -> None:
        for length in range(1, len(parts) + 1):
            part = parts[:length]
            kind = self._kinds.get(part)
            if kind is None:
                self._kinds[part] = Kind.FOLDER
                self._folder.joinpath(*part).mkdir(exist_ok=True)
            elif kind is not Kind.FOLDER:
                raise FormatError(f"its member `{'/'.join(part)}` is a {kind.value} and also a folder")

    def _make_symlink(self, path: Path, parts: tuple[str, ...], target: str) -> None:
        depth = len(parts) - 1
        pieces = target.split("/")
        if not target or target.startswith("/") or "\0" in target or len(target) > _LONGEST_PATH:
            raise FormatError(f"its link `{'/'.join(parts)}` points outside, to `{target[:200]}`")
        for piece in pieces:
            depth += -1 if piece == ".." else 0 if piece in {"", "."} else 1
            if depth < 0:
                raise FormatError(f"its link `{'/'.join(parts)}` points outside, to `{target}`")
        path.symlink_to(target)

    def _copy_link(self, path: Path, entry: Entry) -> None:
        # A second name for a member that came before; made a file of its own, as trees have no inodes.
        source = _parts(entry.target)[self._strip :]
        if self._kinds.get(source) not in {Kind.FILE, Kind.HARD_LINK}:
            raise FormatError(f"its hard link `{entry.name}` is to `{entry.target}`, which no file before it is called")
        origin = self._folder.joinpath(*source)
        executable = bool(origin.stat().st_mode & stat.S_IXUSR)
        with origin.open("rb") as content:
            self._write(path, Entry(entry.name, Kind.FILE, executable, content=content))

    def _write(self, path: Path, entry: Entry) -> None:
        content = entry.content
        assert content is not None  # noqa: S101 - of every file
        with path.open("xb") as file:
            while chunk := _reading(content):
                self._bytes += len(chunk)
                if self._bytes > self._limits.total_bytes:
                    raise FormatError(f"it unpacks to more than {self._limits.total_bytes} bytes")
                file.write(chunk)
        path.chmod(0o755 if entry.executable else 0o644)

    def check_links(self) -> None:
        # Names alone do not decide: with `a -> .`, the link `a/a/..` leads out. Now that all links are there, ask the
        # system.
        root = os.path.realpath(self._folder)
        for parts, kind in self._kinds.items():
            if kind is Kind.SYMLINK:
                path = self._folder.joinpath(*parts)
                real = os.path.realpath(path)
                if real != root and not real.startswith(root + os.sep):
                    raise FormatError(f"its link `{'/'.join(parts)}` points outside")


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a member's name; a `FormatError` if it is absolute or steps up."""
    shown = name if len(name) <= _LONGEST_PATH else name[:100] + "…"
    if name.startswith("/") or "\0" in name or len(name) > _LONGEST_PATH:
        raise FormatError(f"its member {shown!r} is not a path below the folder")
    parts = tuple(part for part in name.split("/") if part not in {"", "."})
    if ".." in parts:
        raise FormatError(f"its member {shown!r} is not a path below the folder")
    try:
        os.fsencode(name)
    except UnicodeError as error:
        raise FormatError(f"its member {shown!r} has a name that this system cannot write") from error
    return parts


_DAMAGED: Final = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


def _reading(content: IO[bytes]) -> bytes:
    try:
        return content.read(_CHUNK)
    except _DAMAGED as error:
        raise FormatError(f"it is damaged: {error}") from error


def _entries(archive: Path) -> Iterator[Entry]:
    with archive.open("rb") as file:
        start = file.read(6)
        file.seek(0)
        if start.startswith(b"PK"):
            yield from _zip_entries(file)
        else:
            with decompressed(file, start) as stream:
                yield from _tar_entries(stream)


@contextmanager
def decompressed(file: IO[bytes], start: bytes) -> Iterator[IO[bytes]]:
    """`file` behind the decompression that its first bytes ask for."""
    if start.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=file) as unzipped:
            yield cast("IO[bytes]", unzipped)
    elif start.startswith(b"BZh"):
        with bz2.BZ2File(file) as unzipped_2:
            yield cast("IO[bytes]", unzipped_2)
    elif start.startswith(b"\xfd7zXZ\x00"):
        with lzma.LZMAFile(file) as unpacked:
            yield cast("IO[bytes]", unpacked)
    elif start.startswith(b"\x28\xb5\x2f\xfd"):
        yield _Zstd(file)  # type: ignore[misc]
    else:
        yield file


class _Zstd:
    """zstd by whichever module there is, with errors that are known here."""

    def __init__(self, file: IO[bytes]) -> None:
        self._errors: tuple[type[Exception], ...]
        try:
            import zstandard  # noqa: PLC0415 - only for this one format

            self._stream: IO[bytes] = zstandard.ZstdDecompressor().stream_reader(file)
            self._errors = (zstandard.ZstdError,)
        except ImportError:
            try:
                from compression import zstd  # type: ignore[import-not-found]  # noqa: PLC0415
            except ImportError as error:
                raise ToolchainError(
                    "this Python cannot read zstd", hint="pip install zstandard, or use Python 3.14 or newer"
                ) from error
            self._stream = zstd.ZstdFile(file)
            self._errors = (zstd.ZstdError,)

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except self._errors as error:
            raise EOFError(str(error)) from error


class _Header(tarfile.TarInfo):
    """A tar's header, refused before what it announces is read into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        header = super().frombuf(buf, encoding, errors)
        in_memory = {*b"xgXLK"}
        if header.size < 0 or (header.type[0] in in_memory and header.size > _LARGEST_HEADER):
            raise FormatError(f"it has a header of {header.size} bytes")
        return header


def _tar_entries(stream: IO[bytes]) -> Iterator[Entry]:
    try:
        # `surrogateescape`: names in other encodings than UTF-8 keep their bytes.
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header, encoding="utf-8", errors="surrogateescape") as tar:
            for member in tar:
                yield _tar_entry(tar, member)
                # Else every member is remembered; there may be half a million.
                tar.members = []  # type: ignore[attr-defined]
    except _DAMAGED as error:
        raise FormatError(f"it is damaged, or not an archive: {error}") from error


def _tar_entry(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    if member.isdir():
        return Entry(member.name, Kind.FOLDER)
    if member.issym():
        return Entry(member.name, Kind.SYMLINK, target=member.linkname)
    if member.islnk():
        return Entry(member.name, Kind.HARD_LINK, target=member.linkname)
    if not member.isfile() or member.issparse():
        raise FormatError(f"its member `{member.name}` is neither file, folder nor link")
    content = tar.extractfile(member)
    return Entry(member.name, Kind.FILE, executable=bool(member.mode & stat.S_IXUSR), content=content)


def _zip_entries(file: IO[bytes]) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                mode = member.external_attr >> 16
                if member.is_dir():
                    yield Entry(member.filename, Kind.FOLDER)
                elif stat.S_ISLNK(mode):
                    with archive.open(member) as content:
                        target = content.read(_LONGEST_PATH + 1)
                    yield Entry(member.filename, Kind.SYMLINK, target=target.decode("utf-8", "surrogateescape"))
                elif stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
                    raise FormatError(f"its member `{member.filename}` is neither file, folder nor link")
                else:
                    with archive.open(member) as content:
                        yield Entry(member.filename, Kind.FILE, bool(mode & stat.S_IXUSR), content=content)
    # NotImplementedError: an unknown compression; RuntimeError: a password.
    except (*_DAMAGED, NotImplementedError, RuntimeError) as error:
        raise FormatError(f"it is damaged, or not an archive: {error}") from error


def main(arguments: list[str] | None = None) -> int:
    """The command line. Problems go to stderr, and 1 is returned for them."""
    parser = argparse.ArgumentParser(prog="python3 -m staticbuild.distribution.unpack", description="Unpack an archive.")
    parser.add_argument("archive", type=Path, help="tar (plain, gzip, bzip2, xz or zstd) or zip")
    parser.add_argument("folder", type=Path, help="where to; made if it does not exist")
    parser.add_argument("--strip", type=int, default=1, help="how many leading parts of each name to drop (default: 1)")
    options: Any = parser.parse_args(arguments)
    return run(lambda: unpack(options.archive, options.folder, strip=options.strip), sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
