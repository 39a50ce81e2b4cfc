"""Decides which extensions and objects of a distribution are linked, and why. Pure: knows symbol tables, but no files.

Metadata does not say all of it. The core calls into extensions that are not marked `required`, and an extension may use
objects that are listed under another one only. Both are found in the objects' own symbol tables: what the core misses
brings in the whole extension (it must also be importable), what an extension misses brings in just the object. Which
modules a start imports is `linking.startup`'s to say; `required` decides nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from staticbuild.distribution.metadata import Distribution, Extension, LinkKind
from staticbuild.errors import ConfigError
from staticbuild.linking import licences
from staticbuild.linking.elf import Interface

ALL: Final = "all"
MINIMAL: Final = "minimal"
NO_LIBRARIES: Final = "no-libraries"
NO_COPYLEFT: Final = "no-copyleft"
FILTERS: Final = (ALL, MINIMAL, NO_LIBRARIES, NO_COPYLEFT)
"""What may be asked for in place of names. Whatever it is, what the interpreter itself needs is linked."""

_TEST_EXTENSIONS: Final = re.compile(r"_test\w+|_ctypes_test|_xxtestfuzz|xxlimited(_35)?|xxsubtype")


def is_test(name: str) -> bool:
    """Whether an extension exists for CPython's own tests only, as those do that `--disable-test-modules` leaves out."""
    return _TEST_EXTENSIONS.fullmatch(name) is not None


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
class LeftOut:
    """An extension that does not become part of the executable, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What to link of a distribution; paths are relative to its folder, in the order of the link."""

    chosen: tuple[Chosen, ...]
    left_out: tuple[LeftOut, ...]
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


def select(  # noqa: PLR0913 - one argument for each input of the decision
    distribution: Distribution,
    interfaces: Mapping[str, Interface],
    modules: str | Iterable[str] = ALL,
    exclude: Iterable[str] = (),
    startup: Mapping[str, str] = MappingProxyType({}),
    *,
    tests: bool = False,
) -> Selection:
    """What must be linked for the extensions `modules` (one of `FILTERS`, or names) without those in `exclude`.

    `interfaces` maps the paths of the core's and of all extensions' objects to what they offer and want; `startup` maps
    the extensions that a start imports to who imports them. `tests` tells whether a filter lets the extensions of CPython's
    own tests through. Raises `ConfigError` for a name that the distribution does not have and for an excluded one that
    CPython cannot do without.
    """
    # A value that can be compared with the filters' names, whatever kind of collection it was.
    modules = modules if isinstance(modules, str) else tuple(modules)
    names = frozenset[str]() if isinstance(modules, str) else frozenset(modules)
    exclude = frozenset(exclude)
    check_names(distribution, names | exclude)
    closure = _Closure(distribution, interfaces)
    for path in distribution.core_objects:
        closure.add_object(path)
    for name in sorted(distribution.extensions):
        if distribution.extension(name).in_core:
            closure.add_extension(name, "part of the core")
        elif name in startup:
            closure.add_extension(name, f"`{startup[name]}` imports it when CPython starts")
    closure.complete()
    _refuse_excluded(closure.reasons, exclude)
    needed = frozenset(closure.reasons)
    wanted = {ALL: "all are selected", NO_LIBRARIES: "needs no library", NO_COPYLEFT: "its licence is permissive"}
    left_out: dict[str, str] = {}
    for name in sorted(frozenset(distribution.extensions) - needed):
        lenders = (lender for lender in closure.lenders(name) if lender not in needed)
        reason = _why_not(distribution, name, modules, exclude, tuple(lenders))
        if reason is None and isinstance(modules, str) and is_test(name) and not tests:
            reason = "exists for CPython's own tests"
        if reason is None:
            closure.add_extension(name, wanted.get(modules, "selected") if isinstance(modules, str) else "selected")
        else:
            left_out[name] = reason
    closure.complete()
    return closure.selection(left_out)


def _why_not(
    distribution: Distribution, name: str, modules: str | tuple[str, ...], exclude: frozenset[str], lenders: tuple[str, ...]
) -> str | None:
    """Why the extension `name`, which the interpreter can do without, is not wanted; None if it is.

    `lenders` are the extensions whose objects would come with it, and with an object come its owner's libraries.
    """
    if name in exclude:
        return "excluded"
    if modules == ALL:
        return None
    if modules == MINIMAL:
        return "CPython starts without it"
    if modules in {NO_LIBRARIES, NO_COPYLEFT}:
        reason = _burden if modules == NO_LIBRARIES else _obligation
        return next((why for other in (name, *lenders) if (why := reason(distribution.extension(other)))), None)
    return None if name in modules else "not selected"


def _libraries(extension: Extension) -> list[str]:
    """The libraries of others that it is linked with, beside those of the C library."""
    return [link.name for link in extension.links if link.kind is not LinkKind.SYSTEM]


def _burden(extension: Extension) -> str | None:
    libraries = _libraries(extension)
    return f"needs the library `{libraries[0]}`" if libraries else None


def _obligation(extension: Extension) -> str | None:
    """Why nothing is known that lets `extension` be passed on freely; None if that is known."""
    for licence in extension.licenses:
        if not licences.is_permissive(licence):
            return f"its licence `{licence}` is copyleft, or not known to be permissive"
    if _libraries(extension) and not extension.licenses and not extension.public_domain:
        return f"the licence of its library `{_libraries(extension)[0]}` is not recorded"
    return None


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

    def lenders(self, name: str) -> tuple[str, ...]:
        """The other extensions whose objects `name` would borrow, and those would in turn."""
        found: dict[str, None] = {}
        objects = dict.fromkeys(self._distribution.extension(name).objects)
        for path in (waiting := [*objects]):
            for symbol in sorted(self._interfaces[path].undefined - self._defined):
                other = self._provider.get(symbol)
                if other is not None and other not in objects:
                    objects[other] = None
                    waiting.append(other)
                    found[self._owner[other]] = None
        return tuple(found)

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

    def selection(self, left_out: Mapping[str, str]) -> Selection:
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
            left_out=tuple(LeftOut(name, left_out[name]) for name in sorted(left_out)),
            borrowed=tuple(self._borrowed.values()),
            objects=tuple(self._objects),
            archives=tuple(dict.fromkeys(archives)),
            system_libraries=tuple(sorted(system)),
        )
