"""What a new user does: `init`, then `run`."""

from __future__ import annotations

import pytest

from tests.project import Project, run

pytestmark = pytest.mark.slow


def test_init_in_an_empty_folder(project: Project) -> None:
    done = project.run("init")
    assert "wrote staticbuild.bzl, main.py" in done.stderr
    assert "`staticbuild run project`" in done.stderr
    assert project.run("run", "project").stdout == "Hello from project!\n"


def test_init_in_a_named_folder(project: Project) -> None:
    project.run("init", "tools/greeter")
    assert (project.folder / "tools/greeter/staticbuild.bzl").is_file()
    assert project.run("targets", "-f", "tools/greeter").stdout.splitlines()[-1].startswith("greeter ")


def test_init_in_a_project_with_src_layout(project: Project) -> None:
    project.write(
        "pyproject.toml", '[project]\nname = "greet-it"\nversion = "1"\n[project.scripts]\ngreet = "greet_it.cli:start"\n'
    )
    project.write("src/greet_it/__init__.py", "")
    project.write("src/greet_it/cli.py", "import sys\n\ndef start():\n    print('greetings', sys.argv[1:])\n    return 4\n")
    project.run("init")
    assert project.run("run", "greet", "--", "--to", "you", code=4).stdout == "greetings ['--to', 'you']\n"


def test_init_in_a_flat_package(project: Project) -> None:
    project.write("counter/__init__.py", "")
    project.write(
        "counter/__main__.py", "from importlib.resources import files\nprint(files('counter').joinpath('n.txt').read_text())\n"
    )
    project.write("counter/n.txt", "42")
    project.write("tests/test_counter.py", "")
    project.run("init")
    assert project.run("run").stdout == "42\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pyproject.toml": '[project]\nname = "greet"\n'}, None),
        ({"pyproject.toml": '[project]\nname = "greet"\ndependencies = ["idna"]\n'}, "pyproject.toml"),
        ({"pyproject.toml": '[project]\nname = "greet"\ndependencies = ["idna"]\n', "uv.lock": ""}, "uv.lock"),
        ({"requirements.txt": "idna\n"}, "requirements.txt"),
    ],
)
def test_init_takes_requirements_from_where_they_are(project: Project, files: dict[str, str], expected: str | None) -> None:
    for name, text in files.items():
        project.write(name, text)
    done = project.run("init")
    assert (f'requirements = ["{expected}"]' in (project.folder / "staticbuild.bzl").read_text()) is (expected is not None)
    assert ("`staticbuild lock`, then" in done.stderr) is (expected is not None)


def test_init_overwrites_nothing(project: Project) -> None:
    project.write("staticbuild.bzl", "# mine\n")
    assert "there is a `staticbuild.bzl` in this folder already" in project.run("init", code=2).stderr
    assert (project.folder / "staticbuild.bzl").read_text() == "# mine\n"


def test_the_result_may_be_moved_anywhere(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    project.run("init")
    (path,) = project.run("build").stdout.splitlines()
    moved = tmp_path_factory.mktemp("bin") / "moved"
    project.result("project/project").rename(moved)
    assert path == str(project.result("project/project"))
    assert run([moved], env={}).stdout == "Hello from project!\n"
