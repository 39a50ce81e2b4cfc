"""What a workspace answers: targets with their places, packages, what an evaluation depended on."""

from __future__ import annotations

import pytest

from staticbuild.config.evaluation import Glob
from staticbuild.config.loader import Settings, Workspace
from staticbuild.errors import ConfigError, Location
from staticbuild.graph.label import Label
from tests.config.config_workspace import RULES, STDLIB, Texts, make_workspace, one_line, problems_of

TWO = """\
load("@stdlib//python.bzl", "application", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "greet",
    resources = [":app", "//tools"],
    entry_point = "greet:main",
)

application(name = "other", optimize = 1)
"""


def error_of(workspace: Workspace, label: str) -> str:
    with pytest.raises(ConfigError) as caught:
        workspace.target(Label.parse(label))
    return one_line(caught.value.problems[0])


def test_targets_carry_converted_attributes_and_places() -> None:
    workspace = make_workspace(TWO)
    assert list(workspace.package("", "")) == ["dist", "greet", "other"]
    greet = workspace.target(Label.parse(":greet"))
    assert greet.label == Label("", "", "greet")
    assert greet.rule == "python_executable"
    assert greet.attributes == {
        "dist": Label("", "", "dist"),
        "resources": (Label("", "", "app"), Label("", "tools", "tools")),
        "entry_point": "greet:main",
        "file": None,
        "optimize": 0,
    }
    assert greet.location == Location("staticbuild.bzl", 5, 1, 9, 2)
    assert greet.where("resources") == Location("staticbuild.bzl", 7, 17, 7, 36)
    assert greet.where("dist") == greet.location


def test_a_target_that_a_library_function_declares_stands_where_the_user_calls_it() -> None:
    other = make_workspace(TWO).target(Label.parse(":other"))
    assert str(other.location) == "staticbuild.bzl:11:1"
    assert str(other.where("optimize")) == "staticbuild.bzl:11:40"


def test_a_target_that_an_own_function_declares_stands_where_the_package_calls_it() -> None:
    text = 'load("@stdlib//python.bzl", "make_dist")\ndef two(n):\n    make_dist(\n        name = n)\n\ntwo("a")\ntwo("b")\n'
    workspace = make_workspace(text)
    assert [str(target.location) for target in workspace.package("", "").values()] == [
        "staticbuild.bzl:6:1",
        "staticbuild.bzl:7:1",
    ]
    assert str(workspace.target(Label.parse("b")).where("name")) == "staticbuild.bzl:4:16"


def test_labels_are_relative_to_the_package_that_declares() -> None:
    workspace = make_workspace(
        {"a/b/staticbuild.bzl": 'load("@stdlib//python.bzl", "python_executable")\npython_executable(name = "x")'}
    )
    assert workspace.target(Label.parse("//a/b:x")).attributes["dist"] == Label("", "a/b", "dist")


def test_packages_of_the_library() -> None:
    zlib = make_workspace({}).target(Label.parse("@stdlib//recipes:zlib"))
    assert zlib.attributes["text"] == "recipes"
    assert str(zlib.location) == "@stdlib//recipes/staticbuild.bzl:2:1"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (":gret", "there is no target `:gret`; did you mean `:greet`?"),
        (":zzz", "there is no target `:zzz`; there is `:dist`, `:greet`, `:other`"),
        ("//tools:x", "there is no target `//tools:x`; `tools/staticbuild.bzl` declares no targets"),
        ("//tolls:x", "there is no package `//tolls`; did you mean `//tools`?"),
        ("//zzz:x", "there is no package `//zzz`; `zzz/staticbuild.bzl` does not exist"),
        ("@stdlib//recipes:zlb", "there is no target `@stdlib//recipes:zlb`; did you mean `@stdlib//recipes:zlib`?"),
        ("@stdlib//x:y", "there is no package `@stdlib//x`; `@stdlib//x/staticbuild.bzl` does not exist"),
        ("@other//x:y", "there is no repository `@other`; besides the workspace there is `@stdlib`"),
    ],
)
def test_names_that_mean_nothing(label: str, expected: str) -> None:
    assert error_of(make_workspace({"staticbuild.bzl": TWO, "tools/staticbuild.bzl": ""}), label) == expected


def test_no_config_at_all() -> None:
    assert error_of(make_workspace({}), ":x") == "there is no `staticbuild.bzl`; `staticbuild init` writes one"


def test_an_unknown_target_is_reported_where_it_is_named() -> None:
    workspace = make_workspace(TWO)
    where = workspace.target(Label.parse(":greet")).where("resources")
    with pytest.raises(ConfigError) as caught:
        workspace.resolve(Label.parse(":app"), where)
    (problem,) = caught.value.problems
    assert problem.where == where
    assert problem.source_line == '    resources = [":app", "//tools"],'


def test_a_package_that_is_wrong_in_itself_is_reported_there() -> None:
    workspace = make_workspace({"staticbuild.bzl": TWO, "tools/staticbuild.bzl": "x = nothing"})
    with pytest.raises(ConfigError) as caught:
        workspace.resolve(Label.parse("//tools"), Location("staticbuild.bzl", 7))
    assert one_line(caught.value.problems[0]) == "tools/staticbuild.bzl:1:5: `nothing` is not defined"


def test_packages_and_targets() -> None:
    more = 'load("@stdlib//python.bzl", "make_dist")\nmake_dist(name = "b")\nmake_dist(name = "a")\n'
    workspace = make_workspace({"z/staticbuild.bzl": more, "a/b/staticbuild.bzl": more, "staticbuild.bzl": TWO, "x.bzl": ""})
    assert workspace.packages() == ["", "a/b", "z"]
    assert [target.label.short for target in workspace.targets()] == [
        "dist",
        "greet",
        "other",
        "//a/b:b",
        "//a/b:a",
        "//z:b",
        "//z:a",
    ]


def test_the_problems_of_all_packages_are_told() -> None:
    workspace = make_workspace({"a/staticbuild.bzl": "x = a", "b/staticbuild.bzl": "x = b"})
    with pytest.raises(ConfigError) as caught:
        workspace.targets()
    assert [one_line(problem) for problem in caught.value.problems] == [
        "a/staticbuild.bzl:1:5: `a` is not defined",
        "b/staticbuild.bzl:1:5: `b` is not defined",
    ]


def test_what_a_loop_does_wrong_is_told_once() -> None:
    text = 'load("@stdlib//python.bzl", "make_dist")\n[make_dist(name = "x%d" % i, flavour = 1) for i in range(1000)]\n'
    assert len(problems_of(make_workspace(text))) == 1


def test_of_very_many_problems_some_are_told() -> None:
    text = 'load("@stdlib//python.bzl", "make_dist")\n' + 'make_dist(name = "x", flavour = 1)\n' * 1000
    problems = problems_of(make_workspace(text))
    assert len(problems) == 52
    assert problems[-1].message == "there are 1948 more problems like these"


def test_a_config_of_another_name() -> None:
    files = {"": Texts({"release.bzl": TWO, "tools/staticbuild.bzl": ""}), "stdlib": Texts(STDLIB)}
    workspace = Workspace(files, RULES, Settings("", config_name="release.bzl"))
    assert workspace.packages() == ["", "tools"]
    assert str(workspace.target(Label.parse(":greet")).location) == "release.bzl:5:1"


def test_what_an_evaluation_depends_on() -> None:
    texts = {
        "staticbuild.bzl": 'load(":defs.bzl", "flavor")\nx = glob(["*.py"], exclude = ["b*"])\nx == ["a.py"] or fail(x)\n',
        "defs.bzl": 'flavor = config.var("FLAVOR")\nmode = config.var("MODE", "fast")\n',
        "unused.bzl": 'config.var("UNUSED")',
        "a.py": "",
        "b.py": "",
    }
    workspace = make_workspace(texts, variables={"FLAVOR": "static", "UNUSED": "x"})
    reads = workspace.reads("", "")
    assert list(reads.files) == ["staticbuild.bzl", "defs.bzl"]
    assert reads.variables == {"FLAVOR": "static", "MODE": None}
    assert workspace.unused_variables() == ["UNUSED"]
    assert list(reads.globs) == [Glob("", ("*.py",), ("b*",))]


def test_a_loaded_file_that_is_no_text() -> None:
    class Undecodable(Texts):
        def read(self, path: str) -> str | None:
            if path == "a.bzl":
                raise ConfigError("byte 3 is not UTF-8", where=Location(path, 7), hint="save the file as UTF-8")
            return super().read(path)

    files = {"": Undecodable({"staticbuild.bzl": 'load(":a.bzl", "a")', "a.bzl": ""})}
    workspace = Workspace(files, RULES, Settings(""))
    assert [one_line(problem) for problem in problems_of(workspace)] == [
        "a.bzl:7:1: byte 3 is not UTF-8; save the file as UTF-8"
    ]


def test_globs_are_of_the_package_that_calls() -> None:
    texts = {
        "a/staticbuild.bzl": 'load("//defs.bzl", "sources")\nsources() == ["x.py"] or fail(sources())\n',
        "a/x.py": "",
        "defs.bzl": 'def sources():\n    return glob(["*.py"])\n',
        "y.py": "",
    }
    assert make_workspace(texts).package("", "a") == {}


def test_the_target_triple() -> None:
    assert make_workspace('config.target == "x86_64-unknown-linux-musl" or fail(config.target)').package("", "") == {}


def test_files_are_evaluated_once() -> None:
    texts = {
        "staticbuild.bzl": 'load(":defs.bzl", "x")\n',
        "a/staticbuild.bzl": 'load("//defs.bzl", "x")\n',
        "defs.bzl": 'print("evaluated")\nx = 1\n',
    }
    printed: list[str] = []
    workspace = make_workspace(texts, printed=printed)
    for _ in range(2):
        workspace.package("", "")
        workspace.package("", "a")
    assert printed == ["defs.bzl:1:1: evaluated"]


def test_two_workspaces_know_nothing_of_each_other() -> None:
    first = make_workspace('x = config.var("A")', variables={"A": "1"})
    second = make_workspace('x = config.var("A", "")')
    assert first.reads("", "").variables == {"A": "1"}
    assert second.reads("", "").variables == {"A": None}
