"""What the evaluator's text says: the sentence, the place and the calls that led there. Knows only that text's format.

starlark-pyo3 tells of errors in text alone: a traceback (if there were calls), the message, the place and the source line.

    Traceback (most recent call last):
      * staticbuild.bzl:2, in <module>
          foo([1])
    error: Index `3` is out of bound
     --> lib.bzl:1:20
      |
    1 | def foo(a): return a[3]
      |                    ^^^^
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from staticbuild.errors import Location


@dataclass(frozen=True, slots=True)
class Frame:
    """One call under way: the call stands on `line` of `path`, in the body of `function` (`<module>` at the top)."""

    path: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Failure:
    """One error. `frames` has the outermost call first; `cause` is the exception of ours that started it, if one did."""

    message: str
    where: Location | None
    frames: tuple[Frame, ...] = ()
    cause: BaseException | None = None


def parse_failure(text: str, path: str) -> Failure:
    """The failure that `text` tells of; `path` is the file if it does not say."""
    lines = text.split("\n")
    frames, rest = _frames(lines)
    # The message may hold anything, also lines that look like a place: the last one is real.
    end = next((index for index in range(len(rest) - 1, -1, -1) if _PLACE.match(rest[index])), None)
    message = "\n".join(rest[:end]).strip().removeprefix("error: ")
    where = _place(rest[end], rest[end + 1 :]) if end is not None else None
    if where is None and not frames:
        where = Location(path, 1)
    return Failure(message, where, frames)


def parse_call_stack(text: str) -> tuple[Frame, ...]:
    """The frames that Starlark's `call_stack()` tells of."""
    return _frames(text.split("\n"))[0]


_HEAD: Final = "Traceback (most recent call last):"
_FRAME: Final = re.compile(r"  \* (?P<path>.+?):(?P<line>[0-9]+), in (?P<function>.*)\Z")
_BUILTIN: Final = re.compile(r"  File <builtin>, in .*\Z")
_PLACE: Final = re.compile(r" *--> (?P<path>.+?):(?P<line>[0-9]+):(?P<column>[0-9]+)\Z")
_NUMBERED: Final = re.compile(r" *(?P<line>[0-9]+) \|")
_CARETS: Final = re.compile(r" *\| +(?P<carets>\^+)\Z")
_LAST_CARET: Final = re.compile(r" *\| \|(?P<line>_+)\^\Z")


def _frames(lines: Sequence[str]) -> tuple[tuple[Frame, ...], Sequence[str]]:
    """The frames at the head of `lines`, and what follows."""
    if not lines or lines[0] != _HEAD:
        return (), lines
    frames = []
    index = 1
    while index < len(lines):
        match = _FRAME.match(lines[index])
        if match:
            frames.append(Frame(match["path"], int(match["line"]), match["function"]))
            index += 2  # the source line stands below
        elif _BUILTIN.match(lines[index]):
            index += 1
        else:
            break
    return tuple(frames), lines[index:]


def _place(line: str, drawing: Sequence[str]) -> Location | None:
    """The place and, as far as the drawing below shows it, its end."""
    match = _PLACE.match(line)
    if match is None:
        return None
    start, column = int(match["line"]), int(match["column"])
    end_line = start
    for row in drawing:
        if numbered := _NUMBERED.match(row):
            end_line = max(end_line, int(numbered["line"]))
        elif carets := _CARETS.match(row):
            return Location(match["path"], start, column, start, column + len(carets["carets"]))
        elif last := _LAST_CARET.match(row):
            return Location(match["path"], start, column, end_line, len(last["line"]) + 1)
    return Location(match["path"], start, column, start, column + 1)
