"""Turns what LLD says about a failed link into what a person can act on. Pure: text in, problems out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from staticbuild.errors import Problem

# More of one kind are counted, not listed.
_MOST_SHOWN: Final = 10

_ERROR: Final = re.compile(r"^ld\.lld: (?:error: )?(?P<text>.*)$")
_SYMBOL: Final = re.compile(r"^(?P<kind>undefined|duplicate)(?: (?:hidden|protected))? symbol: (?P<symbol>.+)$")
_OBJECT: Final = re.compile(
    r"^>>> +(?:referenced by |defined in |defined at )?(?P<object>[^:()]+\.(?:o|a)(?:\([^()]*\))?)(?::.*)?$"
)
_IN_ARCHIVE: Final = re.compile(r"^>>> +(?P<object>\S+\.o):\(.*\) in archive (?P<archive>\S+)$")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of the linker: its first line, and the objects that it mentions."""

    text: str
    objects: tuple[str, ...]


def complaints(output: str) -> tuple[Complaint, ...]:
    """The errors in LLD's `output`, in its order."""
    result: list[Complaint] = []
    for line in output.splitlines():
        error = _ERROR.match(line)
        if error and not error["text"].startswith("warning: "):
            result.append(Complaint(error["text"], ()))
        elif result and line.startswith(">>>"):
            last = result[-1]
            found = _object(line)
            if found and found not in last.objects:
                result[-1] = Complaint(last.text, (*last.objects, found))
    return tuple(result)


def _object(line: str) -> str | None:
    if inside := _IN_ARCHIVE.match(line):
        return f"{inside['archive']}({inside['object']})"
    named = _OBJECT.match(line)
    return named["object"] if named else None


def explain(output: str, owners: Mapping[str, str]) -> tuple[Problem, ...]:
    """The problems behind a failed link; at least one.

    `owners` says in words whose an object or archive is, e.g. `{"dist/python/build/Modules/_ssl.o": "the extension
    `_ssl`"}`.
    """
    found = [_problem(complaint, owners) for complaint in complaints(output)]
    if not found:
        text = output.strip() or "it printed nothing"
        return (Problem("the linker failed", notes=tuple(text.splitlines()[:_MOST_SHOWN])),)
    if len(found) > _MOST_SHOWN:
        more = Problem(f"{len(found) - _MOST_SHOWN} more errors of the linker")
        return (*found[:_MOST_SHOWN], more)
    return tuple(found)


def _problem(complaint: Complaint, owners: Mapping[str, str]) -> Problem:
    symbol = _SYMBOL.match(complaint.text)
    if symbol is None:
        return Problem(f"the linker says: {complaint.text}", notes=complaint.objects)
    users = tuple(_described(path, owners) for path in complaint.objects)
    if symbol["kind"] == "undefined":
        return Problem(
            f"nothing defines `{symbol['symbol']}`",
            notes=tuple(f"wanted by {user}" for user in users),
            hint=_undefined_hint(symbol["symbol"], complaint.objects, owners),
        )
    return Problem(
        f"`{symbol['symbol']}` is defined twice",
        notes=tuple(f"defined by {user}" for user in users),
        hint="leave one of the two out (`exclude`), or make its symbol private to it",
    )


def _undefined_hint(symbol: str, objects: tuple[str, ...], owners: Mapping[str, str]) -> str:
    if symbol.startswith("PyInit_"):
        return f"the init table names it: is an object that defines `{symbol}` among the extension's objects?"
    if symbol.startswith(("__cxa_", "__gxx_", "_ZN", "_ZS", "_ZT")):
        return "it belongs to the C++ run-time library: link libc++ and libunwind with the extension"
    if symbol.startswith(("Py", "_Py")):
        return "it belongs to CPython: are the extension and the distribution of the same Python version and build?"
    names = sorted({owners[path] for path in objects if path in owners})
    if len(names) == 1:
        return f"a library that {names[0]} needs is missing from its metadata; leave it out, or add the library"
    return "a library is missing from the metadata of what wants it; leave that out, or add the library"


def _described(path: str, owners: Mapping[str, str]) -> str:
    """`_ssl.o of the extension `_ssl``: the owner in words, where it is known."""
    whole, _, member = path.partition("(")
    name = PurePosixPath(whole).name + (f"({member}" if member else "")
    owner = owners.get(whole)
    return f"`{name}` of {owner}" if owner else f"`{path}`"
