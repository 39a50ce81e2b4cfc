"""Configs with general rules, and the actions that they become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.project import Project

LOAD = 'load("@stdlib//build.bzl", "files", "run_action", "source_archive")\nload("@stdlib//cc.bzl", "cc_library")\n'


@pytest.fixture
def check(tmp_path: Path) -> Any:
    """Write a config, ask what would run, and compare (the exit code, a part of the message)."""

    def check(config: Any, code: Any, text: str, *words: Any) -> None:
        project = Project(tmp_path, {"STATICBUILD_CACHE": str(tmp_path / "cache")})
        project.write("staticbuild.bzl", LOAD + config)
        project.write("a.txt", "text")
        done = project.run("explain", *(words or ["x"]), code=code)
        assert "Traceback" not in done.stderr
        assert text in (done.stdout if code == 0 else done.stderr)

    return check


def run(name: str = "x", script: Any = "'true'", outputs: Any = "['out']", more: Any = "") -> Any:
    return f"run_action(name = '{name}', script = {script}, outputs = {outputs}, {more})\n"


def test_an_action(check: Any) -> None:
    check(run(), 0, "runs    Run x  never built here")


def test_a_cycle(check: Any) -> None:
    config = run("x", more="inputs = {'i': ':y'}") + run("y", more="inputs = {'i': ':x'}")
    check(config, 2, "these targets need each other: x -> y -> x")


def test_an_unknown_target(check: Any) -> None:
    check(run(more="inputs = {'i': ':nothing'}"), 2, "nothing")
    check(run(), 2, "nothing", "nothing")


def test_a_chain_that_is_too_long(check: Any) -> None:
    more = "run_action(name = 't%d' % i, script = 'x', outputs = ['o'], inputs = {'i': ':t%d' % (i - 1)})"
    config = f"{run('t0')}[{more} for i in range(1, 400)]\n"
    check(config, 2, "targets need each other more than 200 deep", "t399")
    check(config, 0, "200 actions would run", "t199")


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ("['../out']", "wants relative paths"),
        ("['/out']", "wants relative paths"),
        ("['in']", "the output `in` is an input, too"),
        ("['in/x']", "the output `in/x` lies inside the input `in`"),
        ("['a', 'a/b']", "the output `a/b` lies inside the output `a`"),
        ("['a', 'a']", "the output `a` is declared twice"),
    ],
)
def test_outputs(check: Any, outputs: Any, message: Any) -> None:
    config = run("y") + run(outputs=outputs, more="inputs = {'in': ':y'}")
    check(config, 2, message)


def test_inputs_that_overlap(check: Any) -> None:
    config = run("y") + run("z") + run(more="inputs = {'in': ':y', 'in/z': ':z'}")
    check(config, 2, "the input `in/z` lies inside the input `in`")


def test_files(check: Any) -> None:
    check("files(name = 'x', srcs = ['nothing'])\n", 2, "`nothing` does not exist")
    check("files(name = 'f', srcs = ['a.txt'])\n" + run(more="inputs = {'in': ':f'}"), 0, "1 action would run")


def test_a_library_without_sources(check: Any) -> None:
    check("cc_library(name = 'x', srcs = ['a.txt'])\n", 2, "there is no source to compile")


def test_an_archive_that_needs_a_download(check: Any) -> None:
    config = f"source_archive(name = 'x', version = '1', sha256 = '{'0' * 64}', places = ['https://example.org/'])\n"
    check(config, 0, "its sources have not been downloaded")
