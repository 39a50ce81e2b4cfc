"""Runs CPython's regression suite in one interpreter. Knows regrtest's options, nothing of what the results mean."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.conformance.results import Results, crashed, read_cases

WORKER = Path(__file__).with_name("worker.py")


class SuiteError(Exception):
    """The suite could not be run at all."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Something that can run the suite. `worker` is a script that its workers start with, if they need one."""

    name: str
    path: str
    worker: Path | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What to run: regrtest's names of tests (none: all), processes at once, seconds for a file of tests."""

    tests: tuple[str, ...] = ()
    jobs: int = 2
    timeout: float = 300.0


def run_suite(interpreter: Interpreter, options: Options, folder: Path, say: Callable[[str], None]) -> Results:
    """Run the suite; its output and its JUnit file are left in `folder`. `say` gets a line for each file of tests.

    regrtest writes the JUnit file at the end. Where there is one, the suite has been run, and is not run again.
    """
    report, log, scratch = folder / "junit.xml", folder / "output.txt", folder / "tmp"
    if not report.exists():
        scratch.mkdir(parents=True, exist_ok=True)
        _run(interpreter, options, folder, say)
        shutil.rmtree(scratch, ignore_errors=True)
    if not report.exists():
        raise SuiteError(f"the suite of {interpreter.name} ended without results: see {log}")
    text = log.read_text(errors="replace")
    return Results(interpreter.name, read_cases(report.read_text(errors="replace"), text), crashed(text))


def _run(interpreter: Interpreter, options: Options, folder: Path, say: Callable[[str], None]) -> None:
    report, log, scratch = folder / "junit.xml", folder / "output.txt", folder / "tmp"
    with (
        log.open("w", errors="replace") as output,
        subprocess.Popen(
            _argv(interpreter, options, report),
            cwd=scratch,
            env=environment() | {"TMPDIR": str(scratch)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            output.write(line)
            if "load avg" in line:
                say(f"{interpreter.name}: {line.rstrip()}")


def list_cases(interpreter: Interpreter, options: Options) -> frozenset[str]:
    """The ids of all cases that the suite has in this interpreter's version, of the files that it can load."""

    def ask(*arguments: str) -> tuple[int, list[str]]:
        argv = [interpreter.path, "-m", "test", *arguments]
        done = subprocess.run(argv, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()

    def cases(tests: Sequence[str]) -> list[str]:
        status, lines = ask("--list-cases", *tests)
        if status == 0 or len(tests) < 2:
            return lines if status == 0 else []
        # It stops at the first file that it cannot load.
        middle = len(tests) // 2
        return cases(tests[:middle]) + cases(tests[middle:])

    tests = ask("--list-tests", *options.tests)[1]
    return frozenset(line for line in cases(tests) if "." in line and " " not in line)


def environment() -> dict[str, str]:
    """What the suite is run with: nothing that tells Python what to do."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {"TERM": "xterm"} | variables


def _argv(interpreter: Interpreter, options: Options, report: Path) -> Sequence[str]:
    # -W: the output of what fails, which alone tells of subtests.
    argv = [
        interpreter.path,
        "-m",
        "test",
        "-W",
        f"-j{options.jobs}",
        "--timeout",
        str(options.timeout),
        "--junit-xml",
        str(report),
    ]
    if interpreter.worker is not None:
        argv += ["--python", f"{interpreter.path} {interpreter.worker}"]
    return [*argv, *options.tests]
