"""Evaluating in a child process: the same answers, and an error instead of a crash for what takes too much."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from functools import partial

import pytest

from staticbuild.config.engine import Limits
from staticbuild.config.isolation import Answer, in_asking_child, in_child
from staticbuild.errors import ConfigError, Location, ToolchainError
from staticbuild.graph.label import Label
from tests.config.config_workspace import Texts, make_workspace, one_line, problems_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a safe fork and RLIMIT_AS")

# Less memory than in production, so that the tests are quick.
isolate = partial(in_child, memory=2**28)


def test_targets_are_the_same() -> None:
    text = """\
load("@stdlib//python.bzl", "python_executable")
load("@stdlib//build.bzl", "everything")
python_executable(name = "x", resources = [":y", "//tools"])
everything(name = "z", text = config.var("A"), env = {"b": "1", "a": "2"}, places = [{"place": "p"}], srcs = glob(["*.bzl"]))
"""
    inside = make_workspace(text, variables={"A": "1"}, isolate=isolate)
    outside = make_workspace(text, variables={"A": "1"})
    assert inside.package("", "") == outside.package("", "")
    assert inside.reads("", "") == outside.reads("", "")
    with pytest.raises(TypeError):
        inside.target(Label.parse("z")).attributes["env"]["a"] = "3"  # type: ignore[index]


def test_problems_and_prints_are_the_same() -> None:
    printed: list[str] = []
    workspace = make_workspace('print("before")\nx = nothing\n', printed=printed, isolate=isolate)
    (problem,) = problems_of(workspace)
    assert one_line(problem) == "staticbuild.bzl:2:5: `nothing` is not defined"
    assert problem.source_line == "x = nothing"
    workspace = make_workspace('print("before")\nx = 1\nfail(x)', printed=printed, isolate=isolate)
    assert [one_line(problem) for problem in problems_of(workspace)] == ["staticbuild.bzl:3:1: 1"]
    assert printed == ["staticbuild.bzl:1:1: before"]


@pytest.mark.parametrize(
    "text",
    [
        "x = [0]\nfor i in range(100):\n    x = x + x",
        "x = 'a'\nfor i in range(100):\n    x = x + x",
        "x = [0] * 2000000000",
        "x = 'a' * 2000000000",
        "x = list(range(2000000000))",
        "x = [i for i in range(1000000000)]",
        "x = ','.join(['a' * 1000000] * 1000000)",
        "x = sorted(range(2000000000))",
        "x = ('a' * 100000000).replace('a', 'bbbbbbbbbb')",
        "x = []\nfor i in range(1000000000):\n    x.append(str(i))",
    ],
)
def test_a_config_that_wants_all_memory(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    (problem,) = problems_of(make_workspace(text, limits=Limits(steps=10**12), isolate=isolate))
    assert problem.where is not None
    assert problem.where.path == "staticbuild.bzl"
    assert "memory" in problem.message
    assert capfd.readouterr() == ("", "")


def test_a_builtin_that_no_poll_interrupts() -> None:
    workspace = make_workspace(
        "x = 10\nfor i in range(50):\n    x = x * x", isolate=partial(in_child, memory=2**32, seconds=1.0)
    )
    start = time.monotonic()
    assert [one_line(problem) for problem in problems_of(workspace)] == [
        "staticbuild.bzl:1:1: evaluating this takes too long; does it build a list or a string that grows and grows?"
    ]
    assert time.monotonic() - start < 10


def test_ctrl_c() -> None:
    # Not a timer thread: with other threads, the evaluation would stay in this process.
    workspace = make_workspace("for i in range(2000000000):\n    pass\n", limits=Limits(steps=10**12), isolate=isolate)
    previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    start = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            workspace.package("", "")
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert time.monotonic() - start < 5


class Broken(Texts):
    def __init__(self, error: Exception) -> None:
        super().__init__({"staticbuild.bzl": 'load(":a.bzl", "a")', "a.bzl": ""})
        self.error = error

    def read(self, path: str) -> str | None:
        if path == "a.bzl":
            raise self.error
        return super().read(path)


@pytest.mark.parametrize(
    "error", [ToolchainError("no interpreter", hint="get one"), ConfigError("bad", where=Location("a.bzl", 3))]
)
def test_errors_keep_their_kind(error: ConfigError | ToolchainError) -> None:
    workspace = make_workspace({}, isolate=isolate)
    workspace._files[""] = Broken(error)  # type: ignore[index]
    with pytest.raises(type(error)) as caught:
        workspace.package("", "")
    assert caught.value.message == error.message


def test_bugs_keep_their_traceback() -> None:
    workspace = make_workspace({}, isolate=isolate)
    workspace._files[""] = Broken(RuntimeError("a bug of ours"))  # type: ignore[index]
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*in read.*a bug of ours"):
        workspace.package("", "")


def test_with_other_threads_the_work_is_done_here() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        seen: list[int] = []

        def work() -> bytes:
            seen.append(1)
            return b"x"

        assert in_child(work) == b"x"
        assert seen == [1]
    finally:
        done.set()
        thread.join()


def test_large_answers() -> None:
    assert in_child(lambda: b"x" * 5_000_000) == b"x" * 5_000_000


def test_questions_are_answered_by_the_parent() -> None:
    here = os.getpid()
    asked: list[bytes] = []

    def answer(question: bytes) -> bytes:
        asked.append(question)
        time.sleep(0.3)  # more than the child has for itself, all in all
        return b"%d" % os.getpid() + question

    def work(ask: Answer) -> bytes:
        assert os.getpid() != here
        return ask(b"one") + b" " + ask(b"2" * 3_000_000)[-3:]

    assert in_asking_child(work, answer, seconds=0.5) == b"%done 222" % here
    assert asked == [b"one", b"2" * 3_000_000]


def test_an_answer_that_fails_ends_the_child() -> None:
    def answer(question: bytes) -> bytes:
        raise KeyboardInterrupt(question)

    with pytest.raises(KeyboardInterrupt):
        in_asking_child(lambda ask: ask(b"x"), answer)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
