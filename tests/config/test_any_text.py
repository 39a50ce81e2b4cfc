"""The promise of the config layer: any text gives targets or ConfigError, never anything else."""

from __future__ import annotations

import re

from config_workspace import make_workspace, problems_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from staticbuild.cli.diagnostics import draw
from staticbuild.config.engine import Limits

# Words from which grammatical, nearly grammatical and hopeless texts are made.
NAMES = ("x", "y", "f", "make_dist", "everything", "glob", "config", "json", "struct", "native", "fail", "print", "float", "_u")
VALUES = (
    "1",
    "0",
    "-1",
    "2147483647",
    "4294967296",
    "1.5",
    "1e400",
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
EXPRESSIONS = st.recursive(
    st.sampled_from(NAMES + VALUES),
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from("+ - * // % / << >> & | ^ == < in and or if".split()), inner),
        st.builds("{}({})".format, inner, inner),
        st.builds("{}({} = {})".format, inner, st.sampled_from((*NAMES, "name", "text", "srcs", "flavor")), inner),
        st.builds("{}({}, *{}, **{})".format, inner, inner, inner, inner),
        st.builds(
            "{}.{}".format, inner, st.sampled_from(("target", "var", "encode", "decode", "append", "format", "join", "pop"))
        ),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("[{} for x in {}]".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{{}: {}}}".format, inner, inner),
        st.builds("(lambda x: {})".format, inner),
        st.builds("{} if {} else {}".format, inner, inner, inner),
        st.builds("type({})".format, inner),
        st.builds("str({})".format, inner),
        st.builds(
            "{}({})".format, st.sampled_from("len list dict sorted range hash repr int tuple zip dir getattr".split()), inner
        ),
        st.builds("json.decode({})".format, inner),
        st.builds("json.encode({})".format, inner),
    ),
    max_leaves=8,
)
STATEMENTS = st.one_of(
    EXPRESSIONS,
    st.builds("{} = {}".format, st.sampled_from(NAMES), EXPRESSIONS),
    st.builds("{} += {}".format, st.sampled_from(NAMES), EXPRESSIONS),
    st.builds("{}[{}] = {}".format, st.sampled_from(NAMES), EXPRESSIONS, EXPRESSIONS),
    st.builds("def {}({}):\n    return {}".format, st.sampled_from(NAMES), st.sampled_from(NAMES), EXPRESSIONS),
    st.builds("for x in {}:\n    {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("if {}:\n    {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds('load("{}", "{}")'.format, st.sampled_from(("@stdlib//python.bzl", ":a.bzl", "//x", "")), st.sampled_from(NAMES)),
    st.sampled_from(("x = [", "def f(:", "return 1", "while 1: pass", "x = '", "  x", "pass", "break", "import x")),
)
PROLOGUE = 'load("@stdlib//python.bzl", "make_dist")\nload("@stdlib//build.bzl", "everything")\n'


def check(text: str) -> None:
    texts = {"staticbuild.bzl": text, "a.bzl": "x = [1]\ndef f(y):\n    return x[y]\n"}
    for problem in problems_of(make_workspace(texts, limits=Limits(steps=100_000))):
        assert problem.where is not None
        assert problem.message
        assert not re.search(
            r"Traceback|\.rs:|pyo3|<prelude>|StarlarkError|object at 0x", problem.message + "".join(problem.notes)
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
@given(st.lists(STATEMENTS, max_size=5))
def test_any_statements(statements: list[str]) -> None:
    check(PROLOGUE + "\n".join(statements))
