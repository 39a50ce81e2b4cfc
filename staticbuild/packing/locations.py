"""Decides which files a program finds on disk, and why. Knows what is packed and where paths are used; reads no source.

What decides is the `location` of the config, package by package, and for the packages that it does not name, how their own
code uses paths: what looks at a file that is there, or hands on a path into a folder with data, has its package put on
disk. To extract what is not there would help nobody, and a package of nothing but modules can be imported from memory.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from staticbuild.errors import ConfigError, Problem
from staticbuild.packing.file_uses import FileUse
from staticbuild.packing.layers import Part
from staticbuild.packing.plan import ALL_OTHER_PACKAGES, BESIDE_FOLDER, MEMORY
from staticbuild.packing.resource import File, Location, LocationKind, Module, ModuleKind, Resources

# Files that a package carries for people and tools, not for itself.
_NO_DATA_SUFFIXES = (".py", ".pyc", ".pyi", ".pyx", ".pxd", ".pxi", ".c", ".h", ".cpp", ".hpp", ".md", ".rst", ".typed")
_NO_DATA_NAMES = ("LICENSE", "LICENCE", "COPYING", "README", "NOTICE", "AUTHORS", "CHANGELOG", "CHANGES")
_METADATA = (".dist-info/", ".egg-info/", ".data/")


@dataclass(frozen=True, slots=True)
class Placed:
    """A location, and the uses that are the reason for it: none where the config asked for it."""

    location: Location
    packages: tuple[str, ...]
    reasons: tuple[FileUse, ...]


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A use that does not count, and why not."""

    use: FileUse
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is on disk while the program runs; and what uses paths and yet stays in memory."""

    placed: tuple[Placed, ...]
    dismissed: tuple[Dismissed, ...]


def decide(  # noqa: PLR0913, PLR0917 - what is packed, what is wanted of it, and two names
    parts: Sequence[Part],
    united: Resources,
    uses: Iterable[FileUse],
    wanted: Mapping[str, str],
    application: str,
    beside: str = BESIDE_FOLDER,
) -> Decision:
    """Where the files of `united` are, which `parts` became. `wanted` maps packages, or `*`, to one of `plan.LOCATIONS`.

    Raises ConfigError for packages that there are not. `application` names the folder in the cache, `beside` the one that
    lies beside the executable.
    """
    tree = _Tree(parts, united)
    rules = _Rules(tree, wanted)
    units = [
        _Unit(LocationKind(choice), {name}, {path for path in tree.files_of(name) if rules.of(path) in {name, None}})
        for name, choice in sorted(wanted.items())
        if name != ALL_OTHER_PACKAGES and choice != MEMORY
    ]
    dismissed: list[Dismissed] = []
    others = wanted.get(ALL_OTHER_PACKAGES)
    if others is not None and others != MEMORY:
        units += [_Unit(LocationKind(others), {name}, rules.unnamed(tree.files_of(name))) for name in tree.tops()]
    for use in uses if others is None else ():
        verdict = _judge(tree, rules, use)
        if isinstance(verdict, str):
            dismissed.append(Dismissed(use, verdict))
        else:
            verdict.reasons.append(use)
            units.append(verdict)
    merged = _merged(unit for unit in units if unit.paths)
    placed = sorted((_placed(tree, unit, application, beside) for unit in merged), key=lambda item: item.location.name)
    return Decision(tuple(placed), tuple(dismissed))


@dataclass(slots=True)
class _Unit:
    """Files that go together, for the packages `names`, because of `reasons`."""

    kind: LocationKind
    names: set[str]
    paths: set[str]
    reasons: list[FileUse] = field(default_factory=list)


class _Tree:
    """What is packed, by name and path, and which part each file came from."""

    def __init__(self, parts: Sequence[Part], united: Resources) -> None:
        self.modules = {module.name: module for module in united.modules}
        self.contents: dict[str, Module | File] = {file.path: file for file in united.files}
        self.contents |= {module.path: module for module in united.modules if module.source is not None}
        self._owners: dict[str, Part] = {}
        for part in parts:
            items: tuple[Module | File, ...] = (*part.resources.modules, *part.resources.files)
            for item in items:
                if item.path:
                    self._owners.setdefault(item.path, part)
        self._packages = {
            folder for module in united.modules if module.kind is ModuleKind.PACKAGE for folder in module.portions
        }
        self._folders = {folder for path in self.contents for folder in _folders_above(path)}

    def module(self, name: str) -> Module | None:
        """The module of that name, or the innermost one that it is something in."""
        while name and name not in self.modules:
            name = name.rpartition(".")[0]
        return self.modules.get(name)

    def package(self, name: str) -> Module:
        """The outermost package that is regular and has the module `name`; the module itself if there is none."""
        parts = name.split(".")
        for size in range(1, len(parts)):
            module = self.modules.get(".".join(parts[:size]))
            if module is not None and module.kind is ModuleKind.PACKAGE:
                return module
        return self.modules[name]

    def tops(self) -> list[str]:
        """What a program imports, without the standard library: outermost packages, and modules outside of packages."""
        names = {
            self.package(module.name).name
            for module in self.modules.values()
            if module.kind is not ModuleKind.NAMESPACE and not self.is_standard(module)
        }
        return sorted(names)

    def is_standard(self, module: Module) -> bool:
        """Whether a module is the standard library's, or the run time's own."""
        owner = self._owners.get(self.file_of(module))
        return owner is not None and owner.layer == "stdlib"

    def file_of(self, module: Module) -> str:
        """The path that `__file__` stands for; in a namespace package, which has none, that of a file in it."""
        if module.kind is not ModuleKind.NAMESPACE:
            return module.path
        return next(self.below(module.portions[0], None), f"{module.portions[0]}/__init__.py")

    def files_of(self, name: str) -> Iterator[str]:
        """The files of a package, or of a module and the part that it came with."""
        module = self.modules[name]
        if module.kind is ModuleKind.MODULE:
            yield from self.below(module.path.rpartition("/")[0], self._owners.get(module.path))
        for folder in module.portions:
            yield from self.below(folder, None)

    def below(self, folder: str, owner: Part | None) -> Iterator[str]:
        """The files below `folder` that came with `owner`, if that is given."""
        prefix = f"{folder}/" if folder else ""
        return (
            path for path in self.contents if path.startswith(prefix) and (owner is None or self._owners.get(path) is owner)
        )

    def has_data(self, folder: str, owner: Part | None) -> bool:
        """Whether data lies in a folder or below. That in packages below is theirs: their own code tells what they need."""
        inner = len(folder) + 1 if folder else 0
        return any(
            _is_data(path) and not any(above in self._packages for above in _folders_above(path) if len(above) > inner)
            for path in self.below(folder, owner)
        )

    def owner(self, path: str) -> Part | None:
        """The part that a file came with."""
        return self._owners.get(path)

    def has_folder(self, path: str) -> bool:
        """Whether there is such a folder."""
        return not path or path in self._folders


class _Rules:
    """What the config says, by the folders of the packages that it names."""

    def __init__(self, tree: _Tree, wanted: Mapping[str, str]) -> None:
        names = [name for name in wanted if name != ALL_OTHER_PACKAGES]
        ConfigError.raise_all([problem for name in names if (problem := _wrong_with(tree, name))])
        rules = [(folder, name) for name in names for folder in tree.modules[name].portions or (tree.modules[name].path,)]
        # The innermost package has the say.
        self._rules = sorted(rules, key=lambda rule: (-len(rule[0]), rule))

    def of(self, path: str) -> str | None:
        """The package in the config that decides about a file; None if there is none."""
        return next((name for folder, name in self._rules if path == folder or path.startswith(f"{folder}/")), None)

    def unnamed(self, paths: Iterable[str]) -> set[str]:
        """Those of `paths` that the config says nothing about."""
        return {path for path in paths if self.of(path) is None}


def _wrong_with(tree: _Tree, name: str) -> Problem | None:
    module = tree.modules.get(name)
    if module is None:
        order = [tree.modules] if "." in name else [tree.tops(), tree.modules]
        near = [match for known in order for match in difflib.get_close_matches(name, known, n=1)]
        hint = f"did you mean `{near[0]}`?" if near else "name packages as they are imported, or `*` for all others"
        return Problem(f"`location` names `{name}`, and the executable has no such package", hint=hint)
    if tree.is_standard(module) and module.kind is ModuleKind.MODULE:
        return Problem(
            f"`location` names `{name}`, a module of the standard library, which has no folder of its own",
            hint="of the standard library only packages can be put on disk",
        )
    return None


def _judge(tree: _Tree, rules: _Rules, use: FileUse) -> _Unit | str:  # noqa: PLR0911 - one for each reason
    """The files that must be on disk because of `use`, or why none must."""
    module = tree.module(use.subject)
    if module is None:
        return f"there is no module `{use.subject}`"
    file = tree.file_of(module)
    if tree.is_standard(module):
        return "the standard library stays in memory"
    if (name := rules.of(file)) is not None:
        return f"`location` decides about `{name}`"
    target = _resolved(file, use.reach)
    if target is None:
        return "the path leads out of the executable"
    if target not in tree.contents and not tree.has_folder(target):
        return f"there is no `{target}` in the executable"
    owner = tree.owner(file)
    folder = target if tree.has_folder(target) else target.rpartition("/")[0]
    is_data = target in tree.contents and _is_data(target)
    if not use.certain and not is_data and not tree.has_data(folder, owner):
        return f"there is no data in `{folder}`"
    package = tree.package(module.name)
    paths = set(tree.files_of(package.name)) if package.kind is ModuleKind.PACKAGE else {file}
    # The path may lead out of the package: to what came with it, below there.
    paths |= {target} if target in tree.contents else set(tree.below(target, owner))
    return _Unit(LocationKind.EXTRACTED, {package.name}, rules.unnamed(paths))


def _resolved(file: str, reach: str) -> str | None:
    """Where steps from a file lead; None if that is out of the tree."""
    parts = file.split("/")
    for step in reach.split("/") if reach else ():
        if step != "..":
            parts.append(step)
        elif parts:
            parts.pop()
        else:
            return None
    return "/".join(parts)


def _is_data(path: str) -> bool:
    name = path.rpartition("/")[2]
    is_metadata = any(mark in path for mark in _METADATA)
    return not (name.endswith(_NO_DATA_SUFFIXES) or name.startswith(_NO_DATA_NAMES) or is_metadata)


def _merged(units: Iterable[_Unit]) -> list[_Unit]:
    """The units, with those that share a file made one: a file is in one place only."""
    owners: dict[str, _Unit] = {}
    alive: dict[int, _Unit] = {}
    for unit in units:
        others = {id(owners[path]): owners[path] for path in unit.paths if path in owners}
        for key, other in others.items():
            del alive[key]
            unit.names |= other.names
            unit.paths |= other.paths
            unit.reasons[:0] = other.reasons
        alive[id(unit)] = unit
        owners.update(dict.fromkeys(unit.paths, unit))
    return list(alive.values())


def _placed(tree: _Tree, unit: _Unit, application: str, beside: str) -> Placed:
    folder = beside
    if unit.kind is LocationKind.EXTRACTED:
        folder = f"{application}/{_digest(tree.contents[path] for path in sorted(unit.paths))}"
    names = tuple(sorted(unit.names))
    location = Location(", ".join(names), unit.kind, folder, tuple(sorted(unit.paths)))
    # What is sure comes first, since it is what messages name.
    reasons = tuple(sorted(unit.reasons, key=lambda use: not use.certain))
    return Placed(location, names, reasons)


def _digest(items: Iterable[Module | File]) -> str:
    """One digest for paths, modes and contents."""
    whole = hashlib.sha256()
    for item in items:
        data = item.data if isinstance(item, File) else item.source or b""
        mode = "x" if isinstance(item, File) and item.executable else "-"
        whole.update(f"{hashlib.sha256(data).hexdigest()} {mode} {item.path}\0".encode())
    return whole.hexdigest()


def _folders_above(path: str) -> Iterator[str]:
    while (cut := path.rfind("/")) >= 0:
        path = path[:cut]
        yield path
