"""The lock file: every file of a package index that a build may use, by name and sha256. Fetches nothing.

It is written by `staticbuild lock`, reviewed like code, and never by a build. It says nothing of where files come from:
the user's index is asked when a file is wanted (`packing.package_index`), and the digest decides.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from staticbuild.errors import ConfigError, Location, Problem, SourceError
from staticbuild.packing.package_index import Offer, PackageIndex, Pin, Target
from staticbuild.packing.requirements import Requirements

VERSION = 1
FILENAME = "staticbuild.lock"
_RENEW = "run `staticbuild lock`"
_HEADER = "# Written by `staticbuild lock`, which renews it. Commit this file; do not edit it.\n"
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*\Z")


@dataclass(frozen=True, slots=True, order=True)
class File:
    """One file of an index: a wheel, or an sdist."""

    filename: str
    sha256: str
    size: int | None = None

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel, of whatever kind."""
        return self.filename.endswith(".whl")

    @property
    def is_pure(self) -> bool:
        """Whether it is a wheel for any platform, without machine code."""
        return _purity(self.filename) > 0


@dataclass(frozen=True, slots=True)
class Package:
    """One version of a package, the files that were found of it, and which packages want it (none: the user does)."""

    pin: Pin
    required_by: tuple[str, ...]
    files: tuple[File, ...]

    def wheel(self) -> File:
        """The pure wheel. Raises ConfigError that says what there is instead."""
        pure = [file for file in self.files if file.is_pure]
        if pure:
            return max(pure, key=lambda file: (_purity(file.filename), file.filename))
        raise ConfigError.of([self.problem()])

    def problem(self) -> Problem:
        """Why a package without a pure wheel cannot be used, in words for a person."""
        whose = ", ".join(f"`{name}`" for name in self.required_by)
        wanted = f" (required by {whose})" if whose else ""
        if any(file.is_wheel for file in self.files):
            message = f"`{self.pin}`{wanted} needs a C extension: all its wheels are for single platforms, none is pure"
        elif self.files:
            message = f"`{self.pin}`{wanted} has no wheel: it would have to be built from its sources"
        else:
            message = f"`{self.pin}`{wanted} has no file that could be used"
        return Problem(
            message,
            hint="packages with C extensions and sdists cannot be linked yet: require another version or package, "
            "or leave out the extra that brings it",
            notes=tuple(f"there is {file.filename}" for file in self.files),
        )


@dataclass(frozen=True, slots=True)
class Group:
    """What one target of the config requires, resolved for one platform. `requirements` is their digest."""

    name: str
    target: Target
    requirements: str
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class Lock:
    """A whole lock file."""

    groups: tuple[Group, ...] = ()
    packages: tuple[Package, ...] = ()
    path: str = FILENAME

    def to_text(self) -> str:
        """The file's text; equal locks give equal text."""
        blocks = [_HEADER + f"version = {VERSION}\n"]
        blocks += [
            _group_text(group)
            for group in sorted(self.groups, key=lambda item: (item.name, item.target.platform, item.target.python))
        ]
        blocks += [_package_text(package) for package in sorted(self.packages, key=lambda item: item.pin)]
        return "\n".join(blocks)

    @classmethod
    def parse(cls, text: str, path: str = FILENAME) -> Lock:
        """The lock in `text`. Raises ConfigError with the line for anything that is none."""
        return _parse(text, path)

    def packages_for(self, name: str, requirements: Requirements, target: Target) -> tuple[Package, ...]:
        """The packages of one group, each with a wheel that can be used.

        Raises ConfigError if the lock has no such group, was made from other requirements, or if wheels are missing.
        """
        group = next((group for group in self.groups if group.name == name and group.target == target), None)
        if group is None:
            raise ConfigError(
                f"`{self.path}` has nothing for `{name}` on {target.platform} with Python {target.python}", hint=_RENEW
            )
        if group.requirements != requirements.digest:
            raise ConfigError(f"the requirements of `{name}` are not those that `{self.path}` was made from", hint=_RENEW)
        known = {package.pin: package for package in self.packages}
        packages = tuple(known[pin] for pin in group.pins)
        ConfigError.raise_all([package.problem() for package in packages if not any(file.is_pure for file in package.files)])
        return packages


def resolve(
    index: Callable[[Target], PackageIndex],
    groups: Mapping[tuple[str, Target], Requirements],
    *,
    previous: Lock | None = None,
    upgrade: bool = False,
) -> Lock:
    """A new lock for all of `groups`. Versions of `previous` are kept where they still fit, unless `upgrade`."""
    resolved: list[Group] = []
    required_by: dict[Pin, set[str]] = {}
    files: dict[Pin, set[File]] = {}
    for (name, target), requirements in sorted(
        groups.items(), key=lambda item: (item[0][0], item[0][1].platform, item[0][1].python)
    ):
        known = _previous_pins(previous, name, target) if previous and not upgrade else ()
        asked = index(target)
        constraints = [item.text for item in requirements.constraints]
        found = asked.resolve([item.text for item in requirements.required], constraints, known, name)
        resolved.append(Group(name, target, requirements.digest, found.pins))
        offers = asked.offers(found.pins)
        for pin in found.pins:
            required_by.setdefault(pin, set()).update(found.required_by.get(pin.name, ()))
            offered = [asked.measured(offer) for offer in _worthwhile(offers[pin])]
            files.setdefault(pin, set()).update(_allowed(pin, offered, requirements))
    packages = [Package(pin, tuple(sorted(required_by[pin])), tuple(sorted(files[pin]))) for pin in sorted(files)]
    return Lock(tuple(resolved), tuple(packages))


def addresses_for(index: PackageIndex, files: Sequence[tuple[Pin, File]]) -> dict[str, tuple[str, ...]]:
    """Where the user's index has each file now, by sha256. Raises SourceError for those that it does not have."""
    offers = index.offers(pin for pin, _ in files)
    addresses: dict[str, tuple[str, ...]] = {}
    problems = []
    for pin, file in files:
        named = [offer for offer in offers[pin] if offer.filename == file.filename or offer.sha256 == file.sha256]
        fitting = [offer.address for offer in named if offer.sha256 in {None, file.sha256}]
        if fitting:
            addresses[file.sha256] = tuple(dict.fromkeys(fitting))
        elif named:
            message = f"the package index has another `{file.filename}` than the one that is locked"
            notes = (f"locked: sha256 {file.sha256}", *(f"index: sha256 {offer.sha256}" for offer in named))
            problems.append(Problem(message, hint="find out why before you run `staticbuild lock`", notes=notes))
        else:
            message = f"the package index has no `{file.filename}` of `{pin}`"
            problems.append(Problem(message, hint="name the index that has it in uv's or pip's configuration"))
    SourceError.raise_all(problems)
    return addresses


class Addresses:
    """Where each of `files` lies now: all are asked for at once, when the first is wanted. Threads may share it."""

    def __init__(self, index: PackageIndex, files: Iterable[tuple[Pin, File]]) -> None:
        self._index = index
        self._files = dict.fromkeys(files)
        self._known: dict[str, tuple[str, ...]] | None = None
        self._asking = threading.Lock()

    def of(self, pin: Pin, file: File) -> tuple[str, ...]:
        """The addresses of one file. Raises SourceError if the index does not have it."""
        with self._asking:
            if self._known is None:
                self._known = {}
                # What is wrong with one file is no reason to fail for another: each is asked for again on its own.
                with contextlib.suppress(SourceError):
                    self._known = addresses_for(self._index, list(self._files))
            if file.sha256 not in self._known:
                self._known |= addresses_for(self._index, [(pin, file)])
            return self._known[file.sha256]


def _previous_pins(previous: Lock, name: str, target: Target) -> tuple[Pin, ...]:
    return next((group.pins for group in previous.groups if group.name == name and group.target == target), ())


def _worthwhile(offers: Sequence[Offer]) -> list[Offer]:
    """The offers that are worth a line in the lock: pure wheels, or all if none is pure; each file once."""
    pure = [offer for offer in offers if _purity(offer.filename)]
    # One file may be offered by several indexes, and not all of them may know its digest.
    ordered = sorted(pure or offers, key=lambda offer: (offer.filename, offer.sha256 is None, offer.size is None))
    seen: dict[tuple[str, str | None], Offer] = {}
    for offer in ordered:
        if offer.sha256 is not None or not any(name == offer.filename for name, _ in seen):
            seen.setdefault((offer.filename, offer.sha256), offer)
    return list(seen.values())


def _allowed(pin: Pin, offers: Iterable[Offer], requirements: Requirements) -> list[File]:
    """The files of `offers` that the `--hash` options of the requirements allow."""
    files = [File(offer.filename, offer.sha256 or "", offer.size) for offer in offers]
    allowed = _allowed_digests(pin, requirements)
    if not allowed:
        return files
    if fitting := [file for file in files if file.sha256 in allowed]:
        return fitting
    raise ConfigError(f"no file of `{pin}` has a digest that the requirements allow", hint="check its `--hash` options")


def _allowed_digests(pin: Pin, requirements: Requirements) -> set[str]:
    return {
        digest
        for item in (*requirements.required, *requirements.constraints)
        if canonicalize_name(re.split(r"[^A-Za-z0-9._-]", item.text, maxsplit=1)[0]) == pin.name
        for digest in item.sha256
    }


def _purity(filename: str) -> int:
    """0 for all but pure wheels; more for those for fewer interpreters, which an installer would prefer."""
    try:
        _, _, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return 0
    # `py2.py3` is one file with two tags; a wheel for Python 2 alone is of no use.
    interpreters = {tag.interpreter for tag in tags if tag.platform == "any" and tag.abi == "none"}
    return max((_interpreter_rank(name) for name in interpreters), default=0)


def _interpreter_rank(name: str) -> int:
    if name.startswith("cp3"):
        return 3
    return 1 if name == "py3" else 2 if name.startswith("py3") else 0


# --- text -------------------------------------------------------------------------------------------------------------


def _group_text(group: Group) -> str:
    pins = "".join(f"    {_quoted(str(pin))},\n" for pin in sorted(group.pins))
    return (
        f"[[group]]\nname = {_quoted(group.name)}\n"
        f"python = {_quoted(group.target.python)}\nplatform = {_quoted(group.target.platform)}\n"
        f"requirements = {_quoted(group.requirements)}\npackages = [\n{pins}]\n"
    )


def _package_text(package: Package) -> str:
    lines = [f"[[package]]\nname = {_quoted(package.pin.name)}\nversion = {_quoted(package.pin.version)}"]
    if package.required_by:
        lines.append(f"required-by = [{', '.join(map(_quoted, sorted(package.required_by)))}]")
    lines.append("files = [")
    for file in sorted(package.files):
        size = f", size = {file.size}" if file.size is not None else ""
        lines.append(f"    {{ name = {_quoted(file.filename)}, sha256 = {_quoted(file.sha256)}{size} }},")
    return "\n".join([*lines, "]\n"])


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, but for the control character that JSON leaves alone.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# --- parsing ----------------------------------------------------------------------------------------------------------


def _parse(text: str, path: str) -> Lock:
    values = _toml(text, path)
    problems = _Problems(text, path)
    if values.get("version") != VERSION or isinstance(values.get("version"), bool):
        found = values.get("version")
        raise ConfigError(
            f"`{path}` is of version {found!r}, and this staticbuild knows {VERSION}",
            where=Location(path, problems.line("version")),
            hint=f"use the staticbuild that wrote it, or {_RENEW}",
        )
    for key in sorted(set(values) - {"version", "group", "package"}):
        problems.add(f"`{key}` is not part of a lock", Location(path, problems.line(key)))
    groups = [group for at, value in _tables(values, "group", problems) if (group := _group(value, at, problems))]
    packages = [package for at, value in _tables(values, "package", problems) if (package := _package(value, at, problems))]
    _check_whole(groups, packages, problems)
    ConfigError.raise_all(problems.found)
    return Lock(tuple(groups), tuple(packages), path)


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
    texts = _texts(value, ("name", "python", "platform", "requirements"), ("packages",), where, problems)
    pins = [_pin(item) for item in value["packages"]] if _is_texts(value.get("packages")) else [None]
    if texts is None or None in pins:
        if texts is not None:
            problems.add("`packages` must be a list of `name==version`", where)
        return None
    if not _DIGEST.match(texts["requirements"]):
        problems.add("`requirements` must be a sha256", where)
    return Group(texts["name"], Target(texts["python"], texts["platform"]), texts["requirements"], tuple(filter(None, pins)))


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
    if not isinstance(value, dict) or not set(value) <= {"name", "sha256", "size"}:
        return "must have `name`, `sha256` and perhaps `size`"
    name, sha256, size = value.get("name"), value.get("sha256"), value.get("size")
    if not isinstance(name, str) or not _SAFE_NAME.match(name) or _package_of(name) != pin.name:
        return "has a name that is not one of that package's files"
    if not isinstance(sha256, str) or not _DIGEST.match(sha256):
        return "has no sha256"
    if size is not None and (type(size) is not int or size < 0):
        return "has a size that is none"
    return File(name, sha256, size)


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


def _check_whole(groups: Sequence[Group], packages: Sequence[Package], problems: _Problems) -> None:
    """Note what is there twice and what is missing."""
    known = {package.pin for package in packages}
    headers = dict(zip(range(len(groups)), problems.headers("group"), strict=False))
    for index, group in enumerate(groups):
        for pin in group.pins:
            if pin not in known:
                problems.add(f"`{pin}` has no [[package]]", Location(problems.path, headers.get(index, 1)))
    if len(known) != len(packages):
        problems.add("a package is there twice", Location(problems.path, problems.line("package")))
    if len({(group.name, group.target) for group in groups}) != len(groups):
        problems.add("a group is there twice", Location(problems.path, problems.line("group")))
