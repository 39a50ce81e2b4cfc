"""`staticbuild run`: builds an executable, then becomes it."""

from __future__ import annotations

import argparse
from typing import Any

from staticbuild.cli import arguments as shared
from staticbuild.cli.build import build_targets
from staticbuild.cli.console import remark, view_for
from staticbuild.cli.session import Session
from staticbuild.errors import ConfigError
from staticbuild.graph.label import Label
from staticbuild.host import Host


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = shared.add_building_command(
        commands,
        "run",
        call,
        "staticbuild run greet -- --name Ada",
        usage="staticbuild run [OPTION]... [TARGET] [-- ARGUMENT...]",
        help="build an executable and run it",
        description="Builds what is stale and replaces itself with the program: arguments, input, exit code and signals pass "
        "through. Without a name it runs the workspace's only executable.",
    )
    parser.add_argument("target", nargs="?", metavar="TARGET", help="the executable to run")


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Build and run; returns only when there was nothing to run."""
    view = view_for(as_json=arguments.json, quiet=arguments.quiet)
    programs: list[str] = []

    def choose(session: Session) -> list[Label]:
        label = _executable(session, arguments.target)
        programs.append(session.program(label))
        return [label]

    build_targets(host, arguments, view, choose)
    (program,) = programs
    if not arguments.quiet:
        remark(view, f"running {program}")
    host.replace_process(program, [program, *arguments.rest])
    return 0


def _executable(session: Session, text: str | None) -> Label:
    label = session.label(text) if text else _only_executable(session)
    if session.is_pyoxidizer:
        return label
    if session.workspace.target(label).rule != "python_executable":
        raise ConfigError(f"`{label.short}` is not an executable", hint="`staticbuild targets` lists them")
    return label


def _only_executable(session: Session) -> Label:
    if session.is_pyoxidizer:
        return session.default_target()
    found = session.executables()
    if len(found) != 1:
        names = ", ".join(f"`{label.short}`" for label in found) or "none"
        raise ConfigError(f"which executable? There is {names}", hint="name one: `staticbuild run NAME -- ARGUMENTS`")
    return found[0]
