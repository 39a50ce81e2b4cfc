"""What a build does: actions with declared inputs and outputs. Knows nothing of when or how they run.

An action's inputs are artifacts, some of them outputs of other actions; the references between the frozen values *are* the
build graph. What an artifact holds is known only once it exists, so digests are computed elsewhere (`graph.digest`), bottom
up, and an action whose inputs come out the same as before is not run again even if their producers ran.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from staticbuild.graph.label import Label

Kind = Literal["file", "tree"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the user's workspace or of staticbuild itself, at the absolute `path`; staged with its executable bit."""

    path: str


@dataclass(frozen=True, slots=True)
class SourceTree:
    """A folder that exists outside of the store and never changes under one `stamp`, staged as a symlink, e.g. the compiler.

    `members` are the paths below `root` that belong to it (folders stand for all that is in them); `stamp` is the path of a
    file that changes whenever the tree does, such as a wheel's RECORD.
    """

    root: str
    members: tuple[str, ...]
    stamp: str


@dataclass(frozen=True, slots=True)
class Content:
    """A small file that the rules made up, such as a parameter file."""

    data: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """An address that may serve a source: `https://…`, `debian:pool/…`, `index:` (the user's package index), `crate:`.

    `sha256` is set where this place serves another copy than the others, e.g. a repacked tarball.
    """

    address: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """A file from outside, known by its digest. The digest decides; the place never does."""

    name: str
    version: str
    sha256: str
    places: tuple[Place, ...]
    filename: str


@dataclass(frozen=True, slots=True)
class Output:
    """A file or tree that `action` makes at `path` of its private folder."""

    action: Action
    path: str

    @property
    def kind(self) -> Kind:
        """What the action declared it to be."""
        return dict(self.action.outputs)[self.path]


@dataclass(frozen=True, slots=True)
class Member:
    """One file or folder at `path` inside a tree."""

    tree: Artifact
    path: str


Artifact = SourceFile | SourceTree | Content | Download | Output | Member


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """One command: what it reads, what it writes, how it is run.

    `argv[0]` is looked up in the private folder if it holds a slash and among the host's tools (`sh`, `python3`, `make`, …)
    if not. `inputs` maps paths of the private folder to artifacts, `outputs` paths to their kind. Two actions are the same
    object or different: the graph's identity; what makes them *equal* is their digest.
    """

    label: Label
    mnemonic: str
    argv: tuple[str, ...]
    inputs: tuple[tuple[str, Artifact], ...]
    outputs: tuple[tuple[str, Kind], ...]
    env: tuple[tuple[str, str], ...] = ()
    tools: tuple[str, ...] = ()
    platform: tuple[tuple[str, str], ...] = ()
    timeout: int = 3600
    weight: int = 1
    description: str = field(default="", compare=False)

    def output(self, path: str) -> Output:
        """The artifact this action leaves at `path`, which must be one of `outputs`."""
        if path not in dict(self.outputs):
            raise KeyError(path)
        return Output(self, path)
