"""The processes that the tests themselves run in, on a few files of small tests."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.project import ROOT

CONFTEST = f"""\
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests import parallel

def pytest_runtestloop(session):
    return parallel.run(session, 3)
"""
# Each says in which process it ran; all processes are known to have begun when the second test of a file runs.
FILE = """\
import os, pathlib, threading, time
ME = pathlib.Path(__file__)

def test_first():
    assert threading.active_count() == 1
    ME.with_suffix(".pid").write_text(str(os.getpid()))
    until = time.monotonic() + 30
    while len(list(ME.parent.glob("*.pid"))) < 3 and time.monotonic() < until:
        time.sleep(0.01)

def test_second(tmp_path):
    print("said by", ME.stem)
    assert ME.with_suffix(".pid").read_text() == str(os.getpid()) != str(os.getppid())
    assert ME.stem != "test_c"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name in "abc":
        (tmp_path / f"test_{name}.py").write_text(FILE)
    return tmp_path


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def check(folder: Path, *arguments: str, code: int) -> str:
    with start(folder, *arguments) as process:
        output, _ = process.communicate(timeout=120)
    assert process.returncode == code, output
    return output


def test_files_run_at_the_same_time_each_in_one_process(folder: Path) -> None:
    output = check(folder, "-rf", code=1)
    assert "said by test_c" in output
    assert "said by test_a" not in output, "what a test prints that passes is kept back"
    assert "FAILED test_c.py::test_second" in output
    assert re.search(r"^=+ 1 failed, 5 passed in [0-9.]+s =+$", output.splitlines()[-1])
    assert len({path.read_text() for path in folder.glob("*.pid")}) == 3


def test_a_process_that_dies_is_no_success(folder: Path) -> None:
    (folder / "test_b.py").write_text("import os\n\ndef test_dies():\n    os._exit(0)\n")
    (folder / "test_c.py").unlink()
    output = check(folder, "-k", "dies", code=1)
    assert "a process of the tests died while it ran test_b.py::test_dies" in output


def test_the_first_failure_ends_all_on_request(folder: Path) -> None:
    (folder / "test_b.py").write_text("import time\n\ndef test_long():\n    time.sleep(60)\n")
    (folder / "test_a.py").write_text("def test_wrong():\n    assert False\n")
    began = time.monotonic()
    output = check(folder, "-x", "-k", "long or wrong", code=1)
    assert "stopping after 1 failures" in output
    assert time.monotonic() - began < 50


def test_ctrl_c_ends_all(folder: Path) -> None:
    (folder / "test_b.py").write_text(
        "import pathlib, time\n\ndef test_long():\n    pathlib.Path('begun').touch()\n    time.sleep(60)\n"
    )
    with start(folder, "-k", "long") as process:
        while not (folder / "begun").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=50)
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in output


def test_a_test_that_skips_itself_is_told_of_with_its_reason(folder: Path) -> None:
    (folder / "test_d.py").write_text('import pytest\n\ndef test_skipping():\n    pytest.skip("no such thing here")\n')
    assert re.search(r"SKIPPED \[1\] test_d\.py:4: no such thing here", check(folder, "-rs", code=1))
