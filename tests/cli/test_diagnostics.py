"""How problems are drawn: legible without colour, carets under what they mean whatever stands before them."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from staticbuild.cli.diagnostics import draw, show
from staticbuild.errors import ConfigError, Location, Problem


def drawn(line: str, column: int, end: int, width: int = 160) -> list[str]:
    """The source line and the line of carets, without margin."""
    problem = Problem("wrong", Location("a.bzl", 7, column, 7, end), None, line)
    return [row[4:] for row in draw(problem, width).plain.split("\n")[3:]]


def test_everything_at_once() -> None:
    problem = Problem(
        "`python_executable` has no attribute `optimise`",
        Location("staticbuild.bzl", 12, 5, 12, 13),
        "did you mean `optimize`?",
        "    optimise = 2,",
        ("called from staticbuild.bzl:20", "called from staticbuild.bzl:31"),
    )
    assert draw(problem).plain == (
        "error: `python_executable` has no attribute `optimise`\n"
        "  --> staticbuild.bzl:12:5\n"
        "   |\n"
        "12 |     optimise = 2,\n"
        "   |     ^^^^^^^^\n"
        "   = called from staticbuild.bzl:20\n"
        "   = called from staticbuild.bzl:31\n"
        "hint: did you mean `optimize`?"
    )


def test_a_problem_without_a_place() -> None:
    assert draw(
        Problem("there is no `staticbuild.bzl`", hint="`staticbuild init` writes one", notes=("looked in /a",))
    ).plain == ("error: there is no `staticbuild.bzl`\n = looked in /a\nhint: `staticbuild init` writes one")


def test_a_place_without_its_source_line() -> None:
    assert draw(Problem("bad", Location("a.lock", 3))).plain == "error: bad\n --> a.lock:3:1"


def test_a_message_of_several_lines() -> None:
    assert draw(Problem("one\ntwo", notes=("a\nb",))).plain == "error: one\n       two\n = a\n   b"


@pytest.mark.parametrize(
    ("line", "column", "end", "expected"),
    [
        ("x = yy", 5, 7, ["x = yy", "    ^^"]),
        ("x = yy", 5, 5, ["x = yy", "    ^"]),
        ("x = ", 5, 6, ["x =", "   ^"]),
        ("", 1, 2, ["", "^"]),
        ("\tx = y", 2, 3, ["    x = y", "    ^"]),
        ("x\t= y", 5, 6, ["x    = y", "       ^"]),
        ('"é" + y', 7, 8, ['"é" + y', "      ^"]),
        ('"日本" + y', 8, 9, ['"日本" + y', "         ^"]),
        ('"日本" + y', 1, 5, ['"日本" + y', "^^^^^^"]),
        ('"😀" + y', 7, 8, ['"😀" + y', "       ^"]),
        ("a\u200bb = c", 4, 5, ["a\\u200bb = c", "        ^"]),
        ("x = y\r", 5, 6, ["x = y", "    ^"]),
        ("short", 90, 95, ["short", "     ^"]),
    ],
)
def test_carets_stand_under_what_they_mean(line: str, column: int, end: int, expected: list[str]) -> None:
    assert drawn(line, column, end) == expected


def test_what_goes_on_in_the_next_lines_is_marked_to_the_end_of_the_first() -> None:
    problem = Problem("bad", Location("a", 1, 5, 3, 2), None, "x = f(")
    assert draw(problem).plain.split("\n")[3:] == ["1 | x = f(", "  |     ^^"]


def test_long_lines_are_cut_around_what_is_marked() -> None:
    line = "a" * 500 + "XYZ" + "b" * 500
    assert drawn(line, 501, 504, width=44) == [
        "…" + "a" * 15 + "XYZ" + "b" * 20 + "…",
        " " * 16 + "^^^",
    ]


def test_long_lines_are_cut_where_too_much_is_marked() -> None:
    shown, carets = drawn("x = " + "日" * 500, 5, 505, width=44)
    assert shown == "x = " + "日" * 17 + "…"
    assert carets == "    " + "^" * 35


def test_a_cut_line_never_is_wider_than_the_terminal() -> None:
    for column in range(1, 300, 7):
        shown, _ = drawn("日a" * 150, column, column + 20, width=60)
        assert Console(width=200).measure(shown).maximum <= 56


def test_control_characters_are_spelt_out() -> None:
    problem = Problem("a\x1b[31mb", Location("a", 1), "c\x07", "x = \x1b]0;title\x07", ("d\x9b",))
    plain = draw(problem).plain
    assert plain.replace("\n", "").isprintable()
    assert "a\\x1b[31mb" in plain
    assert "x = \\x1b]0;title\\x07" in plain


def test_all_problems_of_an_error_are_shown() -> None:
    error = ConfigError.of([Problem("one", Location("a", 1), "[bold]not markup[/bold]"), Problem("two")])
    console = Console(file=io.StringIO(), width=80, color_system=None)
    show(error, console)
    assert console.file.getvalue() == (  # type: ignore[attr-defined]
        "error: one\n --> a:1:1\nhint: [bold]not markup[/bold]\n\nerror: two\n"
    )


def test_nothing_is_wrapped() -> None:
    console = Console(file=io.StringIO(), width=30, color_system=None)
    show(ConfigError("a sentence that is longer than the narrow terminal is wide"), console)
    assert console.file.getvalue().count("\n") == 1  # type: ignore[attr-defined]
