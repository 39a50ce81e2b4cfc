"""Decides which extensions and objects of a distribution are linked, and why. Pure: knows symbol tables, but no files.

Metadata does not say all of it. The core calls into extensions that are not marked `required`, and an extension may use
objects that are listed under another one only. Both are found in the objects' own symbol tables: what the core misses
brings in the whole extension (it must also be importable), what an extension misses brings in just the object.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from staticbuild.distribution.metadata import Distribution, Extension, LinkKind
from staticbuild.errors import ConfigError
from staticbuild.linking.elf import Interface

BOOTSTRAP: Final = frozenset(
    (
        "_abc",
        "_codecs",
        "_collections",
        "_datetime",
        "_functools",
        "_io",
        "_locale",
        "_opcode",
        "_operator",
        "_signal",
        "_sre",
        "_stat",
        "_suggestions",
        "_symtable",
        "_sysconfig",
        "_thread",
        "_tracemalloc",
        "_types",
        "_typing",
        "_weakref",
        "atexit",
        "errno",
        "faulthandler",
        "itertools",
        "posix",
        "pwd",
        "time",
    )
)
"""What CPython needs before it can import a file: the Modules/Setup.bootstrap of all its versions."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An extension that becomes part of the executable, and why."""

    extension: Extension
    reason: str


@dataclass(frozen=True, slots=True)
class Borrowed:
    """An object of an extension that is not selected itself, linked because `user` refers to `symbol`."""

    path: str
    symbol: str
    user: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What to link of a distribution; paths are relative to its folder, in the order of the link."""

    chosen: tuple[Chosen, ...]
    borrowed: tuple[Borrowed, ...]
    objects: tuple[str, ...]
    archives: tuple[str, ...]
    system_libraries: tuple[str, ...]


def check_names(distribution: Distribution, names: Iterable[str]) -> None:
    """Raise `ConfigError`, with suggestions, if some of `names` are not extensions of `distribution`."""
    known = sorted(distribution.extensions)
    unknown = sorted(set(names) - set(known))
    if not unknown:
        return
    name = unknown[0]
    close = difflib.get_close_matches(name, known, n=1)
    # People write `ssl` for `_ssl`, as the module they import is called.
    if f"_{name}" in known:
        close = [f"_{name}"]
    raise ConfigError(
        f"Python {distribution.python_version} for {distribution.triple} has no extension `{name}`",
        hint=f"did you mean `{close[0]}`?" if close else "`staticbuild dist info` lists them",
        notes=tuple(f"nor `{other}`" for other in unknown[1:]),
    )


def select(
    distribution: Distribution,
    interfaces: Mapping[str, Interface],
    names: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
) -> Selection:
    """What must be linked for the extensions `names` (None: all) without those in `exclude`.

    `interfaces` maps the paths of the core's and of all extensions' objects to what they offer and want. Raises
    `ConfigError` for a name that the distribution does not have and for an excluded one that CPython cannot do without.
    """
    names = None if names is None else frozenset(names)
    exclude = frozenset(exclude)
    check_names(distribution, (names or frozenset()) | exclude)
    closure = _Closure(distribution, interfaces)
    for path in distribution.core_objects:
        closure.add_object(path)
    for name in sorted(distribution.extensions):
        reason = _reason(distribution.extension(name), names, exclude)
        if reason is not None:
            closure.add_extension(name, reason)
    closure.complete()
    _refuse_excluded(closure.reasons, exclude)
    return closure.selection()


def _reason(extension: Extension, names: frozenset[str] | None, exclude: frozenset[str]) -> str | None:
    """Why `extension` is wanted before any symbol is looked at, or None."""
    if extension.in_core:
        return "part of the core"
    if extension.required or extension.name in BOOTSTRAP:
        return "CPython needs it to start"
    if extension.name in exclude:
        return None
    if names is None:
        return "all are selected"
    return "selected" if extension.name in names else None


def _refuse_excluded(reasons: Mapping[str, str], exclude: frozenset[str]) -> None:
    for name in sorted(exclude & reasons.keys()):
        raise ConfigError(
            f"the extension `{name}` cannot be left out: {reasons[name]}",
            hint=f"remove `{name}` from what is excluded",
        )


class _Closure:
    """Grows until nothing that some object of the distribution could provide is missing."""

    def __init__(self, distribution: Distribution, interfaces: Mapping[str, Interface]) -> None:
        self.reasons: dict[str, str] = {}
        self._distribution = distribution
        self._interfaces = interfaces
        self._objects: dict[str, None] = {}
        self._borrowed: dict[str, Borrowed] = {}
        self._defined: set[str] = set()
        self._core = frozenset(distribution.core_objects)
        self._owner: dict[str, str] = {}
        for name in sorted(distribution.extensions):
            for path in distribution.extension(name).objects:
                self._owner.setdefault(path, name)
        self._provider: dict[str, str] = {}
        for path in self._owner:
            for symbol in sorted(interfaces[path].defined):
                self._provider.setdefault(symbol, path)

    def add_object(self, path: str) -> None:
        # An object that two extensions list is linked once.
        if path not in self._objects:
            self._objects[path] = None
            self._defined |= self._interfaces[path].defined

    def add_extension(self, name: str, reason: str) -> None:
        if name not in self.reasons:
            self.reasons[name] = reason
            for path in self._distribution.extension(name).objects:
                self._borrowed.pop(path, None)
                self.add_object(path)

    def complete(self) -> None:
        while missing := next(self._missing(), None):
            user, symbol, path = missing
            if user in self._core:
                self.add_extension(self._owner[path], f"`{user}` of the core refers to `{symbol}`")
            else:
                self._borrowed[path] = Borrowed(path, symbol, user)
                self.add_object(path)

    def _missing(self) -> Iterator[tuple[str, str, str]]:
        """Who misses which symbol, and the object that has it. The core's wishes come first."""
        for user in self._objects:
            for symbol in sorted(self._interfaces[user].undefined - self._defined):
                if symbol in self._provider:
                    yield user, symbol, self._provider[symbol]

    def selection(self) -> Selection:
        chosen = tuple(Chosen(self._distribution.extension(name), self.reasons[name]) for name in sorted(self.reasons))
        links = list(self._distribution.core_links)
        for item in chosen:
            links += item.extension.links
        for path in self._borrowed:
            links += self._distribution.extension(self._owner[path]).links
        archives = [link.path for link in links if link.kind is LinkKind.STATIC and link.path is not None]
        system = {link.name for link in links if link.kind is LinkKind.SYSTEM}
        return Selection(
            chosen=chosen,
            borrowed=tuple(self._borrowed.values()),
            objects=tuple(self._objects),
            archives=tuple(dict.fromkeys(archives)),
            system_libraries=tuple(sorted(system)),
        )
