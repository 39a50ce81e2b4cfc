# ruff: noqa: INP001, PLC0415, S108, SIM105 - runs inside of the executable, where an import that is not needed costs a start
"""Puts files of the executable on disk, for packages that open them. Knows folders and who may write there, not imports.

Imported by the importer in C when the first module of such a package is looked for. The files go to a folder that the
digest of all of them names, below the user's cache. Somebody else may have been there before us, so nothing on disk is
believed: every folder from the root on must be one that only we, or the system, can change, and every file must hold
what the executable holds, each time that a process begins to use it. What does not is left alone, and the files are
written again under another name. They are written to a folder of another name that is renamed in the end, so that
programs that start at the same time, or are killed, never see half of them.

The Python code that runs is always the executable's own. Shared libraries are what the system's loader finds in these files,
so they are used from file systems only that allow it to; where there is none, extension modules are loaded from memory.
"""

from __future__ import annotations

import os
from _thread import allocate_lock

import _staticbuild

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# To look at a folder above ours it need not be readable, as /home is not everywhere.
_ABOVE = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Not blocking: somebody may have put a pipe there.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_KIND, _IS_FOLDER, _IS_FILE = 0o170000, 0o040000, 0o100000
_STICKY, _OTHERS, _OTHERS_WRITE = 0o1000, 0o077, 0o022

_NOT_PERMITTED = 1  # EPERM
# Names for one digest, when what lies at the earlier ones is not sound.
_NAMES = 10
# A folder that a killed program began to write is removed when it is older than this.
_DAY = 86400

_MACHINE_CODE = b"\x7fELF"

_lock = allocate_lock()
_known: dict[int, str | None] = {}
_failures: dict[int, str] = {}


class UnsafeError(Exception):
    """Somebody else could change what lies in a folder; the text says which and how."""


def provide(number: int) -> str | None:
    """The folder below which the files of a location are, written and checked; None if they must stay in memory.

    Raises ImportError when files that belong beside the executable are not there.
    """
    with _lock:
        if number not in _known:
            name, folder, beside, files = _staticbuild.location(number)
            _check_paths([folder, *(path for path, _ in files)])
            _known[number] = _beside(name, folder) if beside else _extracted(number, name, folder, files)
        return _known[number]


def failures(number: int) -> str:
    """Why the files of a location must stay in memory."""
    return _failures.get(number, "")


def filename(path: str) -> str | None:
    """Where the file at `path` of the tree is on disk; None when it is in memory only."""
    number = _staticbuild.location_of(path)
    root = None if number is None else provide(number)
    return None if root is None else f"{root}/{path}"


def _check_paths(paths: Iterable[str]) -> None:
    for path in paths:
        if not all(part not in {"", ".", ".."} for part in path.split("/")) or "\0" in path:
            raise ImportError("the resources in this executable are damaged")


def _beside(name: str, folder: str) -> str:
    root = os.path.join(os.path.dirname(_staticbuild.executable), folder)
    if not os.path.isdir(root):
        raise ImportError(
            f"the files of {name} are missing: the folder `{root}` belongs beside the executable", name=name, path=root
        )
    return root


def _extracted(number: int, name: str, folder: str, files: Sequence[tuple[str, bool]]) -> str | None:
    application, _, digest = folder.rpartition("/")
    is_code = [_staticbuild.view(path)[:4] == _MACHINE_CODE for path, _ in files]
    failures = []
    for base, own in _caches(application):
        try:
            return _provide_below(base, own, digest, files, runs=any(is_code))
        except UnsafeError as error:
            failures.append(str(error))
        except OSError as error:
            failures.append(f"{base}: {error.strerror or error}")
    _failures[number] = "; ".join(failures) or "there is neither a home nor a temporary folder"
    if not all(is_code):
        import warnings  # only where something is wrong

        message = (
            f"no private folder takes the files of {name}, so they stay in memory and cannot be opened by name "
            f"({_failures[number]}); set XDG_CACHE_HOME to a folder of yours"
        )
        warnings.warn(message, RuntimeWarning, stacklevel=3)
    return None


def _caches(application: str) -> Iterator[tuple[str, str]]:
    """The folders to try: one that should exist or may be made, and the name of ours in it."""
    # With the rights of somebody else the environment is not ours to believe.
    if os.getuid() == os.geteuid() and os.getgid() == os.getegid():
        cache, home = os.environ.get("XDG_CACHE_HOME", ""), os.environ.get("HOME", "")
        if os.path.isabs(cache):
            yield cache, application
        elif os.path.isabs(home) and os.path.isdir(home):
            yield os.path.join(home, ".cache"), application
        temporary = os.environ.get("TMPDIR", "")
        if os.path.isabs(temporary) and os.path.isdir(temporary):
            yield temporary, f"{application}-{os.geteuid()}"
    for temporary in ("/tmp", "/var/tmp"):
        if os.path.isdir(temporary):
            yield temporary, f"{application}-{os.geteuid()}"


def _provide_below(base: str, own: str, digest: str, files: Sequence[tuple[str, bool]], *, runs: bool) -> str:
    """The folder with the files, below `base`/`own`. Raises OSError or UnsafeError if there can be none.

    `runs`: whether there is machine code among them, which the file system must allow to be run.
    """
    real, parent = _open_private(os.path.join(os.path.realpath(base), own))
    try:
        if runs and os.fstatvfs(parent).f_flag & os.ST_NOEXEC:
            raise PermissionError(_NOT_PERMITTED, "nothing may be run from there (it is mounted with noexec)")
        for attempt in range(_NAMES):
            name = f"{digest}-{attempt}" if attempt else digest
            sound = _is_sound(parent, name, files)
            if sound is None:
                _write(parent, name, files)
                # Another program may have been quicker, and not every file system keeps what it is told.
                sound = _is_sound(parent, name, files)
            if sound:
                return f"{real}/{name}"
    finally:
        os.close(parent)
    raise UnsafeError(f"{real}: {_NAMES} folders named {digest} hold something else; remove them")


def _open_private(path: str) -> tuple[str, int]:
    """Open a folder that only we can write to; make it, and those above it, where they are missing.

    `path` has no symlinks, and none is followed: each folder is opened in the one above, and checked.
    """
    *above, last = path.strip("/").split("/")
    descriptor = os.open("/", _ABOVE)
    try:
        here = "/"
        _check(os.fstat(descriptor), here)
        for part in above:
            here = os.path.join(here, part)
            descriptor = _step(descriptor, part, _ABOVE)
            _check(os.fstat(descriptor), here)
        descriptor = _step(descriptor, last, _FOLDER)
        _check(os.fstat(descriptor), path, owners={os.geteuid()}, mode=0)
    except BaseException:
        os.close(descriptor)
        raise
    return path, descriptor


def _step(descriptor: int, part: str, flags: int) -> int:
    """Go one folder down; the folder above is closed."""
    try:
        below = os.open(part, flags, dir_fd=descriptor)
    except FileNotFoundError:
        try:
            os.mkdir(part, 0o700, dir_fd=descriptor)
        except FileExistsError:
            pass  # another program was quicker
        below = os.open(part, flags, dir_fd=descriptor)
    os.close(descriptor)
    return below


def _check(status: os.stat_result, path: str, owners: Container[int] = (), mode: int = _STICKY) -> None:
    """Raise if somebody but `owners` (the system and us) could put another folder in the place of one in this."""
    if status.st_uid not in (owners or {0, os.geteuid()}):
        raise UnsafeError(f"{path}: belongs to another user")
    # Where all may write, as in /tmp, a sticky bit keeps what is there from being renamed by others.
    if status.st_mode & _OTHERS_WRITE and not status.st_mode & mode:
        raise UnsafeError(f"{path}: others can write there")


def _is_sound(parent: int, name: str, files: Sequence[tuple[str, bool]]) -> bool | None:
    """Whether a folder of ours holds what the executable holds, and nobody else can touch it; None if there is none."""
    try:
        root = os.open(name, _FOLDER, dir_fd=parent)
    except FileNotFoundError:
        return None
    except OSError:
        return False  # a symlink, or no folder
    folders = _Folders(root)
    try:
        return _is_ours(os.fstat(root), _IS_FOLDER) and all(
            _is_sound_file(folders, path, executable) for path, executable in files
        )
    except OSError:
        return False
    finally:
        folders.close()


def _is_sound_file(folders: _Folders, path: str, executable: bool) -> bool:  # noqa: FBT001 - as it comes
    folder, _, name = path.rpartition("/")
    contents = _staticbuild.view(path)
    descriptor = os.open(name, _READ, dir_fd=folders.open(folder))
    try:
        status = os.fstat(descriptor)
        if not _is_ours(status, _IS_FILE) or status.st_size != len(contents) or bool(status.st_mode & 0o100) != executable:
            return False
        return _staticbuild.same(descriptor, contents)  # type: ignore[no-any-return]
    finally:
        os.close(descriptor)


def _is_ours(status: os.stat_result, kind: int) -> bool:
    return status.st_mode & _KIND == kind and status.st_uid == os.geteuid() and not status.st_mode & _OTHERS


class _Folders:
    """The folders on the way to the last file, open. Files come sorted, so few are open at a time and each is checked once."""

    def __init__(self, root: int, make: bool = False) -> None:  # noqa: FBT001, FBT002 - private
        self._open: list[tuple[str, int]] = [("", root)]
        self._make = make

    def open(self, folder: str) -> int:
        """The folder of that path. Raises OSError when it is missing, or not ours alone."""
        while self._open[-1][0] and not f"{folder}/".startswith(self._open[-1][0] + "/"):
            os.close(self._open.pop()[1])
        path, descriptor = self._open[-1]
        for part in folder[len(path) :].strip("/").split("/") if folder != path else ():
            if self._make:
                os.mkdir(part, 0o700, dir_fd=descriptor)
            descriptor = os.open(part, _FOLDER, dir_fd=descriptor)
            path = f"{path}/{part}" if path else part
            self._open.append((path, descriptor))
            if not self._make and not _is_ours(os.fstat(descriptor), _IS_FOLDER):
                raise PermissionError(path)
        return descriptor

    def close(self) -> None:
        """Close all."""
        for _, descriptor in self._open:
            os.close(descriptor)


def _write(parent: int, name: str, files: Sequence[tuple[str, bool]]) -> None:
    """Write the files to a new folder that gets its name when it is complete."""
    _sweep(parent)
    temporary = f".{name}.{os.urandom(8).hex()}"
    os.mkdir(temporary, 0o700, dir_fd=parent)
    try:
        folders = _Folders(os.open(temporary, _FOLDER, dir_fd=parent), make=True)
        try:
            for path, executable in files:
                folder, _, last = path.rpartition("/")
                _write_file(folders.open(folder), last, _staticbuild.view(path), executable)
        finally:
            folders.close()
        try:
            os.rename(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
        except OSError:
            # Something of that name is there by now; the caller looks at it.
            _remove(parent, temporary)
    except BaseException:
        _remove(parent, temporary)
        raise


def _write_file(folder: int, name: str, contents: memoryview, executable: bool) -> None:  # noqa: FBT001 - as it comes
    # Writable for us: a package that copies its templates copies the mode, too, and the copies are meant to be edited.
    mode = 0o700 if executable else 0o600
    descriptor = os.open(name, _WRITE, mode, dir_fd=folder)
    try:
        # Whatever the umask says.
        os.fchmod(descriptor, mode)
        while contents:
            contents = contents[os.write(descriptor, contents) :]
    finally:
        os.close(descriptor)


def _sweep(parent: int) -> None:
    """Remove what killed programs left."""
    import time  # only where something is written

    for name in os.listdir(parent):
        if name.startswith("."):
            try:
                age = time.time() - os.stat(name, dir_fd=parent, follow_symlinks=False).st_mtime
            except OSError:
                continue
            if age > _DAY:
                _remove(parent, name)


def _remove(parent: int, name: str) -> None:
    """Remove a folder with all that is in it, as far as that can be done. Symlinks are removed, not followed."""
    try:
        descriptor = os.open(name, _FOLDER, dir_fd=parent)
    except OSError:
        return
    try:
        for entry in os.listdir(descriptor):
            try:
                os.unlink(entry, dir_fd=descriptor)
            except OSError:
                _remove(descriptor, entry)
    finally:
        os.close(descriptor)
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError:
        pass
