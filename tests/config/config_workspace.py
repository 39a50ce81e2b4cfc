"""What the tests of the config layer share: a workspace made of texts, rules with every type, and errors as one line each."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence

from staticbuild.config.engine import Limits
from staticbuild.config.loader import Settings, Workspace
from staticbuild.config.schema import (
    BOOLEAN,
    INTEGER,
    LABEL,
    LABEL_DICT,
    LABELS,
    REQUIRED,
    SHA256,
    STRING,
    STRING_DICT,
    STRINGS,
    Attribute,
    Integer,
    Mistake,
    Rule,
    either,
    enum,
    list_of,
    record,
)
from staticbuild.errors import ConfigError, Location, Problem

PLACE = either(STRING, record({"place": STRING, "sha256": SHA256}, optional=("sha256",)))

RULES = (
    Rule(
        "make_dist",
        "A Python distribution.",
        (Attribute("flavor", enum("static", "dynamic"), "How it is linked.", '"static"', "static"),),
        module="@stdlib//python.bzl",
        default_name="dist",
    ),
    Rule(
        "python_executable",
        "One executable file.",
        (
            Attribute("dist", LABEL, "The distribution.", '":dist"', ":dist"),
            Attribute("resources", LABELS, "What it holds.", '[":app"]', ()),
            Attribute("entry_point", STRING, "What it runs.", '"greet:main"'),
            Attribute("file", STRING, "What else it runs.", '"greet.py"'),
            Attribute("optimize", Integer(0, 2), "As `-O`.", "2", 0),
        ),
        module="@stdlib//python.bzl",
        example='python_executable(\n    name = "greet",\n)',
        check=lambda given: (
            [Mistake("give `entry_point` or `file`, not both", ("file",))] if given["entry_point"] and given["file"] else []
        ),
    ),
    Rule(
        "everything",
        "Has an attribute of each type.",
        (
            Attribute("text", STRING, "", '""', REQUIRED),
            Attribute("number", INTEGER, "", "1"),
            Attribute("flag", BOOLEAN, "", "True"),
            Attribute("srcs", STRINGS, "", '["a"]'),
            Attribute("env", STRING_DICT, "", '{"A": "b"}'),
            Attribute("inputs", LABEL_DICT, "", '{"a": ":b"}'),
            Attribute("places", list_of(PLACE), "", '["https://x.org/"]'),
        ),
        module="@stdlib//build.bzl",
    ),
)

STDLIB = {
    "python.bzl": """\
make_dist = native.make_dist
python_executable = native.python_executable

def application(name, **attributes):
    native.python_executable(
        name = name,
        **attributes
    )

def must_be_even(number):
    if number % 2:
        fail("odd:", number)

def third(items):
    return items[2]
""",
    "build.bzl": "everything = native.everything\n",
    "recipes/staticbuild.bzl": 'load("//build.bzl", "everything")\neverything(name = "zlib", text = native.package_name())\n',
}


class Texts:
    """The files of a repository, in memory."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)

    def read(self, path: str) -> str | None:
        return self.texts.get(path)

    def glob(self, package: str, include: Sequence[str], exclude: Sequence[str]) -> list[str]:
        prefix = f"{package}/" if package else ""
        below = [path.removeprefix(prefix) for path in self.texts if path.startswith(prefix)]
        wanted = [path for path in below if any(_matches(path, pattern) for pattern in include)]
        return [path for path in wanted if not any(_matches(path, pattern) for pattern in exclude)]


def _matches(path: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(path, pattern) or (pattern.startswith("**/") and fnmatch.fnmatchcase(path, pattern[3:]))


def make_workspace(
    texts: Mapping[str, str] | str,
    *,
    variables: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    printed: list[str] | None = None,
    isolate: Callable[[Callable[[], bytes]], bytes] | None = None,
) -> Workspace:
    files = {"staticbuild.bzl": texts} if isinstance(texts, str) else texts

    def keep(where: Location, text: str) -> None:
        if printed is not None:
            printed.append(f"{where}: {text}")

    return Workspace(
        files={"": Texts(files), "stdlib": Texts(STDLIB)},
        rules=RULES,
        settings=Settings("x86_64-unknown-linux-musl", variables or {}),
        limits=limits or Limits(),
        on_print=keep,
        isolate=isolate,
    )


def problems_of(workspace: Workspace, package: str = "") -> tuple[Problem, ...]:
    """What is wrong with the package; nothing if it can be evaluated."""
    try:
        workspace.package("", package)
    except ConfigError as error:
        return error.problems
    return ()


def one_line(problem: Problem) -> str:
    """`path:line:column: message; hint`."""
    place = f"{problem.where}: " if problem.where else ""
    return place + problem.message + (f"; {problem.hint}" if problem.hint else "")


def check_error(texts: Mapping[str, str] | str, *expected: str) -> None:
    """The package of `texts` has just these problems."""
    assert [one_line(problem) for problem in problems_of(make_workspace(texts))] == list(expected)
