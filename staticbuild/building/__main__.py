"""The program that builds a package inside of an action: `python3 -m staticbuild.building PLAN`."""

from __future__ import annotations

import sys
from pathlib import Path

from staticbuild.building.frontend import build
from staticbuild.building.plan import BuildPlan
from staticbuild.program import run


def main(arguments: list[str]) -> int:
    """Do what the plan says. The exit code is 1 for problems, which go to stderr, and 2 for a wrong command line."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python3 -m staticbuild.building PLAN\n")
        return 2
    return run(lambda: build(BuildPlan.parse(Path(arguments[0]).read_bytes()), sys.stdout), sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
