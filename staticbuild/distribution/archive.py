"""Writes and reads python-build-standalone *full* archives. Of what is in them, it knows that PYTHON.json comes first.

Same tree, same bytes: members are sorted, have one time and one owner, and of their modes only the executable bit
remains. Only empty folders have entries of their own; python-build-standalone puts a file into those instead.

A program of actions: `python3 -m staticbuild.distribution.archive pack TREE ARCHIVE` and `unpack ARCHIVE FOLDER
[--strip N]`.
"""

from __future__ import annotations

import argparse
import os
import stat
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from staticbuild.distribution.metadata import FILE_NAME
from staticbuild.distribution.unpack import unpack
from staticbuild.errors import FormatError, ToolchainError
from staticbuild.program import run

# The time that python-build-standalone gives to all members: the beginning of 2024.
_TIME: Final = 1704067200
_LEVEL: Final = 3
# Bytes differ between no threads and some, but not between few and many.
_THREADS: Final = 2


def pack(tree: Path, archive: Path, *, top: str = "") -> None:
    """Write what is in `tree` into `archive`, compressed with zstd, below the folder `top` of the archive.

    Raises `FormatError` for what an archive must not hold: links that lead out of the tree, devices, sockets.
    """
    # The metadata can then be read without unpacking the rest.
    first = tree / FILE_NAME if top else tree / "python" / FILE_NAME
    members = sorted((path for path in _walk(tree) if path != tree), key=lambda path: (path != first, path.as_posix()))
    with (
        archive.open("wb") as file,
        _compressed(file) as stream,
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT, encoding="utf-8", errors="surrogateescape") as tar,
    ):
        for path in members:
            _add(tar, tree, path, top)


def _walk(folder: Path) -> Iterator[Path]:
    """All files and links below `folder`, and the folders that hold none."""
    with os.scandir(folder) as entries:
        found = list(entries)
    if not found:
        yield folder
    for entry in found:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path)
        else:
            yield path


def _add(tar: tarfile.TarFile, tree: Path, path: Path, top: str) -> None:
    name = f"{top}/{path.relative_to(tree).as_posix()}" if top else path.relative_to(tree).as_posix()
    status = path.lstat()
    member = tarfile.TarInfo(name)
    member.mtime = _TIME
    member.uname = member.gname = "root"
    if stat.S_ISLNK(status.st_mode):
        root, real = os.path.realpath(tree), os.path.realpath(path)
        target = str(path.readlink())
        if os.path.isabs(target) or (real != root and not real.startswith(root + os.sep)):
            raise FormatError(f"cannot archive the link `{name}`: it points outside, to `{target}`")
        member.type = tarfile.SYMTYPE
        member.linkname = target
        member.mode = 0o777
        tar.addfile(member)
        return
    if stat.S_ISDIR(status.st_mode):
        member.type = tarfile.DIRTYPE
        member.mode = 0o755
        tar.addfile(member)
        return
    if not stat.S_ISREG(status.st_mode):
        raise FormatError(f"cannot archive `{name}`: it is neither file, folder nor link")
    member.size = status.st_size
    member.mode = 0o755 if status.st_mode & stat.S_IXUSR else 0o644
    with path.open("rb") as content:
        tar.addfile(member, content)


@contextmanager
def _compressed(file: IO[bytes]) -> Iterator[IO[bytes]]:
    try:
        import zstandard  # noqa: PLC0415 - unpacking may do without
    except ImportError as error:
        raise ToolchainError("this Python cannot write zstd", hint="pip install zstandard") from error
    compressor = zstandard.ZstdCompressor(level=_LEVEL, threads=_THREADS, write_checksum=True)
    with compressor.stream_writer(file, closefd=False) as stream:
        yield stream


def main(arguments: list[str] | None = None) -> int:
    """The command line. Problems go to stderr, and 1 is returned for them."""
    parser = argparse.ArgumentParser(prog="python3 -m staticbuild.distribution.archive", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack", help="write an archive")
    packing.add_argument("tree", type=Path, help="the folder that holds `python/`")
    packing.add_argument("archive", type=Path)
    packing.add_argument("--top", default="", help="the folder of the archive that everything goes into")
    unpacking = commands.add_parser("unpack", help="read one")
    unpacking.add_argument("archive", type=Path)
    unpacking.add_argument("folder", type=Path)
    unpacking.add_argument("--strip", type=int, default=0, help="how many leading parts of each name to drop")
    options: Any = parser.parse_args(arguments)
    if options.command == "pack":
        return run(lambda: pack(options.tree, options.archive, top=options.top), sys.stderr)
    return run(lambda: unpack(options.archive, options.folder, strip=options.strip), sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
