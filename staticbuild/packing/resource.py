"""What a program carries: modules, files and settings, as values. Knows nothing of bytes on disk or of the blob's layout.

The files form one virtual read-only tree. A module's source is a file of that tree too, at `Module.path`; the same path,
below the executable's own, becomes the module's `__file__`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from staticbuild.errors import StaticbuildError

# How many names a message lists before it says how many more there are.
_NAMES_SHOWN = 10


class ResourceConflictError(StaticbuildError):
    """Two different things claim one name; `names` says which."""

    def __init__(self, names: Iterable[str], what: str = "two different resources have the same name") -> None:
        self.names: tuple[str, ...] = tuple(sorted(set(names)))
        shown = ", ".join(f"`{name}`" for name in self.names[:_NAMES_SHOWN])
        more = len(self.names) - _NAMES_SHOWN
        super().__init__(f"{what}: {shown}" + (f" and {more} more" if more > 0 else ""))


class BadResourceError(StaticbuildError):
    """A resource that no blob can carry: a name that is no module name, a path that leaves the tree."""


class ModuleKind(Enum):
    """How a module takes part in imports."""

    MODULE = "module"
    PACKAGE = "package"
    NAMESPACE = "namespace"


@dataclass(frozen=True, slots=True)
class Module:
    """An importable module. `bytecode` is the marshalled code object, without the header of a pyc file.

    `source` is what its file holds: text, or of a `native` module the shared library that has it, which the system's loader
    must find on disk. `portions` are the folders of `__path__`: one for a package, any number for a namespace package, which
    has no path.
    """

    name: str
    kind: ModuleKind
    path: str = ""
    source: bytes | None = None
    bytecode: bytes | None = None
    portions: tuple[str, ...] = ()
    native: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file of the tree that is not the source of a module."""

    path: str
    data: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the table that configures the interpreter."""

    key: str
    value: str


class LocationKind(Enum):
    """Where files that must be on disk are."""

    EXTRACTED = "extracted"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Location:
    """Files of the tree that a running program finds on disk, at `paths` below one folder.

    `name` is what messages call it. `folder` is the digest that names its folder in the cache, or the folder beside the
    executable. A module whose file is among `paths` has its `__file__` there.
    """

    name: str
    kind: LocationKind
    folder: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resources:
    """Everything that one blob holds. `collect` makes one that is sorted and sound."""

    modules: tuple[Module, ...]
    files: tuple[File, ...]
    settings: tuple[Setting, ...]
    locations: tuple[Location, ...] = ()


def collect(
    modules: Iterable[Module] = (),
    files: Iterable[File] = (),
    settings: Mapping[str, str] | None = None,
    locations: Iterable[Location] = (),
) -> Resources:
    """Sort, check and freeze; raise `BadResourceError` or `ResourceConflictError`, naming all that is wrong."""
    resources = Resources(
        tuple(sorted(modules, key=lambda module: sort_key(module.name))),
        tuple(sorted(files, key=lambda file: sort_key(file.path))),
        tuple(Setting(key, value) for key, value in sorted((settings or {}).items(), key=lambda item: sort_key(item[0]))),
        sort_locations(locations),
    )
    check(resources)
    return resources


def sort_locations(locations: Iterable[Location]) -> tuple[Location, ...]:
    """Locations and their paths in the order of a blob."""
    ordered = [replace(location, paths=tuple(sorted(location.paths, key=sort_key))) for location in locations]
    return tuple(sorted(ordered, key=lambda location: (location.folder, location.paths)))


def sort_key(name: str) -> bytes:
    """The order of everything in a blob: by UTF-8 bytes, as C compares them."""
    return name.encode("utf-8", "surrogatepass")


def check(resources: Resources) -> None:
    """Raise if `resources` could not be packed."""
    wrong = [reason for module in resources.modules if (reason := _wrong_with_module(module))]
    wrong += [f"`{file.path}`: {reason}" for file in resources.files if (reason := _wrong_with_path(file.path))]
    for setting in resources.settings:
        if not setting.key or not is_text(setting.key) or not is_text(setting.value):
            wrong.append(f"`{setting.key!r}` is no setting")
    wrong += check_locations(resources.locations, set(_paths_with_data(resources)))
    if wrong:
        more = len(wrong) - _NAMES_SHOWN
        raise BadResourceError(
            "cannot be packed: " + "; ".join(wrong[:_NAMES_SHOWN]) + (f"; and {more} more" if more > 0 else "")
        )
    _check_unique(module.name for module in resources.modules)
    _check_unique(setting.key for setting in resources.settings)
    paths = [module.path for module in resources.modules if module.path] + [file.path for file in resources.files]
    check_paths(paths)


def check_locations(locations: Iterable[Location], readable: Container[str]) -> list[str]:
    """What is wrong with `locations`, whose paths must be among the `readable` ones."""
    wrong = []
    taken: set[str] = set()
    for location in locations:
        if not location.name or not is_text(location.name) or not location.paths:
            wrong.append(f"`{location.name!r}` is no location")
        if reason := _wrong_with_path(location.folder):
            wrong.append(f"location `{location.name}`: {reason}")
        for path in location.paths:
            if path in taken or path not in readable:
                wrong.append(f"location `{location.name}`: `{path}` is no file, or is in two locations")
            taken.add(path)
    return wrong


def _paths_with_data(resources: Resources) -> Iterable[str]:
    yield from (module.path for module in resources.modules if module.source is not None)
    yield from (file.path for file in resources.files)


def check_paths(paths: Iterable[str]) -> None:
    """Raise if a path is there twice, or is both a file and a folder."""
    paths = list(paths)
    _check_unique(paths)
    taken = set(paths)
    both = {folder for folder in {parent for path in taken for parent in _folders_above(path)} if folder in taken}
    if both:
        raise ResourceConflictError(both, "a path is both a file and a folder")


def _check_unique(names: Iterable[str]) -> None:
    seen: set[str] = set()
    twice: set[str] = set()
    for name in names:
        (twice if name in seen else seen).add(name)
    if twice:
        raise ResourceConflictError(twice)


def _folders_above(path: str) -> Iterable[str]:
    while (cut := path.rfind("/")) >= 0:
        path = path[:cut]
        yield path


def _wrong_with_module(module: Module) -> str | None:
    reason = None
    if not is_text(module.name) or not all(module.name.split(".")) or "\0" in module.name:
        reason = "is no module name"
    elif len(set(module.portions)) < len(module.portions):
        reason = "names a folder twice"
    elif module.kind is not ModuleKind.NAMESPACE:
        is_plain = module.kind is ModuleKind.MODULE
        reason = "is no package, but has folders" if is_plain and module.portions else _wrong_with_path(module.path)
    elif module.path or module.source is not None or module.bytecode is not None:
        reason = "is a namespace package and can have neither path nor code"
    elif not module.portions:
        reason = "is a namespace package without a folder"
    if module.native and (module.source is None or module.bytecode is not None):
        reason = reason or "is a shared library, and has other code or none"
    reason = reason or next(filter(None, map(_wrong_with_path, module.portions)), None)
    return f"`{module.name}`: {reason}" if reason else None


def _wrong_with_path(path: str) -> str | None:
    if not path:
        return "has no path"
    if not is_text(path):
        return "the path is not UTF-8"
    if "\0" in path or not all(part not in {"", ".", ".."} for part in path.split("/")):
        return f"`{path!r}` is not a path inside the tree"
    return None


def is_text(text: str) -> bool:
    """Whether `text` is Unicode: no byte of a file's name had to be escaped."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
