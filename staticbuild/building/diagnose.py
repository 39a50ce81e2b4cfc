"""Turns the log of a failed build of a package into what a person can act on. Pure: text in, a problem out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from staticbuild.errors import Problem

_LINES_SHOWN: Final = 25

# What a log says where something is missing, and what to try. The first that fits, from the end of the log, is the reason.
_LIBRARY: Final = "(`libraries` of its `python_package`)"
_INSTALL: Final = "and run `staticbuild lock`"

# What a log says where something is missing, and what to try. The first that fits, from the end of the log, is the reason.
_SIGNS: Final[Mapping[str, str]] = {
    r"fatal error: '?(?P<what>[\w./+-]+\.h\w*)'?(?: file not found|: No such file)": (
        f"there is no header `{{what}}`: give the package the library that has it {_LIBRARY}"
    ),
    r"unable to find library -l:?(?P<what>[\w.+-]+)": (
        f"there is no library `{{what}}`: give the package the recipe that builds it {_LIBRARY}"
    ),
    r"Dependency \"?(?P<what>[\w.+-]+)\"? not found|Package '(?P<other>[\w.+-]+)'.* not found": (
        f"pkg-config knows no library `{{what}}`: give the package the recipe that builds it {_LIBRARY}"
    ),
    r"ModuleNotFoundError: No module named '(?P<what>[\w.]+)'": (
        f"its build imports `{{what}}`, which it does not say: add it to `build_requires` of its `python_package`, {_INSTALL}"
    ),
    r"(?i:can't find (?P<what>rust) compiler)|(?P<other>rustc|cargo)\b.*(?: not found|No such file)": (
        "it is written in Rust, and there is no `{what}`: install it with `rustup`, or with the host's package manager"
    ),
    r"(?P<what>[\w+-]+): (?:command )?not found$": "its build runs the program `{what}`, which a build does not have",
    r"(?P<what>Network is unreachable|Temporary failure in name resolution|Could not resolve host)": (
        "its build wants to download something, which a build must not: all that goes into one is pinned"
    ),
}


def explain(requirement: str, hook: str, code: int, log: Sequence[str]) -> Problem:
    """Why the backend of `requirement` failed in `hook`; `log` is the end of what it printed."""
    ending = f"was ended by signal {-code}" if code < 0 else f"failed with exit code {code}"
    if code == 0:
        ending = "ended without a result"
    hints = [hint for line in reversed(log) if (hint := _hint(line))]
    return Problem(
        f"`{requirement}` could not be built from its sources: its backend's `{hook}` {ending}",
        hint=hints[0]
        if hints
        else "the lines above are its own; use another version, or the flavor `standalone_dynamic`, which takes wheels",
        notes=tuple(line for line in log if line.strip())[-_LINES_SHOWN:],
    )


_FAILURE: Final = re.compile(r"fatal error: |error: command '.*' failed|^ld: error: |could not be compiled")


def is_failure(line: str) -> bool:
    """Whether a line of a log says that something could not be compiled or linked, whatever the build made of it."""
    return _FAILURE.search(line) is not None


def _hint(line: str) -> str | None:
    for sign, hint in _SIGNS.items():
        if found := re.search(sign, line):
            what = next((text for text in found.groupdict().values() if text), "")
            return hint.format(what=what)
    return None
