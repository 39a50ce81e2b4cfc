"""One executable of a package or a project, without a config."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packing.conftest import WheelMaker
from tests.project import Done, Project, run

pytestmark = pytest.mark.slow

BACKEND = '''\
"""A backend that needs nothing: it packs `src/` as it is."""

import pathlib
import zipfile

INFO = "my_project-0.3.dist-info/"


def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "my_project-0.3-py3-none-any.whl"
    members = {path.relative_to("src").as_posix(): path.read_text() for path in pathlib.Path("src").rglob("*.py")}
    members[INFO + "METADATA"] = "Metadata-Version: 2.1\\nName: my-project\\nVersion: 0.3\\nRequires-Dist: greetings\\n"
    members[INFO + "WHEEL"] = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    members[INFO + "entry_points.txt"] = "[console_scripts]\\nhello = my_project.cli:main\\n"
    members[INFO + "RECORD"] = "".join(f"{path},,\\n" for path in [*members, INFO + "RECORD"])
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as archive:
        for path, text in members.items():
            archive.writestr(path, text)
    return name
'''
PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "my-project"
version = "0.3"
dependencies = ["greetings>=1"]
[project.scripts]
hello = "my_project.cli:main"
"""
CLI = """\
import sys
from importlib.metadata import version

import greetings


def main() -> int:
    print(greetings.word, *sys.argv[1:], version("my-project"))
    return 3
"""


@pytest.fixture
def here(tmp_path: Path) -> Project:
    """A folder with a project, and an index that is a folder of this host."""
    wheels = tmp_path / "wheels"
    make = WheelMaker(wheels)
    make("greetings", "1.0", {"greetings.py": b"word = 'Hello'\n", "greetings_more/__main__.py": b"print('more')\n"})
    make("greetings", "2.0", {"greetings.py": b"word = 'Good morning'\n"}, requires=("no-such-package-of-ours",))
    project = Project(tmp_path / "work", {"PIP_NO_INDEX": "1", "UV_FIND_LINKS": str(wheels), "PIP_FIND_LINKS": ""})
    project.write("myproject/pyproject.toml", PYPROJECT)
    project.write("myproject/backend.py", BACKEND)
    project.write("myproject/src/my_project/__init__.py", "")
    project.write("myproject/src/my_project/cli.py", CLI)
    return project


def start(path: Path, *words: str, code: int = 0) -> Done:
    return run([path, *words], code=code, env={})


def test_a_project_and_its_changes(here: Project) -> None:
    first = here.run("app", "./myproject")
    assert first.stdout == f"{here.folder}/hello\n"
    assert start(here.folder / "hello", "Ada", code=3).stdout == "Hello Ada 0.3\n"
    again = here.run("app", "./myproject")
    assert "0 actions ran" in again.stderr
    assert "resolving" not in again.stderr
    here.write("myproject/src/my_project/cli.py", CLI.replace("return 3", "return 4"))
    assert "resolving" not in here.run("app", "./myproject").stderr
    assert start(here.folder / "hello", "Ada", code=4).stdout == "Hello Ada 0.3\n"


def test_a_lock_that_is_kept(here: Project) -> None:
    here.run("app", "greetings", "--module", "greetings_more", "--lock", "pins.lock", "--output", "sub/run")
    assert start(here.folder / "sub/run").stdout == "more\n"
    kept = (here.folder / "pins.lock").read_text()
    assert '"greetings==1.0"' in kept
    WheelMaker(here.folder.parent / "wheels")("greetings", "1.5", {"greetings_more/__main__.py": b"print('newer')\n"})
    here.run("app", "greetings", "--module", "greetings_more", "--lock", "pins.lock", "--output", "sub/run")
    assert (here.folder / "pins.lock").read_text() == kept
    here.run("app", "greetings", "--module", "greetings_more", "--lock", "pins.lock", "--output", "sub/run", "--upgrade")
    assert start(here.folder / "sub/run").stdout == "newer\n"
    assert '"greetings==1.5"' in (here.folder / "pins.lock").read_text()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["no-such-package-of-ours"], "no-such-package-of-ours was not found"),
        (["a b"], "error: `a b` is no requirement"),
        (["./nothing"], "error: `./nothing` is no requirement"),
        (["myproject"], "hint: for the folder, write `./myproject`"),
        (["./myproject/src"], "error: the folder `./myproject/src` is no project"),
        (["gone.whl"], "error: there is no file `gone.whl`"),
        (["./myproject", "-o", "myproject"], "error: `myproject` is a folder"),
        (["./myproject", "-o", "notes.txt"], "is no executable of ours"),
        (["./myproject", "--script", "hallo"], "hint: did you mean `script:hello`?"),
    ],
)
def test_mistakes(here: Project, words: list[str], expected: str) -> None:
    here.write("notes.txt", "precious")
    failed = here.run("app", *words, code=None)
    assert failed.returncode in {1, 2}
    assert expected in failed.stderr
    assert "staticbuild.bzl" not in failed.stderr
    assert (here.folder / "notes.txt").read_text() == "precious"
    assert failed.stdout == ""


def test_a_folder_of_that_name_is_left_alone(here: Project) -> None:
    (here.folder / "hello").mkdir()
    assert here.run("app", "./myproject").stdout == f"{here.folder}/dist/hello\n"


def test_a_package_of_the_index(tmp_path: Path, package_index: None) -> None:  # noqa: ARG001 - it skips
    project = Project(tmp_path)
    done = project.run("app", "pycowsay==0.0.0.2")
    assert done.stdout == f"{tmp_path}/pycowsay\n"
    assert "< moo >" in start(tmp_path / "pycowsay", "moo").stdout
