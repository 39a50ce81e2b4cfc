"""Decides which line is to blame: the innermost call that the user wrote, not the inside of a library function.

The evaluator tells lines only; columns come from the syntax tree of the file. Calls further out become notes.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from staticbuild.config import syntax
from staticbuild.config.failure import Failure, Frame
from staticbuild.config.syntax import Source
from staticbuild.errors import Location, Problem

LIBRARY: Final = "@stdlib//"
PRELUDE: Final = "builtin"  # as in `builtin.glob`, which is what `str(glob)` says
_MOST_NOTES: Final = 8


@dataclass(frozen=True, slots=True)
class CallSite:
    """The call that is to blame. `outer` is the call in the file that is being evaluated, `notes` tell the calls in between."""

    where: Location
    outer: Location
    notes: tuple[str, ...]
    source: Source | None
    call: ast.Call | None

    @property
    def callee(self) -> Location:
        """Where the name of what is called stands."""
        return self.source.location(self.call.func) if self.source and self.call else self.where

    def has(self, name: str) -> bool:
        """Whether the call writes the keyword argument `name` out."""
        return self.call is not None and syntax.find_keyword(self.call, name) is not None

    def argument(self, path: Sequence[str | int], parameters: Sequence[str] = ()) -> Location:
        """Where the part of the call that `path` leads to stands, or the call itself."""
        node = syntax.find_argument(self.call, path, parameters) if self.call else None
        return self.source.location(node) if self.source and node else self.where

    def argument_name(self, name: str) -> Location:
        """Where the name of the keyword argument stands, or the call itself."""
        keyword = syntax.find_keyword(self.call, name) if self.call else None
        return syntax.name_location(self.source, keyword) if self.source and keyword else self.where

    def problem(self, message: str, where: Location | None = None, hint: str | None = None) -> Problem:
        """A problem of this call, or of the part of it at `where`."""
        place = where or self.where
        return Problem(message, place, hint, self.source.line(place.line) if self.source else None, self.notes)


def call_site(
    frames: Sequence[Frame], callee: str, sources: Mapping[str, Source], keywords: Sequence[str] | None = None
) -> CallSite:
    """The call to blame for what `callee`, called by the last of `frames`, finds wrong. `keywords` are its arguments' names."""
    frames = [frame for frame in frames if frame.path != PRELUDE]
    if not frames:  # no rule or builtin can be called but by a file
        nowhere = Location("", 1)
        return CallSite(nowhere, nowhere, (), None, None)
    index = _blamed(frames)
    called = [*(frame.function for frame in frames[1:]), callee]
    direct = index == len(frames) - 1
    source = sources.get(frames[index].path)
    call = _find(source, frames[index], called[index], keywords if direct else None)
    where = _location(source, frames[index], call)
    outer = where
    if index:
        outer_source = sources.get(frames[0].path)
        outer = _location(outer_source, frames[0], _find(outer_source, frames[0], called[0], None))
    return CallSite(where, outer, _notes(frames, index), source, call)


def problem_of(failure: Failure, sources: Mapping[str, Source]) -> Problem:
    """`failure` as a problem of the user's line: what failed in a library is blamed on the call of it."""
    chain = list(failure.frames)
    where = failure.where
    if where is not None and (not chain or (chain[-1].path, chain[-1].line) != (where.path, where.line)):
        chain.append(Frame(where.path, where.line, _UNKNOWN))  # the body that failed; its name is not told
    shown = [frame for frame in chain if frame.path != PRELUDE]
    if not shown:
        return Problem(failure.message, where)
    index = _blamed(shown)
    blamed = shown[index]
    source = sources.get(blamed.path)
    if where is None or (where.path, where.line) != (blamed.path, blamed.line):
        inner = _last_index(chain, blamed) + 1
        callee = chain[inner].function if inner < len(chain) else _UNKNOWN
        where = _location(source, blamed, _find(source, blamed, callee, None))
    return Problem(failure.message, where, None, source.line(where.line) if source else None, _notes(shown, index))


_UNKNOWN: Final = "<unknown>"


def _last_index(chain: Sequence[Frame], frame: Frame) -> int:
    return max(index for index, each in enumerate(chain) if each is frame)


def _blamed(frames: Sequence[Frame]) -> int:
    """The innermost frame that is the user's; the innermost of all if none is."""
    for index in range(len(frames) - 1, -1, -1):
        if not frames[index].path.startswith(LIBRARY):
            return index
    return len(frames) - 1


def _find(source: Source | None, frame: Frame, callee: str, keywords: Sequence[str] | None) -> ast.Call | None:
    return syntax.find_call(source, frame.line, callee, keywords) if source else None


def _location(source: Source | None, frame: Frame, call: ast.Call | None) -> Location:
    if source is None:
        return Location(frame.path, frame.line)
    return source.location(call) if call else source.location_of_line(frame.line)


def _notes(frames: Sequence[Frame], index: int) -> tuple[str, ...]:
    """The calls inside of the blamed one, then the calls that led to it, innermost first."""
    inside = [
        f"at {frame.path}:{frame.line}" + ("" if frame.function.startswith("<") else f" in `{frame.function}`")
        for frame in reversed(frames[index + 1 :])
    ]
    outside = [
        f"called from {frame.path}:{frame.line}" + ("" if frame.function.startswith("<") else f" in `{frame.function}`")
        for frame in reversed(frames[:index])
    ]
    notes = (*inside, *outside)
    if len(notes) <= _MOST_NOTES:
        return notes
    half = _MOST_NOTES // 2
    return (*notes[:half], f"… {len(notes) - 2 * half} more calls …", *notes[-half:])
