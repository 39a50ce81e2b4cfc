"""The only door to the world: disk, processes, network, clock, environment. Decides nothing.

Engine code takes a `Host` as an argument and tests give it another one. Programs that run *inside* an action (unpacking,
packing, linking) have their private folder to themselves and do not come through here.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import getpass
import hashlib
import importlib.util
import mmap
import os
import queue
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from staticbuild.errors import StaticbuildError, ToolchainError

# Every file of the store and of a private folder carries this time, so that no clock reaches an output through `make`, `tar` or
# `stat`. Not 0: some tools take 0 for "unknown", and zip cannot say 1970; recipes get SOURCE_DATE_EPOCH on their own.
FIXED_MTIME = 1

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended, and all that it wrote."""

    returncode: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What `stat` says of a file; equal fingerprints mean that the content has not changed since."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    executable: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder. `target` is what a symlink points to, None for files and folders."""

    name: str
    path: str
    is_dir: bool
    executable: bool
    size: int
    mtime_ns: int
    ctime_ns: int
    target: str | None


class Host:
    """This machine. Methods raise `StaticbuildError` where the user can do something (a full disk), else OSError."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self.environ: Mapping[str, str] = dict(os.environ if environ is None else environ)
        self.terminated = False
        self._stopped = threading.Event()

    # --- where things are -------------------------------------------------------------------------------------------

    @property
    def cache_dir(self) -> str:
        """The user's cache folder for staticbuild: `$STATICBUILD_CACHE`, or the platform's usual place."""
        import platformdirs  # noqa: PLC0415 - a build with nothing to do counts its milliseconds

        # Absolute: symlinks lead there, and commands run in other folders.
        return os.path.abspath(
            self.environ.get("STATICBUILD_CACHE") or platformdirs.user_cache_dir("staticbuild", appauthor=False)
        )

    @property
    def config_dir(self) -> str:
        """The user's settings folder for staticbuild."""
        import platformdirs  # noqa: PLC0415 - as above

        return platformdirs.user_config_dir("staticbuild", appauthor=False)

    @property
    def python(self) -> str:
        """The interpreter that runs staticbuild."""
        return sys.executable

    @property
    def cpus(self) -> int:
        """How many processors this process may use."""
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    @property
    def glibc(self) -> tuple[int, int] | None:
        """The version of this host's glibc, as `(2, 36)`; None where programs are run with another C library."""
        try:
            name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
            major, minor = (int(part) for part in version.split(".")[:2])
        except (ValueError, OSError):
            return None
        return (major, minor) if name == "glibc" else None

    @property
    def cwd(self) -> str:
        """The current folder."""
        return str(Path.cwd())

    def package_folder(self, name: str) -> str:
        """The folder of the installed Python package `name`. Raises ToolchainError when it is not installed."""
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise ToolchainError(
                f"the Python package `{name}` is not installed",
                hint=f"run `{sys.executable} -m pip install {name}`, or install staticbuild again",
            )
        return str(spec.submodule_search_locations[0])

    @property
    def has_terminal(self) -> bool:
        """Whether there is a terminal with somebody who can be asked."""
        return sys.stdin is not None and sys.stdin.isatty()

    def ask(self, text: str, *, hidden: bool = False) -> str:
        """What the person at the terminal answers to `text`; hidden, it is not shown while it is typed."""
        if hidden:
            return getpass.getpass(text)
        with open("/dev/tty", "w", encoding="utf-8") as terminal:
            terminal.write(text)
        return sys.stdin.readline().rstrip("\n")

    def find_tool(self, name: str, path: str) -> str | None:
        """Where the program `name` is in the search path `path`."""
        return shutil.which(name, path=path)

    def unique(self) -> str:
        """Sixteen hex digits that nobody has seen before; for names of temporary things, never for what goes into an output."""
        return secrets.token_hex(8)

    # --- files ------------------------------------------------------------------------------------------------------

    def exists(self, path: str) -> bool:
        """Whether `path` exists (a dangling symlink does not)."""
        return os.path.exists(path)

    def is_dir(self, path: str) -> bool:
        """Whether `path` is a folder."""
        return os.path.isdir(path)

    def is_link(self, path: str) -> bool:
        """Whether `path` is a symlink."""
        return os.path.islink(path)

    def is_within(self, path: str, folder: str) -> bool:
        """Whether `path` is below `folder` when all symlinks on the way are followed."""
        return os.path.realpath(path).startswith(os.path.realpath(folder) + "/")

    def fingerprint(self, path: str) -> Fingerprint | None:
        """What `stat` says of the regular file `path`, or None if there is none."""
        try:
            found = os.stat(path)
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        executable = bool(found.st_mode & 0o111)
        return Fingerprint(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, executable)

    def read_bytes(self, path: str) -> bytes:
        """All of a file."""
        return Path(path).read_bytes()

    def read_text(self, path: str) -> str | None:
        """A UTF-8 text file, or None if there is none. Raises UnicodeDecodeError for other bytes."""
        try:
            with _readable(path):
                return Path(path).read_bytes().decode("utf-8")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def write_bytes(self, path: str, data: bytes, *, executable: bool = False) -> None:
        """Make the file `path` hold `data`: all of it, or (after any failure) nothing of it."""
        with _friendly(path):
            self.make_dirs(os.path.dirname(path))
            handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".tmp-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.chmod(temporary, 0o755 if executable else 0o644)
                os.replace(temporary, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise

    def append_text(self, path: str, text: str) -> None:
        """Add `text` to the end of a file in one write."""
        with _friendly(path):
            self.make_dirs(os.path.dirname(path))
            with open(path, "a", encoding="utf-8") as file:
                file.write(text)

    def make_dirs(self, path: str, mode: int = 0o777) -> None:
        """Make a folder and its parents."""
        with _friendly(path):
            os.makedirs(path or ".", mode=mode, exist_ok=True)

    def temporary_dir(self, parent: str) -> str:
        """A new folder in `parent` that only this user can enter."""
        with _friendly(parent):
            self.make_dirs(parent)
            return tempfile.mkdtemp(dir=parent)

    def rename(self, old: str, new: str) -> None:
        """Give `old` the name `new`, at once. An existing file gives way; an existing folder raises OSError."""
        with _friendly(new):
            os.replace(old, new)

    def remove(self, path: str) -> None:
        """Remove a file, a symlink or a whole folder; nothing happens where there is none."""
        with contextlib.suppress(FileNotFoundError):
            if os.path.isdir(path) and not os.path.islink(path):
                _remove_tree(path)
            else:
                os.unlink(path)

    def symlink(self, target: str, path: str) -> None:
        """Make `path` a symlink to `target`."""
        self.make_dirs(os.path.dirname(path))
        with _friendly(path):
            os.symlink(target, path)

    def link_or_copy(self, source: str, target: str) -> None:
        """Make `target` another name of `source`, or a copy where the file system has no hard links."""
        with _friendly(target):
            try:
                os.link(source, target, follow_symlinks=False)
            except OSError as error:
                if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP):
                    raise
                shutil.copy2(source, target, follow_symlinks=False)

    def copy_tree(self, source: str, target: str) -> None:
        """Copy a folder with all that is in it; the copy can be written."""
        with _friendly(target):
            shutil.copytree(source, target, symlinks=True)
            for folder, _, _ in os.walk(target):
                os.chmod(folder, 0o755)  # noqa: S103 - as new folders are

    def tree_size(self, path: str) -> tuple[int, int]:
        """How many files are below a folder, and how many bytes they take; each file counts once, however many names it has."""
        seen: dict[int, int] = {}
        for folder, _, files in os.walk(path):
            for name in files:
                with contextlib.suppress(OSError):
                    found = os.lstat(f"{folder}/{name}")
                    seen[found.st_ino] = found.st_blocks * 512
        return len(seen), sum(seen.values())

    def chmod(self, path: str, mode: int) -> None:
        """Set the permission bits of a file or folder."""
        os.chmod(path, mode)

    def set_mtime(self, path: str, seconds: int = FIXED_MTIME) -> None:
        """Set the modification time of a file or folder."""
        os.utime(path, (seconds, seconds), follow_symlinks=False)

    def copy_and_hash(self, source: str, target: str) -> tuple[str, int]:
        """Copy a file's content; returns the sha256 (hex) and size in bytes of what was copied."""
        digest = hashlib.sha256()
        size = 0
        with _friendly(target):
            self.make_dirs(os.path.dirname(target))
            with open(source, "rb") as reading, open(target, "wb") as writing:
                while chunk := reading.read(_CHUNK):
                    digest.update(chunk)
                    writing.write(chunk)
                    size += len(chunk)
        return digest.hexdigest(), size

    def hash_file(self, path: str) -> tuple[str, int]:
        """The sha256 (hex) and size in bytes of a file."""
        with _readable(path), open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            return digest.hexdigest(), file.tell()

    def find_in_file(self, path: str, needle: bytes) -> int:
        """The offset of the first `needle` in a file, -1 if it does not occur."""
        with open(path, "rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return -1
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                return view.find(needle)

    def browse(self, folder: str) -> list[Entry]:
        """What a folder of the user's holds, sorted by name, without what is neither file, folder nor symlink.

        A folder that cannot be read, or that is gone meanwhile, holds nothing.
        """
        try:
            return self.scan(folder, only_files=True)
        except (PermissionError, FileNotFoundError, NotADirectoryError):
            return []

    def scan(self, folder: str, *, only_files: bool = False) -> list[Entry]:
        """What a folder holds, sorted by name.

        Devices, sockets and pipes raise OSError, because nothing can be built of them; with `only_files` they are passed over.
        """
        entries = []
        with os.scandir(folder) as found:
            for item in found:
                try:
                    status = item.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # gone meanwhile, e.g. the folder of another build that has ended
                kind = stat.S_IFMT(status.st_mode)
                if kind not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
                    if only_files:
                        continue
                    raise OSError(errno.EINVAL, "neither a file, a folder nor a symlink", item.path)
                target = os.readlink(item.path) if kind == stat.S_IFLNK else None
                executable = kind == stat.S_IFREG and bool(status.st_mode & 0o111)
                is_dir = kind == stat.S_IFDIR
                times = (status.st_mtime_ns, status.st_ctime_ns)
                entries.append(Entry(item.name, item.path, is_dir, executable, status.st_size, *times, target))
        return sorted(entries, key=lambda entry: entry.name)

    def open_append(self, path: str) -> IO[bytes]:
        """A file to add bytes to, e.g. a download that goes on."""
        self.make_dirs(os.path.dirname(path))
        with _friendly(path):
            return open(path, "ab")

    def free_space(self, path: str) -> int:
        """How many bytes the file system of `path` has left."""
        return shutil.disk_usage(path).free

    @contextlib.contextmanager
    def lock(self, path: str, *, wait: bool = True) -> Iterator[bool]:
        """Hold the lock file `path`; yields whether it was got. The kernel frees it however this process ends."""
        self.make_dirs(os.path.dirname(path))
        with _friendly(path):
            file = open(path, "ab")  # noqa: SIM115 - the next line does
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True

    # --- processes --------------------------------------------------------------------------------------------------

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        input: bytes | None = None,  # noqa: A002 - the name subprocess has for it
        timeout: float | None = None,
    ) -> Completed:
        """Run a short command to its end. Raises ToolchainError without such a program, TimeoutError for a slow one."""
        try:
            done = subprocess.run(  # noqa: S603 - argv comes from our own callers, and no shell is involved
                list(argv), cwd=cwd, env=env, input=input, capture_output=True, timeout=timeout, check=False
            )
        except FileNotFoundError as error:
            raise ToolchainError(f"`{argv[0]}` is not on this host", hint="run `staticbuild doctor`") from error
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"`{argv[0]}` took longer than {timeout} s") from error
        return Completed(done.returncode, done.stdout, done.stderr)

    def spawn(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], log: str) -> Process:
        """Start a command of a build in a process group of its own; all that it prints goes to the file `log`."""
        with open(log, "wb") as output:
            child = subprocess.Popen(  # noqa: S603 - an action's argv, looked up by the sandbox
                list(argv),
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o022,
            )
        return Process(child)

    def replace_process(self, path: str, argv: Sequence[str]) -> None:
        """Become the program `path`; does not return."""
        os.execv(path, list(argv))  # noqa: S606 - `staticbuild run` is asked to do just this

    def processes_of(self, folder: str) -> list[int]:
        """The process groups whose `HOME` lies in `folder`: what a killed build left running.

        Not by their current folder: that would end the shell of somebody who looks around in there.
        """
        groups = set()
        own = os.getpgrp()
        sign = f"\0HOME={folder}/".encode()
        for pid in filter(str.isdigit, os.listdir("/proc")) if os.path.isdir("/proc") else ():
            with contextlib.suppress(OSError):
                if sign in b"\0" + Path(f"/proc/{pid}/environ").read_bytes():
                    groups.add(os.getpgid(int(pid)))
        return sorted(groups - {own})

    def kill_group(self, group: int) -> None:
        """End every process of a group at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)

    # --- network, clock ---------------------------------------------------------------------------------------------

    def download(  # noqa: PLR0913 - a transfer has these parts
        self,
        url: str,
        file: IO[bytes],
        *,
        offset: int = 0,
        limit: int,
        progress: Callable[[int, int | None], None] | None = None,
        timeout: float = 30.0,
        headers: Mapping[str, str] | None = None,
    ) -> Downloaded:
        """Append what `url` serves from byte `offset` on to `file`.

        `progress` is told (bytes so far, bytes in all if known); it may raise to stop. A server that does not know ranges
        sends all of it again, and then `file` is emptied first. Raises DownloadError.
        """
        if url.startswith("file://"):
            return _copy_local(url.removeprefix("file://"), file)

        def told(done: int, total: int | None) -> None:
            if self._stopped.is_set():
                raise _interrupted()
            if progress is not None:
                progress(done, total)

        wanted = _Wanted(url, offset, limit, timeout, headers or {}, _network_options(self.environ))
        return self._unless_stopped(lambda: _transfer(wanted, file, told))

    def _unless_stopped(self, transfer: Callable[[], Downloaded]) -> Downloaded:
        # Nothing else interrupts a name server that does not answer, or a server that stopped sending. So the transfer has a
        # thread of its own, which is left alone when nobody waits for it any more.
        ended: queue.SimpleQueue[Downloaded | Exception] = queue.SimpleQueue()

        def run() -> None:
            try:
                ended.put(transfer())
            except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
                ended.put(error)

        threading.Thread(target=run, name="download", daemon=True).start()
        while True:
            try:
                outcome = ended.get(timeout=0.2)
            except queue.Empty:
                if self._stopped.is_set():
                    raise _interrupted() from None
                continue
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    def stop_waiting(self) -> None:
        """Let downloads and pauses end at once, in whatever thread: the build is over."""
        self._stopped.set()

    @contextlib.contextmanager
    def heeding_sigterm(self) -> Iterator[None]:
        """Inside, SIGTERM is like Ctrl-C: it raises KeyboardInterrupt, and `terminated` says which of the two it was."""

        def stop(number: int, frame: object) -> None:  # noqa: ARG001 - a handler's signature
            self.terminated = True
            raise KeyboardInterrupt

        before = signal.getsignal(signal.SIGTERM)
        if before is not signal.SIG_DFL or threading.current_thread() is not threading.main_thread():
            yield
            return
        signal.signal(signal.SIGTERM, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def now(self) -> float:
        """Seconds on a clock that only goes forward; for durations."""
        return time.monotonic()

    def wall_clock(self) -> float:
        """Seconds since 1970; for people, never for decisions or outputs."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait, unless the build is over."""
        self._stopped.wait(seconds)


class Process:
    """A running command of a build."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self.pid = child.pid

    def wait(self, timeout: float | None) -> int | None:
        """The exit status (negative for a signal), or None when `timeout` seconds went by."""
        try:
            return self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, patience: float = 2.0) -> None:
        """End the command and everything it started: politely, and after `patience` seconds for certain."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(patience)
                if number == signal.SIGTERM:
                    # The leader is gone; what it left in its group goes with it.
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(self.pid, signal.SIGKILL)
                return


class DownloadError(Exception):
    """A transfer that did not end well; `transient` when trying again may help, `unreachable` when nobody answered at all.

    `status` is the HTTP status, if it came that far.
    """

    def __init__(self, message: str, *, transient: bool, unreachable: bool = False, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.transient = transient
        self.unreachable = unreachable


@dataclass(frozen=True, slots=True)
class Downloaded:
    """How many bytes a transfer left in the file, in all."""

    size: int


def _interrupted() -> DownloadError:
    return DownloadError("interrupted", transient=False)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked of a server, and how long to wait for it."""

    url: str
    offset: int
    limit: int
    timeout: float
    headers: Mapping[str, str]
    options: Mapping[str, Any]


def _network_options(environ: Mapping[str, str]) -> dict[str, Any]:
    """What pip and uv are told of authorities and proxies, and requests does not look at by itself."""
    options: dict[str, Any] = {}
    authorities = environ.get("SSL_CERT_FILE") or environ.get("PIP_CERT")
    if authorities and not any(environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")):
        options["verify"] = authorities
    proxy = environ.get("PIP_PROXY")
    others = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy")
    if proxy and not any(environ.get(name) for name in others):
        proxy = proxy if "://" in proxy else f"http://{proxy}"
        options["proxies"] = {"http": proxy, "https": proxy}
    return options


def _transfer(wanted: _Wanted, file: IO[bytes], progress: Callable[[int, int | None], None]) -> Downloaded:
    import requests  # noqa: PLC0415 - 60 ms that only downloads should pay
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - requests' own engine

    sent = {"User-Agent": "staticbuild", "Accept-Encoding": "identity", **wanted.headers}
    if wanted.offset:
        sent["Range"] = f"bytes={wanted.offset}-"
    patience = (min(wanted.timeout, 10.0), wanted.timeout)
    try:
        with requests.get(wanted.url, stream=True, timeout=patience, headers=sent, **wanted.options) as answer:
            return _receive(answer, file, wanted.offset, wanted.limit, progress)
    except (requests.RequestException, HTTPError, OSError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(str(file.name)) from error
        raise _network_error(error) from error


def _receive(
    answer: Any,  # noqa: ANN401 - a requests.Response, whose import must stay lazy
    file: IO[bytes],
    offset: int,
    limit: int,
    progress: Callable[[int, int | None], None] | None,
) -> Downloaded:
    partial = 206
    if answer.status_code >= 400:  # noqa: PLR2004 - the first of HTTP's error codes
        transient = answer.status_code >= 500 or answer.status_code in (408, 425, 429)  # noqa: PLR2004
        told = f"the server answered {answer.status_code} {answer.reason}".rstrip()
        raise DownloadError(told, transient=transient, status=answer.status_code)
    if offset and answer.status_code != partial:
        file.seek(0)
        file.truncate()
        offset = 0
    length = answer.headers.get("Content-Length", "")
    expected = offset + int(length) if length.isdigit() else None
    size = offset
    if expected is not None and expected > limit:
        raise DownloadError(f"the server offers {expected:,} bytes, more than {limit:,}", transient=False)
    # Not iter_content(): some servers call a .tar.gz a gzip-encoded .tar, and it would unpack that.
    for chunk in answer.raw.stream(_CHUNK // 4, decode_content=False):
        size += len(chunk)
        if size > limit:
            raise DownloadError(f"the server sent more than {limit:,} bytes", transient=False)
        file.write(chunk)
        if progress is not None:
            progress(size, expected)
    file.flush()
    if expected is not None and size != expected:
        raise DownloadError(f"the transfer stopped after {size:,} of {expected:,} bytes", transient=True)
    return Downloaded(size)


def _copy_local(path: str, file: IO[bytes]) -> Downloaded:
    try:
        file.seek(0)
        file.truncate()
        with open(path, "rb") as source:
            shutil.copyfileobj(source, file)
        file.flush()
    except OSError as error:
        raise DownloadError(f"{error.strerror}: {path}", transient=False) from error
    return Downloaded(file.tell())


# What the text of a network error holds, what that means, whether another try may help, whether the server is out of reach.
_NETWORK_REASONS = (
    ("NameResolution", "the host name is not known here", False, True),
    ("Name or service not known", "the host name is not known here", False, True),
    ("Network is unreachable", "the network cannot be reached", False, True),
    ("CERTIFICATE_VERIFY_FAILED", "the server's certificate is not trusted", False, True),
    ("Unable to connect to proxy", "the proxy cannot be reached", False, True),
    ("ConnectTimeout", "the server did not answer in time", False, True),
    ("Connection refused", "the connection was refused", True, True),
    ("timed out", "the server did not answer in time", True, False),
    ("IncompleteRead", "the transfer stopped halfway", True, False),
    ("Connection reset", "the connection was reset", True, False),
    ("Connection aborted", "the connection was closed", True, False),
    ("TooManyRedirects", "it redirects in a circle", False, False),
    ("InvalidURL", "this is not an address", False, False),
)


def _network_error(error: Exception) -> DownloadError:
    text = f"{type(error).__name__}: {error}"
    for sign, reason, transient, unreachable in _NETWORK_REASONS:
        if sign in text:
            return DownloadError(reason, transient=transient, unreachable=unreachable)
    return DownloadError(text.splitlines()[0], transient=True)


def friendly(error: OSError, path: str | None = None) -> StaticbuildError | None:
    """What a user should hear about an error of the disk (that it is full), None for any other."""
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return _full(path or error.filename or "a file") if is_full else None


@contextlib.contextmanager
def _friendly(path: str) -> Iterator[None]:
    """Says in a sentence what a user can do about a disk that is full or cannot be written."""
    try:
        yield
    except OSError as error:
        if (told := friendly(error, path)) is not None:
            raise told from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise ToolchainError(
                f"cannot write `{path}`: {error.strerror}",
                hint="give the folder to your user, or set `STATICBUILD_CACHE` to a folder that you can write",
            ) from error
        raise


@contextlib.contextmanager
def _readable(path: str) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise ToolchainError(f"cannot read `{path}`: {error.strerror}", hint="give your user the right to read it") from error


def _full(path: str) -> StaticbuildError:
    return ToolchainError(
        f"the disk is full: `{path}` could not be written",
        hint="make room (`staticbuild clean --cache` empties the cache) and run the same command again: "
        "what was finished is kept",
    )


def _remove_tree(path: str) -> None:
    """Remove a folder, read-only ones in it too. Files keep their permissions: they may have other names in the store."""
    for attempt in range(3):
        os.chmod(path, 0o700)
        for folder, inner, _ in os.walk(path):
            for name in inner:
                if not os.path.islink(found := f"{folder}/{name}"):
                    with contextlib.suppress(FileNotFoundError):
                        os.chmod(found, 0o700)
        try:
            shutil.rmtree(path)
        except OSError as error:
            # A process that is being ended can still write, and another build may remove the same folder.
            if attempt == 2 or error.errno not in (errno.ENOTEMPTY, errno.ENOENT):  # noqa: PLR2004 - the last one
                raise
            if not os.path.isdir(path):
                return
        else:
            return
