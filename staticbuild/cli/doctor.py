"""`staticbuild doctor`: says whether this host has what a build needs, and how to get what is missing."""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from rich.text import Text

from staticbuild.cli.console import data_console, emit, size
from staticbuild.cli.session import DEFAULT_TRIPLE, standard_rules
from staticbuild.cli.workspace_files import WorkspaceFiles
from staticbuild.config.loader import Settings, Workspace
from staticbuild.errors import StaticbuildError
from staticbuild.executor.places import DebianArchive
from staticbuild.host import Host
from staticbuild.rules.registry import RULES
from staticbuild.rules.rust import find_toolchain

_NEEDED_SPACE = 4_000_000_000
# Programs that every recipe uses, and the package that brings each on Debian and Alpine, on Fedora.
_BASE_TOOLS = ("sh", "sed", "grep", "awk", "find", "xargs", "cp", "nproc")
_PACKAGES = {
    "awk": "gawk",
    "find": "findutils",
    "xargs": "findutils",
    "cp": "coreutils",
    "nproc": "coreutils",
    "sh": "dash",
}
_PATH = "/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `needed` is false for what only makes things better."""

    name: str
    good: bool
    found: str
    remedy: str = ""
    needed: bool = True


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "doctor",
        help="check what this host has",
        description="Checks that this host has what a build needs, and names the command that installs what is missing.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Print all checks; 3 if something needed is missing."""
    console = data_console()
    bad = False
    for check in checks(host):
        bad |= check.needed and not check.good
        if arguments.json:
            emit(
                {"check": check.name, "good": check.good, "needed": check.needed, "found": check.found, "remedy": check.remedy}
            )
            continue
        mark = ("ok     ", "green") if check.good else ("MISSING", "bold red") if check.needed else ("note   ", "yellow")
        console.print(Text.assemble(mark, f" {check.name}: {check.found}"))
        if not check.good and check.remedy:
            console.print(Text(f"        {check.remedy}"))
    return 3 if bad else 0


def checks(host: Host) -> Iterator[Check]:
    """Everything that is looked at, in a fixed order."""
    system, machine = platform.system(), platform.machine()
    fits = system == "Linux" and machine in ("x86_64", "amd64")
    yield Check(
        "build host", fits, f"{system} {machine}", "staticbuild builds on x86-64 Linux; use such a machine, a container or WSL"
    )
    yield Check("Python", True, f"{platform.python_version()} ({host.python})")
    for package in ("ziglang", "starlark-pyo3", "zstandard", "requests", "uv", "installer", "packaging"):
        yield _package(host, package)
    for tool in (*_BASE_TOOLS, *_recipe_tools(host)):
        yield _tool(host, tool)
    yield _rust(host)
    yield _space(host)
    bases = DebianArchive(host).bases()
    yield Check(
        "source mirror",
        bool(bases),
        f"{len(bases)} package archives of apt serve sources that upstream does not" if bases else "no apt on this host",
        "sources come from their upstream addresses only; `--mirror FOLDER` names another place",
        needed=False,
    )


def _package(host: Host, name: str) -> Check:
    try:
        return Check(name, good=True, found=importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name, good=False, found="not installed", remedy=f"run `{host.python} -m pip install {name}`")


def _recipe_tools(host: Host) -> list[str]:
    """The tools that the recipes of the standard distribution declare."""
    settings = Settings(target=DEFAULT_TRIPLE, variables={}, config_name="staticbuild.bzl")
    files = WorkspaceFiles(host, standard_rules(host))
    try:
        workspace = Workspace(files={"": files, "stdlib": files}, rules=RULES, settings=settings, on_print=lambda *_: None)
        targets = workspace.package("stdlib", "recipes").values()
    except StaticbuildError:
        return ["make", "perl"]
    # The interpreter that runs staticbuild is `python3` in an action, whatever the host has.
    return sorted(
        {tool for target in targets for tool in cast("tuple[str, ...]", target.attributes.get("tools") or ())} - {"python3"}
    )


def _tool(host: Host, name: str) -> Check:
    found = host.find_tool(name, _PATH)
    package = _PACKAGES.get(name, name)
    remedy = (
        f"install it: `apt-get install {package}` (Debian, Ubuntu), `dnf install {package}` (Fedora), "
        f"`apk add {package}` (Alpine)"
    )
    return Check(name, found is not None, found or f"not in {_PATH}", remedy)


def _rust(host: Host) -> Check:
    """For packages whose extensions are written in it, and for nothing else."""
    try:
        found = find_toolchain(host, host.cwd)
    except StaticbuildError as error:
        (problem,) = error.problems
        return Check(
            "Rust", good=False, found="; ".join((problem.message, *problem.notes)), remedy=problem.hint or "", needed=False
        )
    library = "" if found.has_target else "; its standard library will be built from its sources, once"
    return Check("Rust", good=True, found=f"{found.release} in {found.sysroot}{library}")


def _space(host: Host) -> Check:
    root = host.cache_dir
    try:
        host.make_dirs(root, mode=0o700)
        free = host.free_space(root)
    except (StaticbuildError, OSError) as error:
        return Check("cache", good=False, found=str(error), remedy="set $STATICBUILD_CACHE to a folder that you can write")
    return Check(
        "cache",
        free >= _NEEDED_SPACE,
        f"{root}, {size(free)} free",
        f"a first build wants about {size(_NEEDED_SPACE)}; $STATICBUILD_CACHE names another place",
        needed=False,
    )
