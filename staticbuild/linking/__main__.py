"""The program of the link's actions: `python3 -m staticbuild.linking compile-runtime|prepare|link PLAN`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from staticbuild.errors import StaticbuildError
from staticbuild.linking import tool
from staticbuild.linking.plan import LinkPlan, PreparePlan, RuntimePlan

_USAGE: Final = "usage: python3 -m staticbuild.linking compile-runtime|prepare|link PLAN"


def main(arguments: list[str]) -> int:
    """Do what the plan says; problems go to stderr, and 1 is returned for them, 2 for a wrong command line."""
    match arguments:
        case ["compile-runtime" | "prepare" | "link" as step, plan]:
            try:
                data = Path(plan).read_bytes()
                if step == "compile-runtime":
                    tool.compile_runtime(RuntimePlan.parse(data))
                elif step == "prepare":
                    tool.prepare(PreparePlan.parse(data))
                else:
                    tool.link(LinkPlan.parse(data))
            except StaticbuildError as error:
                for problem in error.problems:
                    print(f"error: {problem.message}", file=sys.stderr)
                    for note in problem.notes:
                        print(f"  {note}", file=sys.stderr)
                    if problem.hint:
                        print(f"  hint: {problem.hint}", file=sys.stderr)
                return 1
            return 0
        case _:
            print(_USAGE, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
