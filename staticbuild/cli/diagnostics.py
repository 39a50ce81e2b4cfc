"""Draws problems: the sentence, the place, the source line with carets, what to try. Knows nothing of where they come from.

    error: `python_executable` has no attribute `optimise`
      --> staticbuild.bzl:12:5
       |
    12 |     optimise = 2,
       |     ^^^^^^^^
       = called from staticbuild.bzl:20
    hint: did you mean `optimize`?

Colour only repeats what the text says. Columns are cells of the terminal: wide characters take two, tabs are widened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from staticbuild.errors import Location, Problem, StaticbuildError

_TAB = "    "
_WIDTH = 160  # where there is no terminal that says
_NARROWEST = 40
_CONTEXT = 0.4  # of a line that is cut, this much is shown before the marked part


def show(error: StaticbuildError, console: Console | None = None) -> None:
    """Print all problems of an error to standard error."""
    console = console or Console(stderr=True, highlight=False, soft_wrap=True)
    for index, problem in enumerate(error.problems):
        if index:
            console.print()
        console.print(draw(problem, console.width if console.is_terminal else _WIDTH), soft_wrap=True)


def draw(problem: Problem, width: int = _WIDTH) -> Text:
    """A problem as lines of styled text; `.plain` is the same without colour. Source lines are cut to `width` cells."""
    return Text("\n").join(_lines(problem, width))


def _lines(problem: Problem, width: int) -> Iterator[Text]:
    first, *rest = _visible(problem.message).split("\n")
    yield Text.assemble(("error", "bold red"), (f": {first}", "bold"))
    for line in rest:
        yield Text(f"       {line}", "bold")
    margin = ""
    if problem.where is not None:
        number = str(problem.where.line)
        margin = " " * len(number)
        yield Text.assemble((f"{margin}--> ", "blue"), _visible(str(problem.where)))
        if problem.source_line is not None:
            view = _view(problem.source_line, problem.where, max(width - len(number) - 3, _NARROWEST))
            yield Text(f"{margin} |", "blue")
            yield Text.assemble((f"{number} | ", "blue"), view.text)
            yield Text.assemble((f"{margin} | ", "blue"), " " * view.start, ("^" * view.length, "bold red"))
    for note in problem.notes:
        yield Text.assemble((f"{margin} = ", "blue"), _visible(note).replace("\n", f"\n{margin}   "))
    if problem.hint:
        yield Text.assemble(("hint", "bold cyan"), f": {_visible(problem.hint)}")


@dataclass(frozen=True, slots=True)
class _View:
    """The part of a source line that is shown, and the cells in it that are marked."""

    text: str
    start: int
    length: int


def _view(line: str, where: Location, width: int) -> _View:
    """The line, cut around what `where` marks if it is longer than `width` cells."""
    line = line.rstrip()
    end_column = where.end_column if where.end_column is not None else where.column + 1
    if where.end_line is not None and where.end_line > where.line:
        end_column = len(line) + 1  # the rest is on lines that are not shown
    start = min(max(where.column - 1, 0), len(line))
    end = min(max(end_column - 1, start), len(line))
    before, marked, after = (_visible(part) for part in (line[:start], line[start:end], line[end:]))
    if cell_len(before) + cell_len(marked) + cell_len(after) > width:
        before = _last_cells(before, int(width * _CONTEXT))
        marked = _first_cells(marked, width - cell_len(before))
        after = _first_cells(after, width - cell_len(before) - cell_len(marked))
    return _View(f"{before}{marked}{after}", cell_len(before), max(1, cell_len(marked)))


def _first_cells(text: str, width: int) -> str:
    """As much of the start of `text` as fits, with a mark where it is cut."""
    if cell_len(text) <= width:
        return text
    taken, used = [], 1
    for character in text:
        used += cell_len(character)
        if used > width:
            break
        taken.append(character)
    return "".join(taken) + "…"


def _last_cells(text: str, width: int) -> str:
    """As much of the end of `text` as fits, with a mark where it is cut."""
    if cell_len(text) <= width:
        return text
    taken, used = [], 1
    for character in reversed(text):
        used += cell_len(character)
        if used > width:
            break
        taken.append(character)
    return "…" + "".join(reversed(taken))


def _visible(text: str) -> str:
    """`text` with tabs widened, and with control characters spelt out, so that none reaches the terminal."""
    text = text.replace("\r\n", "\n").replace("\t", _TAB)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(character if character == "\n" or character.isprintable() else _escape(character) for character in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
