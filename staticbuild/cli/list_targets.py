"""`staticbuild list-targets`: the names that a `pyoxidizer.bzl` registers, for those who know PyOxidizer's command."""

from __future__ import annotations

import argparse
from typing import Any

from staticbuild.cli import arguments as shared
from staticbuild.cli.console import view_for
from staticbuild.host import Host


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "list-targets",
        help="list what a pyoxidizer.bzl registers",
        description="Lists the names of the targets of a workspace, sorted; that which a pyoxidizer.bzl builds where none is "
        "named has a `*`. `staticbuild targets` says more.",
    )
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="the folder to look for a config from")
    shared.add_workspace(parser)
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """One name a line."""
    arguments.path = arguments.folder or arguments.path
    with view_for(as_json=arguments.json, quiet=True) as view:
        session = shared.open_session(host, arguments, view)
        targets = {target.label.short: target for target in session.workspace.targets()}
    for name, target in sorted(targets.items()):
        mark = "*" if session.is_pyoxidizer and target.attributes.get("default") else ""
        print(f"{mark}{name}")  # noqa: T201 - the command's data
    if not targets:
        print("(no targets defined)")  # noqa: T201 - the command's data
    return 0
