"""Configs that crash, hang or mislead starlark-rust: a user sees a clear error, soon, whatever they write."""

from __future__ import annotations

import _thread
import os
import threading
import time
from collections.abc import Sequence

import pytest

from staticbuild.config.engine import Limits
from staticbuild.config.loader import Settings, Workspace
from staticbuild.errors import ConfigError
from tests.config.config_workspace import STDLIB, Texts, check_error, make_workspace, one_line, problems_of

DEEP = 100_000


def processor_time() -> float:
    """Of this process and of its children that have ended: what other work on this machine does not add to."""
    return sum(os.times()[:4])


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * DEEP,
        "x = " + "[" * DEEP + "]" * DEEP,
        "x = " + "{1: " * DEEP + "1" + "}" * DEEP,
        "x = " + "f(" * DEEP + ")" * DEEP,
        "x = " + "-" * DEEP + "1",
        "x = " + "not " * DEEP + "1",
        "x = " + "lambda: " * DEEP + "1",
        "x = " + "1 if 1 else " * DEEP + "1",
        "x = 1" + " + 1" * DEEP,
        "x = 1" + " or 1" * DEEP,
        "x = 1" + " < 1" * DEEP,
        "x = []" + ".a" * DEEP,
        "x = []" + "[0]" * DEEP,
        "x = []" + "()" * DEEP,
        "if 1:\n    pass\n" + "elif 1:\n    pass\n" * DEEP,
        "".join(" " * level + "if 1:\n" for level in range(300)) + " " * 300 + "pass\n",
        "x = " + "-" * DEEP + "1 1",
        "x = " + "[" * 2000 + "1" + "]" * 2000,
        "x = 1" + " + 1" * 2000,
    ],
    ids=lambda text: text[:14].replace("\n", "|"),
)
def test_absurd_nesting_is_refused(text: str) -> None:
    start = processor_time()
    (problem,) = problems_of(make_workspace(text))
    assert problem.message in ("this is nested too deeply", "unexpected `1`", "unexpected end of the line")
    assert problem.where is not None
    assert len(problem.source_line or "") <= 1000
    assert processor_time() - start < 10


def test_much_nesting_is_fine() -> None:
    text = "x = " + "[" * 190 + "]" * 190 + "\ny = 1" + " + 1" * 300 + "\n"
    assert not problems_of(make_workspace(text))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("for i in range(2000000000):\n    pass\n", 1),
        ("x = [0]\nfor i in range(2000000000):\n    x[0] += i\n", 2),
        ("def f():\n    for i in range(2000000000):\n        for j in range(i):\n            pass\nf()\n", 3),
        ("x = 1\ny = [i for i in range(2000000000) if i < 0]\n", 2),
        ("def f(n):\n    g = n\n    f(g + 1) if g < 900 else 0\n    f(g + 1) if g < 900 else 0\nf(0)\n", None),
    ],
)
def test_a_loop_without_end_is_stopped_by_the_same_step_on_every_host(text: str, line: int | None) -> None:
    (problem,) = problems_of(make_workspace(text, limits=Limits(steps=1_000_000)))
    assert problem.message == "this is still running after 1,000,000 steps: does it ever end?"
    assert problem.where is not None
    assert line is None or problem.where.line == line


def test_the_clock_stops_what_makes_few_but_slow_steps() -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 1
        return now

    files = {"": Texts({"staticbuild.bzl": "for i in range(2000000000):\n    pass\n"})}
    workspace = Workspace(files, [], Settings(""), limits=Limits(seconds=20), clock=clock)
    (problem,) = problems_of(workspace)
    assert problem.message == "this is still running after 20 seconds: does it ever end?"
    assert now < 30


def test_ctrl_c_stops_an_evaluation() -> None:
    workspace = make_workspace(
        "for i in range(2000000000):\n    for j in range(1000):\n        pass\n", limits=Limits(steps=10**15)
    )
    timer = threading.Timer(0.2, _thread.interrupt_main)
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        workspace.package("", "")
    assert time.monotonic() - start < 5
    timer.join()
    assert workspace.package("stdlib", "recipes")  # nothing is left of it


class RaisingFiles(Texts):
    def __init__(self, text: str, error: BaseException) -> None:
        super().__init__({"staticbuild.bzl": text})
        self.error = error

    def glob(self, package: str, include: Sequence[str], exclude: Sequence[str]) -> list[str]:  # noqa: ARG002
        raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), RuntimeError("a bug of ours")])
def test_what_is_no_fault_of_the_config_passes_through(error: BaseException) -> None:
    workspace = Workspace({"": RaisingFiles('x = glob(["*"])', error)}, [], Settings(""))
    with pytest.raises(type(error)) as caught:
        workspace.package("", "")
    assert caught.value is error


def test_an_error_of_the_files_points_to_the_glob() -> None:
    error = ConfigError("`data` cannot be read", hint="check its permissions")
    workspace = Workspace({"": RaisingFiles('x = glob(["*"])', error)}, [], Settings(""))
    assert [one_line(problem) for problem in problems_of(workspace)] == [
        "staticbuild.bzl:1:5: `data` cannot be read; check its permissions",
    ]


def test_a_file_whose_name_is_no_text() -> None:
    texts = {"staticbuild.bzl": 'x = glob(["*.dat"])\n', "a.dat": "", "b\udcff.dat": ""}
    check_error(texts, "staticbuild.bzl:1:5: `glob` found `b\\xff.dat`, whose name is not UTF-8; rename or exclude it")


def test_recursion_without_end() -> None:
    (problem,) = problems_of(make_workspace("def f():\n    f()\n\nf()\n"))
    assert one_line(problem) == (
        "staticbuild.bzl:2:5: calls are nested too deeply; "
        "does a function call itself for ever? at most 1000 calls can be under way"
    )
    assert "… 990 more calls …" in problem.notes
    assert len(problem.notes) < 10


def test_recursion_of_some_hundred_calls_is_fine() -> None:
    assert not problems_of(make_workspace("def f(n):\n    return 0 if n == 0 else f(n - 1)\n\nf(900)\n"))


@pytest.mark.parametrize("last", ["[i for i in range(300000)]", "glob", "struct(f = glob)", "range(3)", "lambda: 1", "1 << 30"])
def test_the_last_expression_of_a_file_is_nobodys_business(last: str) -> None:
    assert not problems_of(make_workspace(f"x = 1\n{last}"))


@pytest.mark.parametrize("build", ["x = [x]", "x = (x,)", "x = {1: x}", "x = struct(a = x)", "x = [[x], x]"])
def test_deep_data(build: str) -> None:
    assert not problems_of(make_workspace(f"x = []\nfor i in range({DEEP}):\n    {build}\n"))


def test_deep_data_given_to_a_rule() -> None:
    text = 'load("@stdlib//build.bzl", "everything")\nx = ""\nfor i in range(100000):\n    x = [x]\n'
    (problem,) = problems_of(make_workspace(f'{text}everything(name = "x", text = "", srcs = x)\n'))
    assert one_line(problem) == "staticbuild.bzl:5:42: `srcs[0]` wants a string, got list"


CONTROL = "inside a string, write an escape such as `\\n`"


@pytest.mark.parametrize(
    ("text", "place", "character", "hint"),
    [
        ("x = 1\ny = \0", "2:5", "U+0000", CONTROL),
        ("x = 1\ry = 2", "1:6", "U+000D", CONTROL),
        ('x = "\udc80"', "1:6", "U+DC80", "the file must be UTF-8 text"),
        ("x = 1 \x1b[31m", "1:7", "U+001B", CONTROL),
    ],
)
def test_characters_that_cannot_stand_in_a_config(text: str, place: str, character: str, hint: str) -> None:
    check_error(text, f"staticbuild.bzl:{place}: the character {character} cannot stand in a config file; {hint}")


@pytest.mark.parametrize("text", ["\ufeffx = 1\r\ny = [\r\n  2,\r\n]\r\n", "", "\n\n", "# only a comment", "x = 1\\\n + 2"])
def test_line_ends_and_byte_order_marks(text: str) -> None:
    assert not problems_of(make_workspace(text))


def test_a_text_that_is_too_long() -> None:
    (problem,) = problems_of(make_workspace("#" * 16_000_001))
    assert problem.message == "this file has 16,000,001 characters, of which at most 16,000,000 are read"


def test_a_long_chain_of_loads() -> None:
    texts = {f"f{i}.bzl": f'load(":f{i + 1}.bzl", "x{i + 1}")\nx{i} = x{i + 1}\n' for i in range(3000)}
    texts |= {"f3000.bzl": "x3000 = 1\n", "staticbuild.bzl": 'load(":f0.bzl", "x0")\nx0 == 1 or fail()\n'}
    assert not problems_of(make_workspace(texts))


def test_a_circle_of_many_files() -> None:
    texts = {f"f{i}.bzl": f'load(":f{(i + 1) % 9}.bzl", "x")\nx = 1\n' for i in range(9)}
    texts["staticbuild.bzl"] = 'load(":f3.bzl", "x")\n'
    (problem,) = problems_of(make_workspace(texts))
    assert one_line(problem) == "f2.bzl:1:6: files load each other in a circle"
    assert problem.notes[0] == "`f3.bzl` loads `f4.bzl`"
    assert problem.notes[-1] == "`f2.bzl` loads `f3.bzl`"


def test_print_goes_where_it_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    printed: list[str] = []
    workspace = make_workspace('def f(x):\n    print("x is", x, sep = "=")\n\nf([1, "a"])\nprint()\n', printed=printed)
    workspace.package("", "")
    assert printed == ['staticbuild.bzl:2:5: x is=[1, "a"]', "staticbuild.bzl:5:1: "]
    assert capfd.readouterr() == ("", "")


def test_nothing_of_an_error_reaches_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    check_error(
        'json.decode("1e400")', "staticbuild.bzl:1:1: `json.decode`: `1e400` is no whole number: config files have no floats"
    )
    problems_of(make_workspace("x = [1] * 3\nfail(x)"))
    assert capfd.readouterr() == ("", "")


def test_workspaces_are_freed() -> None:
    """Modules and callables refer to each other, unseen by Python's garbage collector."""
    import gc
    import weakref

    workspace = make_workspace({"staticbuild.bzl": 'x = glob(["*"])\nprint(config.var("A", "b"))\n'} | STDLIB)
    workspace.package("", "")
    interpreter = weakref.ref(workspace._evaluator._interpreter)
    assert interpreter() is not None
    del workspace
    gc.collect()
    assert interpreter() is None


def test_a_thousand_targets_take_less_than_two_seconds() -> None:
    lines = ['load("@stdlib//python.bzl", "python_executable")']
    lines += [
        f'python_executable(\n    name = "app{i}",\n    dist = ":dist",\n    resources = [":r{i}", ":s{i}"],\n'
        f'    entry_point = "app{i}.cli:main",\n    optimize = 2,\n)'
        for i in range(1000)
    ]
    workspace = make_workspace("\n".join(lines))
    start = processor_time()
    assert len(workspace.package("", "")) == 1000
    assert processor_time() - start < 2
