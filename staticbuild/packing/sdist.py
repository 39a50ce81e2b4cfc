"""Reads what an sdist says of its own build (PEP 518), and knows what backends ask for beside. Runs nothing.

A backend may name more requirements when it is asked (`get_requires_for_build_wheel`, PEP 517), but to ask it is to run
code that came from outside. What the usual ones answer is in a table instead.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from staticbuild.errors import FormatError

# More than any real project's.
_LARGEST_FILE = 1 << 20
_LARGEST_ARCHIVE = 4 << 30
_MOST_MEMBERS = 500_000
# Of a tar's header for long names, which is read into memory whole.
_LARGEST_HEADER = 1 << 20

_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class BuildSystem:
    """What a project's `[build-system]` says: which backend builds it, and what that needs."""

    requires: tuple[str, ...] = ("setuptools", "wheel")
    backend: str = "setuptools.build_meta:__legacy__"

    @property
    def digest(self) -> str:
        """A sha256 of what it says."""
        return hashlib.sha256("\n".join([self.backend, *self.requires]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a backend asks for when it is asked: `requires`, unless `unless` is there in this version or newer."""

    backend: str
    requires: tuple[str, ...]
    unless: tuple[str, str] | None = None


# What backends add to the requirements, for a build on a host that has none of these tools. Any backend may be written
# on top of setuptools, so what setuptools lacks does not depend on the backend's name.
BACKENDS = (
    Asked("mesonpy", ("ninja>=1.8.2",)),
    Asked("scikit_build_core", ("cmake>=3.15", "ninja>=1.5")),
    Asked("py_build_cmake", ("cmake>=3.15", "ninja>=1.5")),
    # Since 70.1, setuptools makes wheels on its own, and `wheel` has no part in it since 0.46.
    Asked("", ("wheel<0.46",), unless=("setuptools", "70.1")),
)


def asked_beside(system: BuildSystem, versions: Mapping[str, str]) -> tuple[str, ...]:
    """What the backend will ask for, given the `versions` that its requirements were resolved to, and what is not there."""
    return tuple(
        requirement
        for row in BACKENDS
        if _applies(row, system, versions)
        for requirement in row.requires
        if not _is_met(Requirement(requirement), versions)
    )


def read_build_system(data: bytes, filename: str) -> BuildSystem:
    """What the sdist `data` says of its build. Raises FormatError for what is no sound sdist."""
    with _naming(filename):
        text = _pyproject(data)
        return BuildSystem() if text is None else parse_build_system(text)


def read_members(data: bytes, filename: str, wanted: Callable[[str], bool]) -> dict[str, str | None]:
    """The files of the sdist `data`, by their paths below its one folder, with the text of those that are `wanted`.

    Raises FormatError for what is no sound sdist.
    """
    found: dict[str, str | None] = {}
    with _naming(filename):
        for name, content in _sound_members(data):
            parts = _parts(name)
            if len(parts) > 1 and content is not None:
                path = "/".join(parts[1:])
                found[path] = _text(content, path) if wanted(path) else None
    return found


def parse_build_system(text: str) -> BuildSystem:
    """The `[build-system]` of a pyproject.toml. Raises FormatError."""
    try:
        # RecursionError: tomllib recurses.
        table = tomllib.loads(text).get("build-system")
    except (ValueError, RecursionError) as error:
        raise FormatError(f"its pyproject.toml is no TOML: {error}") from error
    if table is None:
        return BuildSystem()
    requires = table.get("requires", []) if isinstance(table, dict) else None
    if not isinstance(requires, list) or not all(isinstance(item, str) for item in requires):
        raise FormatError("its pyproject.toml has no list of texts as `build-system.requires`")
    for item in requires:
        try:
            Requirement(item)
        except InvalidRequirement as error:
            raise FormatError(f"`{item}` in its `build-system.requires` is no requirement") from error
    backend = table.get("build-backend", BuildSystem().backend)
    return BuildSystem(tuple(requires), str(backend))


def _applies(row: Asked, system: BuildSystem, versions: Mapping[str, str]) -> bool:
    if row.backend and system.backend.partition(":")[0].partition(".")[0] != row.backend:
        return False
    if row.unless is None:
        return True
    name, version = row.unless
    return name in versions and Version(versions[name]) < Version(version)


def _is_met(requirement: Requirement, versions: Mapping[str, str]) -> bool:
    found = versions.get(requirement.name)
    return found is not None and requirement.specifier.contains(found, prereleases=True)


def _pyproject(data: bytes) -> str | None:
    """The text of the archive's pyproject.toml, None if it has none. Raises FormatError."""
    for name, content in _sound_members(data):
        parts = _parts(name)
        if len(parts) == 2 and parts[1] == "pyproject.toml" and content is not None:  # noqa: PLR2004 - below the one folder
            return _text(content, parts[1])
    return None


def _parts(name: str) -> list[str]:
    return [part for part in name.split("/") if part not in {"", "."}]


def _text(content: IO[bytes], path: str) -> str:
    read = content.read(_LARGEST_FILE + 1)
    if len(read) > _LARGEST_FILE:
        raise FormatError(f"its {path} is larger than 1 MiB")
    return read.decode("utf-8-sig")


def _sound_members(data: bytes) -> Iterator[tuple[str, IO[bytes] | None]]:
    """As `_members`. Raises FormatError for an archive that would write outside of its folder."""
    for name, content in _members(data):
        if name.startswith("/") or ".." in _parts(name):
            raise FormatError(f"its member `{name}` points outside")
        yield name, content


@contextmanager
def _naming(filename: str) -> Iterator[None]:
    """Raise FormatError that names the sdist, for one that is damaged too."""
    try:
        yield
    except _DAMAGED as error:
        raise FormatError(f"`{filename}` is no sound sdist: it is damaged, or no archive: {error}") from error
    except FormatError as error:
        raise FormatError(f"`{filename}` is no sound sdist: {error.message}") from error


def _members(data: bytes) -> Iterator[tuple[str, IO[bytes] | None]]:
    """Names of members, and the content of those that are files."""
    found = _zip_members(data) if data.startswith(b"PK") else _tar_members(data)
    for index, member in enumerate(found):
        if index >= _MOST_MEMBERS:
            raise FormatError(f"it has more than {_MOST_MEMBERS} members")
        yield member


def _tar_members(data: bytes) -> Iterator[tuple[str, IO[bytes] | None]]:
    # A stream, so that no member is looked up out of order and what was passed is forgotten.
    stream = io.BytesIO(data)
    left = _LARGEST_ARCHIVE
    with tarfile.open(fileobj=stream, mode="r|*", tarinfo=_Header, encoding="utf-8", errors="surrogateescape") as archive:
        for member in archive:
            left -= member.size
            if left < 0:
                raise FormatError(f"its files hold more than {_LARGEST_ARCHIVE:,} bytes")
            yield member.name, archive.extractfile(member) if member.isfile() else None
            archive.members = []  # type: ignore[attr-defined]


def _zip_members(data: bytes) -> Iterator[tuple[str, IO[bytes] | None]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if member.is_dir():
                yield member.filename, None
            else:
                with archive.open(member) as content:
                    yield member.filename, content


class _Header(tarfile.TarInfo):
    """A tar's header, refused before what it announces is read into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0 or (header.type[0] in {*b"xgXLK"} and header.size > _LARGEST_HEADER):
            raise FormatError(f"it has a header of {header.size} bytes")
        return header
