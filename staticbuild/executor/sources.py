"""Tells what source files hold, without reading again what has not changed. Knows nothing of actions.

A file's digest is remembered under its path together with what `stat` said. As in git, a file that was written just before
it was hashed is not remembered: it could change once more without its time moving on.
"""

from __future__ import annotations

import json
import threading

from staticbuild.errors import ConfigError, ToolchainError
from staticbuild.executor.store import Store
from staticbuild.graph.action import SourceFile, SourceTree
from staticbuild.graph.digest import Blobs, FileState, State, TreeState, input_root
from staticbuild.graph.wire import Digest, Directory, FileNode, is_hash
from staticbuild.host import Fingerprint, Host

# As long as the clock tick of the slowest file systems.
_RACY_SECONDS = 2.0
_FIELDS = 6


class Sources:
    """Digests of files outside of the store; `load` and `save` keep them from one run to the next in `path`."""

    def __init__(self, host: Host, store: Store, path: str) -> None:
        self._host = host
        self._store = store
        self._path = path
        self._known: dict[str, list[object]] = {}
        self._trees: dict[str, list[object]] = {}
        self._changed = False
        self._lock = threading.Lock()

    def load(self) -> None:
        """Take up what an earlier run remembered; a damaged file means nothing is remembered."""
        try:
            record = json.loads(self._host.read_bytes(self._path))
            self._known = _checked(record["files"], hash_at=5)
            self._trees = _checked(record["trees"], hash_at=4)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._known, self._trees = {}, {}

    def save(self) -> None:
        """Remember for the next run, if anything is new."""
        if self._changed:
            with self._lock:
                record = json.dumps({"files": self._known, "trees": self._trees}, sort_keys=True)
                self._changed = False
            self._host.write_bytes(self._path, record.encode())

    def forget(self, source: SourceFile | SourceTree) -> None:
        """Read `source` again the next time, whatever is remembered of it."""
        with self._lock:
            if isinstance(source, SourceFile):
                self._known.pop(source.path, None)
            else:
                self._trees.pop(_key(source), None)
            self._changed = True

    def file(self, source: SourceFile) -> FileState:
        """What a source file holds. Raises ConfigError when it is gone."""
        found = self._host.fingerprint(source.path)
        if found is None:
            raise ConfigError(f"the source file `{source.path}` is not there (any more)")
        seen = [found.size, found.mtime_ns, found.ctime_ns, found.inode, found.executable]
        with self._lock:
            known = self._known.get(source.path)
        if known is not None and known[:-1] == seen:
            return FileState(Digest(str(known[-1]), found.size), found.executable)
        hash_, size = self._host.hash_file(source.path)
        # By the change time: nobody can set it back, as `touch -d` and `tar` do with the other.
        if self._host.wall_clock() - found.ctime_ns / 1e9 > _RACY_SECONDS:
            with self._lock:
                self._known[source.path] = [*seen, hash_]
                self._changed = True
        return FileState(Digest(hash_, size), found.executable)

    def hash_of(self, path: str) -> str:
        """The sha256 of a file that exists, remembered like a source."""
        return self.file(SourceFile(path)).digest.hash

    def tree(self, source: SourceTree) -> TreeState:
        """What an external tree holds; walked again only when its stamp has changed."""
        stamp = self._host.fingerprint(source.stamp)
        key = _key(source)
        seen = [stamp.size, stamp.mtime_ns, stamp.ctime_ns, stamp.inode] if stamp else None
        with self._lock:
            known = self._trees.get(key)
        if known is not None and seen is not None and known[:-2] == seen:
            return TreeState(Digest(str(known[-2]), int(str(known[-1]))))
        digest = self._walk_members(source)
        if stamp is not None:
            with self._lock:
                self._trees[key] = [stamp.size, stamp.mtime_ns, stamp.ctime_ns, stamp.inode, digest.hash, digest.size]
                self._changed = True
        return TreeState(digest)

    def _walk_members(self, source: SourceTree) -> Digest:
        states: dict[str, State] = {}
        for member in source.members:
            path = f"{source.root}/{member}"
            if self._host.is_dir(path):
                states[member] = TreeState(self._walk(path))
            elif (found := self._host.fingerprint(path)) is not None:
                hash_, size = self._host.hash_file(path)
                states[member] = FileState(Digest(hash_, size), found.executable)
            else:
                raise ToolchainError(f"`{path}` is not there", hint="install the package that it belongs to again")
        blobs = Blobs()
        digest = input_root(states, blobs)
        for data in blobs.by_hash.values():
            self._store.add_bytes(data)
        return digest

    def _walk(self, folder: str) -> Digest:
        files, directories, symlinks = [], [], []
        for entry in self._host.scan(folder):
            if entry.name == "__pycache__":
                continue
            if entry.target is not None:
                symlinks.append((entry.name, entry.target))
            elif entry.is_dir:
                directories.append((entry.name, self._walk(entry.path)))
            else:
                found = self._host.fingerprint(entry.path)
                if found is not None:
                    files.append(self._file_node(entry.name, entry.path, found))
        return self._store.add_bytes(Directory(tuple(files), tuple(directories), tuple(symlinks)).encode())

    def _file_node(self, name: str, path: str, found: Fingerprint) -> FileNode:
        hash_, size = self._host.hash_file(path)
        return FileNode(name, Digest(hash_, size), found.executable)


def _key(source: SourceTree) -> str:
    return json.dumps([source.root, source.members])


def _checked(records: dict[str, list[object]], *, hash_at: int) -> dict[str, list[object]]:
    """The records that look as they should; the others are forgotten."""
    return {
        key: record
        for key, record in records.items()
        if isinstance(record, list) and len(record) == _FIELDS and is_hash(record[hash_at]) and _are_numbers(record, hash_at)
    }


def _are_numbers(record: list[object], hash_at: int) -> bool:
    return all(isinstance(value, int) and value >= 0 for index, value in enumerate(record) if index != hash_at)
