"""The lock file: every file of a package index that a build may use, by name and sha256. Fetches nothing.

It is written by `staticbuild lock` (`packing.resolving`), reviewed like code, and never by a build. It says nothing of where
files come from: the user's index is asked when a file is wanted (`packing.addresses`), and the digest decides.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from staticbuild.errors import ConfigError, Location, Problem
from staticbuild.packing.compatibility import is_pure, rank
from staticbuild.packing.crates import Crate, parse_crate
from staticbuild.packing.package_index import Pin, Target
from staticbuild.packing.requirements import Requirements

# 1 knew pure wheels only.
VERSION = 2
FILENAME = "staticbuild.lock"
_RENEW = "run `staticbuild lock`"
_HEADER = "# Written by `staticbuild lock`, which renews it. Commit this file; do not edit it.\n"
_PYTHON = re.compile(r"3\.[0-9]{1,2}\Z")
_GLIBC = re.compile(r"2\.[0-9]{1,2}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_REMOTE = ("https://", "http://")
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*\Z")


@dataclass(frozen=True, slots=True, order=True)
class File:
    """One file: a wheel, or an sdist. Or a project that is built from its folder as it is, which has no digest.

    `place` is an address, or a path relative to the folder of the lock; None: the file is one of the user's index.
    """

    filename: str
    sha256: str
    size: int | None = None
    place: str | None = None

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel, of whatever kind."""
        return self.filename.endswith(".whl")

    @property
    def is_project(self) -> bool:
        """Whether it is a folder."""
        return not self.sha256

    @property
    def path(self) -> str | None:
        """Where it is below (or beside) the folder of the lock, if it is a file or folder of this host."""
        return None if self.place is None or self.place.startswith(_REMOTE) else self.place


class Policy(Enum):
    """Which file of a package is used, where there are several kinds."""

    AUTO = "auto"  # a wheel that can be used, the one that an installer would take; else the sdist
    NATIVE = "native"  # the one with machine code, where there is a pure wheel, too
    WHEEL = "wheel"  # the wheel that an installer would take
    SDIST = "sdist"


@dataclass(frozen=True, slots=True)
class Package:
    """One version of a package, the files that were found of it, and which packages want it (none: the user does)."""

    pin: Pin
    required_by: tuple[str, ...]
    files: tuple[File, ...]

    def file_for(self, target: Target, policy: Policy = Policy.AUTO) -> File:
        """The file that a program for `target` is made of. Raises ConfigError that says what there is instead."""
        ranks = {file: found for file in self.files if (found := rank(file.filename, target)) is not None}
        wheels = sorted(ranks, key=lambda file: (ranks[file], file.filename))
        pure = [file for file in wheels if is_pure(file.filename, target)]
        sdists = sorted(file for file in self.files if not file.is_wheel)
        if any(file.is_project for file in sdists):
            policy = Policy.SDIST
        match policy:
            case Policy.AUTO:
                # Where shared libraries can be loaded, as an installer would; else what needs no compiler.
                fitting = [*(pure if target.glibc is None else wheels), *sdists]
            case Policy.NATIVE:
                fitting = [*(file for file in wheels if file not in pure), *sdists, *pure]
            case Policy.WHEEL:
                fitting = wheels
            case Policy.SDIST:
                fitting = sdists
        if fitting:
            return fitting[0]
        raise ConfigError.of([self._problem(target, policy)])

    def _problem(self, target: Target, policy: Policy) -> Problem:
        """Why none of the files will do, in words for a person."""
        whose = ", ".join(f"`{name}`" for name in self.required_by)
        subject = f"`{self.pin}`{f' (required by {whose})' if whose else ''}"
        hint = "require another version or package, or leave out the extra that brings it"
        if not self.files:
            message = f"{subject} has no file that could be used"
        elif policy is Policy.SDIST:
            message = f"{subject} has no sdist that it could be built from"
            hint = "let its wheel be used"
        elif any(not file.is_wheel for file in self.files):
            message = f"{subject} has an sdist, but no wheel that can be used"
            hint = "let it be built from its sdist"
        elif target.glibc is None:
            message = f"{subject} needs a C extension: all its wheels are for single platforms, and it has no sdist to build"
            hint += ", or choose the flavor `standalone_dynamic`, which takes wheels for glibc"
        else:
            message = f"{subject} has no wheel for glibc {target.glibc} and Python {target.python}, and no sdist to build"
            hint += ", or a newer `glibc`"
        return Problem(message, hint=hint, notes=tuple(f"there is {file.filename}" for file in self.files))


@dataclass(frozen=True, slots=True)
class Group:
    """What one target of the config requires, resolved for one platform. `requirements` is their digest."""

    name: str
    target: Target
    requirements: str
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class BuildGroup:
    """What the build of one sdist requires, resolved for the machine that builds, with one version of Python.

    `sdist` is its digest, or one of what the pyproject.toml of a folder says of its build. `requires` and `backend` are what
    it says; `also` is what the config adds; `pins` is what that led to, together with what such a backend asks for. `crates`
    are what cargo needs, if the build runs it.
    """

    pin: Pin
    python: str
    sdist: str
    requires: tuple[str, ...]
    also: tuple[str, ...]
    pins: tuple[Pin, ...]
    backend: str
    crates: tuple[Crate, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """A whole lock file."""

    groups: tuple[Group, ...] = ()
    packages: tuple[Package, ...] = ()
    builds: tuple[BuildGroup, ...] = ()
    path: str = FILENAME

    def to_text(self) -> str:
        """The file's text; equal locks give equal text."""
        blocks = [_HEADER + f"version = {VERSION}\n"]
        blocks += [
            _group_text(group) for group in sorted(self.groups, key=lambda item: (item.name, *target_order(item.target)))
        ]
        blocks += [_build_text(build) for build in sorted(self.builds, key=lambda item: (item.pin, item.python))]
        blocks += [_package_text(package) for package in sorted(self.packages, key=lambda item: item.pin)]
        return "\n".join(blocks)

    @classmethod
    def parse(cls, text: str, path: str = FILENAME, *, older: bool = False) -> Lock:
        """The lock in `text`; one of an older version only if `older`, to renew it.

        Raises ConfigError with the line for anything that is none.
        """
        return _parse(text, path, older=older)

    def packages_for(self, name: str, requirements: Requirements, target: Target) -> tuple[Package, ...]:
        """The packages of one group.

        Raises ConfigError if the lock has no such group, or was made from other requirements.
        """
        group = next((group for group in self.groups if group.name == name and group.target == target), None)
        if group is None:
            glibc = f" (glibc {target.glibc})" if target.glibc else ""
            raise ConfigError(
                f"`{self.path}` has nothing for `{name}` on {target.platform}{glibc} with Python {target.python}", hint=_RENEW
            )
        if group.requirements != requirements.digest:
            raise ConfigError(f"the requirements of `{name}` are not those that `{self.path}` was made from", hint=_RENEW)
        known = {package.pin: package for package in self.packages}
        return tuple(known[pin] for pin in group.pins)

    def build_environment(self, pin: Pin, target: Target, also: Sequence[str] = ()) -> tuple[Package, ...]:
        """What must be installed to build the sdist of `pin` for `target`: packages that have a wheel for `target.builder`.

        `also` is what the config says that this build needs beside. Raises ConfigError if the lock does not have it.
        """
        build = next((one for one in self.builds if (one.pin, one.python) == (pin, target.python)), None)
        if build is None:
            message = f"`{self.path}` does not say what the build of `{pin}` needs with Python {target.python}"
            raise ConfigError(message, hint=_RENEW)
        if not set(also) <= set(build.also):
            message = f"`{self.path}` was made when the build of `{pin}` needed other things"
            raise ConfigError(message, hint=_RENEW)
        known = {package.pin: package for package in self.packages}
        return tuple(known[one] for one in build.pins)

    def crates_for(self, pin: Pin, target: Target) -> tuple[Crate, ...]:
        """The crates that a build of the sdist of `pin` for `target` needs; none for one that `build_environment` refuses."""
        return next((one.crates for one in self.builds if (one.pin, one.python) == (pin, target.python)), ())

    def files_by_python(self) -> dict[str, list[tuple[Pin, File]]]:
        """All files of the index, by the versions of Python for which somebody may want them."""
        pins: dict[str, set[Pin]] = {}
        for group in self.groups:
            pins.setdefault(group.target.python, set()).update(group.pins)
        for build in self.builds:
            pins.setdefault(build.python, set()).update(build.pins)
        known = {package.pin: package for package in self.packages}
        return {
            python: [(pin, file) for pin in sorted(pins[python]) for file in known[pin].files if file.place is None]
            for python in sorted(pins)
        }


def target_order(target: Target) -> tuple[str, str, str]:
    """By what the groups of one name are ordered."""
    return target.platform, target.python, target.glibc or ""


# --- text -------------------------------------------------------------------------------------------------------------


def _group_text(group: Group) -> str:
    target = group.target
    glibc = f"glibc = {_quoted(target.glibc)}\n" if target.glibc is not None else ""
    return (
        f"[[group]]\nname = {_quoted(group.name)}\n"
        f"python = {_quoted(target.python)}\nplatform = {_quoted(target.platform)}\n{glibc}"
        f"requirements = {_quoted(group.requirements)}\npackages = [\n{_pins_text(group.pins)}]\n"
    )


def _build_text(build: BuildGroup) -> str:
    also = f"also = [{', '.join(map(_quoted, build.also))}]\n" if build.also else ""
    return (
        f"[[build]]\nname = {_quoted(build.pin.name)}\nversion = {_quoted(build.pin.version)}\n"
        f"python = {_quoted(build.python)}\nsdist = {_quoted(build.sdist)}\n"
        f"backend = {_quoted(build.backend)}\nrequires = [{', '.join(map(_quoted, build.requires))}]\n{also}"
        f"packages = [\n{_pins_text(build.pins)}]\n{_crates_text(build.crates)}"
    )


def _crates_text(crates: Sequence[Crate]) -> str:
    lines = (
        f"    {{ name = {_quoted(one.name)}, version = {_quoted(one.version)}, sha256 = {_quoted(one.sha256)} }},\n"
        for one in sorted(crates)
    )
    return f"crates = [\n{''.join(lines)}]\n" if crates else ""


def _pins_text(pins: Sequence[Pin]) -> str:
    return "".join(f"    {_quoted(str(pin))},\n" for pin in sorted(pins))


def _package_text(package: Package) -> str:
    lines = [f"[[package]]\nname = {_quoted(package.pin.name)}\nversion = {_quoted(package.pin.version)}"]
    if package.required_by:
        lines.append(f"required-by = [{', '.join(map(_quoted, sorted(package.required_by)))}]")
    lines.append("files = [")
    for file in sorted(package.files):
        fields = [("name", _quoted(file.filename))]
        fields += [] if file.is_project else [("sha256", _quoted(file.sha256))]
        fields += [] if file.size is None else [("size", str(file.size))]
        fields += [] if file.place is None else [("path" if file.path is not None else "url", _quoted(file.place))]
        lines.append(f"    {{ {', '.join(f'{key} = {value}' for key, value in fields)} }},")
    return "\n".join([*lines, "]\n"])


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, but for the control character that JSON leaves alone.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# --- parsing ----------------------------------------------------------------------------------------------------------


def _parse(text: str, path: str, *, older: bool) -> Lock:
    values = _toml(text, path)
    problems = _Problems(text, path)
    _check_version(values.get("version"), problems, older=older)
    for key in sorted(set(values) - {"version", "group", "package", "build"}):
        problems.add(f"`{key}` is not part of a lock", Location(path, problems.line(key)))
    groups = [group for at, value in _tables(values, "group", problems) if (group := _group(value, at, problems))]
    builds = [build for at, value in _tables(values, "build", problems) if (build := _build(value, at, problems))]
    packages = [package for at, value in _tables(values, "package", problems) if (package := _package(value, at, problems))]
    _check_whole(groups, packages, builds, problems)
    ConfigError.raise_all(problems.found)
    return Lock(tuple(groups), tuple(packages), tuple(builds), path)


def _check_version(found: object, problems: _Problems, *, older: bool) -> None:
    if type(found) is int and (found == VERSION or (older and 1 <= found < VERSION)):
        return
    where = Location(problems.path, problems.line("version"))
    message = f"`{problems.path}` is of version {found!r}, and this staticbuild knows {VERSION}"
    is_older = type(found) is int and 1 <= found < VERSION
    hint = f"{_RENEW}, which keeps the versions" if is_older else f"use the staticbuild that wrote it, or {_RENEW}"
    raise ConfigError(message, where=where, hint=hint)


def _toml(text: str, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        where = Location(path, int(place[1]), int(place[2])) if place else Location(path, text.count("\n") + 1)
        raise ConfigError(f"the lock is no TOML: {re.sub(r' [(]at .*', '', str(error))}", where=where, hint=_RENEW) from error
    # tomllib recurses, and Python before 3.14 converts long digits with a limit that is a plain ValueError.
    except (RecursionError, ValueError) as error:
        raise ConfigError(f"the lock is no TOML: {error}", where=Location(path, 1), hint=_RENEW) from error


class _Problems:
    """All that is wrong with a lock, with the lines."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self.found: list[Problem] = []
        self._lines = text.splitlines()

    def add(self, message: str, where: Location) -> None:
        self.found.append(Problem(message, where, _RENEW))

    def line(self, key: str) -> int:
        """The line of a top-level key, 1 if it is not to be seen."""
        starts = (f"{key} ", f"{key}=", f"[{key}", f"[[{key}")
        return next((number for number, line in enumerate(self._lines, 1) if line.startswith(starts)), 1)

    def headers(self, key: str) -> list[int]:
        """The lines of the `[[key]]` headers."""
        return [number for number, line in enumerate(self._lines, 1) if line.strip() == f"[[{key}]]"]


def _tables(values: Mapping[str, Any], key: str, problems: _Problems) -> list[tuple[Location, dict[str, Any]]]:
    tables = values.get(key, [])
    lines = problems.headers(key)
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.add(f"`{key}` must be a list of tables", Location(problems.path, problems.line(key)))
        return []
    places = lines if len(lines) == len(tables) else [problems.line(key)] * len(tables)
    return [(Location(problems.path, line), table) for line, table in zip(places, tables, strict=True)]


def _group(value: Mapping[str, Any], where: Location, problems: _Problems) -> Group | None:
    texts = _texts(value, ("name", "python", "platform", "requirements"), ("packages", "glibc"), where, problems)
    pins = _pins(value, where, problems) if texts is not None else None
    if texts is None or pins is None:
        return None
    if not _DIGEST.match(texts["requirements"]):
        problems.add("`requirements` must be a sha256", where)
    glibc = value.get("glibc")
    if not _PYTHON.match(texts["python"]) or not (glibc is None or (isinstance(glibc, str) and _GLIBC.match(glibc))):
        problems.add("`python` and `glibc` must be versions like `3.13` and `2.17`", where)
        return None
    return Group(texts["name"], Target(texts["python"], texts["platform"], glibc), texts["requirements"], pins)


def _build(value: Mapping[str, Any], where: Location, problems: _Problems) -> BuildGroup | None:
    texts = _texts(
        value, ("name", "version", "python", "sdist", "backend"), ("requires", "also", "packages", "crates"), where, problems
    )
    pins = _pins(value, where, problems) if texts is not None else None
    if texts is None or pins is None:
        return None
    pin = _pin(f"{texts['name']}=={texts['version']}")
    requires, also = value.get("requires"), value.get("also", [])
    if pin is None or not _is_texts(requires) or not _is_texts(also):
        problems.add("the build is not described as it should be", where)
        return None
    if not _DIGEST.match(texts["sdist"]):
        problems.add("`sdist` must be a sha256", where)
    crates = _crates(value.get("crates", []), where, problems)
    return BuildGroup(
        pin, texts["python"], texts["sdist"], tuple(value["requires"]), tuple(also), pins, texts["backend"], crates
    )


def _crates(value: object, where: Location, problems: _Problems) -> tuple[Crate, ...]:
    crates = [parse_crate(item) for item in value] if isinstance(value, list) else [None]
    if None in crates:
        problems.add("`crates` must be a list of `name`, `version` and `sha256`", where)
    return tuple(filter(None, crates))


def _pins(value: Mapping[str, Any], where: Location, problems: _Problems) -> tuple[Pin, ...] | None:
    pins = [_pin(item) for item in value["packages"]] if _is_texts(value.get("packages")) else [None]
    if None in pins:
        problems.add("`packages` must be a list of `name==version`", where)
        return None
    return tuple(filter(None, pins))


def _package(value: Mapping[str, Any], where: Location, problems: _Problems) -> Package | None:
    texts = _texts(value, ("name", "version"), ("required-by", "files"), where, problems)
    if texts is None:
        return None
    pin = _pin(f"{texts['name']}=={texts['version']}")
    required_by = value.get("required-by", [])
    files = value.get("files")
    if pin is None or not _is_texts(required_by) or not isinstance(files, list):
        problems.add("the package is not described as it should be", where)
        return None
    parsed = [_file(file, pin) for file in files]
    for index, file in enumerate(parsed):
        if isinstance(file, str):
            problems.add(f"file {index + 1} of `{pin}` {file}", where)
    return Package(pin, tuple(required_by), tuple(file for file in parsed if isinstance(file, File)))


def _file(value: object, pin: Pin) -> File | str:
    """The file that `value` describes, or what is wrong with it."""
    if not isinstance(value, dict) or not set(value) <= {"name", "sha256", "size", "url", "path"}:
        return "must have `name`, `sha256` and perhaps `size`, `url` or `path`"
    name, sha256, size = value.get("name"), value.get("sha256", ""), value.get("size")
    url, path = value.get("url"), value.get("path")
    place = path if url is None else url
    is_project = path is not None and "sha256" not in value
    checks = {
        "has a name that is not one of that package's files": isinstance(name, str)
        and _SAFE_NAME.match(name) is not None
        and _package_of(name) == pin.name,
        "has a `url` that is none": url is None or (isinstance(url, str) and url.startswith(_REMOTE)),
        "has a `path` that is none": path is None or (isinstance(path, str) and _is_path(path)),
        "has `url` and `path`": url is None or path is None,
        "has no sha256": is_project or (isinstance(sha256, str) and _DIGEST.match(sha256) is not None),
        "has a size that is none": size is None or (type(size) is int and size >= 0),
    }
    wrong = next((message for message, holds in checks.items() if not holds), None)
    return wrong or File(str(name), str(sha256), size, place)


def _is_path(text: str) -> bool:
    return bool(text) and "\0" not in text and not text.startswith(_REMOTE)


def _package_of(filename: str) -> str | None:
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[0]
        return parse_sdist_filename(filename)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        # Old sdists may be named in other ways; their names are never parsed for more than this.
        return None if filename.endswith(".whl") else canonicalize_name(re.split(r"-\d", filename, maxsplit=1)[0])


def _texts(
    value: Mapping[str, Any], required: Sequence[str], others: Sequence[str], where: Location, problems: _Problems
) -> dict[str, str] | None:
    wrong = [key for key in required if not isinstance(value.get(key), str) or not value[key]]
    unknown = sorted(set(value) - {*required, *others})
    for key in wrong:
        problems.add(f"`{key}` is missing, or no text", where)
    for key in unknown:
        problems.add(f"`{key}` is not part of a lock", where)
    return None if wrong or unknown else {key: value[key] for key in required}


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _pin(text: str) -> Pin | None:
    name, equals, version = text.partition("==")
    if not equals or canonicalize_name(name) != name or not _SAFE_NAME.match(name) or not _SAFE_NAME.match(version):
        return None
    return Pin(name, version)


def _check_whole(
    groups: Sequence[Group], packages: Sequence[Package], builds: Sequence[BuildGroup], problems: _Problems
) -> None:
    """Note what is there twice and what is missing."""
    known = {package.pin for package in packages}
    for key, tables in (("group", [group.pins for group in groups]), ("build", [build.pins for build in builds])):
        headers = dict(enumerate(problems.headers(key)))
        for index, pins in enumerate(tables):
            for pin in pins:
                if pin not in known:
                    problems.add(f"`{pin}` has no [[package]]", Location(problems.path, headers.get(index, 1)))
    if len(known) != len(packages):
        problems.add("a package is there twice", Location(problems.path, problems.line("package")))
    if len({(group.name, group.target) for group in groups}) != len(groups):
        problems.add("a group is there twice", Location(problems.path, problems.line("group")))
    if len({(build.pin, build.python) for build in builds}) != len(builds):
        problems.add("a build is there twice", Location(problems.path, problems.line("build")))
