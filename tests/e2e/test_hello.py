"""`examples/hello`: one line, printed by one file."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.project import Project, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hello(example: Callable[[str], Project]) -> Project:
    return example("hello")


# What exit codes and signals are tried with.
TOUGH = """\
import os, signal, sys

def main():
    what = sys.argv[1]
    if what == "exit":
        sys.exit(int(sys.argv[2]))
    if what == "result":
        return int(sys.argv[2])
    if what == "message":
        sys.exit("so not")
    if what == "raise":
        raise ValueError("no such thing")
    if what == "kill":
        os.kill(os.getpid(), signal.SIGTERM)
    if what == "echo":
        print(sys.stdin.read().upper())
    if what == "wait":
        print("ready", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("interrupted")
            sys.exit(5)
"""
TOUGH_CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")
python_resources(name = "app", srcs = ["tough.py"])
python_executable(name = "tough", resources = [":app"], entry_point = "tough:main")
"""


@pytest.fixture(scope="module")
def tough(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("tough"))
    project.write("tough.py", TOUGH)
    project.write("staticbuild.bzl", TOUGH_CONFIG)
    project.run("build")
    return project


def test_prints_a_line(hello: Project) -> None:
    program = hello.result("hello/hello")
    assert run([program], env={}).stdout == f"Hello, world! This is Python 3.13.5, all in {program}.\n"


def test_run_passes_arguments_and_names_the_executable(hello: Project) -> None:
    done = hello.run("run", "hello", "--", "--odd name")
    assert done.stdout.startswith("Hello, --odd name! ")
    assert str(hello.result("hello/hello")) in done.stderr


def test_run_needs_no_name_where_there_is_one_executable(hello: Project) -> None:
    assert hello.run("run", "-q").stdout.startswith("Hello, world! ")


def test_run_passes_input_and_piped_output(tough: Project) -> None:
    assert tough.run("run", "-q", "tough", "--", "echo", stdin=None, input="quiet\n").stdout == "QUIET\n\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["exit", "0"], 0, ""),
        (["exit", "7"], 7, ""),
        (["result", "3"], 3, ""),
        (["message"], 1, "so not\n"),
        (["raise"], 1, "ValueError: no such thing\n"),
        (["kill"], -signal.SIGTERM, ""),
    ],
)
def test_run_ends_as_the_program_ends(tough: Project, words: list[str], code: int, said: str) -> None:
    done = tough.run("run", "-q", "tough", "--", *words, code=code)
    assert done.stderr.endswith(said)
    assert bool(done.stderr) == bool(said)


def test_run_passes_signals(tough: Project) -> None:
    command = [sys.executable, "-m", "staticbuild", "run", "-q", "tough", "--", "wait"]
    with subprocess.Popen(command, cwd=tough.folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.1)  # until it waits for the signal
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "interrupted\n"
        assert process.wait() == 5


def test_output_into_a_closed_pipe_ends_quietly(hello: Project) -> None:
    done = run(["sh", "-c", f"{hello.result('hello/hello')} | true"])
    assert "Traceback" not in done.stderr
