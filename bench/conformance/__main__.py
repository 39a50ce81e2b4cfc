"""`python -m bench.conformance [TEST…]`: CPython's regression suite in an executable, beside other interpreters.

Builds an executable that holds the whole standard library with its tests, runs the suite in it, in the distribution's own
interpreter and in a stock CPython of the same minor version if this machine has one, and prints a table. Every case that
passes in the stock interpreter and not in the executable must be in `excuses.toml`, with its reason. The exit code is 1 if
one is not, if an interpreter crashes in a test, or if (in a run of everything) less than 99 % of the cases pass.

With `--leaks ARCHIVE`, the tests of the importer run again and again in an executable made of that distribution, which must be
a debug build (`debug+static`), and references, memory blocks and descriptors are counted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import peers
from bench.conformance.results import Comparison, Excuse, Results, compare, failures, read_excuses, table
from bench.conformance.suite import WORKER, Interpreter, Options, SuiteError, environment, list_cases, run_suite

HERE = Path(__file__).parent
SHARE = 0.99
TRIPLE = "x86_64-unknown-linux-musl"


def main(argv: Sequence[str] | None = None) -> int:
    """Run what `argv` names. 0 if the executable keeps what it must, 1 if not or if something failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.conformance", description="CPython's regression suite in one file.")
    parser.add_argument("tests", nargs="*", metavar="TEST", help="regrtest's names, such as test_json; default: all")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes at once")
    parser.add_argument("--timeout", type=float, default=300, metavar="SECONDS", help="for one file of tests (default: 300)")
    parser.add_argument("--only", action="append", choices=["executable", "distribution", "stock"], help="run these only")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="keep results; what is there is not run again")
    parser.add_argument("--leaks", type=Path, metavar="ARCHIVE", help="count references, with this debug distribution")
    arguments = parser.parse_args(argv)
    # A shell starts what it puts into the background with SIGINT ignored. That is inherited, and tests of Ctrl-C would hang.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = Options(tuple(arguments.tests), arguments.jobs, arguments.timeout)
    folder = arguments.output or Path(tempfile.mkdtemp(prefix="staticbuild-conformance-"))
    excuses = read_excuses((HERE / "excuses.toml").read_text(encoding="utf-8"))
    try:
        if arguments.leaks is not None:
            return find_leaks(arguments.leaks, folder)
        interpreters = find_interpreters(folder, arguments.only)
        runs = {each.name: run_suite(each, options, folder.resolve() / each.name, _say) for each in interpreters}
        print(table(runs.values()))
        ours = runs.get("executable")
        if ours is None:
            return 0
        if stock := runs.get("stock"):
            known = list_cases(interpreters[0], options)
            return report(compare(stock, ours, excuses, known), ours, complete=not arguments.tests)
        return report_alone(ours, excuses)
    except (SuiteError, subprocess.CalledProcessError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        if arguments.output is None:
            shutil.rmtree(folder, ignore_errors=True)


def find_leaks(archive: Path, folder: Path) -> int:
    """Run the tests of our importer, and of what relies on it, six times each; regrtest's own verdict on leaks."""
    project = _project(folder)
    shutil.copy(archive, project / "debug.tar.zst")
    path = (_build(project, "python", "--var", "archive=debug.tar.zst") / "python").resolve()
    status = 0
    for tests in (["--testdir", str(HERE), "test_staticbuild"], ["test_pkgutil", "test_runpy"]):
        done = subprocess.run([path, "-m", "test", "-R", "3:3", *tests], cwd=folder, env=environment(), check=False)
        status = status or done.returncode
    return 1 if status else 0


def _project(folder: Path) -> Path:
    project = folder / "project"
    shutil.copytree(HERE / "project", project, dirs_exist_ok=True)
    return project


def find_interpreters(folder: Path, only: Sequence[str] | None) -> list[Interpreter]:
    """The executable, which is built now, the distribution's interpreter, and a stock one if there is one."""
    project = _project(folder)
    found = []
    if not only or "executable" in only:
        path = _build(project, "python") / "python"
        found.append(Interpreter("executable", str(path.resolve()), WORKER))
    if not only or "distribution" in only:
        path = _build(project, "@stdlib//recipes:archive") / "install/bin/python3.13"
        found.append(Interpreter("distribution", str(path.resolve()), WORKER))
    if (not only or "stock" in only) and (stock := peers.stock_python()):
        _say(f"stock: {stock[0]} ({stock[1]})")
        found.append(Interpreter("stock", stock[0]))
    return found


def _build(project: Path, target: str, *options: str) -> Path:
    """The folder of a target's result."""
    argv = [sys.executable, "-m", "staticbuild", "build", target, *options]
    subprocess.run(argv, cwd=project, check=True, stdout=subprocess.DEVNULL)
    return project / "build" / TRIPLE / target.replace("//", "/").replace(":", "/")


def report(found: Comparison, ours: Results, *, complete: bool) -> int:
    """Say what was found. Of a run of some tests only, patterns that excuse nothing mean nothing."""
    print(
        f"\n{found.expected:,} cases pass in the stock interpreter, {found.left_out} of which test what we leave out;", end=" "
    )
    print(f"of the others, {found.share:.2%} pass in the executable")
    reasons: dict[str, int] = {}
    for reason in found.excused.values():
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        print(f"  {count:5} {reason}")
    for case in found.unexpected:
        print(f"not in excuses.toml: {case} ({ours.outcome(case).value})")
    if complete:
        for pattern in found.stale:
            print(f"excuses nothing: {pattern}")
    for file in ours.crashed:
        print(f"crashed: {file}")
    kept = not found.unexpected and not ours.crashed and (not complete or found.share >= SHARE)
    return 0 if kept else 1


def report_alone(ours: Results, excuses: Sequence[Excuse]) -> int:
    """Say what failed in the executable, where no stock interpreter is there to compare with."""
    failed = failures(ours, excuses)
    for case in failed:
        print(f"not in excuses.toml: {case}")
    for file in ours.crashed:
        print(f"crashed: {file}")
    return 1 if failed or ours.crashed else 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
