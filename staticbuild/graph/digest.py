"""Computes what names an action: Merkle trees of its inputs and the digest of the command over them. Unaware of the disk.

The messages themselves are bytes that a content store keeps beside the files; `Blobs` collects those made on the way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from staticbuild.errors import FormatError
from staticbuild.graph.action import Action
from staticbuild.graph.wire import ActionMessage, Command, Digest, Directory, FileNode

# Part of every digest: bump it when the meaning of a private folder changes (environment, staging, collection of outputs).
FORMAT = b"staticbuild-action-1"

EMPTY_DIRECTORY = Digest(hashlib.sha256(b"").hexdigest(), 0)


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file holds: digest and executable bit."""

    digest: Digest
    executable: bool = False


@dataclass(frozen=True, slots=True)
class TreeState:
    """What a folder holds: the digest of its `Directory` message."""

    digest: Digest


State = FileState | TreeState


@dataclass(slots=True)
class Blobs:
    """Messages by their digest's hash."""

    by_hash: dict[str, bytes] = field(default_factory=dict)

    def add(self, data: bytes) -> Digest:
        """Keep `data`; returns its digest."""
        digest = digest_of(data)
        self.by_hash[digest.hash] = data
        return digest


def digest_of(data: bytes) -> Digest:
    """The digest of some bytes."""
    return Digest(hashlib.sha256(data).hexdigest(), len(data))


def input_root(inputs: Mapping[str, State], blobs: Blobs) -> Digest:
    """The digest of the folder that holds each state at its path (`/`-separated, relative)."""
    return _directory(sorted((tuple(path.split("/")), state) for path, state in inputs.items()), blobs)


def _directory(entries: list[tuple[tuple[str, ...], State]], blobs: Blobs) -> Digest:
    files, directories = [], []
    below: dict[str, list[tuple[tuple[str, ...], State]]] = {}
    for parts, state in entries:
        if len(parts) > 1:
            below.setdefault(parts[0], []).append((parts[1:], state))
        elif isinstance(state, FileState):
            files.append(FileNode(parts[0], state.digest, state.executable))
        else:
            directories.append((parts[0], state.digest))
    taken = {node.name for node in files} | {name for name, _ in directories}
    if clash := taken & below.keys():
        raise ValueError(f"the input {min(clash)!r} lies inside another input")
    directories += [(name, _directory(inner, blobs)) for name, inner in below.items()]
    return blobs.add(Directory(tuple(files), tuple(directories)).encode())


def action_digest(action: Action, inputs: Mapping[str, State], env: Iterable[tuple[str, str]], blobs: Blobs) -> Digest:
    """The Remote Execution API's digest of `action` over the states of its inputs. `env` is the whole environment."""
    command = Command(
        argv=action.argv,
        env=tuple(env),
        output_files=tuple(path for path, kind in action.outputs if kind == "file"),
        output_directories=tuple(path for path, kind in action.outputs if kind == "tree"),
        platform=action.platform,
    )
    message = ActionMessage(
        command=blobs.add(command.encode()),
        input_root=input_root(inputs, blobs),
        timeout_seconds=action.timeout,
        salt=FORMAT,
        platform=action.platform,
    )
    return blobs.add(message.encode())


class Messages(Protocol):
    """Where messages are read from, by the hash of their digest."""

    def __getitem__(self, hash_: str, /) -> bytes: ...


def member(tree: TreeState, path: str, read: Messages) -> State:
    """The state of the file or folder at `path` inside `tree`; `read[hash]` gives a Directory message.

    Symlinks on the way are followed inside of the tree. Raises FormatError when there is nothing at `path`.
    """
    return _member(tree, tuple(path.split("/")), read, 40)


def _member(tree: TreeState, parts: tuple[str, ...], read: Messages, hops: int) -> State:
    here = tree
    for depth, name in enumerate(parts):
        directory = Directory.decode(read[here.digest.hash])
        for node in directory.files:
            if node.name == name and depth == len(parts) - 1:
                return FileState(node.digest, node.executable)
        for symlink, target in directory.symlinks:
            if symlink == name and hops:
                joined = _join(parts[:depth], target, parts[depth + 1 :])
                return _member(tree, joined, read, hops - 1)
        found = dict(directory.directories).get(name)
        if found is None:
            raise FormatError(f"there is no `{'/'.join(parts)}` in this tree")
        here = TreeState(found)
    return here


def _join(folder: tuple[str, ...], target: str, rest: tuple[str, ...]) -> tuple[str, ...]:
    if target.startswith("/"):
        raise FormatError(f"the symlink to `{target}` leaves its tree")
    path = list(folder)
    for part in target.split("/"):
        if part == "..":
            if not path:
                raise FormatError(f"the symlink to `{target}` leaves its tree")
            path.pop()
        elif part not in ("", "."):
            path.append(part)
    return (*path, *rest)
