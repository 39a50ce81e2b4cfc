"""Decides which files a program finds on disk, and why. Knows what is packed and where paths are used; reads no source.

What decides is the `location` of the config, package by package, and for the packages that it does not name, how their own
code uses paths: what looks at a file that is there, or hands on a path into a folder with data, has its package put on
disk. To extract what is not there would help nobody, and a package of nothing but modules can be imported from memory.

Shared libraries are always on disk, since the system's loader knows nothing else. Those of one requirement go together, and so
do all that ask for each other: they find each other by paths that begin at their own (`$ORIGIN`). A package that has a program,
or a library that no module asks for, goes to disk as a whole: it will look for that file by name.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from staticbuild.errors import ConfigError, Problem
from staticbuild.packing.file_uses import FileUse
from staticbuild.packing.layers import Part
from staticbuild.packing.native import MAGIC, Native, NativeKind, describe, is_of_glibc
from staticbuild.packing.plan import ALL_OTHER_PACKAGES, BESIDE_FOLDER, MEMORY
from staticbuild.packing.resource import File, Location, LocationKind, Module, ModuleKind, Resources

# Files that a package carries for people and tools, not for itself.
_NO_DATA_SUFFIXES = (".py", ".pyc", ".pyi", ".pyx", ".pxd", ".pxi", ".c", ".h", ".cpp", ".hpp", ".md", ".rst", ".typed")
_NO_DATA_NAMES = ("LICENSE", "LICENCE", "COPYING", "README", "NOTICE", "AUTHORS", "CHANGELOG", "CHANGES")
_METADATA = (".dist-info/", ".egg-info/", ".data/")


@dataclass(frozen=True, slots=True)
class NativeFile:
    """A file of machine code in the tree; `wants` are the libraries that it needs of the host, beside glibc's own."""

    path: str
    kind: str
    wants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A location, and what is the reason for it, uses and machine code: none where the config asked for it."""

    location: Location
    packages: tuple[str, ...]
    reasons: tuple[FileUse, ...]
    native: tuple[NativeFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A use that does not count, and why not."""

    use: FileUse
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is on disk while the program runs; what uses paths and yet stays in memory, and which machine code does."""

    placed: tuple[Placed, ...]
    dismissed: tuple[Dismissed, ...]
    left: tuple[NativeFile, ...] = ()


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
    native = _Machine(tree)
    units += native.units(rules, others)
    merged = _merged(unit for unit in units if unit.paths)
    placed = sorted((_placed(tree, native, unit, application, beside) for unit in merged), key=lambda item: item.location.name)
    on_disk = {path for item in placed for path in item.location.paths}
    left = tuple(native.file(path) for path in native.paths if path not in on_disk)
    return Decision(tuple(placed), tuple(dismissed), left)


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
            folder: module.name for module in united.modules if module.kind is ModuleKind.PACKAGE for folder in module.portions
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

    def package_at(self, path: str) -> str | None:
        """The outermost regular package that has the file at `path` in one of its folders."""
        outer = [folder for folder in _folders_above(path) if folder in self._packages]
        return self._packages[outer[-1]] if outer else None

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
            self.is_data(path) and not any(above in self._packages for above in _folders_above(path) if len(above) > inner)
            for path in self.below(folder, owner)
        )

    def is_data(self, path: str) -> bool:
        """Whether a file is for the package's own code to open, which imports no modules by their files."""
        return _is_data(path) and not isinstance(self.contents[path], Module)

    def is_native_module(self, path: str) -> bool:
        """Whether the file at `path` is an extension module."""
        item = self.contents.get(path)
        return isinstance(item, Module) and item.native

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
        self._wanted = wanted
        # The innermost package has the say.
        self._rules = sorted(rules, key=lambda rule: (-len(rule[0]), rule))

    def of(self, path: str) -> str | None:
        """The package in the config that decides about a file; None if there is none."""
        return next((name for folder, name in self._rules if path == folder or path.startswith(f"{folder}/")), None)

    def is_beside(self, name: str) -> bool:
        """Whether the config wants the package, or all others, beside the executable."""
        return self._wanted.get(name) == LocationKind.BESIDE.value

    def unnamed(self, paths: Iterable[str]) -> set[str]:
        """Those of `paths` that the config says nothing about."""
        return {path for path in paths if self.of(path) is None}


class _Machine:
    """The machine code among the files, and which of it belongs together."""

    def __init__(self, tree: _Tree) -> None:
        self._tree = tree
        self._native: dict[str, Native] = {}
        for path, item in sorted(tree.contents.items()):
            data = item.data if isinstance(item, File) else item.source or b""
            if data.startswith(MAGIC) and (native := describe(data)) is not None:
                self._native[path] = native
            elif isinstance(item, Module) and item.native:
                # Damaged: the loader says so, as everywhere.
                self._native[path] = Native(NativeKind.LIBRARY)
        self.paths = tuple(self._native)
        self._wanted = {path: list(self._found(path)) for path in self.paths}

    def file(self, path: str) -> NativeFile:
        """What there is to say of the file at `path`."""
        native = self._native[path]
        kind = "extension module" if self._is_module(path) else native.kind.value
        # Libraries that have no path of their own find those that are loaded already, by name.
        carried = {other.soname or known.rpartition("/")[2] for known, other in self._native.items()}
        wants = tuple(name for name in native.needs if not is_of_glibc(name) and name not in carried)
        return NativeFile(path, kind, wants)

    def units(self, rules: _Rules, others: str | None) -> Iterator[_Unit]:
        """One for the machine code of each group, each package that is wanted whole, and each file that asks for others."""
        asked = {path for found in self._wanted.values() for path in found}
        loaded = {path for path in self.paths if self._is_module(path) or path in asked}
        decided = {path for path in self.paths if rules.of(path) is not None or others is not None}
        sought = {path for path in self.paths if path not in loaded and path not in decided and self._package(path)}
        for path in self.paths:
            package = self._package(path)
            if package is not None and (path in sought or self._is_package(path)):
                yield _Unit(LocationKind.EXTRACTED, {package}, rules.unnamed(self._tree.files_of(package)) | {path})
        groups: dict[str, set[str]] = {}
        for path in sorted(loaded | sought):
            groups.setdefault(self._group(path), set()).add(path)
        for path in self.paths:
            # Libraries that others of their requirement may open by name: of a folder like `demo.libs`.
            if self._package(path) is None and self._native[path].kind is NativeKind.LIBRARY and self._group(path) in groups:
                groups[self._group(path)].add(path)
        for paths in groups.values():
            packages = {path: package for path in paths if (package := self._package(path)) is not None}
            beside = any(rules.is_beside(rules.of(path) or ALL_OTHER_PACKAGES) for path in packages or paths)
            yield _Unit(LocationKind.BESIDE if beside else LocationKind.EXTRACTED, set(packages.values()), set(paths))
            for path in sorted(paths):
                yield _Unit(LocationKind.EXTRACTED, set(), {path, *self._wanted[path]})

    def _group(self, path: str) -> str:
        """What the file came with: the requirement, or of the application's own the package."""
        owner = self._tree.owner(path)
        if owner is not None and owner.layer == "requirement":
            return owner.name
        return self._package(path) or path

    def _is_module(self, path: str) -> bool:
        return isinstance(self._tree.contents[path], Module)

    def _is_package(self, path: str) -> bool:
        item = self._tree.contents[path]
        return isinstance(item, Module) and item.kind is ModuleKind.PACKAGE

    def _package(self, path: str) -> str | None:
        """The outermost package that the file lies in, or the module that it is."""
        item = self._tree.contents[path]
        if isinstance(item, Module):
            return self._tree.package(item.name).name
        return self._tree.package_at(path)

    def _found(self, path: str) -> Iterator[str]:
        """The carried libraries that the loader finds when it loads the one at `path`.

        By its own search path; or by that of who asked for it, which led into the folder where it lies itself.
        """
        native, folder = self._native[path], path.rpartition("/")[0]
        places = [folder]
        for place in native.search:
            if place.startswith(("$ORIGIN", "${ORIGIN}")):
                steps = place.removeprefix("$ORIGIN").removeprefix("${ORIGIN}")
                places += filter(None, [_resolved(folder, PurePosixPath(steps).as_posix().strip("/"))])
        for below in places:
            yield from (f"{below}/{name}" for name in native.needs if f"{below}/{name}" in self._native)


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
    if tree.is_native_module(target):
        return "an extension module is on disk in any case"
    if target not in tree.contents and not tree.has_folder(target):
        return f"there is no `{target}` in the executable"
    owner = tree.owner(file)
    folder = target if tree.has_folder(target) else target.rpartition("/")[0]
    is_data = target in tree.contents and tree.is_data(target)
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
            if other.kind is LocationKind.BESIDE:
                unit.kind = other.kind
            unit.names |= other.names
            unit.paths |= other.paths
            unit.reasons[:0] = other.reasons
        alive[id(unit)] = unit
        owners.update(dict.fromkeys(unit.paths, unit))
    return list(alive.values())


def _placed(tree: _Tree, native: _Machine, unit: _Unit, application: str, beside: str) -> Placed:
    folder = beside
    if unit.kind is LocationKind.EXTRACTED:
        folder = f"{application}/{_digest(tree.contents[path] for path in sorted(unit.paths))}"
    # Machine code that lies in no package has no name of its own.
    names = tuple(sorted(unit.names or {min(unit.paths)}))
    location = Location(", ".join(names), unit.kind, folder, tuple(sorted(unit.paths)))
    # What is sure comes first, since it is what messages name.
    reasons = tuple(sorted(unit.reasons, key=lambda use: not use.certain))
    return Placed(location, names, reasons, tuple(native.file(path) for path in native.paths if path in unit.paths))


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
