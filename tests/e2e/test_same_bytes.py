"""Deleting the cache and building again gives the same bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from staticbuild.executor.store import Store
from staticbuild.host import Host
from tests.project import EXAMPLES, TRIPLE, Project, run

pytestmark = pytest.mark.slow

ARCHIVE = f"cpython-3.13-{TRIPLE}-full.tar.zst"


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def recipe_digest(project: Project) -> str:
    """One digest over every action that makes the distribution: its command, environment and whole input tree."""
    forecasts = project.events("explain", ":dist")
    assert not [event for event in forecasts if event["runs"]]
    lines = sorted(f"{event['target']} {event['action']} {event['last_digest']}\n" for event in forecasts)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class Stamp:
    """A file in the user's cache that says which distribution was built twice on this machine, with the same result.

    It lives in the cache on purpose: `staticbuild clean --cache` forgets it too.
    """

    def __init__(self, digest: str) -> None:
        self._path = Path(Host().cache_dir) / "workspaces" / f"built-twice-{digest}"

    def is_set(self, archive: str) -> bool:
        return self._path.is_file() and self._path.read_text() == archive

    def set(self, archive: str) -> None:
        self._path.write_text(archive)


def elsewhere(folder: Path) -> Mapping[str, str]:
    """An environment in which everything is different that must not matter."""
    (folder / "home").mkdir(parents=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "STATICBUILD_CACHE": str(folder / "another-cache"),
        "TZ": "Pacific/Chatham",
        "LANG": "tr_TR.UTF-8",
        "LC_ALL": "C",
        "USER": "somebody",
        "SOURCE_DATE_EPOCH": "86400",
        "CFLAGS": "-O0 -g",
        "PYTHONHASHSEED": "77",
        "COLUMNS": "40",
    }


def build_elsewhere(project: Project, environ: Mapping[str, str], *targets: str) -> None:
    command = [sys.executable, "-m", "staticbuild", "build", "-j", "3", *targets]
    with subprocess.Popen(
        command,
        cwd=project.folder,
        env=dict(environ),
        umask=0o077,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        _, said = process.communicate(timeout=2700)
    assert process.returncode == 0, said


def seed_sources(cache: str) -> None:
    """Give the other cache what was downloaded (and nothing that was built), so that the network is needed only once."""
    host = Host()
    own, other = Store(host, host.cache_dir), Store(host, cache)
    for record in (Path(host.cache_dir) / "sources").iterdir():
        for executable in (False, True):
            blob = own.blob_path(record.name, executable=executable)
            if Path(blob).is_file():
                other.add_file(blob, executable=False)


def test_hello_and_its_distribution(example: Callable[[str], Project], archive_file: Path, tmp_path: Path) -> None:
    """Builds hello a second time, elsewhere: other cache, folder, home, time zone, language, umask, variables, job count.

    All of it, CPython and its libraries included, takes as long as the first build did. So that this is paid once for each
    state of the recipes and not once for each run of the tests, a stamp in the user's cache remembers that the distribution
    came out the same, under the digest of all actions that make it. Where the stamp is set, the second place takes that
    archive as given and makes the rest again: the toolchain's sysroot, the packing, the runtime, the link.
    On a fresh machine there is no stamp, and everything is built twice.
    """
    hello = example("hello")
    archive = sha256(archive_file)
    stamp = Stamp(recipe_digest(hello))
    whole = not stamp.is_set(archive)
    if whole and os.environ.get("STATICBUILD_QUICK_TESTS") == "1":
        pytest.skip("STATICBUILD_QUICK_TESTS=1: CPython is not built a second time")
    other = Project(tmp_path / "some other place" / "hello")
    shutil.copytree(EXAMPLES / "hello", other.folder, ignore=shutil.ignore_patterns("build", "__pycache__"))
    environ = elsewhere(tmp_path / "elsewhere")
    seed_sources(environ["STATICBUILD_CACHE"])
    if not whole:
        shutil.copy(archive_file, other.folder / ARCHIVE)
        config = (other.folder / "staticbuild.bzl").read_text()
        given = config.replace("make_dist(", f'make_dist(path = "{ARCHIVE}", ')
        assert given != config
        other.write("staticbuild.bzl", given)
    build_elsewhere(other, environ, *(["hello", ":dist"] if whole else ["hello"]))
    if whole:
        assert sha256(other.result(f"dist/{ARCHIVE}")) == archive
        stamp.set(archive)
    # Nothing to do, unless somebody changed staticbuild itself in these minutes.
    hello.run("build", "hello")
    assert sha256(other.result("hello/hello")) == sha256(hello.result("hello/hello"))
    run([other.result("hello/hello")], env={})


def test_an_application_with_requirements(example: Callable[[str], Project], package_index: None, tmp_path: Path) -> None:  # noqa: ARG001 - it skips
    """The same packing and link under another path: what differs between two checkouts must not reach the file."""
    first = example("service")
    second = Project(tmp_path / "another" / "service")
    shutil.copytree(first.folder, second.folder, ignore=shutil.ignore_patterns("build"))
    for path in second.folder.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700 if path.is_dir() else 0o600)
    second.run("build")
    assert sha256(second.result("ledger/ledger")) == sha256(first.result("ledger/ledger"))
