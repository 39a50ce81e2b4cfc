"""`staticbuild run`: builds an executable, then becomes it."""

from __future__ import annotations

import argparse
from typing import Any

from staticbuild.cli import arguments as shared
from staticbuild.cli.build import make
from staticbuild.cli.console import QuietView, view_for
from staticbuild.cli.session import Session
from staticbuild.errors import ConfigError
from staticbuild.host import Host


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "run",
        usage="staticbuild run [OPTION]... [TARGET] [-- ARGUMENT...]",
        help="build an executable and run it",
        description="Builds what is stale and replaces itself with the program: arguments, input, exit code and signals pass "
        "through. Without a name it runs the workspace's only executable.",
        epilog="example:\n  staticbuild run greet -- --name Ada\n",
    )
    parser.add_argument("target", nargs="?", metavar="TARGET", help="the executable to run")
    shared.add_workspace(parser)
    shared.add_build(parser)
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Build and run; returns only when there was nothing to run."""
    view = view_for(as_json=arguments.json, quiet=arguments.quiet)
    session = Session.open(host, shared.options(arguments, dict(host.environ)), view)
    label = session.label(arguments.target) if arguments.target else _only_executable(session)
    if session.workspace.target(label).rule != "python_executable":
        raise ConfigError(f"`{label.short}` is not an executable", hint="`staticbuild targets` lists them")
    session.analyse([label])
    with view, session.build() as build:
        ((_, path, _),) = make(session, build, [label])
    if isinstance(view, QuietView) and not arguments.quiet:
        view.console.print(f"running {path}", style="dim")
    host.replace_process(path, [path, *arguments.rest])
    return 0


def _only_executable(session: Session) -> Any:  # noqa: ANN401 - a Label, from whichever target there is
    found = [target.label for target in session.workspace.targets() if target.rule == "python_executable"]
    if len(found) != 1:
        names = ", ".join(f"`{label.short}`" for label in found) or "none"
        raise ConfigError(f"which executable? There is {names}", hint="name one: `staticbuild run NAME -- ARGUMENTS`")
    return found[0]
