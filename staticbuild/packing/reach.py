"""Which modules a program can reach from where it begins, and through whom. Knows imports, not what is done with the rest.

Reached is what an import statement names, wherever it stands; what a text names in code that imports modules by name; what is
known to be imported behind the scenes (`dynamic`); and every package above any of these. Where code imports `"pkg." + name`,
all that lies directly in the package is reached. This errs on the side of too much: what is missing at run time is an error.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from staticbuild.packing.dynamic import HIDDEN, INTERPRETER, LEAVES, NEVER
from staticbuild.packing.imports import Imports, scan
from staticbuild.packing.resource import Module, ModuleKind

# A text of this many parts that names a module means it, in code that is nobody's tool for importing.
_FEWEST_PARTS = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a module is reached: `by` whom, where it is not the program itself, and `how`."""

    how: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a program begins: names of modules, or globs of them, each with the reason; and the one that runs as a script."""

    wanted: Mapping[str, str]
    code: Imports = field(default_factory=Imports)
    script: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """All modules by name; which of them are not the standard library's; and the packages of which all or nothing is taken.

    `entry_points` are the groups of plug-ins in the metadata of projects, with the modules that they name.
    """

    modules: Mapping[str, Module]
    foreign: Collection[str] = frozenset()
    whole: Collection[str] = frozenset()
    entry_points: Mapping[str, Sequence[str]] = field(default_factory=dict)


def reach(world: World, start: Start) -> dict[str, Reason]:
    """The modules that are reached, in the order in which they were."""
    search = _Search(world, start)
    for name in INTERPRETER:
        search.add_all(name, Reason("the interpreter itself imports it"))
    for name, how in start.wanted.items():
        search.add_all(name, Reason(how))
    search.follow(start.code, "", "")
    search.run()
    return search.reached


def chain(reached: Mapping[str, Reason], name: str) -> Iterator[tuple[str, Reason]]:
    """How `name` is reached: the module with its reason, then the one that is its reason, and so on to the program itself."""
    while name in reached:
        yield name, reached[name]
        name = reached[name].by


class _Search:
    """What is reached so far, and what has still to be looked at."""

    def __init__(self, world: World, start: Start) -> None:
        self.reached: dict[str, Reason] = {}
        self._world = world
        self._start = start
        self._pending: list[str] = []
        self._hidden: set[str] = set()
        self._texts: set[str] = set()
        self._children: dict[str, list[str]] = {}
        for name in world.modules:
            self._children.setdefault(name.rpartition(".")[0], []).append(name)

    def run(self) -> None:
        """Look at modules until there is nothing new."""
        while True:
            while self._pending:
                self._look_at(self._pending.pop())
            for group, names in self._world.entry_points.items():
                if group in self._texts:
                    for name in names:
                        self.add(name, Reason(f"it is a plug-in of the group `{group}`"))
            if not self._pending:
                return

    def add_all(self, glob: str, reason: Reason) -> None:
        """Reach a module, or all that a glob of dotted names matches; `pkg.*` is all below `pkg`."""
        if not any(character in glob for character in "*?["):
            self.add(glob, reason)
            return
        for name in fnmatch.filter(self._world.modules, glob):
            self.add(name, reason)

    def add(self, name: str, reason: Reason) -> None:
        """Reach a module with the packages above it, unless it is reached already or is none of ours."""
        if name in self.reached:
            return
        if name not in self._world.modules:
            self._add_hidden(name)
            return
        package = name.rpartition(".")[0]
        if package:
            self.add(package, reason)
        # A package that is taken whole may have brought it along just now.
        if name in self.reached:
            return
        self.reached[name] = reason
        self._pending.append(name)
        self._add_hidden(name)
        top = name.partition(".")[0]
        if top in self._world.whole:
            for other in self._below(top):
                self.add(other, Reason("its package has code in C, whose imports cannot be seen", top))

    def follow(self, imports: Imports, name: str, package: str) -> None:
        """Reach what the code of the module `name` imports; `package` is where its relative names begin."""
        ignored = NEVER.get(name, frozenset())
        foreign = not name or name in self._world.foreign
        for statement in sorted(imports.statements, key=lambda item: (item.module, item.names)):
            if statement.module.partition(".")[0] in ignored:
                continue
            self.add(statement.module, Reason("imports it", name))
            for taken in statement.names:
                if taken == "*":
                    self._add_public(statement.module, name)
                elif f"{statement.module}.{taken}" in self._world.modules:
                    self.add(f"{statement.module}.{taken}", Reason("imports it", name))
        # What the standard library imports by name is known (`dynamic`); most of its texts are names of other things.
        if foreign:
            self._texts |= imports.strings
            for text in sorted(imports.strings):
                for found in self._named(text, package, by_name=imports.by_name):
                    self.add(found, Reason("names it in a text", name))

    def _look_at(self, name: str) -> None:
        module = self._world.modules[name]
        if module.bytecode is None or name in LEAVES:
            return
        is_package = module.kind is ModuleKind.PACKAGE
        imports = scan(module.bytecode, name, is_package=is_package, runs_as_main=name == self._start.script)
        self.follow(imports, name, name if is_package else name.rpartition(".")[0])

    def _add_hidden(self, name: str) -> None:
        """What is known to be imported behind the scenes wherever `name` is imported."""
        if name in self._hidden:
            return
        self._hidden.add(name)
        for glob in HIDDEN.get(name, ()):
            self.add_all(glob, Reason("is known to import it while it runs", name))

    def _add_public(self, module: str, by: str) -> None:
        """What `from module import *` may import: submodules that its `__all__` can name."""
        package = self._world.modules.get(module)
        if package is None or package.bytecode is None or package.kind is not ModuleKind.PACKAGE:
            return
        for text in sorted(scan(package.bytecode, module, is_package=True).strings):
            if f"{module}.{text}" in self._world.modules:
                self.add(f"{module}.{text}", Reason("imports all that is public with it", by))

    def _named(self, text: str, package: str, *, by_name: bool) -> Iterator[str]:
        """The modules that `text` may stand for, in code that imports `by_name` or in any other."""
        text = text.partition(":")[0]
        modules = self._world.modules
        if text in modules and ("." in text or by_name):
            yield text
        elif "." in text.strip("."):
            # `package.module.Class`
            owner = text.rpartition(".")[0]
            if owner in modules and owner.count(".") + 1 >= _FEWEST_PARTS:
                yield owner
        if not by_name:
            return
        absolute = (package + text if text.startswith(".") else f"{package}.{text}") if package else ""
        if absolute in modules:
            yield absolute
        for prefix in (text, absolute):
            if prefix.endswith(".") and prefix[:-1] in modules:
                yield from self._children.get(prefix[:-1], ())

    def _below(self, package: str) -> Iterable[str]:
        prefix = package + "."
        return [name for name in self._world.modules if name.startswith(prefix)]
