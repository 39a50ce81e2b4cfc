"""Turns what a target offers into inputs of an action, and parameter files and in-action programs likewise.

Knows which of staticbuild's own modules each program that runs inside of an action consists of. An action depends on just
those, so that a change of the command line does not rebuild CPython.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from staticbuild.errors import ConfigError, Location
from staticbuild.graph.action import Artifact, SourceFile
from staticbuild.rules.context import Context
from staticbuild.rules.providers import Executable, Files, Library, Provider, PythonDistribution, Tree

_LINKING = ("distribution/__init__.py", "distribution/metadata.py", "toolchain", "linking")

# Folders stand for all modules in them.
_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "unpack": ("distribution/__init__.py", "distribution/unpack.py"),
    "archive": ("distribution/__init__.py", "distribution/archive.py", "distribution/metadata.py", "distribution/unpack.py"),
    "accept": ("distribution/__init__.py", "distribution/accept.py", "distribution/metadata.py", "distribution/unpack.py"),
    "assemble": ("distribution/__init__.py", "distribution/assemble.py", "distribution/metadata.py"),
    "bitcode": (
        *("distribution/__init__.py", "distribution/metadata.py", "toolchain"),
        *("linking/__init__.py", "linking/bitcode.py", "linking/diagnose.py", "linking/files.py", "linking/plan.py"),
    ),
    "building": (
        *("building", "distribution/__init__.py", "distribution/unpack.py"),
        *("linking/__init__.py", "linking/elf.py", "linking/private.py"),
    ),
    "crates": ("distribution/__init__.py", "distribution/crates.py", "distribution/unpack.py"),
    "packing": ("packing",),
    "installers": ("packing/__init__.py", "packing/installers.py"),
    "linking": _LINKING,
}
_ALWAYS = ("__init__.py", "errors.py", "program.py")

# Modules of these folders that run on the host only.
_HOST_ONLY = (
    *("packing/addresses.py", "packing/compatibility.py", "packing/crates.py", "packing/lock.py", "packing/package_index.py"),
    *("packing/project_files.py", "packing/requirements.py", "packing/resolving.py", "packing/sdist.py", "packing/sources.py"),
)


def program(context: Context, name: str) -> dict[str, Artifact]:
    """The modules of an in-action program, staged below `tool/`; run with PYTHONPATH=tool."""
    return context.shared(("program", name), lambda: _program(context, name))


def _program(context: Context, name: str) -> dict[str, Artifact]:
    own = f"{context.own}/staticbuild"
    modules: list[str] = []
    for item in (*_ALWAYS, *_PROGRAMS[name]):
        if item.endswith(".py"):
            modules.append(item)
        else:
            names = (entry.name for entry in context.host.scan(f"{own}/{item}") if entry.name.endswith(".py"))
            modules += [f"{item}/{module}" for module in names]
    wanted = [module for module in modules if module not in _HOST_ONLY]
    return {f"tool/staticbuild/{module}": SourceFile(f"{own}/{module}") for module in wanted}


PROGRAM_ENV = (("PYTHONPATH", "tool"),)


def staged(provider: Provider, at: str, where: Location) -> dict[str, Artifact]:
    """The inputs that put what a target offers at the path `at` of a private folder."""
    if isinstance(provider, Files):
        return _files_at(provider.artifacts, at)
    at = at.rstrip("/")
    match provider:
        case Tree(artifact):
            return {at: artifact}
        case PythonDistribution(tree=tree):
            return {at: tree}
        case Library(archive):
            return {at: archive}
        case Executable(artifact):
            return {at: artifact}
        case _:
            raise ConfigError("this target has no files of its own", where=where, hint="name a `files` or `run_action` target")


def _files_at(artifacts: Mapping[str, Artifact], at: str) -> dict[str, Artifact]:
    """One file or tree takes the path itself; several, or any number behind a `/`, go below it under their own names."""
    if len(artifacts) == 1 and not at.endswith("/"):
        (only,) = artifacts.values()
        return {at: only}
    folder = at.rstrip("/")
    return {f"{folder}/{name}": artifact for name, artifact in artifacts.items()}


def merged(parts: Iterable[Mapping[str, Artifact]], where: Location) -> tuple[tuple[str, Artifact], ...]:
    """All inputs of an action. Raises ConfigError when two of them claim one path, or one lies inside the other."""
    inputs: dict[str, Artifact] = {}
    for part in parts:
        for path, artifact in part.items():
            if inputs.get(path, artifact) != artifact:
                raise ConfigError(f"two inputs have the path `{path}`", where=where)
            inputs[path] = artifact
    ordered = sorted(inputs)
    taken = set(ordered)
    for path in ordered:
        parent = path.rpartition("/")[0]
        while parent:
            if parent in taken:
                raise ConfigError(f"the input `{path}` lies inside the input `{parent}`", where=where)
            parent = parent.rpartition("/")[0]
    return tuple((path, inputs[path]) for path in ordered)


def check_outputs(outputs: Sequence[str], inputs: Mapping[str, Artifact], where: Location) -> None:
    """Raise ConfigError for outputs that are inputs, lie inside of an input (which is shared), or overlap each other."""
    seen: set[str] = set()
    for path in sorted(outputs):
        if path in seen:
            raise ConfigError(f"the output `{path}` is declared twice", where=where)
        seen.add(path)
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            outer = "/".join(parts[:count])
            if outer in inputs:
                inside = "is an input, too" if outer == path else f"lies inside the input `{outer}`"
                raise ConfigError(f"the output `{path}` {inside}", where=where, hint="inputs are read-only: copy, then change")
            if outer != path and outer in seen:
                raise ConfigError(f"the output `{path}` lies inside the output `{outer}`", where=where)
