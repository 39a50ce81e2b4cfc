"""Says whether a licence asks for nothing but to be named: permissive, as opposed to copyleft. Pure: knows SPDX expressions.

What is not known to be permissive counts as if it were not. A promise to link nothing copyleft can be kept in no other way.
"""

from __future__ import annotations

import re
from typing import Final

PERMISSIVE: Final = frozenset(
    (
        *("0BSD", "Apache-2.0", "Artistic-2.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause", "BSL-1.0"),
        *("CC0-1.0", "CNRI-Python", "HPND", "ICU", "ISC", "Libpng", "MIT", "MIT-0", "NCSA", "OpenSSL", "PSF-2.0"),
        *("Python-2.0", "Python-2.0.1", "SSLeay-standalone", "TCL", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "X11"),
        *("X11-distribute-modifications-variant", "Zlib", "blessing", "bzip2-1.0.6", "curl"),
    )
)
"""SPDX identifiers of what interpreters are made of. Sleepycat, GPL, LGPL, MPL and their like are missing on purpose."""

_TOKEN: Final = re.compile(r"\s*(\(|\)|[A-Za-z0-9.+-]+(?::[A-Za-z0-9.+-]+)?)")
_DEEPEST: Final = 20


def is_permissive(expression: str) -> bool:
    """Whether an SPDX licence expression (SPDX 2.3, annex D) leaves a way to comply with permissive licences only.

    An expression that does not parse is not permissive.
    """
    tokens = _tokens(expression)
    if tokens is None:
        return False
    answer, rest = _either(tokens, 0)
    return answer and not rest


def _tokens(expression: str) -> list[str] | None:
    tokens, at = [], 0
    text = expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return None
        tokens.append(match[1])
        at = match.end()
    return tokens


def _either(tokens: list[str], depth: int) -> tuple[bool, list[str]]:
    """`A OR B`: one of them will do. AND binds more tightly, as SPDX has it."""
    answer, rest = _both(tokens, depth)
    while rest and rest[0] == "OR":
        other, rest = _both(rest[1:], depth)
        answer = answer or other
    return answer, rest


def _both(tokens: list[str], depth: int) -> tuple[bool, list[str]]:
    answer, rest = _one(tokens, depth)
    while rest and rest[0] == "AND":
        other, rest = _one(rest[1:], depth)
        answer = answer and other
    return answer, rest


def _one(tokens: list[str], depth: int) -> tuple[bool, list[str]]:
    # What is left over makes the whole expression not permissive.
    if not tokens or depth > _DEEPEST:
        return False, ["?"]
    first, *rest = tokens
    if first == "(":
        answer, rest = _either(rest, depth + 1)
        return (answer, rest[1:]) if rest and rest[0] == ")" else (False, ["?"])
    # An exception only permits more than the licence that it stands behind.
    if rest and rest[0] == "WITH":
        rest = rest[2:]
    return first in PERMISSIVE, rest
