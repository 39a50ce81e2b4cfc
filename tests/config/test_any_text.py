"""The promise of the config layer: any text gives targets or ConfigError, never anything else."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from staticbuild.cli.diagnostics import draw
from staticbuild.config.engine import Limits
from tests.config.config_workspace import make_workspace, problems_of

# Words from which grammatical, nearly grammatical and hopeless texts are made.
NAMES = [
    "x",
    "y",
    "f",
    "make_dist",
    "everything",
    "glob",
    "config",
    "json",
    "struct",
    "native",
    "fail",
    "print",
    "float",
    "_u",
    "len",
    "list",
    "dict",
    "sorted",
    "range",
    "str",
    "type",
]
VALUES = (
    "1",
    "0",
    "-1",
    "2147483647",
    "4294967296",
    "1.5",
    '"1e400"',
    '"a"',
    '"é😀"',
    '"\\n"',
    "None",
    "True",
    "[]",
    "{}",
    "()",
    "[1]",
)
OPERATORS = ["+", "-", "*", "//", "%", "/", "<<", ">>", "&", "|", "^", "==", "<", "in", "and", "or", "if"]
FIELDS = ["target", "var", "encode", "decode", "append", "format", "join", "pop", "keys", "elems"]
PARAMETERS = ["x", "name", "text", "srcs", "flavor", "places", "number", "env"]
SHAPES = (
    "{0} OPERATOR {1}",
    "{0}({1})",
    "{0}({1}, {2})",
    "{0}(PARAMETER = {1}, PARAMETER = {2})",
    "{0}({1}, *{2}, **{3})",
    "{0}.FIELD",
    "{0}.FIELD({1})",
    "{0}[{1}]",
    "{0}[{1}:{2}]",
    "[{0} for x in {1}]",
    "[{0}, {1}]",
    "{{{0}: {1}}}",
    "(lambda x: {0})",
    "({0} if {1} else {2})",
    "json.decode({0})",
    "json.encode({0})",
    'everything(name = "e", text = {0}, PARAMETER = {1})',
)
STATEMENTS = (
    "{0}",
    "NAME = {0}",
    "NAME += {0}",
    "NAME[{0}] = {1}",
    "NAME, y = {0}",
    "def NAME(NAME):\n    return {0}",
    "for x in {0}:\n    {1}",
    "if {0}:\n    {1}",
    'load("@stdlib//python.bzl", "NAME")',
    'load(":a.bzl", NAME = "x")',
    "x = [",
    "def f(:",
    "return {0}",
    "while {0}: pass",
    "x = '",
    "  x",
    "import x",
)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from((*NAMES, *VALUES)))
    return _filled(draw, draw(st.sampled_from(SHAPES)), depth - 1)


@st.composite
def statements(draw: st.DrawFn) -> str:
    return _filled(draw, draw(st.sampled_from(STATEMENTS)), 3)


def _filled(draw: st.DrawFn, shape: str, depth: int) -> str:
    for word, words in {"OPERATOR": OPERATORS, "FIELD": FIELDS, "PARAMETER": PARAMETERS, "NAME": NAMES}.items():
        while word in shape:
            shape = shape.replace(word, draw(st.sampled_from(words)), 1)
    parts = [draw(expressions(depth)) if f"{{{index}}}" in shape else "" for index in range(4)]
    return shape.format(*parts)


PROLOGUE = 'load("@stdlib//python.bzl", "make_dist")\nload("@stdlib//build.bzl", "everything")\n'


def check(text: str) -> None:
    texts = {"staticbuild.bzl": text, "a.bzl": "x = [1]\ndef f(y):\n    return x[y]\n"}
    for problem in problems_of(make_workspace(texts, limits=Limits(steps=100_000))):
        assert problem.where is not None
        assert problem.message
        assert not re.search(
            r"Traceback|\.rs:|pyo3|builtin:|StarlarkError|object at 0x", problem.message + "".join(problem.notes)
        )
        assert draw(problem).plain.startswith("error: ")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text())
def test_any_characters(text: str) -> None:
    check(text)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet="x=1()[]{}:,.\n \"'#+-*/<>\\%ifdeor\t\r\0é"))
def test_any_characters_of_the_language(text: str) -> None:
    check(text)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(statements(), max_size=5))
def test_any_statements(parts: list[str]) -> None:
    check(PROLOGUE + "\n".join(parts))
