"""Builds packages into one executable, and runs the program of each in a process of its own. Knows no list of packages.

Packages share an executable, for speed. Where that cannot be locked or built, those that the error names are tried apart from
the others; where it names none, each half is tried for itself, until it is known which package is to blame. So none takes
another down.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.packages.matrix import SMOKE, Entry, Result

_BUILD_SECONDS = 3 * 3600
_RUN_SECONDS = 180
_TRIPLES = {"static": "x86_64-unknown-linux-musl", "dynamic": "x86_64-unknown-linux-gnu"}

# What the executable runs: `import NAME` or `run NAME`.
_MAIN = '''\
"""Imports what a program imports, or runs it."""

import ast
import importlib
import pkgutil
import runpy
import sys


def main():
    what, name = sys.argv[1:]
    if what == "run":
        runpy.run_module("smoke." + name, run_name="__main__")
        return
    source = pkgutil.get_data("smoke", name + ".py")
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                importlib.import_module(alias.name)
        elif isinstance(statement, ast.ImportFrom):
            importlib.import_module(statement.module)
'''


@dataclass(frozen=True, slots=True)
class Settings:
    """How all is built: for which flavor, and as which folder's config."""

    flavor: str
    say: Callable[[str], None]

    @property
    def make_dist(self) -> str:
        """The declaration of the distribution."""
        return f'make_dist(flavor = "standalone_{self.flavor}")'


class NotBuiltError(Exception):
    """The lock or the build failed; the text says why, and `output` is all that was said."""

    def __init__(self, output: str) -> None:
        super().__init__(_reason(output))
        self.output = output


def check(entries: Sequence[Entry], settings: Settings) -> Iterator[Result]:
    """The results of `entries`, which go into one executable if that can be."""
    if not entries:
        return
    folder = tempfile.mkdtemp(prefix="staticbuild-packages-")
    try:
        try:
            executable, versions = _build(entries, settings, Path(folder))
        except NotBuiltError as error:
            if len(entries) == 1:
                yield Result(entries[0].name, _version(folder, entries[0]), settings.flavor, False, False, False, str(error))
                return
            settings.say(f"{len(entries)} packages do not go together: {error}")
            for part in _apart(entries, error.output):
                yield from check(part, settings)
            return
        for entry in entries:
            yield _run(executable, entry, versions, settings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _apart(entries: Sequence[Entry], output: str) -> list[Sequence[Entry]]:
    """Smaller groups of entries, of which there are several."""
    named = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"`([A-Za-z0-9._-]+)(?:==[^`]*)?`", output)}
    blamed = [entry for entry in entries if entry.module.replace("_", "-") in named]
    if blamed and len(entries) > len(blamed):
        return [[entry for entry in entries if entry not in blamed], *([entry] for entry in blamed)]
    middle = len(entries) // 2
    return [entries[:middle], entries[middle:]]


def _build(entries: Sequence[Entry], settings: Settings, folder: Path) -> tuple[Path, dict[str, str]]:
    requirements = sorted({text for entry in entries for text in entry.requirements})
    shutil.copytree(SMOKE, folder / "src/smoke", ignore=lambda _, names: _others(names, entries))
    (folder / "src/smoke/__init__.py").write_text("")
    (folder / "src/runner.py").write_text(_MAIN)
    (folder / "staticbuild.bzl").write_text(
        'load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")\n'
        f"{settings.make_dist}\n"
        f'python_resources(name = "app", package_roots = ["src"], requirements = {json.dumps(requirements)})\n'
        'python_executable(name = "smoke", resources = [":app"], entry_point = "runner:main")\n'
    )
    _staticbuild(folder, "lock")
    versions = _versions(folder)
    settings.say(f"building {len(entries)} packages, {len(versions)} with what they require")
    _staticbuild(folder, "build", "smoke")
    return folder / "build" / _TRIPLES[settings.flavor] / "smoke/smoke", versions


def _others(names: Sequence[str], entries: Sequence[Entry]) -> set[str]:
    wanted = {f"{entry.module}.py" for entry in entries}
    return {name for name in names if name not in wanted}


def _staticbuild(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "staticbuild", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False)
    if done.returncode:
        raise NotBuiltError(done.stderr)


def _reason(output: str) -> str:
    """The line of an output that says what is wrong: the first error of a build, the last line of a traceback."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return (errors or lines[-1:] or ["it says nothing"])[0]


def _versions(folder: Path) -> dict[str, str]:
    """What the lock pins."""
    lock = folder / "staticbuild.lock"
    if not lock.exists():
        return {}
    return {package["name"]: package["version"] for package in tomllib.loads(lock.read_text()).get("package", ())}


def _version(folder: str, entry: Entry) -> str:
    return _versions(Path(folder)).get(entry.module.replace("_", "-"), "")


def _run(executable: Path, entry: Entry, versions: dict[str, str], settings: Settings) -> Result:
    version = versions.get(entry.module.replace("_", "-"), "")
    home = tempfile.mkdtemp(prefix="sb-home-")
    try:
        for step in ("import", "run"):
            reason = _start([str(executable), step, entry.module], home)
            if reason is not None:
                return Result(entry.name, version, settings.flavor, True, step == "run", False, reason)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return Result(entry.name, version, settings.flavor, True, True, True)


def _start(command: Sequence[str], home: str) -> str | None:
    """Why the program failed, or None."""
    environment = {"HOME": home, "TMPDIR": home, "PATH": os.defpath, "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, timeout=_RUN_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"did not end within {_RUN_SECONDS} seconds"
    if done.returncode < 0:
        return f"was ended by signal {-done.returncode}"
    return _reason(done.stderr or done.stdout) if done.returncode else None
