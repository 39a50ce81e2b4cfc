"""Finds what the targets of a workspace offer, each once. Knows no rule.

The context carries what rules need of the world: where the workspace, the standard rules and staticbuild's own modules are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from staticbuild.errors import ConfigError, Location
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target
from staticbuild.rules.providers import Provider

if TYPE_CHECKING:
    from staticbuild.distribution.catalog import Catalog
    from staticbuild.host import Host
    from staticbuild.packing.lock import Lock

P = TypeVar("P")

# Each level costs Python three or four frames of the thousand that it allows.
_DEEPEST = 200


class TargetSource(Protocol):
    """Where targets are looked up: `config.loader.Workspace`."""

    def target(self, label: Label) -> Target:
        """The target that `label` names."""

    def resolve(self, label: Label, where: Location) -> Target:
        """The same, with errors that point to `where`."""

    def package(self, repo: str, package: str) -> Mapping[str, Target]:
        """The targets of one package by name."""


Analyse = Callable[["Context", Target], Provider]


@dataclass(slots=True)
class Context:
    """One analysis of one workspace for one platform.

    `roots` maps repositories (`""`, `"stdlib"`) to folders. `own` is the folder that holds the package `staticbuild`.
    `read_lock` gives the lock file when a rule asks for it, and `read_catalog` the catalog of distributions.
    """

    host: Host
    workspace: TargetSource
    analysers: Mapping[str, Analyse]
    roots: Mapping[str, str]
    own: str
    triple: str
    read_lock: Callable[[], Lock | None]
    read_catalog: Callable[[], Catalog]
    _known: dict[Label, Provider] = field(default_factory=dict)
    _active: dict[Label, None] = field(default_factory=dict)
    _shared: dict[object, object] = field(default_factory=dict)

    def provider(self, label: Label, where: Location | None = None) -> Provider:
        """What the target `label` offers. Raises ConfigError for an unknown target and for a cycle."""
        if label in self._known:
            return self._known[label]
        target = self.workspace.resolve(label, where) if where is not None else self.workspace.target(label)
        if label in self._active:
            chain = [*self._active][[*self._active].index(label) :]
            path = " -> ".join(one.short for one in (*chain, label))
            raise ConfigError(f"these targets need each other: {path}", where=where, hint="remove one of the references")
        if len(self._active) >= _DEEPEST:
            raise ConfigError(f"targets need each other more than {_DEEPEST} deep", where=where, hint="make the chain shorter")
        self._active[label] = None
        try:
            provider = self.analysers[target.rule](self, target)
        finally:
            del self._active[label]
        self._known[label] = provider
        return provider

    def shared(self, key: object, make: Callable[[], P]) -> P:
        """What `make` gives, called once for each `key`: actions that several targets share."""
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]  # type: ignore[return-value] # a key always stands for one kind of value

    def stamp(self, folder: str) -> str:
        """A file that changes whenever the installed Python package in `folder` does: its wheel's RECORD."""
        site, _, name = folder.rpartition("/")
        for entry in self.host.scan(site):
            if entry.is_dir and entry.name.startswith(f"{name}-") and entry.name.endswith(".dist-info"):
                return f"{entry.path}/RECORD"
        return f"{folder}/__init__.py"

    def path(self, target: Target, relative: str) -> str:
        """The absolute path of a file that `target`'s package names."""
        package = f"{target.label.package}/" if target.label.package else ""
        return f"{self.roots[target.label.repo]}/{package}{relative}"
