"""What `python -m bench.conformance` makes of regrtest's results, and a selection of the suite in a real executable."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.conformance.__main__ import HERE
from bench.conformance.results import (
    Excuse,
    Outcome,
    Results,
    compare,
    crashed,
    failures,
    file_of,
    read_cases,
    read_excuses,
    table,
)
from tests.project import ROOT

JUNIT = """\
<testsuites tests="5" errors="1" failures="1"><testsuite start="2026" tests="5">
<testcase name="test.test_a.T.test_passes" status="run" result="completed" time="0.1" />
<testcase name="test.test_a.T.test_subtests" status="run" result="completed" time="0.1" />
<testcase name="test.test_a.T.test_skipped" status="run" result="completed"><skipped>why</skipped></testcase>
<testcase name="test.test_a.T.test_fails" status="run" result="completed"><failure type="AssertionError" /></testcase>
<testcase name="test.test_a.T.test_other (n=2)" status="run" result="completed"><skipped>why</skipped></testcase>
<testcase name="test.test_b.T.test_errs" status="run" result="completed"><error type="OSError" /></testcase>
</testsuite></testsuites>
"""
OUTPUT = """\
0:00:02 load avg: 5.75 [1/6/1] test_a failed (1 failure)
FAIL: test_subtests (test.test_a.T.test_subtests) (n=1)
ERROR: setUpClass (test.test_a.U)
0:01:02 load avg: 5.75 [2/6/2] test_c worker non-zero exit code (Exit code -11 (SIGSEGV))
0:01:03 load avg: 5.75 [3/6/3] test_d crashed (Exit code -6)
0:09:03 [4/6/4] test.test_e.test_f timed out (4 min)
test test_a crashed -- Traceback (most recent call last):
"""


def test_cases() -> None:
    assert {case.rpartition(".")[2]: outcome.value for case, outcome in read_cases(JUNIT, OUTPUT).items()} == {
        "test_passes": "passed",
        "test_subtests": "failed",
        "test_skipped": "skipped",
        "test_other": "passed",
        "test_fails": "failed",
        "test_errs": "failed",
        "U": "failed",
    }


def test_crashes() -> None:
    assert crashed(OUTPUT) == ("test_c", "test_d", "test.test_e.test_f")


@pytest.mark.parametrize(
    ("case", "file"),
    [
        ("test.test_json.test_decode.T.test_x", "test_json"),
        ("setUpClass (test.test_import.Single)", "test_import"),
        ("idlelib.idle_test.test_config.T.test_x", "idlelib"),
        ("17", "(others)"),
    ],
)
def test_files(case: str, file: str) -> None:
    assert file_of(case) == file


def results(name: str, **cases: str) -> Results:
    return Results(name, {f"test.test_a.T.{case}": Outcome(outcome) for case, outcome in cases.items()})


def test_comparison() -> None:
    stock = results("stock", a="passed", b="passed", c="passed", d="failed", e="passed")
    ours = results("executable", a="passed", b="failed", c="skipped", d="failed")
    found = compare(stock, ours, [Excuse(("test.test_a.T.b", "test.test_a.T.x*"), "no loader")])
    assert found.expected == 4
    assert found.excused == {"test.test_a.T.b": "no loader"}
    assert found.unexpected == ("test.test_a.T.c", "test.test_a.T.e")
    assert found.stale == ("test.test_a.T.x*",)
    assert found.share == 0.25


def test_what_our_version_does_not_have_is_not_compared() -> None:
    stock = results("stock", a="passed", old="passed")
    known = frozenset({"test.test_a.T.a", "test.test_a.T.lost"})
    assert compare(stock, results("executable", a="passed"), [], known).share == 1
    assert compare(stock, results("executable"), [], known).unexpected == ("test.test_a.T.a",)
    # Nothing of the file can be loaded: then nobody knows what is old.
    assert compare(stock, results("executable"), [], frozenset({"test.test_z.T.a"})).expected == 2


def test_what_is_left_out_does_not_count() -> None:
    stock = results("stock", a="passed", b="passed", c="passed")
    found = compare(stock, results("executable", a="passed"), [Excuse(("*.b",), "no tkinter", left_out=True)])
    assert (found.expected, found.left_out, found.share) == (3, 1, 0.5)


def test_failures_without_a_peer() -> None:
    ours = results("executable", a="passed", b="failed", c="skipped", d="failed")
    assert failures(ours, [Excuse(("*.b",), "no loader")]) == ("test.test_a.T.d",)


def test_table() -> None:
    runs = [results("stock", a="passed", b="failed"), Results("executable", {}, ("test_a",))]
    assert table(runs).splitlines() == [
        "                          stock               executable",
        "         passed  failed skipped   passed  failed skipped",
        "test_a        1       1       0                  crashed",
        "sum           1       1       0        0       0       0",
    ]


@pytest.mark.parametrize(
    "text", ['[[excuse]]\ntests = ["x"]', '[[excuse]]\nreason = "x"', '[[excuse]]\ntests=["x"]\nreason=" "']
)
def test_an_excuse_has_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match="`tests` and a `reason`"):
        read_excuses(text)


def test_the_excuses_can_be_read() -> None:
    assert read_excuses((HERE / "excuses.toml").read_text(encoding="utf-8"))


SELECTION = ("test_importlib", "test_import", "test_pkgutil", "test_runpy", "test_zipimport", "test_linecache", "test_ctypes")
MORE = ("test_faulthandler", "test_signal", "test_sqlite3", "test_ssl", "test_uuid", "test_zoneinfo")


@pytest.mark.skipif(sys.platform != "linux", reason="the executable is one for Linux")
def test_a_selection_of_the_suite_passes_in_an_executable() -> None:
    """The rest takes a quarter of an hour: `python -m bench.conformance`."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.conformance", "--only", "executable", *SELECTION, *MORE],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    passed = {line.split()[0]: int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("test_")}
    assert passed["test_importlib"] > 1200
    assert passed["test_ctypes"] > 450
