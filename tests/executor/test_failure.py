"""How a failed command is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from staticbuild.errors import Location, Problem
from staticbuild.executor.failure import failure
from staticbuild.graph.action import Action
from staticbuild.graph.label import Label
from staticbuild.program import render

SCRIPT = Action(Label("", "", "app"), "Run", ("sh", "-euc", "false"), (), (("out", "file"),), timeout=9)
OURS = replace(SCRIPT, mnemonic="Pack", argv=("python3", "-m", "staticbuild.packing.pack", "plan"))


def check(  # noqa: PLR0913, PLR0917 - what goes in and what must come out
    action: Any, status: Any, log: Any, message: Any, notes: Any, hint: Any = "keep"
) -> None:
    (problem,) = failure(action, status, log, "/log", "keep").problems
    assert (problem.message, problem.notes, problem.hint) == (message, tuple(notes), hint)


def test_a_script() -> None:
    check(SCRIPT, 2, "cc: no\n", "//:app: Run ended with exit code 2", ["cc: no"])


def test_silence() -> None:
    check(SCRIPT, -11, " \n", "//:app: Run was killed by signal 11", ["(it printed nothing)"])


def test_a_long_log_is_cut() -> None:
    lines = [str(number) for number in range(100)]
    notes = ["… 60 lines before: /log", *lines[60:]]
    check(SCRIPT, 1, "\n".join(lines), "//:app: Run ended with exit code 1", notes)


def test_a_time_limit() -> None:
    check(SCRIPT, None, "x", "//:app: Run took longer than 9 s", ["x"], "raise its `timeout`, or see what it waits for")


def test_our_own_program() -> None:
    log = "warning: w\nerror: two files are `a`\n --> a.py:3\nnote: one is here\nhint: rename one\n"
    notes = [" --> a.py:3", "one is here", "warning: w", "in //:app: Pack ended with exit code 1"]
    check(OURS, 1, log, "two files are `a`", notes, "rename one")


def test_all_problems_of_our_own_program() -> None:
    problems = (Problem("one", Location("a.py", 2, 7), None, "def f(:", ("n",)), Problem("two", hint="try"))
    interpreter = replace(OURS, argv=("dist/bin/python3.13", "-S", "-m", "staticbuild.packing.pack", "plan"))
    first, last = failure(interpreter, 1, "warning: w\n" + render(problems), "/log", "keep").problems
    assert first == problems[0]
    assert last == replace(problems[1], notes=("warning: w", "in //:app: Pack ended with exit code 1"))


def test_our_own_program_with_a_bug() -> None:
    log = "Traceback (most recent call last):\nKeyError: 1"
    check(OURS, 1, log, "//:app: Pack ended with exit code 1", log.splitlines())


def test_another_program_that_says_error() -> None:
    check(SCRIPT, 1, "error: x", "//:app: Run ended with exit code 1", ["error: x"])
