"""What regression suites said, test case by test case, and where they differ. Pure: text in, values out.

An interpreter's results are read from the JUnit file that `python -m test --junit-xml` writes. A case is known by its
`unittest` id, such as `test.test_json.test_decode.TestPyDecode.test_decimal`.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from xml.etree import ElementTree as ET


class Outcome(Enum):
    """How a test case ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    MISSING = "missing"  # the interpreter did not run it: its file crashed, or could not be imported


# A case that ran twice counts as the worse of both.
_WORST_FIRST = (Outcome.FAILED, Outcome.PASSED, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class Results:
    """One interpreter's run: `cases` by id, and the files of tests that ended by a signal or a time-out."""

    name: str
    cases: Mapping[str, Outcome]
    crashed: tuple[str, ...] = ()

    def outcome(self, case: str) -> Outcome:
        """How `case` ended here."""
        return self.cases.get(case, Outcome.MISSING)


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why some cases may fail in the executable: shell patterns of their ids, and the reason.

    `left_out` says that they test what the distribution leaves out, such as `tkinter`: they are told, but not counted.
    """

    tests: tuple[str, ...]
    reason: str
    left_out: bool = False

    def covers(self, case: str) -> bool:
        """Whether one of the patterns is `case`'s."""
        return any(fnmatchcase(case, pattern) for pattern in self.tests)


# The JUnit file says nothing of a failed subtest. The output does: `FAIL: test_x (test.test_y.Z.test_x) (n=1)`.
_FAILURE = re.compile(r"^(?:FAIL|ERROR): \S+ \(([\w.]+)\)", re.MULTILINE)


def read_cases(junit: str, output: str) -> dict[str, Outcome]:
    """How each case ended, from regrtest's JUnit file and its output with `-W`. Raises `xml.etree.ElementTree.ParseError`."""
    return read_junit(junit) | dict.fromkeys(_FAILURE.findall(output), Outcome.FAILED)


def read_junit(text: str) -> dict[str, Outcome]:
    """The cases of a JUnit file as regrtest writes it. Raises `xml.etree.ElementTree.ParseError`."""
    cases: dict[str, Outcome] = {}
    for element in ET.fromstring(text).iter("testcase"):
        # What is told of a subtest has its parameters behind the name of the case, and takes that one's place.
        name, _, subtest = element.get("name", "").replace(" [", " (", 1).partition(" (")
        kinds = {child.tag for child in element}
        outcome = Outcome.PASSED
        if kinds & {"failure", "error"} or element.get("result") == "failed":
            outcome = Outcome.FAILED
        elif "skipped" in kinds or element.get("status") == "notrun":
            outcome = Outcome.PASSED if subtest else Outcome.SKIPPED
        before = cases.get(name, outcome)
        cases[name] = min(before, outcome, key=_WORST_FIRST.index)
    return cases


# `[ 12/480/1] test_ctypes worker non-zero exit code (Exit code -11 (SIGSEGV))`, `... crashed (...)`, `... timed out (4 min)`
_CRASH = re.compile(r"^\S+ (?:load avg: \S+ )?\[[ \d/]+\] (\S+) (?:worker non-zero exit code|crashed|timed out)", re.MULTILINE)


def crashed(output: str) -> tuple[str, ...]:
    """The files of tests whose process died or hung, as regrtest's output tells."""
    return tuple(dict.fromkeys(_CRASH.findall(output)))


def read_excuses(text: str) -> tuple[Excuse, ...]:
    """The checked-in list: TOML with one `[[excuse]]` for each reason. Raises `ValueError` for what is not one."""
    excuses = []
    for entry in tomllib.loads(text).get("excuse", []):
        tests, reason = entry.get("tests"), entry.get("reason")
        if not tests or not isinstance(reason, str) or not reason.strip() or entry.keys() - {"tests", "reason", "left_out"}:
            raise ValueError(f"an excuse is made of `tests` and a `reason`: {entry}")
        excuses.append(Excuse(tuple(tests), reason, bool(entry.get("left_out"))))
    return tuple(excuses)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What passes in the stock interpreter (`expected`) and not in ours; `stale` are patterns that excuse nothing.

    `left_out` of the expected cases, those that test what the distribution leaves out, do not count.
    """

    expected: int
    left_out: int
    excused: Mapping[str, str]
    unexpected: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def share(self) -> float:
        """How much of what passes in the stock interpreter passes in ours, from 0 to 1."""
        counted = self.expected - self.left_out
        return 1 - (len(self.excused) + len(self.unexpected) - self.left_out) / counted if counted else 1.0


def compare(stock: Results, ours: Results, excuses: Iterable[Excuse], known: frozenset[str] = frozenset()) -> Comparison:
    """Every case that passes in `stock` and does not in `ours`, with its excuse if it has one.

    `known` are the cases that the suite has in our version, of the files that can be loaded at all. The stock interpreter
    may be of another version, and what its version of a file has and ours has not is not compared.
    """
    excuses = tuple(excuses)
    files = {file_of(case) for case in known}
    expected = sorted(
        case
        for case, outcome in stock.cases.items()
        if outcome is Outcome.PASSED and (case in known or case in ours.cases or file_of(case) not in files)
    )
    differing = [case for case in expected if ours.outcome(case) is not Outcome.PASSED]
    excused = {case: excuse.reason for case in differing for excuse in excuses if excuse.covers(case)}
    left_out = sum(any(excuse.left_out and excuse.covers(case) for excuse in excuses) for case in differing)
    # On another machine the stock interpreter may pass what it fails or skips here.
    wanting = {*differing, *(case for case, outcome in ours.cases.items() if outcome is not Outcome.PASSED)}
    stale = [
        pattern for excuse in excuses for pattern in excuse.tests if not any(fnmatchcase(case, pattern) for case in wanting)
    ]
    return Comparison(len(expected), left_out, excused, tuple(case for case in differing if case not in excused), tuple(stale))


def failures(ours: Results, excuses: Iterable[Excuse]) -> tuple[str, ...]:
    """The cases that failed without an excuse: what can be said where there is no stock interpreter to compare with."""
    excuses = tuple(excuses)
    failed = sorted(case for case, outcome in ours.cases.items() if outcome is Outcome.FAILED)
    return tuple(case for case in failed if not any(excuse.covers(case) for excuse in excuses))


_FILE = re.compile(r"\btest\.(test_\w+)|^(test_\w+|idlelib)")


def file_of(case: str) -> str:
    """The file or folder of tests that `case` belongs to: `test_json`."""
    match = _FILE.search(case)
    return (match[1] or match[2]) if match else "(others)"


def table(runs: Iterable[Results]) -> str:
    """A line for each file of tests with what passed, failed and was skipped in each run, and one of sums."""
    runs = tuple(runs)
    counts = {run.name: {} for run in runs}  # type: dict[str, dict[str, Counter[Outcome]]]
    for run in runs:
        for case, outcome in run.cases.items():
            counts[run.name].setdefault(file_of(case), Counter())[outcome] += 1
    files = sorted({file for by_file in counts.values() for file in by_file})
    width = max((len(file) for file in files), default=0)
    heads = "".join(f"  {run.name:>23}" for run in runs)
    lines = [f"{'':{width}}{heads}", f"{'':{width}}" + "   passed  failed skipped" * len(runs)]
    for file in files:
        cells = [_cell(counts[run.name].get(file), crash=file in run.crashed) for run in runs]
        lines.append(f"{file:{width}}" + "".join(cells))
    lines.append(f"{'sum':{width}}" + "".join(_cell(sum(counts[run.name].values(), Counter())) for run in runs))
    return "\n".join(lines)


def _cell(count: Counter[Outcome] | None, *, crash: bool = False) -> str:
    if crash:
        return f"  {'crashed':>23}"
    if count is None:
        return f"  {'-':>23}"
    return "  " + "".join(f"{count[outcome]:8}" for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED))[1:]
