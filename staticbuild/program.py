"""What the programs inside of actions share: how each ends, and the text in which it tells its problems.

Knows both sides of that text: a program writes it to its standard error, and the executor reads it in the action's log. It
looks as the command line draws problems, so that a log reads well on its own:

    error: invalid syntax
     --> src/greet/cli.py:2:7
      |
    2 | def f(:
      |       ^
    note: more
    hint: what to try

A line that begins with a tab goes on with the text of the line before it. A warning is a line of another kind, since compilers
write some, too. Knows nothing of actions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from staticbuild.errors import Location, Problem, StaticbuildError

# The exit code of a program that has told its problems.
PROBLEMS = 1

_ERROR, _PLACE, _NOTE, _HINT = "error: ", " --> ", "note: ", "hint: "
_WARNING, _HINT_BEHIND = "staticbuild: warning: ", " // hint: "
_LOCATION = re.compile(r"(?P<path>.*):(?P<line>[0-9]{1,9}):(?P<column>[0-9]{1,5})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Told:
    """What a log tells: at least one problem, and the lines before the first one."""

    problems: tuple[Problem, ...]
    before: tuple[str, ...]


def run(work: Callable[[], None], stderr: TextIO) -> int:
    """Do `work`; returns the exit code. What is wrong outside of our code is told on `stderr`; a bug is a traceback."""
    try:
        work()
    except StaticbuildError as error:
        problems = error.problems
    except OSError as error:
        # A full disk, a file that is not there.
        what = f": `{error.filename}`" if error.filename else ""
        problems = (Problem(f"{error.strerror or error}{what}"),)
    else:
        return 0
    stderr.write(render(problems))
    return PROBLEMS


def warning(message: str, hint: str = "") -> str:
    """The line of a log that has a person warned of `message`."""
    return f"{_WARNING}{message}{_HINT_BEHIND if hint else ''}{hint}\n"


def warnings(log: str) -> Iterator[tuple[str, str]]:
    """What `warning` wrote into `log`: messages and hints."""
    for line in log.splitlines():
        if line.startswith(_WARNING):
            message, _, hint = line.removeprefix(_WARNING).partition(_HINT_BEHIND)
            yield message, hint


def render(problems: Iterable[Problem]) -> str:
    """The text of `problems`. Where a place ends is not told, only where it begins."""
    lines = (line for problem in problems for line in _lines(problem))
    return "".join(line.replace("\n", "\n\t") + "\n" for line in lines)


def _lines(problem: Problem) -> list[str]:
    lines = [_ERROR + problem.message]
    if problem.where is not None:
        lines.append(_PLACE + str(problem.where))
        if problem.source_line is not None:
            lines += _drawing(problem.where, problem.source_line)
    lines += [_NOTE + note for note in problem.notes]
    if problem.hint is not None:
        lines.append(_HINT + problem.hint)
    return lines


def _drawing(where: Location, source_line: str) -> list[str]:
    margin = " " * len(str(where.line))
    return [f"{margin} |", f"{where.line} | {source_line}", f"{margin} | {' ' * (where.column - 1)}^"]


def parse(log: str) -> Told | None:
    """What `render` wrote into `log`, None if it wrote nothing or the program had a bug. Any other line is a note."""
    lines = _joined(log)
    starts = [index for index, line in enumerate(lines) if line.startswith(_ERROR)]
    if not starts or any(line.startswith("Traceback ") for line in lines):
        return None
    ends = [*starts[1:], len(lines)]
    problems = tuple(_problem(lines[start:end]) for start, end in zip(starts, ends, strict=True))
    return Told(problems, tuple(line.rstrip() for line in lines[: starts[0]]))


def _joined(log: str) -> list[str]:
    """The lines of `log` that are not blank, each with those that go on with it."""
    # Not splitlines(): a text may hold other characters that end a line for Python.
    return [line.replace("\n\t", "\n") for line in re.split(r"\n(?!\t)", log) if line.strip()]


def _problem(lines: Sequence[str]) -> Problem:
    where, source_line, rest = _place(lines[1:])
    notes: list[str] = []
    hint: str | None = None
    for line in rest:
        if hint is None and line.startswith(_HINT):
            hint = line.removeprefix(_HINT)
        else:
            notes.append(line.removeprefix(_NOTE) if line.startswith(_NOTE) else line.rstrip())
    return Problem(lines[0].removeprefix(_ERROR), where, hint, source_line, tuple(notes))


def _place(lines: Sequence[str]) -> tuple[Location | None, str | None, Sequence[str]]:
    """The place and the source line that `lines` begin with, as far as they do, and what follows."""
    match = _LOCATION.fullmatch(lines[0].removeprefix(_PLACE)) if lines and lines[0].startswith(_PLACE) else None
    if match is None:
        return None, None, lines
    where = Location(match["path"], int(match["line"]), int(match["column"]))
    drawn = lines[1:4]
    source_line = drawn[1].removeprefix(f"{where.line} | ") if len(drawn) > 1 else ""
    if drawn == _drawing(where, source_line):
        return where, source_line, lines[4:]
    return where, None, lines[1:]
