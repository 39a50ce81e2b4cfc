"""Names of targets: `:app`, `//tools:app`, `@stdlib//recipes:zlib`. Knows nothing of what a target is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from staticbuild.errors import ConfigError

_NAME = re.compile(r"[A-Za-z0-9_.+=,@~-]+(/[A-Za-z0-9_.+=,@~-]+)*\Z")
_LABEL = re.compile(r"(?:(?P<repo>@[a-z_]+)?//(?P<package>[^:]*))?(?P<name>:.+)?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """The name of one target.

    `repo` is `""` for the user's workspace and `"stdlib"` for the rules and recipes shipped with staticbuild;
    `package` is the folder of the declaring `staticbuild.bzl` below the repository's root, `""` for the root.
    """

    repo: str
    package: str
    name: str

    @classmethod
    def parse(cls, text: str, *, repo: str = "", package: str = "") -> Label:
        """The label that `text` names when it is written in `package` of `repo`.

        A bare `name` means `:name`, and `//folder` means `//folder:<last part of folder>`. Raises ConfigError for text
        that is no label, so that a path such as `../x` never becomes one.
        """
        if text and not text.startswith((":", "/", "@")):
            text = f":{text}"
        match = _LABEL.match(text)
        if not text or match is None:
            raise _no_label(text)
        if match["package"] is not None:
            repo = (match["repo"] or "").removeprefix("@")
            package = match["package"]
        name = (match["name"] or "").removeprefix(":") or package.rpartition("/")[2]
        if not _is_name(name) or (package and not _is_name(package)):
            raise _no_label(text)
        return cls(repo, package, name)

    def __str__(self) -> str:
        repo = f"@{self.repo}" if self.repo else ""
        return f"{repo}//{self.package}:{self.name}"

    @property
    def short(self) -> str:
        """How a person writes it on the command line: `greet` for the root's targets, else the whole label."""
        return self.name if not self.repo and not self.package else str(self)


def _is_name(text: str) -> bool:
    return bool(_NAME.match(text)) and not any(part in (".", "..") for part in text.split("/"))


def _no_label(text: str) -> ConfigError:
    return ConfigError(f"`{text}` is not a label", hint="write `:name`, `//folder:name` or `@stdlib//folder:name`")
