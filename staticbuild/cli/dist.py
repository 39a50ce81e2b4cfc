"""`staticbuild dist`: what a Python distribution consists of."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.table import Table

from staticbuild.cli import arguments as shared
from staticbuild.cli.console import data_console, emit, view_for
from staticbuild.distribution import metadata
from staticbuild.distribution.metadata import Distribution
from staticbuild.errors import ConfigError
from staticbuild.graph.digest import TreeState
from staticbuild.graph.label import Label
from staticbuild.host import Host
from staticbuild.rules.providers import PythonDistribution


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "dist", help="show what a Python distribution consists of", description="Python distributions."
    )
    inner = parser.add_subparsers(metavar="COMMAND", required=True, title="commands", parser_class=shared.Parser)
    info = inner.add_parser(
        "info",
        help="version, platform, extension modules, libraries, licences",
        description="Shows what a distribution consists of. One that is not in the cache is built first.",
    )
    info.add_argument("target", nargs="?", metavar="TARGET", default=":dist", help="a make_dist target (default: :dist)")
    shared.add_workspace(info)
    shared.add_build(info)
    info.set_defaults(call=call_info)


def call_info(host: Host, arguments: argparse.Namespace) -> int:
    """Print PYTHON.json as a person reads it."""
    view = view_for(as_json=arguments.json, quiet=arguments.quiet)
    session = shared.open_session(host, arguments, view)
    label = Label.parse(arguments.target)
    provider = session.context.provider(label)
    if not isinstance(provider, PythonDistribution):
        raise ConfigError(f"`{label.short}` is not a Python distribution", hint="`staticbuild targets` lists them")
    with view, session.build() as build:
        state = build.make([provider.tree])[provider.tree]
        if not isinstance(state, TreeState):
            raise TypeError(state)
        folder = Path(build.store.lay_out(state)) / "python"
    found = metadata.parse(host.read_bytes(str(folder / metadata.FILE_NAME)))
    sources = _sources(host, folder)
    if arguments.json:
        emit(_record(found, sources))
    else:
        _show(found, sources)
    return 0


def _sources(host: Host, folder: Path) -> list[dict[str, Any]]:
    text = host.read_text(str(folder / "SOURCES.json"))
    record = json.loads(text) if text else {}
    return list(record["components"] if record else [])


def _record(found: Distribution, sources: list[dict[str, Any]]) -> dict[str, object]:
    return {
        "python_version": found.python_version,
        "target": found.triple,
        "extensions": sorted(found.extensions),
        "sources": sources,
    }


def _show(found: Distribution, sources: list[dict[str, Any]]) -> None:
    console = data_console()
    facts = Table.grid(padding=(0, 2))
    facts.add_row("Python", found.python_version)
    facts.add_row("target", found.triple)
    facts.add_row("extensions", f"{len(found.extensions)}: {', '.join(sorted(found.extensions))}")
    console.print(facts)
    if sources:
        console.print()
        table = Table("source", "version", "licence", "sha256", box=None, padding=(0, 2, 0, 0))
        for source in sources:
            table.add_row(*(str(source.get(key, "")) for key in ("name", "version", "license", "sha256")))
        console.print(table)
