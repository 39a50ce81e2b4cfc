"""Says how a command failed, in the words of the command where it has good ones. Pure.

staticbuild's own programs, which run inside of actions, print their problems as the command line does:

    error: the sentence
     --> place
    note: more
    hint: what to try

Of such a log the first problem becomes the error itself; of any other log the end is shown.
"""

from __future__ import annotations

from staticbuild.errors import ActionError
from staticbuild.graph.action import Action

_LINES_SHOWN = 40
_PROGRAM = ("python3", "-m")


def failure(action: Action, status: int | None, log: str, log_path: str, hint: str | None) -> ActionError:
    """The error for a command that ended with `status` (None: it took too long) after it printed `log`."""
    sentence = f"{action.label}: {action.mnemonic} {_ended(action, status)}"
    lines = log.strip().splitlines()
    if status == 1 and _is_ours(action) and (problem := _problem(lines, sentence)) is not None:
        return problem
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
    return action.argv[:2] == _PROGRAM and len(action.argv) > len(_PROGRAM) and action.argv[2].startswith("staticbuild.")


def _problem(lines: list[str], sentence: str) -> ActionError | None:
    """The problem that the program printed, None if it is not of our form (a traceback is our bug, and shown whole)."""
    start = next((number for number, line in enumerate(lines) if line.startswith("error: ")), None)
    if start is None or any(line.startswith("Traceback ") for line in lines):
        return None
    notes: list[str] = []
    hint = None
    # Warnings that stand before it are worth reading too, but after it.
    for line in (*lines[start + 1 :], *lines[:start]):
        text = line.strip()
        if hint is None and text.startswith("hint: "):
            hint = text.removeprefix("hint: ")
        elif text:
            notes.append(text.removeprefix("note: ") if text.startswith("note: ") else line.rstrip())
    return ActionError(lines[start].removeprefix("error: "), notes=(*notes, f"in {sentence}"), hint=hint)
