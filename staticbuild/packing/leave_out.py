"""What is left out of an executable on request: tests, type stubs, sources. Knows resources, nothing of who asks.

A test package is one whose name ends in `test` or `tests`. One that other code imports is no such thing, whatever it is
called, and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from staticbuild.packing.imports import scan
from staticbuild.packing.layers import Part
from staticbuild.packing.resource import Module, ModuleKind, Resources

_TESTS = frozenset({"test", "tests"})
_STUBS = (".pyi", "/py.typed")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was left out: what, how much of it, and its names where there are few."""

    what: str
    modules: int
    files: int
    bytes: int
    names: tuple[str, ...] = ()


def without_tests(parts: Sequence[Part], roots: Iterable[str]) -> tuple[list[Part], LeftOut]:
    """`parts` without the test packages and type stubs of applications and requirements; the standard library has a policy.

    `roots` are names that the program asks for by itself: modules, or text that names some.
    """
    foreign = [part for part in parts if part.layer != "stdlib"]
    candidates = {name for part in foreign for name in _test_packages(part.resources.modules)}
    imported = set(_imported(foreign, candidates)) if candidates else set()
    asked = tuple(roots)
    dropped = {name for name in candidates - imported if not any(name in root for root in asked)}
    kept = [part if part.layer == "stdlib" else replace(part, resources=_without(part.resources, dropped)) for part in parts]
    gone = [_gone(one.resources, other.resources) for one, other in zip(parts, kept, strict=True)]
    modules, files, size = (sum(figures) for figures in zip(*gone, strict=True)) if gone else (0, 0, 0)
    return kept, LeftOut("tests and type stubs", modules, files, size, tuple(sorted(dropped)))


def without_paths(part: Part, paths: Iterable[str]) -> Part:
    """`part` without the modules and files at `paths`."""
    gone = set(paths)
    resources = part.resources
    modules = tuple(module for module in resources.modules if not module.path or module.path not in gone)
    files = tuple(file for file in resources.files if file.path not in gone)
    return replace(part, resources=replace(resources, modules=modules, files=files))


def without_sources(resources: Resources, only: Iterable[str] | None = None) -> tuple[Resources, LeftOut]:
    """`resources` without the sources of modules that have bytecode, but for those that lie on disk as files.

    `only` names the modules by their paths; `stdlib` stands for all of the standard library, `*` for all others.
    """
    on_disk = {path for location in resources.locations for path in location.paths}
    chosen = None if only is None else frozenset(only)
    modules = tuple(
        module
        if module.bytecode is None or module.path in on_disk or not (chosen is None or _is_among(module.path, chosen))
        else replace(module, source=None)
        for module in resources.modules
    )
    gone = [
        len(before.source)
        for before, after in zip(resources.modules, modules, strict=True)
        if before.source is not None and after.source is None
    ]
    return replace(resources, modules=modules), LeftOut("sources", 0, len(gone), sum(gone))


def _is_among(path: str, chosen: frozenset[str]) -> bool:
    is_standard = path.startswith(_LIBRARIES) and "/site-packages/" not in path
    return path in chosen or ("stdlib" if is_standard else "*") in chosen


_LIBRARIES = ("lib/python3.", "lib/_staticbuild_")


def _test_packages(modules: Iterable[Module]) -> Iterator[str]:
    """The outermost test packages."""
    packages = {module.name for module in modules if module.kind is not ModuleKind.MODULE}
    for name in packages:
        parts = name.split(".")
        if parts[-1] in _TESTS and _TESTS.isdisjoint(parts[:-1]):
            yield name


def _imported(parts: Iterable[Part], candidates: set[str]) -> Iterator[str]:
    """Those of `candidates` that code outside of all of them imports."""
    for part in parts:
        for module in part.resources.modules:
            # Most modules have no such word in them, and need not be looked at.
            if module.bytecode is None or b"test" not in module.bytecode or _owner(module.name, candidates):
                continue
            found = scan(module.bytecode, module.name, is_package=module.kind is ModuleKind.PACKAGE)
            for statement in found.statements:
                for name in (statement.module, *(f"{statement.module}.{name}" for name in statement.names)):
                    if owner := _owner(name, candidates):
                        yield owner
            for text in found.strings:
                if owner := _owner(text.partition(":")[0], candidates):
                    yield owner


def _owner(name: str, candidates: set[str]) -> str | None:
    """The candidate that `name` is, or is in."""
    while name and name not in candidates:
        name = name.rpartition(".")[0]
    return name or None


def _without(resources: Resources, dropped: set[str]) -> Resources:
    gone = [module for module in resources.modules if _owner(module.name, dropped)]
    folders = {folder for module in gone for folder in module.portions}
    files = tuple(
        file for file in resources.files if not file.path.endswith(_STUBS) and folders.isdisjoint(_folders_above(file.path))
    )
    names = {module.name for module in gone}
    return replace(resources, modules=tuple(module for module in resources.modules if module.name not in names), files=files)


def _gone(before: Resources, after: Resources) -> tuple[int, int, int]:
    """How many modules, files and bytes the one has more than the other."""
    counts = [(len(item.modules), len(item.files), size_of(item)) for item in (before, after)]
    (modules, files, size), (fewer_modules, fewer_files, smaller) = counts
    return modules - fewer_modules, files - fewer_files, size - smaller


def size_of(resources: Resources) -> int:
    """The bytes of all that `resources` hold."""
    code = sum(len(module.source or b"") + len(module.bytecode or b"") for module in resources.modules)
    return code + sum(len(file.data) for file in resources.files)


def _folders_above(path: str) -> Iterator[str]:
    while (cut := path.rfind("/")) >= 0:
        path = path[:cut]
        yield path
