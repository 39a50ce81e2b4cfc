"""Packages that open files beside their modules: seen when they are packed, and served with real files when they run."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import ROOT, Done, Project, run

pytestmark = pytest.mark.slow

CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")
python_resources(name = "app", package_roots = ["src"])

def program(name, location):
    python_executable(name = name, resources = [":app"], entry_point = "desk:main", location = location)

program("auto", {})
program("memory", {"shelf": "memory"})
program("near", {"*": "beside"})
"""

SHELF = {
    "__init__.py": """\
import os

def text():
    with open(os.path.join(os.path.dirname(__file__), "data.txt")) as file:
        return file.read().strip()
""",
    "views.py": """\
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent / "templates"

def names():
    return sorted(path.name for path in TEMPLATES.iterdir())
""",
    "stores.py": """\
import os, sqlite3, ssl
here = os.path.dirname(os.path.abspath(__file__))

def rows():
    return sqlite3.connect(f"file:{here}/rows.db?mode=ro", uri=True).execute("SELECT word FROM words").fetchall()

def certificates():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(os.path.join(here, "ca.pem"))
    return context.cert_store_stats()["x509"]
""",
    "data.txt": "a text\n",
    "templates/a.html": "a",
    "templates/b.html": "b",
}
DESK = {
    "__init__.py": """\
import json, sys
import shelf, shelf.stores, shelf.views
from importlib.resources import files

def main():
    print(json.dumps({
        "text": shelf.text(),
        "names": shelf.views.names(),
        "rows": shelf.stores.rows(),
        "certificates": shelf.stores.certificates(),
        "own": files("desk").joinpath("own.txt").read_text(),
        "files": {name: sys.modules[name].__file__ for name in ("shelf", "shelf.views", "desk")},
    }))
""",
    "own.txt": "read from memory",
}
ANSWERS = {
    "text": "a text",
    "names": ["a.html", "b.html"],
    "rows": [["oak"]],
    "certificates": 1,
    "own": "read from memory",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A program with a package that opens files, and one that reads its own from memory; built in three ways."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.write("staticbuild.bzl", CONFIG)
    for package, files in (("shelf", SHELF), ("desk", DESK)):
        for name, text in files.items():
            project.write(f"src/{package}/{name}", text)
    shutil.copy(Path(__file__).parent / "data/server.crt", project.folder / "src/shelf/ca.pem")
    connection = sqlite3.connect(project.folder / "src/shelf/rows.db")
    connection.executescript("CREATE TABLE words (word); INSERT INTO words VALUES ('oak')")
    connection.close()
    project.run("build")
    return project


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that nobody else can write to."""
    folder = Path(tempfile.mkdtemp(prefix="sb-home-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


def answers(done: Done) -> tuple[dict[str, object], dict[str, str]]:
    """What the program found, and where it says that its modules are."""
    found = json.loads(done.stdout)
    return found, found.pop("files")


def test_a_package_that_opens_files_has_them(project: Project, home: Path) -> None:
    program = project.result("auto/auto")
    for _ in range(2):
        found, files = answers(run([program], env={"HOME": str(home)}))
        assert found == ANSWERS
        (folder,) = (home / ".cache/auto").iterdir()
        assert files == {
            "shelf": f"{folder}/shelf/__init__.py",
            "shelf.views": f"{folder}/shelf/views.py",
            "desk": f"{program}/desk/__init__.py",
        }
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert written == {f"shelf/{name}" for name in (*SHELF, "ca.pem", "rows.db")}
    assert all(path.read_bytes() == (project.folder / "src" / path.relative_to(folder)).read_bytes()
               for path in folder.rglob("*") if path.is_file())  # fmt: skip


def test_kept_in_memory_it_fails_as_it_always_did(project: Project, home: Path) -> None:
    done = run([project.result("memory/memory")], env={"HOME": str(home)}, code=1)
    assert "FileNotFoundError" in done.stderr or "NotADirectoryError" in done.stderr
    assert list(home.iterdir()) == []


def test_beside_the_executable_wherever_it_is_taken(project: Project, home: Path) -> None:
    shutil.copytree(project.result("near"), home / "taken")
    found, files = answers(run([home / "taken/near"], env={"HOME": str(home)}))
    assert found == ANSWERS
    assert set(files.values()) == {
        f"{home}/taken/lib/{name}" for name in ("shelf/__init__.py", "shelf/views.py", "desk/__init__.py")
    }
    assert not (home / ".cache").exists()


def test_the_build_says_so(project: Project) -> None:
    told = project.run("build").stderr
    (line,) = [line for line in told.splitlines() if "cache when imported" in line]
    assert line.startswith(
        "auto: `shelf` will be written to the user's cache when imported, because of src/shelf/__init__.py:4:"
    )


def test_inspect_says_why(project: Project) -> None:
    auto = project.run("inspect", "auto").stdout
    assert "needs       the kernel" in auto
    assert "src/shelf/__init__.py:4:15  `os.path.join(os.path.dirname(__file__), 'data.txt')` is passed to `open`\n" in auto
    assert "src/shelf/views.py:6:41  `TEMPLATES.iterdir()` is looked at with `iterdir`\n" in auto
    assert "src/shelf/stores.py:9:35  `os.path.join(here, 'ca.pem')` is passed to `context.load_verify_locations`\n" in auto
    assert "desk" not in auto.partition("\n\n")[2]
    memory = project.run("inspect", "--all", "memory").stdout
    assert "no package is on disk while it runs" in memory
    assert "`os.path.join(here, 'ca.pem')` is passed to `context.load_verify_locations`; `location` decides about" in memory
    (report,) = [event for event in project.events("inspect", "near") if event["event"] == "report"]
    assert isinstance(report["resources"], dict)
    assert {name for item in report["resources"]["on_disk"] for name in item["packages"]} == {"desk", "shelf"}


def test_the_cache_is_shared_by_programs_of_one_name_and_content(project: Project, home: Path) -> None:
    copy = home / "renamed"
    shutil.copy(project.result("auto/auto"), copy)
    folders = {answers(run([program], env={"HOME": str(home)}))[1]["shelf"] for program in (copy, project.result("auto/auto"))}
    assert len(folders) == 1


def test_mistakes_have_a_place_or_a_suggestion(project: Project) -> None:
    other = Project(project.folder / "mistakes")
    other.write("shelf.py", "")
    head = CONFIG.partition("python_resources(name")[0] + 'python_resources(name = "app", srcs = ["shelf.py"])\n'

    def told(name: str, location: str, code: int) -> str:
        program = f'python_executable(name = "{name}", resources = [":app"], command = "", location = {location})\n'
        other.write("staticbuild.bzl", head + program)
        return other.run("build", code=code).stderr

    assert "did you mean `extracted`?" in told("a", '{"shelf": "extract"}', 2)
    assert "error: an executable cannot be named `lib` and have files in the folder `lib`" in told("lib", '{"*": "beside"}', 2)
    unknown = told("a", '{"shelv": "extracted"}', 1)
    assert "error: `location` names `shelv`, and the executable has no such package\n" in unknown
    assert "hint: did you mean `shelf`?\n" in unknown


@pytest.mark.network
def test_a_package_from_the_index(project: Project, package_index: None, home: Path) -> None:  # noqa: ARG001 - it skips
    """pytz opens its zone files below `__file__`; there is nothing in it that knows of us."""
    folder = project.folder / "zones"
    folder.mkdir()
    zones = Project(folder)
    zones.write(
        "staticbuild.bzl",
        'load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")\n'
        'make_dist(flavor = "standalone_static")\n'
        'python_resources(name = "app", srcs = ["zones.py"], requirements = ["pytz"])\n'
        'python_executable(name = "zones", resources = [":app"], entry_point = "zones")\n',
    )
    zones.write("zones.py", "import pytz\nprint(pytz.timezone('Asia/Tokyo')._utcoffset, pytz.__file__)\n")
    zones.run("lock")
    told = zones.run("build").stderr
    assert "zones: `pytz` will be written to the user's cache when imported, because of pytz==" in told
    done = run([zones.result("zones/zones")], env={"HOME": str(home), "PATH": os.environ["PATH"]})
    assert done.stdout.startswith("9:19:00 ") or done.stdout.startswith("9:00:00 ")
    assert f"{home}/.cache/zones/" in done.stdout
    assert str(ROOT) not in done.stdout
