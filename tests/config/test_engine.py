"""The seam to starlark-pyo3, and the text that it tells errors in."""

from __future__ import annotations

import sys

import pytest

from staticbuild.config.engine import Engine, EvaluationError, Limits
from staticbuild.config.failure import Failure, Frame, parse_call_stack, parse_failure
from staticbuild.errors import Location, ToolchainError
from tests.config.config_workspace import check_error


def failure_of(text: str) -> Failure:
    engine = Engine(Limits())
    with pytest.raises(EvaluationError) as caught:
        engine.evaluate(engine.parse("a.bzl", text))
    return caught.value.failure


def test_a_failure_without_calls() -> None:
    assert failure_of("x = 1\ny = 'é' + zebra") == Failure("Variable `zebra` not found", Location("a.bzl", 2, 11, 2, 16))


def test_a_failure_within_calls() -> None:
    failure = failure_of("def f(x):\n    y = x\n    return y[3]\n\nf([f])\n")
    assert failure.message == "Index `3` is out of bound"
    assert failure.where == Location("a.bzl", 3, 12, 3, 16)
    assert failure.frames == (Frame("a.bzl", 5, "<module>"),)


def test_a_failure_of_several_lines() -> None:
    failure = failure_of("x = (\n  1 +\n  'a'\n)")
    assert failure.where is not None
    assert (failure.where.line, failure.where.column, failure.where.end_line) == (2, 3, 3)


def test_a_message_that_looks_like_a_place() -> None:
    failure = failure_of('fail("x --> y.bzl:3:4\\n --> y.bzl:3:4")')
    assert failure.message == "fail: x --> y.bzl:3:4\n --> y.bzl:3:4"
    assert failure.where == Location("a.bzl", 1, 1, 1, 40)


HEAD = "Traceback (most recent call last):"


@pytest.mark.parametrize("text", ["", "error: ", HEAD, f"{HEAD}\n  * a", "\n --> "])
def test_a_text_of_another_form_still_is_a_failure(text: str) -> None:
    assert parse_failure(text, "a.bzl").where == Location("a.bzl", 1)


def test_the_call_stack() -> None:
    text = f"{HEAD}\n  * a.bzl:10, in <module>\n      [f(i) for i in x]\n  * @b//c.bzl:6, in f\n      g(\n"
    assert parse_call_stack(text) == (Frame("a.bzl", 10, "<module>"), Frame("@b//c.bzl", 6, "f"))


def test_a_panic_is_an_error_like_any_other(capfd: pytest.CaptureFixture[str]) -> None:
    check_error("x = list(range(2000000000))", "staticbuild.bzl:1:1: evaluating this takes more memory than there is")
    capfd.readouterr()  # in this process, nothing can keep Rust from saying so; `config.isolation` does


def test_a_host_without_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "starlark", None)
    with pytest.raises(ToolchainError) as caught:
        Engine(Limits())
    (problem,) = caught.value.problems
    assert problem.hint == "install it with `pip install starlark-pyo3`"
    assert "Linux with glibc" in problem.notes[1]
