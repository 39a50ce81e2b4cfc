"""Makes a lock: which versions go together, which of their files a build may use, and what builds of sdists need.

Nothing that is locked is built for it. What an sdist needs for its build is read from its pyproject.toml, and resolved for
the machine that builds: to wheels alone, so that a build never begins with another.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from staticbuild.errors import ConfigError, FormatError, Problem
from staticbuild.packing.compatibility import is_for_this_python, is_pure, rank
from staticbuild.packing.crates import Crate, crates_of, crates_of_project, wants_rust
from staticbuild.packing.lock import BuildGroup, File, Group, Lock, Package, Policy, target_order
from staticbuild.packing.package_index import Offer, PackageIndex, Pin, Target
from staticbuild.packing.project_files import describe_project
from staticbuild.packing.requirements import Requirements, gather_exported
from staticbuild.packing.sdist import BuildSystem, asked_beside, parse_build_system, read_build_system

Index = Callable[[Target], PackageIndex]
# The name that one target of the config has in the lock, and what is built for.
Key = tuple[str, Target]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a config says of one package: which file is used, and what its build needs beside what it says itself."""

    policy: Policy = Policy.AUTO
    build_requires: tuple[str, ...] = ()


_USUAL = Choice()
# Of a project that says its version only when it is built.
PROJECT_VERSION = "0+local"


def resolve(
    index: Index,
    groups: Mapping[Key, Requirements],
    *,
    choices: Mapping[Key, Mapping[str, Choice]] | None = None,
    previous: Lock | None = None,
    upgrade: bool = False,
) -> Lock:
    """A new lock for all of `groups`. Versions of `previous` are kept where they still fit, unless `upgrade`.

    `choices` are what the config says of packages, by their normal names.
    """
    making = _Making(index, previous, upgrade=upgrade)
    for key, requirements in sorted(groups.items(), key=lambda item: (item[0][0], *target_order(item[0][1]))):
        making.add_group(key, requirements)
    for build in making.wanted_builds(choices or {}):
        making.add_build(build)
    return Lock(tuple(making.groups), tuple(making.packages()), tuple(making.builds))


@dataclass(frozen=True, slots=True)
class _WantedBuild:
    """An sdist that is to be built for `target`, and what the config adds to its requirements."""

    pin: Pin
    target: Target
    sdist: File
    also: tuple[str, ...]


@dataclass(slots=True)
class _Making:
    """A lock on its way."""

    index: Index
    previous: Lock | None
    upgrade: bool
    groups: list[Group] = field(default_factory=list)
    builds: list[BuildGroup] = field(default_factory=list)
    _required_by: dict[Pin, set[str]] = field(default_factory=dict)
    _files: dict[Pin, set[File]] = field(default_factory=dict)
    _offers: dict[tuple[Pin, str], tuple[Offer, ...]] = field(default_factory=dict)
    # What was fetched already.
    _data: dict[File, bytes] = field(default_factory=dict)
    _environments: dict[tuple[object, ...], tuple[Pin, ...]] = field(default_factory=dict)

    def packages(self) -> list[Package]:
        """All packages so far."""
        files, required_by = self._files, self._required_by
        return [Package(pin, tuple(sorted(required_by.get(pin, ()))), tuple(sorted(files[pin]))) for pin in sorted(files)]

    def add_group(self, key: Key, requirements: Requirements) -> None:
        """Resolve one group, and note the files that its packages may be made of."""
        name, target = key
        asked = self.index(target)
        whole = _with_exports(asked, requirements)
        required = [item.argument for item in whole.required]
        constraints = [item.argument for item in whole.constraints]
        found = asked.resolve(required, constraints, self._known(name, target), name)
        direct = [self._direct(asked, whole, one, address) for one, address in sorted(found.direct.items())]
        pins = tuple(sorted([*found.pins, *direct]))
        self.groups.append(Group(name, target, requirements.digest, pins))
        for pin, offers in self._offers_of(asked, found.pins).items():
            offered = [asked.measured(offer) for offer in _worthwhile(offers, target)]
            self._files.setdefault(pin, set()).update(_allowed(pin, map(_file, offered), whole))
        for pin in pins:
            self._required_by.setdefault(pin, set()).update(found.required_by.get(pin.name, ()))

    def _direct(self, asked: PackageIndex, requirements: Requirements, name: str, address: str) -> Pin:
        """The version of a package that is not of an index; its file is noted."""
        local = unquote(address.removeprefix("file://")) if address.startswith("file://") else None
        if local is not None and asked.host.is_dir(local):
            return self._project(asked, name, local)
        filename = unquote(posixpath.basename(urlsplit(address).path))
        version = _version_in(filename) or asked.version_of(name, address)
        pin = Pin(name, version)
        if _version_in(filename) is None:
            # As GitHub calls them: `v1.0.zip`. In the lock, a file says of which package it is.
            filename = f"{name}-{version}{'.zip' if filename.endswith('.zip') else '.tar.gz'}"
        offer, data = asked.content(Offer(filename, f"file://{local}" if local is not None else address, None, None))
        place = address if local is None else posixpath.relpath(local, asked.root)
        file = File(filename, offer.sha256 or "", offer.size, place)
        self._data[file] = data
        self._files.setdefault(pin, set()).update(_allowed(pin, [file], requirements))
        return pin

    def _project(self, asked: PackageIndex, name: str, folder: str) -> Pin:
        path = posixpath.relpath(folder, asked.root)
        try:
            described = describe_project(asked.host.read_text(f"{folder}/pyproject.toml") or "")
        except FormatError as error:
            raise ConfigError(f"`{path}/pyproject.toml` {error.message}") from error
        pin = Pin(name, _public(described.version) or PROJECT_VERSION)
        self._files.setdefault(pin, set()).add(File(f"{name}-{pin.version}.tar.gz", "", None, path))
        return pin

    def wanted_builds(self, choices: Mapping[Key, Mapping[str, Choice]]) -> list[_WantedBuild]:
        """The sdists that will have to be built, each once for each version of Python."""
        packages = {package.pin: package for package in self.packages()}
        wanted: dict[tuple[Pin, str], _WantedBuild] = {}
        for group in self.groups:
            said = choices.get((group.name, group.target), {})
            for pin in group.pins:
                choice = said.get(pin.name, _USUAL)
                try:
                    file = packages[pin].file_for(group.target, choice.policy)
                except ConfigError:
                    # Said by those who want to use it. The lock may have other groups that are all right.
                    continue
                if not file.is_wheel:
                    other = wanted.get((pin, group.target.python))
                    also = {*choice.build_requires, *(other.also if other else ())}
                    wanted[pin, group.target.python] = _WantedBuild(pin, group.target, file, tuple(sorted(also)))
        return [wanted[key] for key in sorted(wanted)]

    def add_build(self, wanted: _WantedBuild) -> None:
        """Resolve what one build needs, and note its wheels."""
        system = self._build_system(wanted)
        builder = wanted.target.builder
        pins = self._environment(wanted, system)
        python = wanted.target.python
        digest, crates = wanted.sdist.sha256 or system.digest, self._crates(wanted, pins)
        self.builds.append(BuildGroup(wanted.pin, python, digest, system.requires, wanted.also, pins, system.backend, crates))
        asked = self.index(builder)
        for pin, offers in self._offers_of(asked, pins).items():
            best = Package(pin, (), tuple(map(_file, offers))).file_for(builder, Policy.WHEEL).filename
            # The pure one too, if there is one: for interpreters that load no shared libraries.
            wheels = [offer for offer in _once(offers) if offer.filename == best or is_pure(offer.filename, builder)]
            self._files.setdefault(pin, set()).update(_file(asked.measured(offer)) for offer in wheels)

    def _known(self, name: str, target: Target) -> tuple[Pin, ...]:
        """The versions of the previous lock: of the same group, or of the same target for another platform."""
        if self.previous is None or self.upgrade:
            return ()
        groups = [group for group in self.previous.groups if group.name == name]
        closest = sorted(groups, key=lambda group: (group.target != target, group.target.python != target.python))
        direct = {package.pin for package in self.previous.packages if any(file.place is not None for file in package.files)}
        return tuple(pin for pin in closest[0].pins if pin not in direct) if closest else ()

    def _known_build(self, wanted: _WantedBuild) -> BuildGroup | None:
        builds = self.previous.builds if self.previous is not None else ()
        return next((one for one in builds if (one.pin.name, one.python) == (wanted.pin.name, wanted.target.python)), None)

    def _build_system(self, wanted: _WantedBuild) -> BuildSystem:
        known = self._known_build(wanted)
        asked = self.index(wanted.target)
        try:
            if wanted.sdist.is_project:
                return parse_build_system(asked.host.read_text(f"{asked.root}/{wanted.sdist.path}/pyproject.toml") or "")
            # An sdist says the same each time: no need to fetch it again.
            if known is not None and known.sdist == wanted.sdist.sha256:
                return BuildSystem(known.requires, known.backend)
            return read_build_system(self._content(asked, wanted), wanted.sdist.filename)
        except FormatError as error:
            raise ConfigError(f"`{wanted.pin}`: {error.message}", hint="require another version of it") from error

    def _crates(self, wanted: _WantedBuild, pins: Iterable[Pin]) -> tuple[Crate, ...]:
        if not wants_rust(pin.name for pin in pins):
            return ()
        asked, known = self.index(wanted.target), self._known_build(wanted)
        try:
            if wanted.sdist.is_project:
                return crates_of_project(asked.host, f"{asked.root}/{wanted.sdist.path}", wanted.sdist.path or "")
            if known is not None and known.sdist == wanted.sdist.sha256 and not self.upgrade:
                return known.crates
            return crates_of(asked.host, self._content(asked, wanted), wanted.sdist.filename)
        except FormatError as error:
            raise ConfigError(f"`{wanted.pin}`: {error.message}", hint="require another version of it") from error

    def _content(self, asked: PackageIndex, wanted: _WantedBuild) -> bytes:
        if wanted.sdist in self._data:
            return self._data[wanted.sdist]
        offers = self._offers_of(asked, [wanted.pin])[wanted.pin]
        offer = next(one for one in offers if one.filename == wanted.sdist.filename)
        data = asked.content(Offer(offer.filename, offer.address, wanted.sdist.sha256, wanted.sdist.size))[1]
        self._data[wanted.sdist] = data
        return data

    def _environment(self, wanted: _WantedBuild, system: BuildSystem) -> tuple[Pin, ...]:
        known = self._known_build(wanted)
        previous = known.pins if known is not None and not self.upgrade else ()
        key = (system, wanted.also, wanted.target.python, previous)
        if key not in self._environments:
            self._environments[key] = self._resolved(wanted, system, previous)
        return self._environments[key]

    def _resolved(self, wanted: _WantedBuild, system: BuildSystem, previous: Sequence[Pin]) -> tuple[Pin, ...]:
        asked = self.index(wanted.target.builder)
        required = [*system.requires, *wanted.also]
        while True:
            found = asked.resolve(required, (), previous, str(wanted.pin), builds=False)
            beside = asked_beside(system, {pin.name: pin.version for pin in found.pins})
            if not set(beside) - set(required):
                return found.pins
            required += beside

    def _offers_of(self, asked: PackageIndex, pins: Iterable[Pin]) -> dict[Pin, tuple[Offer, ...]]:
        python = asked.target.python
        pins = sorted(set(pins))
        missing = [pin for pin in pins if (pin, python) not in self._offers]
        self._offers |= {(pin, python): offers for pin, offers in asked.offers(missing).items()}
        return {pin: self._offers[pin, python] for pin in pins}


def unusable(lock: Lock, choices: Mapping[Key, Mapping[str, Choice]] | None = None) -> list[Problem]:
    """What is wrong with packages that no file of can be used by a group, each said once."""
    packages = {package.pin: package for package in lock.packages}
    problems: dict[str, Problem] = {}
    for group in lock.groups:
        said = (choices or {}).get((group.name, group.target), {})
        for pin in group.pins:
            try:
                packages[pin].file_for(group.target, said.get(pin.name, _USUAL).policy)
            except ConfigError as error:
                problems.setdefault(error.message, error.problems[0])
    return list(problems.values())


def _worthwhile(offers: Sequence[Offer], target: Target) -> list[Offer]:
    """The offers that are worth a line in the lock: those that can be used, or what there is instead; each file once."""
    once = _once(offers)
    usable = [
        offer
        for offer in once
        if not offer.filename.endswith(".whl") or is_pure(offer.filename, target) or rank(offer.filename, target) is not None
    ]
    return usable or [offer for offer in once if is_for_this_python(offer.filename, target)] or once


def _once(offers: Iterable[Offer]) -> list[Offer]:
    """One file may be offered by several indexes, and not all of them may know its digest."""
    ordered = sorted(offers, key=lambda offer: (offer.filename, offer.sha256 is None, offer.size is None))
    seen: dict[tuple[str, str | None], Offer] = {}
    for offer in ordered:
        if offer.sha256 is not None or not any(name == offer.filename for name, _ in seen):
            seen.setdefault((offer.filename, offer.sha256), offer)
    return list(seen.values())


def _with_exports(asked: PackageIndex, requirements: Requirements) -> Requirements:
    """The requirements, with those that lock files of uv export."""
    for export in requirements.exports:
        text = asked.export(export.path, export.part.extras, export.part.group)
        more = gather_exported(asked.host, text, export, asked.root)
        requirements = replace(
            requirements,
            required=(*requirements.required, *more.required),
            constraints=(*requirements.constraints, *more.constraints),
        )
    return requirements


def _version_in(filename: str) -> str | None:
    """The version that the name of a wheel or an sdist says."""
    try:
        return str((parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename)(filename)[1])
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def _public(version: str | None) -> str | None:
    """A version in its normal form, None for what is none."""
    try:
        return None if version is None else str(Version(version))
    except InvalidVersion:
        return None


def _allowed(pin: Pin, found: Iterable[File], requirements: Requirements) -> list[File]:
    """The files that the `--hash` options of the requirements allow."""
    files = list(found)
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


def _file(offer: Offer) -> File:
    return File(offer.filename, offer.sha256 or "", offer.size)
