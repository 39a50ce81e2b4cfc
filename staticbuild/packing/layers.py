"""Which module wins where several packs have one of a name. Unaware of where packs come from and how they are written.

Python's own rules, with the layers as the entries of its path: the application, the standard library, the requirements.
The first layer with a regular package or module of a name has it, and all that is inside; where there are only
namespace packages, they unite (PEP 420). Within a layer, as in one folder, there is nothing to choose: two different
files for one path are a mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from staticbuild.errors import ConfigError, Problem
from staticbuild.packing.plan import Layer
from staticbuild.packing.resource import File, Module, ModuleKind, Resources, collect

ORDER: tuple[Layer, ...] = ("application", "stdlib", "requirement")
_HINT = "leave one of them out: drop the package, or name the file in `exclude`"
_SHOWN = {"application": "the application", "stdlib": "the standard library", "requirement": "a requirement"}


@dataclass(frozen=True, slots=True)
class Part:
    """One pack: its layer, what messages call it, and what it holds."""

    layer: Layer
    name: str
    resources: Resources


@dataclass(frozen=True, slots=True)
class United:
    """What all parts make together, and what a person may want to know about it."""

    resources: Resources
    warnings: tuple[str, ...]


def unite_parts(parts: Sequence[Part], settings: Mapping[str, str]) -> United:
    """All parts as one. Raises ConfigError that names both sides of every conflict."""
    _check_versions(parts)
    ordered = sorted(parts, key=lambda part: (ORDER.index(part.layer), part.name))
    _check_paths(ordered)
    modules, warnings = _choose(ordered)
    files = {file.path: file for part in reversed(ordered) for file in part.resources.files}
    given = {setting.key: setting.value for part in reversed(ordered) for setting in part.resources.settings}
    _check_certificates(files, settings.get("ca_certificates"))
    return United(collect(modules, files.values(), {**given, **settings}), tuple(warnings))


def _check_certificates(files: Mapping[str, File], path: str | None) -> None:
    """Raise unless the file with certificate authorities, if one is wanted, is there and holds some."""
    if not path:
        return
    if path not in files:
        raise ConfigError(
            "`ca_certificates` wants those of the package `certifi`, and no requirement brings it",
            hint="add `certifi` to the requirements and run `staticbuild lock`, or name a PEM file",
        )
    if b"-----BEGIN CERTIFICATE-----" not in files[path].data:
        raise ConfigError(f"the file for `ca_certificates` holds no certificates: `{path}`", hint="it must be in PEM format")


def _check_versions(parts: Iterable[Part]) -> None:
    """Raise if there are two versions of one requirement, rather than name each of their files."""
    versions: dict[str, set[str]] = {}
    for part in parts:
        if part.layer == "requirement":
            versions.setdefault(part.name.partition("==")[0], set()).add(part.name)
    ConfigError.raise_all(
        [
            Problem(
                f"{' and '.join(f'`{name}`' for name in sorted(names))} are in one executable",
                hint="name all requirements in one resources target, so that one version is chosen for all",
            )
            for _, names in sorted(versions.items())
            if len(names) > 1
        ]
    )


def _check_paths(parts: Iterable[Part]) -> None:
    """Raise if two parts have different files at one path."""
    owners: dict[str, tuple[Part, Module | File]] = {}
    problems = []
    for part in parts:
        items: tuple[Module | File, ...] = (*part.resources.modules, *part.resources.files)
        for item in items:
            if not item.path:
                continue
            owner, other = owners.setdefault(item.path, (part, item))
            if not _same_file(item, other):
                problems.append(Problem(f"`{owner.name}` and `{part.name}` have different files for `{item.path}`", hint=_HINT))
    ConfigError.raise_all(problems)


def _same_file(one: Module | File, other: Module | File) -> bool:
    """Whether two things at one path are the same file."""
    if isinstance(one, Module) and isinstance(other, Module):
        return one == other
    return isinstance(one, File) and isinstance(other, File) and one.data == other.data


def _choose(parts: Sequence[Part]) -> tuple[list[Module], list[str]]:
    """The modules that an import finds. A parent is chosen before its children, which come from where the parent is."""
    claims: dict[str, list[tuple[Part, Module]]] = {}
    for part in parts:
        for module in part.resources.modules:
            claims.setdefault(module.name, []).append((part, module))
    layers: dict[str, frozenset[Layer]] = {"": frozenset(ORDER)}
    chosen = []
    warnings = []
    for name in sorted(claims, key=lambda name: (name.count("."), name)):
        parent = name.rpartition(".")[0]
        above = layers.get(parent, frozenset(ORDER) if not parent else frozenset())
        candidates = [(part, module) for part, module in claims[name] if part.layer in above]
        if not candidates:
            continue
        regular = [(part, module) for part, module in candidates if module.kind is not ModuleKind.NAMESPACE]
        if not regular:
            chosen.append(replace(candidates[0][1], portions=_portions(module for _, module in candidates)))
            layers[name] = frozenset(part.layer for part, _ in candidates)
            continue
        winner, module = _winner(name, regular)
        chosen.append(module)
        layers[name] = frozenset({winner.layer})
        if not parent:
            warnings += [
                f"`{name}` of `{part.name}` is hidden by that of {_SHOWN[winner.layer]}"
                for part, _ in regular
                if part.layer != winner.layer
            ]
    return chosen, warnings


def _winner(name: str, regular: Sequence[tuple[Part, Module]]) -> tuple[Part, Module]:
    """The first layer's module. Within that layer there must be only one."""
    winner, module = regular[0]
    for part, other in regular[1:]:
        if part.layer == winner.layer and other != module:
            raise ConfigError(
                f"`{winner.name}` and `{part.name}` both have a module `{name}`: `{module.path}` and `{other.path}`",
                hint=_HINT,
            )
    return winner, module


def _portions(modules: Iterable[Module]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(portion for module in modules for portion in module.portions))
