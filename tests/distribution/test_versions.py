"""The table of versions, and what a config that names one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from staticbuild.cli.workspace_files import WorkspaceFiles
from staticbuild.config.loader import Settings, Workspace
from staticbuild.distribution import versions
from staticbuild.distribution.versions import VERSIONS, Version
from staticbuild.graph.label import Label
from staticbuild.host import Host
from staticbuild.rules.registry import RULES
from tests.project import ROOT, TRIPLE, Project

CONFIG = """\
load("@stdlib//python.bzl", "make_dist")
make_dist(python_version = {version}{more})
"""


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("3.13", "3.13"),
        ("3.13.5", "3.13"),
        ("3.13.99", "3.13"),
        ("3.11.2", "3.11"),
        ("3.1", None),
        ("3.131", None),
        ("4.13", None),
    ],
)
def test_find(written: str, short: str | None) -> None:
    found = versions.find(written)
    assert (found.short if found else None) == short


@pytest.mark.parametrize(
    ("written", "short"),
    [("3.1", "3.11"), ("2.7", "3.11"), ("3.10", "3.11"), ("3.15", "3.14"), ("3.99.1", "3.14"), ("4.0", "3.11")],
)
def test_nearest(written: str, short: str) -> None:
    assert versions.nearest(written).short == short


def test_the_table_is_in_order() -> None:
    assert [version.numbers for version in VERSIONS] == sorted({version.numbers for version in VERSIONS})
    assert versions.find(versions.DEFAULT) is not None


@pytest.fixture(scope="module")
def recipes() -> Workspace:
    files = WorkspaceFiles(Host(), str(ROOT / "stdlib"))
    return Workspace({"": files, "stdlib": files}, RULES, Settings(TRIPLE))


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.short)
def test_the_recipes_pin_what_the_table_says(recipes: Workspace, version: Version) -> None:
    source = recipes.target(Label.parse(f"@stdlib//recipes:cpython{version.recipe}_source")).attributes
    assert source["version"] == version.release
    assert f"/{version.release}/Python-{version.release}.t" in str(source["places"])
    recipes.target(Label.parse(f"@stdlib//recipes:archive{version.recipe}"))


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.short)
def test_the_documentation_says_the_same(version: Version) -> None:
    row = f"| {version.short} | {version.release} | {version.end_of_life} |"
    assert row in (ROOT / "docs/distributions.md").read_text(encoding="utf-8")


@pytest.fixture
def plain(tmp_path: Path) -> Project:
    return Project(tmp_path, {"STATICBUILD_CACHE": str(tmp_path / "cache")})


@pytest.mark.parametrize(
    ("written", "more", "message", "hint"),
    [
        ('"3.10"', "", "Python 3.10 cannot be linked; staticbuild links 3.11, 3.12, 3.13, 3.14", "did you mean `3.11`?"),
        ('"3.15"', ', prebuilt = "noopt+static"', "Python 3.15 cannot be linked", "did you mean `3.14`?"),
        ('"3.13.4"', "", "Python 3.13.4 cannot be built from source; the recipes build 3.11.2, 3.12.15, 3.13.5 and", "`url`"),
        ('"3.13.4"', ', prebuilt = "noopt+static"', "the catalog has no Python 3.13.4 for", "dist catalog import"),
        ('"three"', "", "`python_version` wants a version, such as `3.13` or `3.13.5`", ""),
        (f'"{"9" * 5000}.1"', "", "`python_version` wants a version", ""),
        ("3.13", "", "config files have no floats", '"3.13"'),
    ],
)
def test_mistakes(plain: Project, written: str, more: str, message: str, hint: str) -> None:
    plain.write("staticbuild.bzl", CONFIG.format(version=written, more=more))
    said = plain.run("explain", "dist", code=2).stderr
    assert message in said
    assert hint in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("3.11", "archive-3.11"),
        ("3.11.2", "archive-3.11"),
        ("3.13.5", "archive"),
        ("3.14", "archive-3.14"),
        ("3.12.15", "archive-3.12"),
    ],
)
def test_only_the_recipe_of_the_named_version_is_built(plain: Project, written: str, target: str) -> None:
    plain.write("staticbuild.bzl", CONFIG.format(version=f'"{written}"', more=""))
    lines = plain.run("explain", "dist").stdout.splitlines()
    built = {line.split()[2] for line in lines if line.startswith(("runs    Run ", "runs    Archive "))}
    built = {label for label in built if ":archive" in label}
    assert built == {f"@stdlib//recipes:{target}"}
