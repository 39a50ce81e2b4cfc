"""What a config asks while it is evaluated, and what it is told. Knows nothing of who answers, or how that is found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from staticbuild.graph.label import Label
from staticbuild.graph.target import Target


@dataclass(frozen=True, slots=True)
class Contents:
    """Which resources has the target `of` (resources, or the distribution itself for its standard library)?

    `targets` are those declared so far, among which `of` and `dist` are. The answer is a tuple of `Item`s.
    """

    targets: tuple[Target, ...]
    of: Label
    dist: Label
    include_test: bool = False


@dataclass(frozen=True, slots=True)
class SourceText:
    """What is the source of the module at `path` of the target `of`? The answer is a string."""

    targets: tuple[Target, ...]
    of: Label
    dist: Label
    path: str
    include_test: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One resource: a module or package, an extension module, or a file, by name and by its path in the executable."""

    kind: Literal["module", "package", "extension", "file"]
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What does the person at the terminal say? The answer is a string or a bool, None if there is nobody to ask."""

    kind: Literal["confirm", "input", "password", "possible"]
    text: str = ""
    default: str | bool | None = None
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class ReadText:
    """What does a file hold, named by an absolute path? The answer is a string, None if there is no such file."""

    path: str


@dataclass(frozen=True, slots=True)
class ListFiles:
    """Which files are there that match, each an absolute glob? The answer is a sorted tuple of absolute paths."""

    patterns: tuple[str, ...]


Question = Contents | SourceText | Prompt | ReadText | ListFiles
Ask = Callable[[Question], Any]
