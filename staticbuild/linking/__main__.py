"""The program of the link's actions: `python3 -m staticbuild.linking compile-runtime|prepare|link PLAN`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from staticbuild.linking import tool
from staticbuild.linking.plan import LinkPlan, PreparePlan, RuntimePlan
from staticbuild.program import run

_STEPS: Final[dict[str, Callable[[bytes], None]]] = {
    "compile-runtime": lambda plan: tool.compile_runtime(RuntimePlan.parse(plan)),
    "prepare": lambda plan: tool.prepare(PreparePlan.parse(plan)),
    "link": lambda plan: tool.link(LinkPlan.parse(plan)),
}


def main(arguments: list[str]) -> int:
    """Do what the plan says. The exit code is 1 for problems, which go to stderr, and 2 for a wrong command line."""
    if len(arguments) != 2 or arguments[0] not in _STEPS:  # noqa: PLR2004 - the step and its plan
        sys.stderr.write(f"usage: python3 -m staticbuild.linking {'|'.join(_STEPS)} PLAN\n")
        return 2
    step, plan = arguments
    return run(lambda: _STEPS[step](Path(plan).read_bytes()), sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
