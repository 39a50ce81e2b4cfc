"""Says how a command failed, in the words of the command where it has good ones. Pure.

staticbuild's own programs, which run inside of actions, tell their problems in a form that can be read back: these become
the error itself. Of any other log the end is shown.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

from staticbuild.errors import ActionError
from staticbuild.graph.action import Action
from staticbuild.program import PROBLEMS, parse

_LINES_SHOWN = 40


def failure(action: Action, status: int | None, log: str, log_path: str, hint: str | None) -> ActionError:
    """The error for a command that ended with `status` (None: it took too long) after it printed `log`."""
    sentence = f"{action.label}: {action.mnemonic} {_ended(action, status)}"
    if status == PROBLEMS and _is_ours(action) and (told := parse(log)) is not None:
        *others, last = told.problems
        # Warnings that stand before the problems are worth reading too, but after them.
        return ActionError.of([*others, replace(last, notes=(*last.notes, *told.before, f"in {sentence}"))])
    lines = log.strip().splitlines()
    shown = lines[-_LINES_SHOWN:]
    notes = list(shown) or ["(it printed nothing)"]
    if len(lines) > len(shown):
        notes.insert(0, f"… {len(lines) - len(shown)} lines before: {log_path}")
    if status is None:
        hint = "raise its `timeout`, or see what it waits for"
    return ActionError(sentence, notes=tuple(notes), hint=hint)


def _ended(action: Action, status: int | None) -> str:
    if status is None:
        return f"took longer than {action.timeout} s"
    return f"was killed by signal {-status}" if status < 0 else f"ended with exit code {status}"


def _is_ours(action: Action) -> bool:
    """Whether the command is `python3 -m staticbuild.…`, of whichever Python and with whichever of its options."""
    return any(option == "-m" and module.startswith("staticbuild.") for option, module in itertools.pairwise(action.argv))
