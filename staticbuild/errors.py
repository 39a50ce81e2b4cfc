"""What can go wrong, and whose problem it is. Knows nothing of how an error is shown.

Every error that a user can cause is a `StaticbuildError`; anything else is our bug and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a config file. Lines and columns count from 1; a column counts characters."""

    path: str
    line: int
    column: int = 1
    end_line: int | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the sentence, where it is, what to try, and the source line it is about."""

    message: str
    where: Location | None = None
    hint: str | None = None
    source_line: str | None = None
    notes: tuple[str, ...] = ()


class StaticbuildError(Exception):
    """The base of all errors whose cause is outside of staticbuild's code.

    `problems` holds at least one `Problem`; a file's problems are gathered before the error is raised.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        where: Location | None = None,
        hint: str | None = None,
        source_line: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.problems: tuple[Problem, ...] = (Problem(message, where, hint, source_line, notes),)

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> Self:
        """One error that holds all of `problems`, of which there is at least one."""
        error = cls(problems[0].message)
        error.problems = tuple(problems)
        return error

    @classmethod
    def raise_all(cls, problems: Sequence[Problem]) -> None:
        """Raise one error that holds all of `problems`; do nothing if there are none."""
        if problems:
            raise cls.of(problems)

    @property
    def message(self) -> str:
        """The first problem's sentence."""
        return self.problems[0].message


class ConfigError(StaticbuildError):
    """The user's build file, lock file or command line is wrong."""

    exit_code = 2


class ActionError(StaticbuildError):
    """A command of the build failed; the message says which, the notes how it ended and how to run it again."""


class SourceError(StaticbuildError):
    """A pinned source could not be had: no place has it, or what came had another digest."""


class ToolchainError(StaticbuildError):
    """This host lacks something: what was looked for, and the command that brings it."""

    exit_code = 3


class FormatError(StaticbuildError):
    """Bytes that do not parse as what they claim to be (an archive, a wheel, a blob, a cache record)."""


class InterruptedBuildError(StaticbuildError):
    """The user stopped the build; what was finished is kept."""

    exit_code = 130
