"""Where config text comes from, and how `load` paths name it. The disk itself is somebody else's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from staticbuild.errors import ConfigError

PACKAGE_FILE: Final = "staticbuild.bzl"


class Files(Protocol):
    """The files of one repository. Paths are POSIX paths relative to the repository's root."""

    def read(self, path: str) -> str | None:
        """The text of `path`, or None if there is no such file. Raises ConfigError for bytes that are no UTF-8."""

    def glob(self, package: str, include: Sequence[str], exclude: Sequence[str]) -> list[str]:
        """The files below the folder `package` that match; relative to that folder."""


@dataclass(frozen=True, slots=True, order=True)
class FileName:
    """A config file: `path` in the repository `repo`, which is `""` for the workspace."""

    repo: str
    path: str

    @property
    def folder(self) -> str:
        """The folder that holds it; empty for the root."""
        return self.path.rpartition("/")[0]

    def __str__(self) -> str:
        """How messages call it."""
        return f"@{self.repo}//{self.path}" if self.repo else self.path


def parse_load(text: str, loader: FileName, repos: Sequence[str]) -> FileName:
    """The file that `load(text, …)` names in `loader`: `:x.bzl`, `//folder:x.bzl`, `//folder/x.bzl` or `@repo//x.bzl`."""
    match = _LOAD.match(text)
    if match is None:
        hint = f'write `load(":{text}", …)`' if _BARE.match(text) else _HINT
        raise ConfigError(f"`{text}` does not name a file to load", hint=hint)
    if match["near"] is not None:
        repo, path = loader.repo, "/".join(part for part in (loader.folder, match["near"]) if part)
    else:
        repo = loader.repo if match["repo"] is None else match["repo"]
        path = match["path"].replace(":", "/").removeprefix("/")
    if any(part in ("", ".", "..") for part in path.split("/")):
        raise ConfigError(f"`{text}` does not name a file to load", hint=_HINT)
    if repo not in repos:
        known = ", ".join(f"`@{name}`" for name in repos if name)
        raise ConfigError(f"there is no repository `@{repo}`", hint=f"besides the workspace there is {known}")
    return FileName(repo, path)


_PART: Final = r"[A-Za-z0-9_.+=,@~/ -]*"
_LOAD: Final = re.compile(rf"(?:(?:@(?P<repo>[a-z_]+))?//(?P<path>{_PART}:?{_PART}\.bzl)|:(?P<near>{_PART}\.bzl))\Z")
_BARE: Final = re.compile(rf"(?!/|\./|\.\./){_PART}\.bzl\Z")
_HINT: Final = 'write `":file.bzl"`, `"//folder:file.bzl"` or `"@stdlib//file.bzl"`'
