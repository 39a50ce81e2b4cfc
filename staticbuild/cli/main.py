"""Reads the command line, calls one command, shows its errors and gives the exit code.

Exit codes: 0 done, 1 the build failed, 2 the config or the command line is wrong, 3 this host lacks something, 130
interrupted. `staticbuild run` ends with the program's own code.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from staticbuild import __version__
from staticbuild.cli import (
    app,
    build,
    cache,
    clean,
    completion,
    dist,
    doctor,
    explain,
    init,
    init_config_file,
    inspect,
    list_targets,
    lock,
    migrate,
    run,
    targets,
)
from staticbuild.cli.arguments import Parser
from staticbuild.cli.console import emit
from staticbuild.cli.diagnostics import show
from staticbuild.errors import InterruptedBuildError, StaticbuildError
from staticbuild.host import Host

# In the order in which `--help` lists them.
COMMANDS: tuple[ModuleType, ...] = (
    *(init, app, build, run, targets, explain, inspect, lock, dist, cache, clean, doctor, completion),
    *(init_config_file, list_targets, migrate),
)

_DESCRIPTION = "Turns a Python application into one statically linked executable, as its `staticbuild.bzl` says."
_EPILOG = """\
to begin:
  staticbuild app PACKAGE      makes one executable of a package, without a config
  staticbuild init             writes a staticbuild.bzl for the project in this folder
  staticbuild run NAME         builds what is stale, then runs it
  staticbuild explain NAME     says what would run, and why

exit codes: 0 done, 1 the build failed, 2 the config or the command line is wrong,
3 this host lacks something, 130 interrupted, 143 terminated
"""


# As a shell reports a process that SIGTERM ended.
_TERMINATED = 143


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = Parser(prog="staticbuild", description=_DESCRIPTION, epilog=_EPILOG)
    top.add_argument("--version", action="version", version=f"staticbuild {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", dest="command", parser_class=Parser, title="commands")
    for command in COMMANDS:
        command.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Do what `argv` (default: this process' own) says; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    top = parser()
    # What stands behind `--` is the program's, whatever it looks like.
    own, rest = _split(words)
    arguments = top.parse_args(own)
    if rest and arguments.command != "run":
        top.error("only `staticbuild run` takes arguments behind `--`")
    arguments.rest = rest
    if arguments.command is None:
        top.print_help(sys.stderr)
        return 2
    host = Host()
    as_json = getattr(arguments, "json", False)
    try:
        with host.heeding_sigterm():
            code: int = arguments.call(host, arguments)
    except InterruptedBuildError as error:
        return _report_interruption(error, host, as_json=as_json)
    except StaticbuildError as error:
        return _report(error, as_json=as_json)
    except KeyboardInterrupt:
        return _report_interruption(InterruptedBuildError("interrupted"), host, as_json=as_json)
    except BrokenPipeError:
        # Whoever read our output has had enough, as in `staticbuild targets | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """The words before the first `--`, and those behind it."""
    index = words.index("--") if "--" in words else len(words)
    return _with_plain_variables(words[:index]), words[index + 1 :]


def _with_plain_variables(words: list[str]) -> list[str]:
    """`words` with `--var NAME VALUE`, as PyOxidizer takes it, written as `--var NAME=VALUE`."""
    joined: list[str] = []
    rest = iter(words)
    for word in rest:
        joined.append(word)
        if word == "--var" and (name := next(rest, None)) is not None:
            value = next(rest, None) if "=" not in name else None
            joined.append(name if value is None else f"{name}={value}")
    return joined


def _report_interruption(error: InterruptedBuildError, host: Host, *, as_json: bool) -> int:
    code = _report(error, as_json=as_json)
    return _TERMINATED if host.terminated else code


def _report(error: StaticbuildError, *, as_json: bool) -> int:
    if as_json:
        for problem in error.problems:
            where = problem.where
            emit(
                {
                    "event": "error",
                    "message": problem.message,
                    "file": where.path if where else None,
                    "line": where.line if where else None,
                    "column": where.column if where else None,
                    "hint": problem.hint,
                    "notes": list(problem.notes),
                }
            )
    else:
        show(error)
    return error.exit_code
