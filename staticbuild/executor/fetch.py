"""Brings pinned files into the store from whatever place has them. The digest decides, never the place.

Knows nothing of what is in the files. What has arrived of a download is kept, and the next try goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from staticbuild.errors import SourceError
from staticbuild.executor.store import Store
from staticbuild.graph.action import Download
from staticbuild.graph.digest import FileState
from staticbuild.graph.wire import Digest
from staticbuild.host import DownloadError, Host

# Gives the addresses that a place without one of its own stands for, e.g. `debian:pool/…` on this host.
Resolver = Callable[[Download, str], Sequence[str]]
Progress = Callable[[Download, int, int | None], None]

_TRIES = 4
_RANGE_NOT_SATISFIABLE = 416
_FIRST_PAUSE = 0.5
# No source is larger; what is larger is an attack or a mistake.
_LIMIT = 4 << 30


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How downloads are made: `mirrors` are addresses of folders that hold files under their names."""

    offline: bool = False
    mirrors: tuple[str, ...] = ()


class Fetcher:
    """Downloads into `store`, asking `resolvers` (by scheme) for addresses."""

    def __init__(self, host: Host, store: Store, resolvers: Mapping[str, Resolver], settings: FetchSettings) -> None:
        self._host = host
        self._store = store
        self._resolvers = resolvers
        self._settings = settings
        # Servers that did not answer: a firewall that swallows packets must not cost ten seconds for each source.
        self._unreachable: dict[str, str] = {}

    def known(self, download: Download) -> FileState | None:
        """What `download` is, if one of its copies is here or was here once, so that its size is known."""
        for hash_ in _digests(download):
            # What was recorded is the true size; a stored file may have lost its end.
            digest = self._recorded(hash_) or self._store.find(hash_)
            if digest is not None:
                return FileState(digest)
        return None

    def _record_path(self, hash_: str) -> str:
        return f"{self._store.root}/sources/{hash_}"

    def _recorded(self, hash_: str) -> Digest | None:
        try:
            text = self._host.read_bytes(self._record_path(hash_)).decode()
        except (OSError, UnicodeDecodeError):
            return None
        return Digest(hash_, int(text)) if text.isascii() and text.isdigit() else None

    def fetch(self, download: Download, progress: Progress) -> FileState:
        """Have `download` in the store; the caller holds its lock. Raises SourceError that lists what each place said."""
        for hash_ in _digests(download):
            if (digest := self._store.find(hash_)) is not None:
                return FileState(digest)
        tried: list[str] = []
        for url, hash_ in self._addresses(download, tried):
            if (why := self._unreachable.get(_server(url))) is not None:
                tried.append(f"{_shown(url)}: {why}")
                continue
            state = self._try(download, url, hash_, tried, progress)
            if state is not None:
                self._host.write_bytes(self._record_path(hash_), str(state.digest.size).encode())
                return state
        if self._settings.offline:
            raise SourceError(
                f"`{download.filename}` is not in the cache, and `--offline` forbids to download it",
                notes=tuple(tried),
                hint="run once without `--offline`, or name a folder that has the file: `--mirror /path/to/folder`",
            )
        raise SourceError(
            f"no place has `{download.filename}` ({download.name} {download.version})",
            notes=tuple(tried),
            hint=f"check the network, or name a folder that holds the file: `staticbuild --mirror /path/to/folder …` "
            f"(its sha256 must be {download.sha256})",
        )

    def _addresses(self, download: Download, tried: list[str]) -> Iterator[tuple[str, str]]:
        """Where it may be; without a network, only what this host has itself."""
        for url, hash_ in self._all_addresses(download, tried):
            if url.startswith("file://") or not self._settings.offline:
                yield url, hash_

    def _all_addresses(self, download: Download, tried: list[str]) -> Iterator[tuple[str, str]]:
        for mirror in self._settings.mirrors:
            base = mirror if "://" in mirror else f"file://{mirror}"
            yield from ((f"{base.rstrip('/')}/{download.filename}", hash_) for hash_ in _digests(download))
        for place in download.places:
            hash_ = place.sha256 or download.sha256
            scheme, _, _ = place.address.partition(":")
            if scheme in ("http", "https", "file"):
                yield place.address, hash_
            elif scheme in self._resolvers:
                try:
                    addresses = self._resolvers[scheme](download, place.address)
                except SourceError as error:
                    if not self._settings.offline:
                        raise
                    tried.append(f"{place.address}: {error.message}")
                    continue
                yield from ((url, hash_) for url in addresses)
                if not addresses:
                    tried.append(f"{place.address}: this host knows no such place")
            else:
                tried.append(f"{place.address}: not an address")

    def _try(self, download: Download, url: str, hash_: str, tried: list[str], progress: Progress) -> FileState | None:
        part = f"{self._store.root}/downloads/{hash_}.part"
        left, most = _TRIES, 0
        while left:
            left -= 1
            try:
                with self._host.open_append(part) as file:
                    offset = file.tell()
                    self._host.download(
                        url, file, offset=offset, limit=_LIMIT, progress=lambda done, total: progress(download, done, total)
                    )
            except DownloadError as error:
                found = self._host.fingerprint(part)
                if error.status == _RANGE_NOT_SATISFIABLE and offset:
                    # The server has fewer bytes than we kept: they are not the beginning of this file.
                    self._host.remove(part)
                elif error.transient and found is not None and found.size > max(most, offset):
                    # However often it stops: as long as it goes on, there is an end to it.
                    left, most = _TRIES, found.size
                elif not error.transient or not left:
                    if error.unreachable:
                        self._unreachable[_server(url)] = str(error)
                    tried.append(f"{_shown(url)}: {error}")
                    return None
                self._host.sleep(_FIRST_PAUSE * 2 ** (_TRIES - 1 - min(left, _TRIES - 1)))
                continue
            got, size = self._host.hash_file(part)
            if got == hash_:
                digest = self._store.add_file(part, executable=False, move=True)
                self._host.remove(part)
                return FileState(digest)
            self._host.remove(part)
            if not offset:
                tried.append(f"{_shown(url)}: sha256 is {got} ({size:,} bytes), not {hash_}")
                return None
            # The kept beginning may have come from a place with another file: once more from the start.
            most = 0
        tried.append(f"{_shown(url)}: gave up after {_TRIES} tries")
        return None


def _digests(download: Download) -> tuple[str, ...]:
    own = (download.sha256, *(place.sha256 for place in download.places if place.sha256))
    return tuple(dict.fromkeys(own))


def _server(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])


def _shown(url: str) -> str:
    """An address without a password that somebody put into it."""
    scheme, separator, rest = url.partition("://")
    credentials, at, tail = rest.partition("@")
    return f"{scheme}://…@{tail}" if separator and at and "/" not in credentials else url
