"""What a target offers to the targets that name it: frozen values that refer to artifacts. Knows not how they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from staticbuild.errors import Location
from staticbuild.graph.action import Artifact, Output
from staticbuild.graph.label import Label
from staticbuild.packing.lock import Policy
from staticbuild.packing.requirements import Requirements


@dataclass(frozen=True, slots=True)
class Files:
    """Files or trees under the names they have when somebody stages them; `program` is the one to run, if there is one."""

    artifacts: Mapping[str, Artifact]
    program: str | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """One folder."""

    artifact: Artifact


@dataclass(frozen=True, slots=True)
class Library:
    """A static library with the headers that belong to it, and what it needs itself, each once and in link order."""

    archive: Output
    headers: Mapping[str, Artifact]
    includes: tuple[str, ...]
    deps: tuple[Library, ...]


@dataclass(frozen=True, slots=True)
class PythonDistribution:
    """A Python distribution: the archive, ours or another's, and the tree unpacked from it.

    `version` is `3.13`. `glibc` is the oldest version that executables made of it run with, as `2.17`; None for musl.
    `may_be_bitcode` is False where the objects are known to be machine code. The tree's only member is `python/`, as in the
    archive.
    """

    label: Label
    archive: Artifact
    tree: Artifact
    version: str
    triple: str
    glibc: str | None = None
    may_be_bitcode: bool = False


@dataclass(frozen=True, slots=True)
class PythonPackage:
    """How the package `name` (in its normal form) is built from its sources.

    `libraries` are targets that are prefix trees, as for musl; `env` and `config_settings` are sorted pairs of name and value.
    """

    name: str
    policy: Policy = Policy.AUTO
    libraries: tuple[Label, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    config_settings: tuple[tuple[str, str], ...] = ()
    build_requires: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PythonResources:
    """An application's sources and requirements; what is packed of them depends on the executable that takes them.

    `roots` are pairs of a root as the user wrote it and its files by their paths below it. `files` maps places in the
    executable to artifacts.
    """

    label: Label
    roots: tuple[tuple[str, Mapping[str, Artifact]], ...]
    files: Mapping[str, Artifact]
    requirements: Requirements | None
    requirements_location: Location
    exclude: tuple[str, ...]
    packages: tuple[PythonPackage, ...] = ()


@dataclass(frozen=True, slots=True)
class Executable:
    """One linked program for `triple`, a report of what is in it, and the folder, with its name, that belongs beside it."""

    artifact: Output
    name: str
    report: Output
    triple: str
    beside: tuple[str, Output] | None = None


Provider = Files | Tree | Library | PythonDistribution | PythonPackage | PythonResources | Executable


def outputs_of(provider: Provider) -> Mapping[str, Artifact]:
    """What building the target leaves for the user, by path below the target's folder of results."""
    match provider:
        case Files(artifacts):
            return artifacts
        case Tree(artifact):
            return {"": artifact}
        case Library(archive):
            return {archive.path.rpartition("/")[2]: archive}
        case PythonDistribution():
            return {f"cpython-{provider.version}-{provider.triple}-full.tar.zst": provider.archive}
        case PythonResources() | PythonPackage():
            return {}
        case Executable(artifact, name):
            return {name: artifact, **dict([provider.beside] if provider.beside else [])}


def triple_of(provider: Provider) -> str | None:
    """The target triple that something was made for, where its flavor had a say in it; None: the build's."""
    return provider.triple if isinstance(provider, PythonDistribution | Executable) else None


def wanted_of(provider: Provider) -> tuple[Artifact, ...]:
    """What building the target makes: its results; of a distribution the tree, so that a bad archive is found now; reports."""
    more: tuple[Artifact, ...] = ()
    if isinstance(provider, PythonDistribution):
        more = (provider.tree,)
    elif isinstance(provider, Executable):
        more = (provider.report,)
    return (*outputs_of(provider).values(), *more)
