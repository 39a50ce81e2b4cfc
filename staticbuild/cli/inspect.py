"""`staticbuild inspect`: says what an executable consists of, what it lacks, and which packages are on disk while it runs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from rich.table import Table

from staticbuild.cli import left_out, on_disk
from staticbuild.cli.arguments import add_building_command
from staticbuild.cli.build import Delivered, build_targets, wanted_labels
from staticbuild.cli.console import data_console, emit, size, view_for
from staticbuild.host import Host


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = add_building_command(
        commands,
        "inspect",
        call,
        "staticbuild inspect greet",
        "staticbuild inspect --json greet",
        help="say what an executable consists of",
        description="Shows how large an executable is and what it holds, and which packages are on disk while it runs, with "
        "the places in their code that are the reason. Builds what is stale.",
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: every executable")
    parser.add_argument("--why", metavar="MODULE", help="say only why `trim` kept this module: the chain of imports to it")
    parser.add_argument(
        "-a", "--all", action="store_true", help="also the places that use paths and keep nothing from staying in memory"
    )


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Print the reports."""
    view = view_for(as_json=arguments.json, quiet=True)
    delivered = build_targets(host, arguments, view, lambda session: wanted_labels(session, arguments.targets))
    for one in delivered:
        if one.report is None:
            continue
        if arguments.json:
            emit({"event": "report", "target": str(one.label), "path": one.path, **one.report})
        elif arguments.why is not None:
            for line in left_out.why(one.report, arguments.why):
                data_console().print(line, markup=False)
        else:
            _show(one, one.report, everything=arguments.all)
    return 0


def _show(one: Delivered, report: Mapping[str, Any], *, everything: bool) -> None:
    console = data_console()
    resources = report["resources"]
    facts = Table.grid(padding=(0, 2))
    facts.add_row("executable", one.path)
    facts.add_row("size", f"{size(report['size'])}, of which resources {size(report['blob'])}")
    facts.add_row("needs", _needs(report["host"]))
    facts.add_row("resources", f"{resources['modules']} modules, {resources['files']} files")
    facts.add_row("extensions", f"{len(report['extensions'])}")
    console.print(facts)
    console.print()
    for line in (*left_out.lines(report), *on_disk.lines(report, everything=everything)):
        console.print(line, markup=False)


def _needs(host: Mapping[str, Any]) -> str:
    """What the executable needs of the host that runs it."""
    if host["interpreter"] is None:
        return "the kernel"
    glibc = f"glibc {host['glibc']} or newer" if host["glibc"] else "a dynamic linker"
    return f"{glibc}: {', '.join(host['libraries'])}"
