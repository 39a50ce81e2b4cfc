"""The flavors of a distribution: what a config may ask for, and what this host must have."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from staticbuild.errors import ToolchainError
from staticbuild.host import Host
from staticbuild.rules import flavors
from tests.project import Project

LOAD = 'load("@stdlib//python.bzl", "make_dist", "python_executable")\n'


@pytest.fixture
def check(tmp_path: Path) -> Any:
    """Write a config, ask what would run, and compare (the exit code, a part of the message)."""

    def check(config: str, code: int, text: str, *words: str) -> None:
        project = Project(tmp_path, {"STATICBUILD_CACHE": str(tmp_path / "cache")})
        project.write("staticbuild.bzl", LOAD + config)
        done = project.run("explain", *words, code=code)
        assert "Traceback" not in done.stderr
        assert text in (done.stdout if code == 0 else done.stderr)

    return check


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('flavor = "standalone_static", glibc = "2.17"', "`glibc` is for the flavor `standalone_dynamic`"),
        ('flavor = "standalone_dynamic", glibc = "2.16"', "this compiler knows no glibc 2.16"),
        ('flavor = "standalone_dynamic", glibc = "2.999"', "2.17 to 2.44 are known"),
        ('flavor = "standalone_dynamic", glibc = "3.1"', "wants a version of glibc"),
        ('flavor = "standalone_dynamic", glibc = 2', "wants a version of glibc"),
        ('flavor = "standalone_dynamic", prebuilt = "noopt+static"', "for the flavor `standalone_static` only"),
        ('flavor = "standalone"', "`flavor`"),
    ],
)
def test_mistakes(check: Any, arguments: str, message: str) -> None:
    check(f"make_dist({arguments})\n", 2, message, "dist")


@pytest.mark.parametrize("glibc", ["", ', glibc = "2.19"'])
def test_recipes_for_the_oldest_glibc(check: Any, glibc: str) -> None:
    version = "2.19" if glibc else "2.17"
    config = f'make_dist(flavor = "standalone_dynamic"{glibc})\n'
    check(config, 0, f"Run @stdlib//recipes/glibc:{version}/openssl", "dist")
    check(config, 0, f"Run @stdlib//recipes/glibc:{version}/cpython", "dist", "--target", "x86_64-unknown-linux-gnu")


def test_static_with_a_target_that_has_glibc(check: Any) -> None:
    hint = 'give `flavor = "standalone_dynamic"`, or build without `--target`'
    check("make_dist()\n", 2, hint, "dist", "--target", "x86_64-unknown-linux-gnu")


def test_dynamic_with_a_target_that_has_no_glibc(check: Any) -> None:
    check('make_dist(flavor = "standalone_dynamic")\n', 2, "unknown target", "dist", "--target", "x86_64_v3-unknown-linux-musl")


def test_other_allocators(check: Any) -> None:
    config = 'make_dist(flavor = "standalone_dynamic")\npython_executable(name = "x", command = "1", allocator = "{}")\n'
    check(config.format("mimalloc"), 2, "`mimalloc` is for the flavor `standalone_static`", "x")
    check(config.format("libc"), 0, "Link x", "x")


class TestHost:
    def check(self, own: tuple[int, int] | None, wanted: str, message: str) -> None:
        with pytest.raises(ToolchainError) as caught:
            flavors.check_host(SimpleNamespace(glibc=own), wanted)  # type: ignore[arg-type] # all that is asked
        assert message in caught.value.message

    def test_older(self) -> None:
        self.check((2, 9), "2.17", "this host has glibc 2.9, and a Python for glibc 2.17 does not run with it")

    def test_none(self) -> None:
        self.check(None, "2.17", "this host has no glibc")

    def test_new_enough(self) -> None:
        flavors.check_host(SimpleNamespace(glibc=(2, 17)), "2.17")  # type: ignore[arg-type] # the same
        flavors.check_host(SimpleNamespace(glibc=(2, 100)), "2.28")  # type: ignore[arg-type] # the same

    def test_real_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for answer, expected in (("glibc 2.36", (2, 36)), ("glibc 2.36.9000", (2, 36)), ("musl", None), (None, None)):
            monkeypatch.setattr("os.confstr", lambda _name, answer=answer: answer)
            assert Host().glibc == expected

        def refuse(_name: str) -> str:
            raise ValueError("unrecognized configuration name")

        monkeypatch.setattr("os.confstr", refuse)
        assert Host().glibc is None
