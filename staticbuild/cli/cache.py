"""`staticbuild cache`: what the cache holds."""

from __future__ import annotations

import argparse
from typing import Any

from rich.table import Table

from staticbuild.cli.arguments import Parser
from staticbuild.cli.console import data_console, emit, size
from staticbuild.host import Host

_PARTS = (
    ("blobs", "files, by what they hold"),
    ("trees", "folders laid out for actions (their files are the same as above)"),
    ("actions", "results of actions"),
    ("downloads", "downloads that have not ended"),
    ("apps", "what `staticbuild app` pinned and made"),
)


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "cache", help="show what the cache holds", description="The cache of all workspaces of this user."
    )
    inner = parser.add_subparsers(metavar="COMMAND", required=True, title="commands", parser_class=Parser)
    info = inner.add_parser(
        "info",
        help="where it is, and its size",
        description="Shows where the cache is and how large its parts are. $STATICBUILD_CACHE names another place for it.",
    )
    info.add_argument("--json", action="store_true", help="one JSON object on standard output")
    info.set_defaults(call=call_info)


def call_info(host: Host, arguments: argparse.Namespace) -> int:
    """Print path and sizes."""
    root = host.cache_dir
    sizes = {name: host.tree_size(f"{root}/{name}") for name, _ in _PARTS}
    _, total = host.tree_size(root)
    if arguments.json:
        parts = {name: {"files": files, "bytes": count} for name, (files, count) in sizes.items()}
        emit({"path": root, "bytes": total, **parts})
        return 0
    console = data_console()
    table = Table.grid(padding=(0, 2))
    table.add_row("path", root)
    table.add_row("on disk", size(total))
    for name, doc in _PARTS:
        files, count = sizes[name]
        table.add_row(name, f"{files} files, {size(count)}: {doc}")
    console.print(table)
    return 0
