"""Logs of failed builds, and the sentence that they come to."""

from __future__ import annotations

import pytest

from staticbuild.building.diagnose import explain


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("src/etree.c:96:10: fatal error: 'libxml/xmlversion.h' file not found", "no header `libxml/xmlversion.h`"),
        ("_yaml.c:5:10: fatal error: yaml.h: No such file or directory", "no header `yaml.h`"),
        ("ld: error: unable to find library -lpq", "no library `pq`"),
        (
            '../meson.build:3:8: ERROR: Dependency "openblas" not found, tried pkgconfig',
            "pkg-config knows no library `openblas`",
        ),
        ("Package 'libffi', required by 'virtual:world', not found", "pkg-config knows no library `libffi`"),
        ("ModuleNotFoundError: No module named 'pkg_resources'", "its build imports `pkg_resources`"),
        ("error: can't find Rust compiler", "it is written in Rust, and there is no `Rust`"),
        ("/bin/sh: 1: cargo: not found", "it is written in Rust, and there is no `cargo`"),
        ("./configure: 7: autoreconf: not found", "runs the program `autoreconf`"),
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", "wants to download something"),
    ],
)
def test_hints(line: str, expected: str) -> None:
    problem = explain("pkg==1", "build_wheel", 1, ["compiling", line, "", "error: command failed"])
    assert (
        problem.message == "`pkg==1` could not be built from its sources: its backend's `build_wheel` failed with exit code 1"
    )
    assert problem.hint is not None
    assert expected in problem.hint
    assert line in problem.notes


def test_the_last_sign_counts() -> None:
    log = ["checking for x.h: fatal error: 'x.h' file not found", "no", "ld: error: unable to find library -lreal"]
    assert "`real`" in str(explain("pkg==1", "build_wheel", 1, log).hint)


def test_nothing_is_known() -> None:
    problem = explain("pkg==1", "build_wheel", -9, [f"line {number}" for number in range(100)])
    assert "was ended by signal 9" in problem.message
    assert problem.notes[-1] == "line 99"
    assert len(problem.notes) == 25
    assert "standalone_dynamic" in str(problem.hint)
