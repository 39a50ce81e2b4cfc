"""Draws problems: the sentence, the place, the source line with carets, what to try. Legible without colour."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from staticbuild.errors import Problem, StaticbuildError

_TAB = "    "
_WIDEST_LINE = 160


def show(error: StaticbuildError, console: Console | None = None) -> None:
    """Print all problems of an error to standard error."""
    console = console or Console(stderr=True, highlight=False, soft_wrap=True)
    for index, problem in enumerate(error.problems):
        if index:
            console.print()
        console.print(draw(problem))


def draw(problem: Problem) -> Text:
    """A problem as lines of styled text; `.plain` is the same without colour."""
    return Text("\n").join(_lines(problem))


def _lines(problem: Problem) -> Iterator[Text]:
    yield Text.assemble(("error", "bold red"), (f": {problem.message}", "bold"))
    where = problem.where
    if where is not None:
        margin = " " * len(str(where.line))
        yield Text.assemble((f"{margin}--> ", "blue"), str(where))
        if problem.source_line is not None:
            yield Text(f"{margin} |", "blue")
            line, pad, width = _marked(problem.source_line, where.column, _end(problem))
            yield Text.assemble((f"{where.line} | ", "blue"), line)
            yield Text.assemble((f"{margin} | ", "blue"), (" " * pad + "^" * width, "bold red"))
    for note in problem.notes:
        yield Text(f"  = {note}" if where is not None else f"  {note}")
    if problem.hint:
        yield Text.assemble(("hint", "bold cyan"), f": {problem.hint}")


def _end(problem: Problem) -> int | None:
    """The column behind the marked part, None for all the rest of the line."""
    where = problem.where
    if where is None or where.end_column is None:
        return where.column + 1 if where else None
    return where.end_column if where.end_line in (None, where.line) else None


def _marked(source: str, column: int, end: int | None) -> tuple[str, int, int]:
    """The line as it is shown, the cells before the carets, and how many carets: wide characters take two cells, tabs four."""
    source = source.rstrip()
    last = len(source) + 1 if end is None else end
    start = 0
    if len(source) > _WIDEST_LINE:
        start = max(0, min(column - 40, len(source) - _WIDEST_LINE))
    before = _expanded(source[start : column - 1])
    marked = _expanded(source[column - 1 : last - 1])
    shown = _expanded(source[start : start + _WIDEST_LINE])
    prefix = "…" if start else ""
    suffix = "…" if start + _WIDEST_LINE < len(source) else ""
    width = max(1, min(cell_len(marked), _WIDEST_LINE - cell_len(before)))
    return f"{prefix}{shown}{suffix}", cell_len(before) + len(prefix), width


def _expanded(text: str) -> str:
    return text.replace("\t", _TAB)
