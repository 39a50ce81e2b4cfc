"""`staticbuild targets`: lists what the workspace declares."""

from __future__ import annotations

import argparse
from typing import Any

from rich.table import Table

from staticbuild.cli import arguments as shared
from staticbuild.cli.console import data_console, emit, view_for
from staticbuild.host import Host


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser("targets", help="list the targets of the workspace", description="Lists all targets.")
    shared.add_workspace(parser)
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """One line a target: label, rule, where it stands."""
    with view_for(as_json=arguments.json, quiet=True) as view:
        session = shared.open_session(host, arguments, view)
        targets = session.workspace.targets()
    if arguments.json:
        for target in targets:
            emit({"target": str(target.label), "rule": target.rule, "file": target.location.path, "line": target.location.line})
        return 0
    console = data_console()
    table = Table.grid(padding=(0, 2))
    for target in targets:
        table.add_row(target.label.short, target.rule, f"{target.location.path}:{target.location.line}")
    console.print(table)
    return 0
