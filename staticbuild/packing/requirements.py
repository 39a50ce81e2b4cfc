"""What an application requires: specifiers and requirements files as values. Knows nothing of indexes and wheels.

The format of requirements files is pip's. Options that choose an index are refused: the lock must mean the same on
every machine, so indexes are named in uv's or pip's own configuration.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from staticbuild.errors import ConfigError, Location, Problem

_FILE_SUFFIXES = (".txt", ".in")
_LATER = ("pylock.toml", "uv.lock", "pyproject.toml", "setup.py", "setup.cfg")
_OPTION = re.compile(r"(-r|-c|--requirement|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))(?P<path>\S.*)\Z")
_HASH = re.compile(r"\s--hash[=\s](?P<algorithm>[a-z0-9]+):(?P<digest>[0-9a-fA-F]+)")
_INDEX_OPTIONS = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index", "--trusted-host")
_COMMENT = re.compile(r"(^|\s+)#.*\Z")


@dataclass(frozen=True, slots=True)
class Required:
    """One requirement: its text in a normal form, the digests that it allows (none: any), and where it was written."""

    text: str
    sha256: tuple[str, ...]
    where: Location


@dataclass(frozen=True, slots=True)
class Requirements:
    """All that one target requires, and how versions are constrained. `files` are the paths that were read."""

    required: tuple[Required, ...]
    constraints: tuple[Required, ...]
    files: tuple[str, ...]

    @property
    def digest(self) -> str:
        """A digest of the meaning: comments, order and the split into files do not count."""
        lines = sorted(
            {f"require {_line(item)}" for item in self.required} | {f"constrain {_line(item)}" for item in self.constraints}
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Reader(Protocol):
    """What `gather` needs of the host."""

    def read_text(self, path: str) -> str | None:
        """A UTF-8 text file, or None if there is none."""


def gather(host: Reader, entries: Sequence[str], root: str, where: Location) -> Requirements:
    """The requirements that `entries` name: requirements files below or beside the folder `root`, or specifiers.

    Raises ConfigError with all that is wrong.
    """
    gathering = _Gathering(host, root)
    for entry in entries:
        if entry.endswith(_FILE_SUFFIXES) and not any(mark in entry for mark in "<>=!~;@[ "):
            gathering.read(entry, where, constrains=False)
        elif posixpath.basename(entry) in _LATER:
            gathering.wrong(
                f"requirements are not read from `{entry}` yet",
                where,
                hint="write them in a requirements file, `requirements.txt`",
            )
        else:
            gathering.add(entry, where, constrains=False)
    ConfigError.raise_all(gathering.problems)
    return Requirements(tuple(gathering.required), tuple(gathering.constraints), tuple(sorted(gathering.seen)))


class _Gathering:
    """Requirements files on the way to values, with every problem so far."""

    def __init__(self, host: Reader, root: str) -> None:
        self._host = host
        self._root = root
        self.required: list[Required] = []
        self.constraints: list[Required] = []
        self.problems: list[Problem] = []
        self.seen: set[str] = set()

    def read(self, name: str, where: Location, *, constrains: bool) -> None:
        """All lines of the file `name`, which stands at `where`; `name` is relative to the root."""
        pending = [(name, where, constrains)]
        done = set()
        while pending:
            name, where, constrains = pending.pop(0)
            if (name, constrains) in done:
                continue
            done.add((name, constrains))
            text = self._text(name, where)
            for number, line in _logical_lines(text):
                pending += self._line(line, Location(name, number), constrains=constrains)

    def add(self, text: str, where: Location, *, constrains: bool) -> None:
        """One requirement as PEP 508 writes it, with pip's `--hash` options."""
        allowed = tuple(sorted(match["digest"].lower() for match in _HASH.finditer(text) if match["algorithm"] == "sha256"))
        has_hashes = _HASH.search(text) is not None
        bare = _HASH.sub("", text).strip()
        try:
            parsed = Requirement(bare)
        except InvalidRequirement as error:
            self.wrong(
                f"`{bare}` is no requirement: {_first_line(error)}",
                where,
                hint="write for example `requests>=2.31`",
                line=text,
            )
            return
        if parsed.url:
            self.wrong(f"`{parsed.name}` is required from an address, which is not possible yet", where, line=text)
        elif has_hashes and not allowed:
            self.wrong(f"`{parsed.name}` has no sha256 among its hashes", where, line=text)
        else:
            (self.constraints if constrains else self.required).append(Required(_normal(parsed), allowed, where))

    def wrong(self, message: str, where: Location, *, hint: str | None = None, line: str | None = None) -> None:
        """Remember a problem."""
        self.problems.append(Problem(message, where, hint, line))

    def _text(self, name: str, where: Location) -> str:
        path = posixpath.normpath(posixpath.join(self._root, name))
        self.seen.add(path)
        try:
            text = self._host.read_text(path)
        except UnicodeDecodeError:
            self.wrong(f"the requirements file `{name}` is not UTF-8 text", where)
            return ""
        except OSError as error:
            self.wrong(f"the requirements file `{name}` cannot be read: {error.strerror}", where)
            return ""
        if text is None:
            self.wrong(f"there is no requirements file `{name}`", where)
        return (text or "").removeprefix("\ufeff")

    def _line(self, line: str, where: Location, *, constrains: bool) -> Iterator[tuple[str, Location, bool]]:
        """Take one line; yields the file that it includes."""
        if option := _OPTION.match(line):
            inner = posixpath.normpath(posixpath.join(posixpath.dirname(where.path), option["path"].strip()))
            yield inner, where, constrains or option[1] in {"-c", "--constraint"}
        elif line.startswith("-"):
            self._refuse(line, where)
        else:
            self.add(line, where, constrains=constrains)

    def _refuse(self, line: str, where: Location) -> None:
        name = re.split(r"[\s=]", line, maxsplit=1)[0]
        hint = "leave it out"
        if name in _INDEX_OPTIONS:
            hint = "name the index in uv's or pip's configuration (`UV_DEFAULT_INDEX`, `pip.conf`): builds ask it too"
        elif name in {"-e", "--editable"}:
            hint = "name the project's source folder in `package_roots`"
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


def _line(item: Required) -> str:
    return " ".join([item.text, *(f"sha256:{digest}" for digest in item.sha256)])


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
