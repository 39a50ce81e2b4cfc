"""Keeps files and trees by what they hold. Knows nothing of who made them.

A file is stored once under its sha256, a folder as the Remote Execution API's `Directory` message, under the sha256 of that. A
tree is laid out on disk when somebody needs it, and shared from then on as a symlink. Nothing is believed: a file is hashed
again whenever it is copied out, and a laid-out tree is compared with its messages once in each run before it is used. What
turns out damaged is thrown away and reported as missing, so that its producer runs again.

Layout of the cache folder:

    blobs/ab/abcd…      a file's content, read-only          blobs/ab/abcd….x    the same, executable
    trees/abcd…/        a laid-out folder
    actions/ab/abcd…    results of actions (see action_cache)
    downloads/abcd….part   a download that has not ended yet
    locks/…             one lock file for each digest that is being made
    run-…/              the private folders of one running build
"""

from __future__ import annotations

import threading

from staticbuild.errors import ActionError, FormatError
from staticbuild.graph.digest import Blobs, FileState, State, TreeState, digest_of
from staticbuild.graph.wire import Digest, Directory, FileNode
from staticbuild.host import FIXED_MTIME, Host


class MissingBlobError(Exception):
    """The store does not hold (any more) what `hash` names; whoever can make it again must."""

    def __init__(self, hash_: str) -> None:
        super().__init__(hash_)
        self.hash = hash_


class Store:
    """Files and trees by digest, below `root`. Safe to use from several threads and processes."""

    def __init__(self, host: Host, root: str) -> None:
        self._host = host
        self.root = root
        self._scratch = scratch(root)
        self._messages: dict[str, bytes] = {}
        self._checked_trees: set[str] = set()
        self._lock = threading.Lock()

    # --- files ------------------------------------------------------------------------------------------------------

    def blob_path(self, hash_: str, *, executable: bool = False) -> str:
        """Where the content with this sha256 is kept."""
        return f"{self.root}/blobs/{hash_[:2]}/{hash_}{'.x' if executable else ''}"

    def find(self, hash_: str) -> Digest | None:
        """The digest (with its size) of the stored content with this sha256, if there is one."""
        for executable in (False, True):
            found = self._host.fingerprint(self.blob_path(hash_, executable=executable))
            if found is not None:
                return Digest(hash_, found.size)
        return None

    def has(self, state: FileState) -> bool:
        """Whether a file is here, in the size it should have."""
        return self.path_of(state) is not None

    def path_of(self, state: FileState) -> str | None:
        """Where a file is that `has` knows, None if there is none."""
        for executable in (state.executable, not state.executable):
            path = self.blob_path(state.digest.hash, executable=executable)
            if self._is_there(path, state.digest.size):
                return path
        return None

    def add_bytes(self, data: bytes) -> Digest:
        """Keep `data`."""
        digest = digest_of(data)
        path = self.blob_path(digest.hash)
        if not self._is_there(path, digest.size):
            self._host.write_bytes(path, data)
            self._seal(path, executable=False)
        return digest

    def add_file(self, path: str, *, executable: bool, move: bool = False) -> Digest:
        """Keep the content of the file at `path`; with `move`, the file itself becomes the stored one."""
        digest = Digest(*self._host.hash_file(path))
        kept = self.blob_path(digest.hash, executable=executable)
        if self._is_there(kept, digest.size):
            return digest
        self._host.make_dirs(kept.rpartition("/")[0])
        if move:
            self._put(path, kept, executable=executable)
        else:
            self._copy_in(path, kept, digest.hash, executable=executable)
        return digest

    def _is_there(self, path: str, size: int) -> bool:
        # With its size: a file that lost its end must be replaced, or its producer would run for nothing, for ever.
        found = self._host.fingerprint(path)
        return found is not None and found.size == size

    def _copy_in(self, path: str, kept: str, hash_: str, *, executable: bool) -> None:
        folder = self._host.temporary_dir(self._scratch)
        try:
            copied, _ = self._host.copy_and_hash(path, f"{folder}/blob")
            if copied != hash_:
                raise ActionError(f"`{path}` changed while it was read", hint="build again once nothing writes to it")
            self._put(f"{folder}/blob", kept, executable=executable)
        finally:
            self._host.remove(folder)

    def _put(self, path: str, kept: str, *, executable: bool) -> None:
        self._seal(path, executable=executable)
        self._host.rename(path, kept)

    def _seal(self, path: str, *, executable: bool) -> None:
        self._host.chmod(path, 0o555 if executable else 0o444)
        self._host.set_mtime(path)

    def copy_out(self, state: FileState, target: str) -> None:
        """Write a stored file to `target`, checking its digest. Raises MissingBlobError."""
        for executable in (state.executable, not state.executable):
            path = self.blob_path(state.digest.hash, executable=executable)
            try:
                copied, _ = self._host.copy_and_hash(path, target)
            except FileNotFoundError:
                continue
            if copied == state.digest.hash:
                self._host.chmod(target, 0o755 if state.executable else 0o644)
                return
            self._host.remove(path)
            self._host.remove(target)
        raise MissingBlobError(state.digest.hash)

    def read(self, digest: Digest) -> bytes:
        """A stored file's content, checked. Raises MissingBlobError."""
        return self[digest.hash]

    def __getitem__(self, hash_: str, /) -> bytes:
        with self._lock:
            known = self._messages.get(hash_)
        if known is not None:
            return known
        for executable in (False, True):
            path = self.blob_path(hash_, executable=executable)
            try:
                data = self._host.read_bytes(path)
            except FileNotFoundError:
                continue
            if digest_of(data).hash == hash_:
                return data
            self._host.remove(path)
        raise MissingBlobError(hash_)

    # --- trees ------------------------------------------------------------------------------------------------------

    def keep_messages(self, blobs: Blobs) -> None:
        """Remember `Directory` messages for this run without writing them."""
        with self._lock:
            self._messages.update(blobs.by_hash)

    def read_directory(self, digest: Digest) -> Directory:
        """The folder message with this digest. Raises MissingBlobError."""
        data = self[digest.hash]
        with self._lock:
            self._messages[digest.hash] = data
        return Directory.decode(data)

    def add_tree(self, folder: str, *, move: bool = False) -> TreeState:
        """Keep a folder with all that is in it; with `move`, its files themselves become the stored ones.

        Raises ActionError for symlinks that lead out of the folder, and for devices, sockets and pipes.
        """
        return TreeState(self._add_folder(folder, "", move=move))

    def _add_folder(self, folder: str, inner: str, *, move: bool) -> Digest:
        files, directories, symlinks = [], [], []
        try:
            if move:
                # A command may have copied a read-only tree, and nothing can be moved out of a read-only folder.
                self._host.chmod(folder, 0o755)
            entries = self._host.scan(folder)
        except OSError as error:
            raise ActionError(f"`{inner or folder}` cannot be kept: {error.strerror}: {error.filename}") from error
        for entry in entries:
            path = f"{inner}/{entry.name}" if inner else entry.name
            if entry.target is not None:
                _check_symlink(path, entry.target)
                symlinks.append((entry.name, entry.target))
            elif entry.is_dir:
                directories.append((entry.name, self._add_folder(entry.path, path, move=move)))
            else:
                digest = self.add_file(entry.path, executable=entry.executable, move=move)
                files.append(FileNode(entry.name, digest, entry.executable))
        return self.add_bytes(Directory(tuple(files), tuple(directories), tuple(symlinks)).encode())

    def lay_out(self, tree: TreeState) -> str:
        """The path of a folder that holds exactly `tree`; read-only, shared, checked. Raises MissingBlobError."""
        hash_ = tree.digest.hash
        path = f"{self.root}/trees/{hash_}"
        if hash_ in self._checked_trees:
            return path
        with self._host.lock(f"{self.root}/locks/tree-{hash_}"):
            if self._host.is_dir(path):
                if self._is_intact(path, tree.digest):
                    self._checked_trees.add(hash_)
                    return path
                self._host.remove(path)
            temporary = self._host.temporary_dir(self._scratch)
            try:
                self._write_folder(temporary, tree.digest)
                self._host.make_dirs(f"{self.root}/trees")
                # A folder that its owner cannot write cannot be moved either: its ".." entry would change.
                self._host.chmod(temporary, 0o755)
                self._host.rename(temporary, path)
                self._host.chmod(path, 0o555)
            except BaseException:
                self._host.remove(temporary)
                raise
        self._checked_trees.add(hash_)
        return path

    def is_unchanged(self, tree: TreeState) -> bool:
        """Whether the laid-out folder of `tree` is still what it was; one that is not is thrown away.

        For after a command that could reach it: root, and whoever changes permissions, can write to what is read-only.
        """
        path = f"{self.root}/trees/{tree.digest.hash}"
        with self._host.lock(f"{self.root}/locks/tree-{tree.digest.hash}"):
            if self._host.is_dir(path) and self._is_intact(path, tree.digest):
                return True
            self._checked_trees.discard(tree.digest.hash)
            self._host.remove(path)
        return False

    def _write_folder(self, folder: str, digest: Digest) -> None:
        directory = self.read_directory(digest)
        for node in directory.files:
            blob = self._checked_blob(node)
            self._host.link_or_copy(blob, f"{folder}/{node.name}")
        for name, target in directory.symlinks:
            self._host.symlink(target, f"{folder}/{name}")
        for name, inner in directory.directories:
            self._host.make_dirs(f"{folder}/{name}")
            self._write_folder(f"{folder}/{name}", inner)
        self._host.set_mtime(folder)
        self._host.chmod(folder, 0o555)

    def _checked_blob(self, node: FileNode) -> str:
        """The path of a stored file with just this executable bit, its digest checked."""
        path = self.blob_path(node.digest.hash, executable=node.executable)
        if self._host.fingerprint(path) is None:
            other = self.blob_path(node.digest.hash, executable=not node.executable)
            if self._host.fingerprint(other) is None:
                raise MissingBlobError(node.digest.hash)
            try:
                self._copy_in(other, path, node.digest.hash, executable=node.executable)
            except ActionError as error:
                self._host.remove(other)
                raise MissingBlobError(node.digest.hash) from error
        if self._host.hash_file(path) != (node.digest.hash, node.digest.size):
            self._host.remove(path)
            raise MissingBlobError(node.digest.hash)
        return path

    def _is_intact(self, folder: str, digest: Digest) -> bool:
        """Whether a laid-out folder is still what it was: names, sizes, bits and times.

        Not the contents: every file's time was set to a constant, so whoever writes to one changes that.
        """
        directory = self.read_directory(digest)
        files = {node.name: node for node in directory.files}
        directories = dict(directory.directories)
        symlinks = dict(directory.symlinks)
        try:
            entries = self._host.scan(folder)
        except OSError:
            return False
        if len(entries) != len(files) + len(directories) + len(symlinks):
            return False
        for entry in entries:
            if entry.target is not None:
                intact = symlinks.get(entry.name) == entry.target
            elif entry.is_dir:
                inner = directories.get(entry.name)
                intact = inner is not None and self._is_intact(entry.path, inner)
            else:
                node = files.get(entry.name)
                intact = (
                    node is not None
                    and (entry.size, entry.executable) == (node.digest.size, node.executable)
                    and entry.mtime_ns == FIXED_MTIME * 10**9
                )
            if not intact:
                return False
        return True

    def has_all(self, state: State) -> bool:
        """Whether everything that `state` names is here."""
        if isinstance(state, FileState):
            return self.has(state)
        try:
            directory = self.read_directory(state.digest)
        except (MissingBlobError, FormatError):
            return False
        return all(self.has(FileState(node.digest, node.executable)) for node in directory.files) and all(
            self.has_all(TreeState(inner)) for _, inner in directory.directories
        )


def scratch(root: str) -> str:
    """Where files and trees are written before they get their names."""
    return f"{root}/tmp"  # noqa: S108 - in a folder of our own


def _check_symlink(path: str, target: str) -> None:
    depth = path.count("/")
    for part in target.split("/"):
        depth += -1 if part == ".." else 0 if part in ("", ".") else 1
        if depth < 0:
            break
    if depth < 0 or target.startswith("/"):
        raise ActionError(
            f"the symlink `{path}` -> `{target}` leads out of its output tree",
            hint="make the link relative and keep it inside, or copy the file",
        )
