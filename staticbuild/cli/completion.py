"""`staticbuild completion`: the script that completes commands and options in a shell."""

from __future__ import annotations

import argparse
from typing import Any

from staticbuild.host import Host

_BASH = """\
_staticbuild() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} command=
    [ "$COMP_CWORD" -gt 1 ] && command=${{COMP_WORDS[1]}}
    case $command in
        '') COMPREPLY=($(compgen -W '{commands}' -- "$word")) ;;
        build|run|explain)
            if [[ $word == -* ]]; then COMPREPLY=($(compgen -W '{options}' -- "$word"))
            else COMPREPLY=($(compgen -W "$(staticbuild targets 2>/dev/null | cut -d' ' -f1)" -- "$word")); fi ;;
        *) COMPREPLY=($(compgen -W '{options}' -f -- "$word")) ;;
    esac
}}
complete -F _staticbuild staticbuild
"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit\n" + _BASH
_FISH = """\
complete -c staticbuild -f
complete -c staticbuild -n __fish_use_subcommand -a '{commands}'
complete -c staticbuild -n '__fish_seen_subcommand_from build run explain' \\
    -a '(staticbuild targets 2>/dev/null | string split -f1 " ")'
"""
_SHELLS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "completion",
        help="print a completion script for a shell",
        description="Prints a completion script.",
        epilog='example:\n  eval "$(staticbuild completion bash)"\n',
    )
    parser.add_argument("shell", choices=sorted(_SHELLS))
    parser.set_defaults(call=call)


def call(_: Host, arguments: argparse.Namespace) -> int:
    """Print the script."""
    from staticbuild.cli.main import COMMANDS, parser  # noqa: PLC0415 - the command line lists this module

    names = " ".join(command.__name__.rpartition(".")[2] for command in COMMANDS)
    options = " ".join(sorted(_options(parser())))
    print(_SHELLS[arguments.shell].format(commands=names, options=options), end="")  # noqa: T201 - the command's data
    return 0


def _options(parser: argparse.ArgumentParser) -> set[str]:
    found: set[str] = set()
    for action in parser._actions:  # noqa: SLF001 - argparse has no public list of them
        found.update(option for option in action.option_strings if option.startswith("--"))
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for inner in action.choices.values():
                found |= _options(inner)
    return found
