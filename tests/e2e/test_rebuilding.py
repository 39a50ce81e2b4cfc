"""What runs again after a change, and how `explain` says why."""

from __future__ import annotations

import pytest

from tests.project import Project, run

pytestmark = pytest.mark.slow

CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")
python_resources(name = "app", package_roots = ["src"])
python_executable(name = "app1", resources = [":app"], entry_point = "words.cli:main")
"""


@pytest.fixture
def app(project: Project) -> Project:
    """A small package, built, with content that no other test has."""
    project.write("staticbuild.bzl", CONFIG)
    project.write("src/words/__init__.py", f"# {project.folder}\n")
    project.write("src/words/cli.py", "from words.data import WORD\n\ndef main():\n    print(WORD)\n")
    project.write("src/words/data.py", "WORD = 'one'\n")
    project.build()
    return project


def output(project: Project) -> str:
    return run([project.result("app1/app1")], env={}).stdout


def test_nothing_to_do(app: Project) -> None:
    assert app.build() == []
    assert app.run("explain").stdout.startswith("nothing to do: all ")


def test_one_changed_source_is_packed_merged_and_linked(app: Project) -> None:
    app.write("src/words/data.py", "WORD = 'two'\n")
    assert app.build() == ["PackApplication app", "Merge app1", "Link app1"]
    assert output(app) == "two\n"


def test_explain_names_the_file_before_and_after(app: Project) -> None:
    app.write("src/words/data.py", "WORD = 'three'\n")
    before = app.run("explain").stdout
    assert "PackApplication app" in before
    assert "words/data.py" in before
    assert "Link app1" in before
    assert "3 actions would run" in before
    assert app.build() == ["PackApplication app", "Merge app1", "Link app1"]
    after = app.run("explain", "--all").stdout
    assert "words/data.py" in after
    assert "actions are up to date" in after


def test_a_touched_source_is_no_change(app: Project) -> None:
    app.write("src/words/data.py", "WORD = 'one'\n")
    assert app.build() == []


def test_going_back_runs_nothing(app: Project) -> None:
    app.write("src/words/data.py", "WORD = 'two'\n")
    app.build()
    app.write("src/words/data.py", "WORD = 'one'\n")
    assert app.build() == []
    assert output(app) == "one\n"


def test_explain_names_a_new_and_a_removed_source(app: Project) -> None:
    new = app.write("src/words/more.py", "")
    assert "a new input: `roots/0/words/more.py`" in app.run("explain").stdout
    new.unlink()
    (app.folder / "src/words/data.py").unlink()
    assert "an input went away: `roots/0/words/data.py`" in app.run("explain").stdout


def test_a_setting_is_merged_and_linked(app: Project) -> None:
    app.write("staticbuild.bzl", CONFIG.replace("words.cli:main", "words.data"))
    assert app.build() == ["Merge app1", "Link app1"]
    assert output(app) == ""


def test_a_lost_result_is_put_back(app: Project) -> None:
    app.result("app1/app1").unlink()
    assert app.build() == []
    assert output(app) == "one\n"


def test_a_changed_result_is_put_right(app: Project) -> None:
    with app.result("app1/app1").open("r+b") as file:
        file.write(b"broken")
    app.run("build")
    assert output(app) == "one\n"
