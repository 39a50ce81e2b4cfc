"""Reads what files of projects say that is required: pyproject.toml (PEP 621, PEP 735) and pylock.toml (PEP 751).

Text in, values out; unaware of where files are. What is wrong is a `FormatError`, whose sentence lacks its subject.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from staticbuild.errors import FormatError

# `pyproject.toml[extra,other]`, `pyproject.toml:group`.
_PART = re.compile(r"(?P<file>[^\[\]:]+\.(?:toml|lock))(?:\[(?P<extras>[^\]]*)\]|:(?P<group>[A-Za-z0-9._-]+))?\Z")
_PYLOCK = re.compile(r"pylock(\.[^./]+)?\.toml\Z")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a project, and which part of its requirements is meant: extras beside the rest, or one group alone."""

    path: str
    extras: tuple[str, ...] = ()
    group: str | None = None

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]

    @property
    def is_pylock(self) -> bool:
        """Whether it is a lock file as PEP 751 names them."""
        return _PYLOCK.match(self.name) is not None

    @classmethod
    def parse(cls, text: str) -> Part | None:
        """What an entry of `requirements` names, None if it is no file of a project."""
        match = _PART.match(text)
        if match is None:
            return None
        extras = tuple(
            sorted({canonicalize_name(extra.strip()) for extra in (match["extras"] or "").split(",") if extra.strip()})
        )
        part = cls(match["file"], extras, match["group"] and canonicalize_name(match["group"]))
        return part if part.name in {"pyproject.toml", "uv.lock"} or part.is_pylock else None


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a pylock.toml: a requirement for exactly this, and the digests that its files may have."""

    text: str
    sha256: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """What a pyproject.toml says of its project. `meaning` is a digest of all that counts for what it requires."""

    name: str | None
    version: str | None
    meaning: str
    scripts: tuple[str, ...] = ()


def project_requirements(text: str, part: Part) -> tuple[str, ...]:
    """What a pyproject.toml says that its project, or one of its groups, requires. Raises FormatError."""
    table = _toml(text)
    sources = _uv_sources(table)
    if part.group is not None:
        return tuple(_from_source(line, sources) for line in _group(table.get("dependency-groups", {}), part.group))
    project = _project(table)
    if "dependencies" in _texts(project.get("dynamic", []), "project.dynamic"):
        raise FormatError("leaves `project.dependencies` to its build (`dynamic`): require the project itself, `./`")
    return tuple(_from_source(line, sources) for line in _with_extras(project, part.extras))


def describe_project(text: str) -> Project:
    """The project that a pyproject.toml belongs to. Raises FormatError."""
    table = _toml(text)
    project = table.get("project")
    poetry = table.get("tool", {}).get("poetry", {}) if isinstance(table.get("tool", {}), dict) else {}
    named = project if isinstance(project, dict) else poetry if isinstance(poetry, dict) else {}
    name, version = named.get("name"), named.get("version")
    counting = {
        "build-system": table.get("build-system"),
        "poetry": {key: value for key, value in poetry.items() if "dependencies" in key or key in {"extras", "group"}},
        **{
            key: value for key, value in named.items() if "dependencies" in key or key in {"name", "dynamic", "requires-python"}
        },
    }
    scripts = named.get("scripts")
    return Project(
        canonicalize_name(name) if isinstance(name, str) else None,
        version if isinstance(version, str) else None,
        hashlib.sha256(json.dumps(counting, sort_keys=True, default=str).encode()).hexdigest(),
        tuple(scripts) if isinstance(scripts, dict) else (),
    )


def locked_requirements(text: str) -> tuple[Locked, ...]:
    """The packages of a pylock.toml. Raises FormatError."""
    packages = _toml(text).get("packages")
    if not isinstance(packages, list) or not all(isinstance(package, dict) for package in packages):
        raise FormatError("has no list `packages`")
    return tuple(_locked(package) for package in packages)


def _locked(package: Mapping[str, Any]) -> Locked:
    name = package.get("name")
    if not isinstance(name, str):
        raise FormatError("has a package without a name")
    marker = package.get("marker", "")
    if re.search(r"\b(extras|dependency_groups)\b", str(marker)):
        raise FormatError(f"says of `{name}` that it depends on extras or groups: export it without them")
    condition = f" ; {marker}" if marker else ""
    if "vcs" in package:
        raise FormatError(f"has `{name}` from version control, which has no digest: name an archive of it instead")
    if isinstance(directory := package.get("directory"), dict):
        return Locked(f"{_local(directory.get('path', '.'))}{condition}", ())
    if isinstance(archive := package.get("archive"), dict):
        place = archive.get("url") or _local(str(archive.get("path", "")))
        return Locked(f"{name} @ {place}{condition}" if "url" in archive else f"{place}{condition}", _digests([archive], name))
    version = package.get("version")
    files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    if not isinstance(version, str) or not all(isinstance(file, dict) for file in files):
        raise FormatError(f"does not say which version and files of `{name}` there are")
    return Locked(f"{name}=={version}{condition}", _digests(files, name))


def _digests(files: Sequence[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    found = [file.get("hashes", {}).get("sha256") for file in files]
    if not found or not all(isinstance(digest, str) for digest in found):
        raise FormatError(f"has a file of `{name}` without a sha256")
    return tuple(sorted({digest.lower() for digest in found}))


def _local(path: str) -> str:
    return path if path.startswith(("/", "./", "../")) else f"./{path}"


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    # RecursionError: tomllib recurses.
    except (ValueError, RecursionError) as error:
        raise FormatError(f"is no TOML: {error}") from error


def _uv_sources(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where uv takes packages from, by their normal names."""
    found: Any = table
    for key in ("tool", "uv", "sources"):
        found = found.get(key, {}) if isinstance(found, dict) else {}
    return {canonicalize_name(name): source for name, source in found.items()} if isinstance(found, dict) else {}


def _from_source(line: str, sources: Mapping[str, Any]) -> str:
    """The requirement `line` with the place that uv would take it from. Raises FormatError for one that has no digest."""
    try:
        parsed = Requirement(line)
    except InvalidRequirement:
        return line  # said where it is parsed in earnest
    source = sources.get(canonicalize_name(parsed.name))
    if source is None or (isinstance(source, dict) and "index" in source):
        return line
    place = source.get("url") or source.get("path") if isinstance(source, dict) else None
    if not isinstance(place, str):
        raise FormatError(
            f"takes `{parsed.name}` from a place in `tool.uv.sources` that only uv knows",
            hint="require `uv.lock` instead, which says what it is",
        )
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    marker = f" ; {parsed.marker}" if parsed.marker else ""
    return f"{parsed.name}{extras} @ {place if 'url' in source else _local(place)}{marker}"


def _project(table: Mapping[str, Any]) -> Mapping[str, Any]:
    project = table.get("project")
    if not isinstance(project, dict):
        raise FormatError("has no table `project`: require the project itself, `./`, or one of its groups")
    return project


def _with_extras(project: Mapping[str, Any], extras: Sequence[str]) -> Iterator[str]:
    """The dependencies with those of some extras, and of extras that these name (`name[extra]` inside of `name`)."""
    own = canonicalize_name(str(project.get("name", "")))
    table = project.get("optional-dependencies", {})
    known: dict[str, Any] = {canonicalize_name(key): value for key, value in table.items()} if isinstance(table, dict) else {}
    pending, seen = list(extras), set[str]()
    yield from _texts(project.get("dependencies", []), "project.dependencies")
    while pending:
        extra = pending.pop(0)
        if extra in seen:
            continue
        seen.add(extra)
        if extra not in known:
            raise FormatError(f"has no extra `{extra}`", hint=f"it has {_listed(known)}")
        for text in _texts(known[extra], f"project.optional-dependencies.{extra}"):
            inner = _itself(text, own)
            if inner is None:
                yield text
            else:
                pending += inner


def _itself(text: str, own: str) -> list[str] | None:
    """The extras of a requirement that is for the project itself."""
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        return None  # said where it is parsed in earnest
    return [canonicalize_name(extra) for extra in sorted(parsed.extras)] if canonicalize_name(parsed.name) == own else None


def _group(groups: object, name: str) -> Iterator[str]:
    """A dependency group with those that it includes (PEP 735)."""
    known: dict[str, Any] = {canonicalize_name(key): value for key, value in groups.items()} if isinstance(groups, dict) else {}
    pending, seen = [name], set[str]()
    while pending:
        group = pending.pop(0)
        if group in seen:
            continue
        seen.add(group)
        if group not in known:
            raise FormatError(f"has no dependency group `{group}`", hint=f"it has {_listed(known)}")
        items = known[group]
        if not isinstance(items, list):
            raise FormatError(f"has no list as dependency group `{group}`")
        for item in items:
            if isinstance(item, dict) and isinstance(item.get("include-group"), str):
                pending.append(canonicalize_name(item["include-group"]))
            elif isinstance(item, str):
                yield item
            else:
                raise FormatError(f"has something in the dependency group `{group}` that is no requirement")


def _texts(value: object, what: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise FormatError(f"has no list of texts as `{what}`")
    return value


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"
