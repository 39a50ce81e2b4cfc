"""The catalog: which archives of python-build-standalone are pinned, by name and sha256. Pure: text in, values out.

Its text is a checksum file as `sha256sum` writes it, cut to the archives that can be linked into one file. A release
publishes such a file (`SHA256SUMS`), so an import copies lines and a review compares them; a name says it all.
There are two catalogs: staticbuild's own, and `staticbuild.catalog` beside the config, which is committed as the lock file is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from staticbuild.errors import ConfigError, Location, Problem

FILENAME: Final = "staticbuild.catalog"
OWN: Final = "distribution/own.catalog"
"""staticbuild's own catalog, below the folder of the package."""

OPTIONS: Final = ("noopt+static", "lto+static", "debug+static")
"""What archives of static builds were built with."""

_HEADER: Final = (
    "# Written by `staticbuild dist catalog import`. Commit this file. The lines are those of the releases' SHA256SUMS.\n"
)
_LINE: Final = re.compile(r"(?P<sha256>[0-9a-fA-F]{64}) [ *](?P<name>\S+)")
_NAME: Final = re.compile(
    r"cpython-(?P<version>3\.[0-9]{1,3}\.[0-9]{1,3}[0-9a-z]{0,8})\+(?P<release>[0-9]{8})-"
    r"(?P<triple>[A-Za-z0-9_]+-[a-z0-9]+-[a-z0-9]+(?:-[a-z0-9]+)?)-(?P<options>[a-z]+(?:\+[a-z]+)*)-full\.tar\.zst"
)
# Until then, the musl archives without `static` in their names were the static ones (python-build-standalone #541, #546).
_NAMED_STATIC_SINCE: Final = "20250311"
_LONGEST_LINE: Final = 400
_PLACES: Final = (
    "https://github.com/astral-sh/python-build-standalone/releases/download",
    "https://releases.astral.sh/github/python-build-standalone/releases/download",
)


@dataclass(frozen=True, slots=True, order=True)
class Archive:
    """One pinned archive. `options` are those of its name, but with `static` where an old name leaves it out."""

    version: str
    release: str
    triple: str
    options: str
    name: str
    sha256: str

    @classmethod
    def parse(cls, name: str, sha256: str) -> Self | None:
        """The archive of this file name; None if it cannot be linked into one file, or is no such archive."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        options = match["options"]
        if match["triple"].endswith("-musl") and match["release"] < _NAMED_STATIC_SINCE and "static" not in options:
            options += "+static"
        if options not in OPTIONS:
            return None
        return cls(match["version"], match["release"], match["triple"], options, name, sha256.lower())

    @property
    def short(self) -> str:
        """`3.13` of `3.13.5`."""
        return ".".join(self.version.split(".")[:2])

    @property
    def places(self) -> tuple[str, ...]:
        """The addresses that a release is published at."""
        return tuple(f"{place}/{self.release}/{self.name.replace('+', '%2B')}" for place in _PLACES)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Pinned archives, sorted by version, release, target and options."""

    archives: tuple[Archive, ...] = ()

    @classmethod
    def parse(cls, text: str, name: str) -> Self:
        """The catalog in `text`, the content of the file `name`. Raises ConfigError that lists all wrong lines."""
        found, problems = {}, []
        for number, sha256, asset in _lines(text, name):
            archive = Archive.parse(asset, sha256)
            where = Location(name, number)
            if archive is None:
                problems.append(Problem(f"`{asset}` is not an archive of a static build", where, _RENEW))
            elif asset in found:
                problems.append(Problem(f"`{asset}` is listed twice", where, "remove one of the lines"))
            else:
                found[asset] = archive
        ConfigError.raise_all(problems)
        return cls(tuple(sorted(found.values())))

    @classmethod
    def of_release(cls, text: str, name: str) -> Self:
        """What of a release's checksum file `text` can be linked into one file. Raises ConfigError if that is nothing."""
        archives = {archive for _, sha256, asset in _lines(text, name) if (archive := Archive.parse(asset, sha256)) is not None}
        if not archives:
            raise ConfigError(
                f"`{name}` lists no archive of a static build",
                hint="give the `SHA256SUMS` of a release that has assets called "
                "`cpython-VERSION+RELEASE-TRIPLE-OPTIONS+static-full.tar.zst`",
            )
        return cls(tuple(sorted(archives)))

    def to_text(self) -> str:
        """The file: equal catalogs give equal bytes."""
        return _HEADER + "".join(f"{archive.sha256}  {archive.name}\n" for archive in self.archives)

    def merged(self, other: Catalog, name: str) -> Catalog:
        """Both. Raises ConfigError where `other`, which comes from `name`, has another digest for a name."""
        known = {archive.name: archive for archive in self.archives}
        for archive in other.archives:
            before = known.setdefault(archive.name, archive)
            if before != archive:
                raise ConfigError(
                    f"`{archive.name}` is pinned with another digest than the one in `{name}`",
                    notes=(f"pinned: {before.sha256}", f"in `{name}`: {archive.sha256}"),
                    hint="a release never changes: find out which one is right before you remove the other line",
                )
        return Catalog(tuple(sorted(known.values())))

    def find(self, version: str, triple: str, options: str, release: str | None) -> Archive:
        """The archive of Python `version` (`3.13`, `3.13.5`) of `release` (None: the newest). ConfigError if there is none."""
        fitting = [
            archive for archive in self.archives if archive.triple == triple and version in {archive.short, archive.version}
        ]
        best = [archive for archive in fitting if archive.options == options and release in {None, archive.release}]
        if best:
            return max(best, key=lambda archive: (archive.release, archive.name))
        of_release = f" of release {release}" if release is not None else ""
        raise ConfigError(
            f"the catalog has no Python {version} for {triple} with `{options}`{of_release}",
            notes=tuple(
                f"it has {archive.version} of release {archive.release} with `{archive.options}`" for archive in fitting
            ),
            hint="`staticbuild dist catalog import SHA256SUMS` takes the checksums of a release into `staticbuild.catalog`; "
            "without `prebuilt`, Python is built from source",
        )


_RENEW: Final = "a catalog is written by `staticbuild dist catalog import`"


def _lines(text: str, name: str) -> Iterable[tuple[int, str, str]]:
    """Number, digest and file name of each line that is not empty or a comment. Raises ConfigError for any other line."""
    # Not splitlines(): it takes more characters for the end of a line than sha256sum does.
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.rstrip("\r")
        if not stripped.strip() or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped) if len(stripped) <= _LONGEST_LINE else None
        if match is None:
            raise ConfigError(
                "this is not a line of a checksum file",
                where=Location(name, number),
                hint="a line is a sha256, two blanks and a file name, as `sha256sum` writes it",
            )
        yield number, match["sha256"], match["name"]


def release_of(name: str) -> str | None:
    """The release that an archive's file name speaks of, e.g. `20241016`; None for names that follow another rule."""
    match = _NAME.fullmatch(name)
    return match["release"] if match is not None else None
