"""What an application requires: specifiers, files of requirements and local projects as values. Knows nothing of indexes.

The format of requirements files is pip's. Options that choose an index are refused: the lock must mean the same on
every machine, so indexes are named in uv's or pip's own configuration. Paths are relative to the file in which they stand.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from staticbuild.errors import ConfigError, FormatError, Location, Problem
from staticbuild.packing.project_files import Part, Project, describe_project, locked_requirements, project_requirements

_FILE_SUFFIXES = (".txt", ".in")
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")
_OPTION = re.compile(r"(-r|-c|--requirement|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))(?P<path>\S.*)\Z")
_EDITABLE = re.compile(r"(-e|--editable)(?:\s*=\s*|\s+)(?P<path>\S.*)\Z")
_HASH = re.compile(r"\s--hash[=\s](?P<algorithm>[a-z0-9]+):(?P<digest>[0-9a-fA-F]+)")
_LOCAL = ("./", "../", "/", "file:")
_REMOTE = ("http://", "https://")
# A path, or an address without a name before it.
_PLACE = re.compile(
    r"(?P<place>(?:file:|https?://)\S+?|\.{1,2}(?:/[^\[;]*?)?|/[^\[;]*?|[^\s@;\[]+/[^@;\[]*?|[^\s@;\[/]+?)"
    r"\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?:;(?P<marker>.*))?\Z"
)
_SHA256 = re.compile(r"#(?:.*&)?sha256=(?P<digest>[0-9a-fA-F]{64})(?:&|\Z)")
_INDEX_OPTIONS = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index", "--trusted-host")
_COMMENT = re.compile(r"(^|\s+)#.*\Z")


@dataclass(frozen=True, slots=True)
class Required:
    """One requirement: its text in a normal form, the digests that it allows (none: any), and where it was written.

    `path` is the file or folder of this host that is meant, if it is none of an index; in `text` it is relative to the
    config. `meaning` is a digest of what a local project says of itself.
    """

    text: str
    sha256: tuple[str, ...]
    where: Location
    path: str | None = None
    meaning: str = ""

    @property
    def argument(self) -> str:
        """The requirement as `uv` takes it."""
        if self.path is None:
            return self.text
        name, _, rest = self.text.partition(" @ ")
        _, semicolon, marker = rest.partition(" ; ")
        return f"{name} @ file://{quote(self.path)}{semicolon}{marker}"


@dataclass(frozen=True, slots=True)
class Export:
    """A `uv.lock` at `path`, and which part of it is required; `meaning` is a digest of its text."""

    path: str
    part: Part
    meaning: str
    where: Location


@dataclass(frozen=True, slots=True)
class Requirements:
    """All that one target requires, and how versions are constrained. `files` are the paths that were read.

    What `exports` bring is asked of uv when it is locked.
    """

    required: tuple[Required, ...]
    constraints: tuple[Required, ...]
    files: tuple[str, ...]
    exports: tuple[Export, ...] = ()

    @property
    def digest(self) -> str:
        """A digest of the meaning: comments, order and the split into files do not count."""
        lines = sorted(
            {f"require {_line(item)}" for item in self.required}
            | {f"constrain {_line(item)}" for item in self.constraints}
            | {f"export {item.part.extras} {item.part.group} {item.meaning}" for item in self.exports}
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Reader(Protocol):
    """What `gather` needs of the host."""

    def read_text(self, path: str) -> str | None:
        """A UTF-8 text file, or None if there is none."""

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder."""

    def is_dir(self, path: str) -> bool:
        """Whether there is such a folder."""


def gather(host: Reader, entries: Sequence[str], root: str, where: Location) -> Requirements:
    """The requirements that `entries` name, by paths that are relative to the folder `root`.

    An entry is a requirements file, a requirement, a local project or archive, or a file of a project
    (`pyproject.toml[extra]`, `pyproject.toml:group`, `pylock.toml`, `uv.lock`). Raises ConfigError with all that is wrong.
    """
    gathering = _Gathering(host, root)
    for entry in entries:
        if entry.endswith(_FILE_SUFFIXES) and not any(mark in entry for mark in "<>=!~;@[ "):
            gathering.read(entry, where, constrains=False)
        elif (part := Part.parse(entry)) is not None:
            gathering.take_part(part, where)
        else:
            gathering.add(entry, where, constrains=False)
    return gathering.finish()


def gather_exported(host: Reader, text: str, export: Export, root: str) -> Requirements:
    """The requirements in `text`, which uv wrote of the lock `export`."""
    gathering = _Gathering(host, root)
    gathering.read_lines(text, posixpath.relpath(export.path, root), constrains=False)
    return gathering.finish()


class _Gathering:
    """Requirements files on the way to values, with every problem so far."""

    def __init__(self, host: Reader, root: str) -> None:
        self._host = host
        self._root = root
        self.required: list[Required] = []
        self.constraints: list[Required] = []
        self.exports: list[Export] = []
        self.problems: list[Problem] = []
        self.seen: set[str] = set()

    def finish(self) -> Requirements:
        """All of it. Raises ConfigError with all that is wrong."""
        ConfigError.raise_all(self.problems)
        return Requirements(tuple(self.required), tuple(self.constraints), tuple(sorted(self.seen)), tuple(self.exports))

    def read(self, name: str, where: Location, *, constrains: bool) -> None:
        """All lines of the file `name`, which stands at `where`; `name` is relative to the root."""
        pending = [(name, where, constrains)]
        done = set()
        while pending:
            name, where, constrains = pending.pop(0)
            if (name, constrains) in done:
                continue
            done.add((name, constrains))
            text = self._text(name, where, "requirements file")
            pending += self.read_lines(text, name, constrains=constrains)

    def read_lines(self, text: str, name: str, *, constrains: bool) -> list[tuple[str, Location, bool]]:
        """All that stands in `text`; returns the files that it includes."""
        included: list[tuple[str, Location, bool]] = []
        for number, line in _logical_lines(text):
            included += self._line(line, Location(name, number), constrains=constrains)
        return included

    def take_part(self, part: Part, where: Location) -> None:
        """What a file of a project requires."""
        text = self._text(part.path, where, "file")
        folder = posixpath.dirname(part.path)
        at = Location(part.path, 1)
        try:
            if not text:
                return
            if part.name == "uv.lock":
                path = posixpath.normpath(posixpath.join(self._root, part.path))
                self.exports.append(Export(path, part, hashlib.sha256(text.encode()).hexdigest(), where))
            elif part.is_pylock:
                for item in locked_requirements(text):
                    self.add(item.text, at, constrains=False, folder=folder, allowed=item.sha256)
            else:
                for line in project_requirements(text, part):
                    self.add(line, at, constrains=False, folder=folder)
        except FormatError as error:
            self.wrong(f"`{part.path}` {error.message}", where, hint=error.problems[0].hint)

    def add(self, text: str, where: Location, *, constrains: bool, folder: str = "", allowed: tuple[str, ...] = ()) -> None:
        """One requirement as PEP 508 writes it, or a path, with pip's `--hash` options; paths are relative to `folder`."""
        hashes = list(_HASH.finditer(text))
        allowed += tuple(sorted(match["digest"].lower() for match in hashes if match["algorithm"] == "sha256"))
        bare = _HASH.sub("", text).strip()
        taken = self._place(bare, where, folder) if self._is_place(bare, folder) else self._named(bare, text, where, folder)
        if taken is None:
            return
        if hashes and not allowed:
            self.wrong(f"`{re.split('[^a-z0-9-]', taken.text)[0]}` has no sha256 among its hashes", where, line=text)
            return
        (self.constraints if constrains else self.required).append(
            replace(taken, sha256=tuple(dict.fromkeys((*taken.sha256, *allowed))))
        )

    def _is_place(self, bare: str, folder: str) -> bool:
        """Whether a path or an address stands here, as pip decides it."""
        match = _PLACE.match(bare)
        if match is None:
            return False
        place = match["place"]
        if place in {".", ".."} or place.startswith((*_LOCAL, *_REMOTE)):
            return True
        return place.endswith(_ARCHIVES) or ("/" in place and self._host.exists(self._absolute(place, folder)))

    def _named(self, bare: str, text: str, where: Location, folder: str) -> Required | None:
        """A requirement that begins with a name."""
        try:
            parsed = Requirement(bare)
        except InvalidRequirement as error:
            message = f"`{bare}` is no requirement: {_first_line(error)}"
            self.wrong(message, where, hint="write for example `requests>=2.31`", line=text)
            return None
        if not parsed.url:
            return Required(_normal(parsed), (), where)
        if parsed.url.startswith(_LOCAL):
            return self._local(self._absolute(_without_scheme(parsed.url), folder), parsed, text, where)
        return self._remote(parsed.url, parsed, text, where)

    def _place(self, bare: str, where: Location, folder: str) -> Required | None:
        """A path or an address without a name: a project says its own, an archive has it in its file name."""
        match = _PLACE.match(bare)
        assert match is not None  # noqa: S101 - `_is_place`
        place, path = match["place"].strip(), None
        if place.startswith(_REMOTE):
            name = _archive_name(urlsplit(place).path)
        else:
            path = self._absolute(_without_scheme(place), folder)
            if not self._host.exists(path):
                self.wrong(f"there is no `{place}`", where, line=bare)
                return None
            is_project = self._host.is_dir(path)
            described = self._described(path, where, bare) if is_project else None
            if is_project and described is None:
                return None
            name = described.name if described is not None else _archive_name(path)
        if name is None:
            self.wrong(f"`{place}` does not say of which package it is", where, hint=f"write `NAME @ {place}`", line=bare)
            return None
        extras = f"[{match['extras']}]" if match["extras"] else ""
        marker = f" ; {match['marker']}" if (match["marker"] or "").strip() else ""
        try:
            parsed = Requirement(f"{name}{extras}{marker}")
        except InvalidRequirement as error:
            self.wrong(f"`{bare}` is no requirement: {_first_line(error)}", where, line=bare)
            return None
        return self._remote(place, parsed, bare, where) if path is None else self._local(path, parsed, bare, where)

    def _remote(self, url: str, parsed: Requirement, text: str, where: Location) -> Required | None:
        if not url.startswith(_REMOTE):
            self.wrong(
                f"`{parsed.name}` is required from `{url.partition(':')[0]}`, which cannot be pinned by a digest",
                where,
                hint="name an archive of it: `name @ https://…/name-1.0.tar.gz`",
                line=text,
            )
            return None
        if "@" in urlsplit(url).netloc:
            hint = "leave them out, and put them into netrc: the address is written to the lock"
            self.wrong(f"`{parsed.name}` is required from an address with a user's name or password", where, hint=hint)
            return None
        digest = _SHA256.search(url)
        name, semicolon, marker = _normal(parsed).partition(" ; ")
        return Required(
            f"{name} @ {url.partition('#')[0]}{semicolon}{marker}", (digest["digest"].lower(),) if digest else (), where
        )

    def _local(self, path: str, parsed: Requirement, text: str, where: Location) -> Required | None:
        """An archive or a project of this host."""
        if not self._host.exists(path):
            self.wrong(f"there is no `{self._shown(path)}`", where, line=text)
            return None
        meaning = ""
        if self._host.is_dir(path):
            described = self._described(path, where, text)
            if described is None:
                return None
            meaning = described.meaning
        name, semicolon, marker = _normal(parsed).partition(" ; ")
        return Required(f"{name} @ {self._shown(path)}{semicolon}{marker}", (), where, path, meaning)

    def _described(self, path: str, where: Location, text: str) -> Project | None:
        file = posixpath.join(path, "pyproject.toml")
        self.seen.add(file)
        try:
            found = self._host.read_text(file)
            if found is None and not any(self._host.exists(posixpath.join(path, name)) for name in ("setup.py", "setup.cfg")):
                hint = "a project has a `pyproject.toml`; folders of modules belong into `package_roots`"
                self.wrong(f"the folder `{self._shown(path)}` is no project", where, hint=hint, line=text)
                return None
            return describe_project(found or "")
        except (UnicodeDecodeError, OSError, FormatError) as error:
            message = error.message if isinstance(error, FormatError) else f"cannot be read: {error}"
            self.wrong(f"`{self._shown(file)}` {message}", where, line=text)
            return None

    def _absolute(self, place: str, folder: str) -> str:
        return posixpath.normpath(posixpath.join(self._root, folder, place))

    def _shown(self, path: str) -> str:
        """A path as it is written in a normal form: relative to the config."""
        relative = posixpath.relpath(path, self._root)
        return relative if relative.startswith("..") else "./" if relative == "." else f"./{relative}"

    def wrong(self, message: str, where: Location, *, hint: str | None = None, line: str | None = None) -> None:
        """Remember a problem."""
        self.problems.append(Problem(message, where, hint, line))

    def _text(self, name: str, where: Location, what: str) -> str:
        path = posixpath.normpath(posixpath.join(self._root, name))
        self.seen.add(path)
        try:
            text = self._host.read_text(path)
        except UnicodeDecodeError:
            self.wrong(f"the {what} `{name}` is not UTF-8 text", where)
            return ""
        except OSError as error:
            self.wrong(f"the {what} `{name}` cannot be read: {error.strerror}", where)
            return ""
        if text is None:
            self.wrong(f"there is no {what} `{name}`", where)
        return (text or "").removeprefix("\ufeff")

    def _line(self, line: str, where: Location, *, constrains: bool) -> Iterator[tuple[str, Location, bool]]:
        """Take one line; yields the file that it includes."""
        if option := _OPTION.match(line):
            inner = posixpath.normpath(posixpath.join(posixpath.dirname(where.path), option["path"].strip()))
            yield inner, where, constrains or option[1] in {"-c", "--constraint"}
        elif option := _EDITABLE.match(line):
            # An executable has no use for sources that change below it: the project is built as it is now.
            self.add(option["path"], where, constrains=constrains, folder=posixpath.dirname(where.path))
        elif line.startswith("-"):
            self._refuse(line, where)
        else:
            self.add(line, where, constrains=constrains, folder=posixpath.dirname(where.path))

    def _refuse(self, line: str, where: Location) -> None:
        name = re.split(r"[\s=]", line, maxsplit=1)[0]
        hint = "leave it out"
        if name in _INDEX_OPTIONS:
            hint = "name the index in uv's or pip's configuration (`UV_DEFAULT_INDEX`, `pip.conf`): builds ask it too"
        self.wrong(f"the option `{name}` has no meaning in a requirements file here", where, hint=hint, line=line)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, with those joined that end in a backslash, and the number of the first of each."""
    joined = ""
    first = 0
    for number, raw in enumerate(text.splitlines(), 1):
        first = first or number
        # As in pip, a comment line in the middle of a continued one ends it.
        if raw.endswith("\\") and not raw.lstrip().startswith("#"):
            joined += raw[:-1] + " "
            continue
        line = _COMMENT.sub("", joined + raw).strip()
        if line:
            yield first, line
        joined = ""
        first = 0
    if line := _COMMENT.sub("", joined).strip():
        yield first, line


def _normal(requirement: Requirement) -> str:
    """The requirement with its name, extras, specifiers and marker in their one normal form."""
    extras = f"[{','.join(sorted(map(canonicalize_name, requirement.extras)))}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    specifiers = ",".join(sorted(str(item) for item in requirement.specifier))
    return f"{canonicalize_name(requirement.name)}{extras}{specifiers}{marker}"


def _without_scheme(place: str) -> str:
    return unquote(place.removeprefix("file://").removeprefix("file:")) if place.startswith("file:") else place


def _archive_name(path: str) -> str | None:
    """The package that an archive is of, by its file name."""
    filename = unquote(posixpath.basename(path))
    try:
        return parse_wheel_filename(filename)[0] if filename.endswith(".whl") else parse_sdist_filename(filename)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def _line(item: Required) -> str:
    return " ".join([item.text, *(f"sha256:{digest}" for digest in item.sha256), *([item.meaning] if item.meaning else [])])


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
