"""What several commands take from the command line, described once. Knows no command."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from staticbuild.cli.diagnostics import show
from staticbuild.cli.session import ALL_TARGETS, DEFAULT_TRIPLE, PYOXIDIZER_TRIPLE, Options, Session
from staticbuild.errors import ConfigError
from staticbuild.executor.events import Listener
from staticbuild.host import Host
from staticbuild.toolchain.triple import Triple


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of an epilog, and has room for the longest command beside its help."""

    def add_argument(self, action: argparse.Action) -> None:
        """Measure an argument; argparse forgets that commands are indented once more than options."""
        super().add_argument(action)
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - argparse has no public name for it
            self._action_max_length += 2


class Parser(argparse.ArgumentParser):
    """A parser whose errors look like all other errors, and whose help keeps the lines of its epilog."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(formatter_class=_Formatter, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Show what is wrong with the command line, and end with code 2."""
        show(ConfigError(message.replace("'", "`"), hint=f"`{self.prog} --help` lists what there is"))
        self.exit(2)


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """Which config, for which platform, with which variables."""
    group = parser.add_argument_group("config")
    group.add_argument(
        "-f",
        "--file",
        metavar="FILE",
        help="the config; default: the nearest staticbuild.bzl or pyoxidizer.bzl, upwards from here (also: $PYOXIDIZER_CONFIG)",
    )
    group.add_argument("--path", metavar="FOLDER", help="the folder to look for a config from, instead of this one")
    group.add_argument(
        "--target",
        "--target-triple",
        dest="triple",
        metavar="TRIPLE",
        help=f"the platform to build for (default: {DEFAULT_TRIPLE}; for a pyoxidizer.bzl {PYOXIDIZER_TRIPLE})",
    )
    group.add_argument(
        "--var",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a value for `config.var(NAME)` or `VARS[NAME]`, also written as NAME VALUE; may be repeated",
    )
    group.add_argument(
        "--var-env",
        nargs=2,
        metavar=("NAME", "ENV"),
        action="append",
        default=[],
        help="for a pyoxidizer.bzl: the value of a variable of the environment for `VARS[NAME]`; may be repeated",
    )
    group.add_argument(
        "--release",
        action="store_true",
        help="for a pyoxidizer.bzl: results go to release/ instead of debug/, and are the same",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def without_workspace(parser: argparse.ArgumentParser) -> None:
    """Of a command that has a config of its own: nothing that `add_workspace` asks for."""
    parser.set_defaults(file=None, path=None, triple=None, var=[], var_env=[], release=False)


def add_build(parser: argparse.ArgumentParser) -> None:
    """How a build runs."""
    group = parser.add_argument_group("build")
    group.add_argument(
        "-j", "--jobs", metavar="N", type=_positive, help="how many actions run at a time (default: one per processor)"
    )
    group.add_argument("-k", "--keep-going", action="store_true", help="after a failure, go on with what does not need it")
    group.add_argument("--keep-failed", action="store_true", help="keep the private folder of an action that failed")
    group.add_argument("--offline", action="store_true", help="download nothing; use what the cache holds")
    group.add_argument(
        "--mirror",
        metavar="PLACE",
        action="append",
        default=[],
        help="a folder or address that has sources under their file names; asked first; may be repeated "
        "(also: $STATICBUILD_MIRROR, separated by blanks)",
    )
    group.add_argument("-q", "--quiet", action="store_true", help="say nothing but warnings and errors")


def add_building_command(
    commands: Any,  # noqa: ANN401 - argparse's private type
    name: str,
    call: Callable[[Host, argparse.Namespace], int],
    *examples: str,
    **texts: str,
) -> argparse.ArgumentParser:
    """A command that builds targets of a workspace; `texts` are argparse's."""
    title = "examples" if len(examples) > 1 else "example"
    parser: argparse.ArgumentParser = commands.add_parser(name, epilog="\n  ".join([f"{title}:", *examples]) + "\n", **texts)
    add_workspace(parser)
    add_build(parser)
    parser.set_defaults(call=call)
    return parser


def open_session(host: Host, arguments: argparse.Namespace, listener: Listener) -> Session:
    """The workspace that the command line names. Raises ConfigError."""
    return Session.open(host, _options(arguments, host.environ), listener)


def _options(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Options:
    """The options of a command, checked. Raises ConfigError."""
    if arguments.triple is not None:
        Triple.parse(arguments.triple)
    variables: dict[str, str] = {}
    for text in arguments.var:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise ConfigError(f"`--var {text}` is not of the form NAME=VALUE")
        variables[name] = value
    mirrors = [*getattr(arguments, "mirror", []), *environ.get("STATICBUILD_MIRROR", "").split()]
    return Options(
        file=arguments.file,
        folder=arguments.path,
        target=arguments.triple,
        variables=variables,
        from_environment=dict(arguments.var_env),
        wanted=_wanted(arguments),
        release=arguments.release,
        jobs=getattr(arguments, "jobs", None),
        offline=getattr(arguments, "offline", False),
        mirrors=tuple(mirrors),
        keep_going=getattr(arguments, "keep_going", False),
        keep_failed=getattr(arguments, "keep_failed", False),
    )


def _wanted(arguments: argparse.Namespace) -> tuple[str, ...] | None:
    """The targets that a `pyoxidizer.bzl` is to resolve: those that are named, none to list them, or (None) the default."""
    if arguments.command in _LISTING:
        return ()
    if arguments.command == "migrate" and not arguments.targets:
        return ALL_TARGETS
    named = getattr(arguments, "targets", None) or [getattr(arguments, "target", None)]
    names = [str(text).removeprefix("//").removeprefix(":").partition("/")[0] for text in named if text]
    return tuple(name for name in names if not name.startswith("@")) or (None if not names else ())


_LISTING = ("targets", "list-targets")


def _positive(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number of at least 1")
    return value
