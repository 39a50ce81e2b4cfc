"""Where the user's index has the files of a lock now. Knows nothing of how a lock is made, and fetches none of them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Sequence

from staticbuild.errors import Problem, SourceError
from staticbuild.packing.lock import File
from staticbuild.packing.package_index import PackageIndex, Pin


def addresses_for(index: PackageIndex, files: Sequence[tuple[Pin, File]]) -> dict[str, tuple[str, ...]]:
    """Where the user's index has each file now, by sha256. Raises SourceError for those that it does not have."""
    offers = index.offers(pin for pin, _ in files)
    addresses: dict[str, tuple[str, ...]] = {}
    problems = []
    for pin, file in files:
        named = [offer for offer in offers[pin] if offer.filename == file.filename or offer.sha256 == file.sha256]
        fitting = [offer.address for offer in named if offer.sha256 in {None, file.sha256}]
        if fitting:
            addresses[file.sha256] = tuple(dict.fromkeys(fitting))
        elif named:
            message = f"the package index has another `{file.filename}` than the one that is locked"
            notes = (f"locked: sha256 {file.sha256}", *(f"index: sha256 {offer.sha256}" for offer in named))
            problems.append(Problem(message, hint="find out why before you run `staticbuild lock`", notes=notes))
        else:
            message = f"the package index has no `{file.filename}` of `{pin}`"
            problems.append(Problem(message, hint="name the index that has it in uv's or pip's configuration"))
    SourceError.raise_all(problems)
    return addresses


class Addresses:
    """Where each of `files` lies now: all are asked for at once, when the first is wanted. Threads may share it."""

    def __init__(self, index: PackageIndex, files: Iterable[tuple[Pin, File]]) -> None:
        self._index = index
        self._files = dict.fromkeys(files)
        self._known: dict[str, tuple[str, ...]] | None = None
        self._asking = threading.Lock()

    def knows(self, pin: Pin) -> bool:
        """Whether files of this version are among those that it asks for."""
        return any(known == pin for known, _ in self._files)

    def of(self, pin: Pin, file: File) -> tuple[str, ...]:
        """The addresses of one file. Raises SourceError if the index does not have it."""
        with self._asking:
            if self._known is None:
                self._known = {}
                # What is wrong with one file is no reason to fail for another: each is asked for again on its own.
                with contextlib.suppress(SourceError):
                    self._known = addresses_for(self._index, list(self._files))
            if file.sha256 not in self._known:
                self._known |= addresses_for(self._index, [(pin, file)])
            return self._known[file.sha256]
