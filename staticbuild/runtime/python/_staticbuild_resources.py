# ruff: noqa: INP001, ANN401, PLC0415 - runs inside of the executable, where an import that is not needed costs a start
"""Package data for `importlib.resources`. Knows the tree of files; imported only by those who ask for data."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from importlib.readers import MultiplexedPath
from importlib.resources import as_file
from importlib.resources.abc import Traversable, TraversableResources

import _staticbuild

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def reader(loader: Any) -> Reader:
    """The reader of the folder, or of the folders of a namespace package, that `loader`'s module lies in."""
    if loader.path is None:
        return Reader(folder_of(sys.modules[loader.name].__path__))
    return Reader(_place(loader.path).parent)


def folder_of(filenames: Any) -> Any:
    """Several folders, in the executable or beside it, as one."""
    kind = MultiplexedPath if sys.version_info >= (3, 13) else _Folders
    return kind(*map(_place, filenames))


class _Folders(MultiplexedPath):
    """Several folders as one, for the versions whose own constructor takes real folders only."""

    def __init__(self, *folders: Any) -> None:
        if not all(folder.is_dir() for folder in folders):
            message = "MultiplexedPath only supports directories"
            raise NotADirectoryError(message)
        self._paths = list(dict.fromkeys(folders))


def _place(filename: str) -> Any:
    """A file or folder in the executable, or a real one, which needs no reader of ours."""
    if filename.startswith(f"{_root()}/"):
        return TreePath(_staticbuild.path(filename))
    import pathlib

    return pathlib.Path(filename)


class Reader(TraversableResources):
    """What a loader gives to `importlib.resources`."""

    def __init__(self, folder: Any) -> None:
        self._folder = folder

    def files(self) -> Any:
        """The folder itself."""
        return self._folder


class TreePath(Traversable):
    """A file or folder of the executable's tree. It has the methods of `pathlib.Path` that make sense there."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """The last part."""
        return self._path.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The last part's ending, with its dot."""
        stem, dot, ending = self.name.rpartition(".")
        return dot + ending if stem and ending else ""

    @property
    def stem(self) -> str:
        """The last part without its ending."""
        return self.name.removesuffix(self.suffix)

    @property
    def parent(self) -> TreePath:
        """The folder above; that of the root is the root."""
        return TreePath(self._path.rpartition("/")[0])

    def exists(self) -> bool:
        """Whether there is such a file or folder."""
        return _staticbuild.kind(self._path) is not None

    def is_dir(self) -> bool:
        """Whether this is a folder."""
        return _staticbuild.kind(self._path) == "folder"

    def is_file(self) -> bool:
        """Whether this is a file."""
        return _staticbuild.kind(self._path) == "file"

    def iterdir(self) -> Iterator[TreePath]:
        """What lies directly in this folder."""
        if not self.is_dir():
            raise self._error()
        prefix = self._path + "/" if self._path else ""
        return (TreePath(prefix + name) for name, _ in _staticbuild.list(self._path))

    def joinpath(self, *descendants: Any) -> TreePath:
        """A path below this one. As with `pathlib`, `..` is resolved, but never above the tree."""
        parts = [part for descendant in descendants for part in str(descendant).split("/")]
        path = _staticbuild.path("/".join([_root(), self._path, *parts]))
        return TreePath(path)

    def __truediv__(self, other: Any) -> TreePath:
        return self.joinpath(other)

    def read_bytes(self) -> bytes:
        """The contents."""
        data = _staticbuild.read(self._path)
        if data is None:
            raise self._error()
        return data

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        """The contents as text, with line ends as Python has them."""
        with self.open(encoding=encoding, errors=errors) as file:
            return file.read()

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        """Open for reading."""
        if mode not in {"r", "rt", "rb"}:
            message = f"mode {mode!r}: what is in the executable can only be read"
            raise ValueError(message)
        stream = io.BytesIO(self.read_bytes())
        if mode == "rb":
            return stream
        if not args and "encoding" not in kwargs:
            kwargs["encoding"] = io.text_encoding(None)
        return io.TextIOWrapper(stream, *args, **kwargs)

    def __str__(self) -> str:
        return f"{_root()}/{self._path}" if self._path else _root()

    def __repr__(self) -> str:
        return f"TreePath({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TreePath) and self._path == other._path

    def __hash__(self) -> int:
        return hash(self._path)

    def _error(self) -> OSError:
        """Why this cannot be read, as the operating system would put it."""
        import errno

        if self.is_dir():
            number = errno.EISDIR
        elif any(TreePath(above).is_file() for above in self._lineage()):
            number = errno.ENOTDIR
        else:
            number = errno.ENOENT
        # OSError makes itself the subclass that belongs to the number.
        return OSError(number, os.strerror(number), str(self))

    def _lineage(self) -> Iterator[str]:
        """This path and those above it."""
        path = self._path
        while path:
            yield path
            path = path.rpartition("/")[0]


def _root() -> str:
    return _staticbuild.executable


# What programs go by the name of rather than by the content: these stay temporary files, as `importlib` makes them.
_NAMED = frozenset(
    [".bz2", ".dll", ".egg", ".exe", ".gz", ".js", ".py", ".pyc", ".pyd", ".sh", ".so", ".tar", ".tgz", ".whl", ".xz", ".zip"]
)
_temporary = as_file.dispatch(object)


def _as_file(path: TreePath) -> Any:
    """A path of the operating system for a while. A single file lies in memory: nothing is written to disk."""
    # Python for a glibc before 2.27 has no memfd_create.
    has_memory = hasattr(os, "memfd_create") and os.path.isdir(_descriptors())
    if path.is_file() and path.suffix not in _NAMED and has_memory:
        return _in_memory(path)
    if path.is_dir() and sys.version_info < (3, 12):
        return _folder(path)
    return _temporary(path)


# Not as a decorator, which would look the annotations up, and those are for type checkers only.
as_file.register(TreePath, _as_file)


def _descriptors() -> str:
    # By number, not `self`: a child process that gets the path must find its parent's file.
    return f"/proc/{os.getpid()}/fd"


@contextlib.contextmanager
def _folder(path: TreePath) -> Iterator[Any]:
    """A temporary copy of a folder, which `importlib` itself makes since 3.12."""
    import pathlib
    import tempfile

    def copy(source: TreePath, target: pathlib.Path) -> pathlib.Path:
        if source.is_file():
            target.write_bytes(source.read_bytes())
            return target
        target.mkdir()
        for child in source.iterdir():
            copy(child, target / child.name)
        return target

    with tempfile.TemporaryDirectory() as name:
        yield copy(path, pathlib.Path(name, path.name or "files"))


@contextlib.contextmanager
def _in_memory(path: TreePath) -> Iterator[Any]:
    import fcntl
    import pathlib

    descriptor = os.memfd_create(path.name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(path.read_bytes())
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
        yield pathlib.Path(_descriptors(), str(descriptor))
    finally:
        os.close(descriptor)
