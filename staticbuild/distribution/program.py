"""How the programs that run inside of actions end: quietly, or with problems on stderr. Unaware of what they do."""

from __future__ import annotations

import sys
from collections.abc import Callable

from staticbuild.errors import Problem, StaticbuildError


def run(work: Callable[[], None]) -> int:
    """Do `work`; the exit code is 1 if it failed for a reason outside of our code. A bug is a traceback."""
    try:
        work()
    except StaticbuildError as error:
        for problem in error.problems:
            _show(problem)
        return 1
    except OSError as error:
        # A full disk, a file that is not there.
        _show(Problem(f"`{error.filename}`: {error.strerror}" if error.filename else str(error)))
        return 1
    return 0


def _show(problem: Problem) -> None:
    print(f"error: {problem.message}", file=sys.stderr)
    for note in problem.notes:
        print(f"  {note}", file=sys.stderr)
    if problem.hint:
        print(f"  hint: {problem.hint}", file=sys.stderr)
