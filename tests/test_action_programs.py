"""What programs inside of actions tell is read back as it was."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import ActionError, Location, Problem, StaticbuildError
from staticbuild.program import Told, parse, render, run, warning, warnings

# Everything that a log can hold; half of it looks like the form itself.
TEXTS = st.text(st.sampled_from(" \t\n\r\x0b\u2028|^:>-1aé")) | st.sampled_from(
    ["error: x", "\nhint: y", " --> a:1:1", "Traceback "]
)
PLACES = st.builds(Location, TEXTS, st.integers(1, 20_000), st.integers(1, 300))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    where = draw(st.none() | PLACES)
    source_line = draw(st.none() | TEXTS) if where else None
    return Problem(draw(TEXTS), where, draw(st.none() | TEXTS), source_line, tuple(draw(st.lists(TEXTS, max_size=3))))


@given(st.lists(problems(), min_size=1, max_size=4))
def test_what_was_told_is_read(told: list[Problem]) -> None:
    assert parse(render(told)) == Told(tuple(told), ())


@given(TEXTS | st.lists(TEXTS).map("\n".join))
def test_any_log_is_read(log: str) -> None:
    told = parse(log)
    assert told is None or told.problems


def test_how_it_looks() -> None:
    problem = Problem("two\nlines", Location("a.py", 12, 3), "try", "x y", ("one", "two"))
    text = "error: two\n\tlines\n --> a.py:12:3\n   |\n12 | x y\n   |   ^\nnote: one\nnote: two\nhint: try\n"
    assert render([problem]) == text
    assert parse("before\n" + text + "after\n") == Told(
        (Problem(problem.message, problem.where, "try", "x y", ("one", "two", "after")),), ("before",)
    )


def test_a_bug_is_no_problem() -> None:
    assert parse("error: x\nTraceback (most recent call last):\nKeyError: 1\n") is None
    assert parse("warning: x\n") is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (None, ""),
        (ActionError.of([Problem("one"), Problem("two", hint="h")]), "error: one\nerror: two\nhint: h\n"),
        (FileNotFoundError(2, "No such file or directory", "x"), "error: No such file or directory: `x`\n"),
        (OSError("odd"), "error: odd\n"),
    ],
)
def test_how_a_program_ends(error: StaticbuildError | OSError | None, told: str) -> None:
    def work() -> None:
        if error is not None:
            raise error

    stderr = io.StringIO()
    assert run(work, stderr) == bool(told)
    assert stderr.getvalue() == told


def test_a_bug_is_not_caught() -> None:
    def work() -> None:
        raise KeyError(1)

    with pytest.raises(KeyError):
        run(work, io.StringIO())


def test_warnings_are_told_apart_from_those_of_compilers() -> None:
    log = "warning: unused\n" + warning("slow", "try this") + "a.c:1: warning: x\n" + warning("odd")
    assert list(warnings(log)) == [("slow", "try this"), ("odd", "")]
