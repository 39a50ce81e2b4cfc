"""`staticbuild explain`: says what a build would run, and why; and what each action last ran for."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from staticbuild.cli import arguments as shared
from staticbuild.cli.build import wanted_labels
from staticbuild.cli.console import data_console, duration, emit, name_of, view_for
from staticbuild.executor.plan import producer
from staticbuild.executor.run import Forecast
from staticbuild.host import Host
from staticbuild.rules.providers import wanted_of


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "explain",
        help="say what would run, and why",
        description="Lists the actions that a build of the targets would run now, each with its reason. Runs nothing.",
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: every executable")
    parser.add_argument("-a", "--all", action="store_true", help="also the actions that would not run, and why they ran last")
    shared.add_workspace(parser)
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Print the forecast."""
    with view_for(as_json=arguments.json, quiet=True) as view:
        session = shared.open_session(host, arguments, view)
        labels = wanted_labels(session, arguments.targets)
        artifacts = [artifact for label in labels for artifact in wanted_of(session.context.provider(label))]
        with session.build() as build:
            wanted = [maker for maker in map(producer, artifacts) if maker is not None]
            forecasts = build.forecast(wanted)
    if arguments.json:
        _print_json(forecasts)
    else:
        _print_text(forecasts, show_all=arguments.all)
    return 0


def _print_json(forecasts: Iterable[Forecast]) -> None:
    for forecast in forecasts:
        emit(
            {
                "action": forecast.action.mnemonic,
                "target": str(forecast.action.label),
                "runs": forecast.reason is not None,
                "reason": forecast.reason,
                "last_reason": forecast.last.reason if forecast.last else None,
                "last_digest": forecast.last.digest if forecast.last else None,
            }
        )


def _print_text(forecasts: Iterable[Forecast], *, show_all: bool) -> None:
    console = data_console()
    stale = current = 0
    for forecast in forecasts:
        name = name_of(forecast.action)
        if forecast.reason is not None:
            stale += 1
            console.print(Text.assemble(("runs    ", "bold yellow"), name, (f"  {forecast.reason}", "dim")))
        else:
            current += 1
            if show_all:
                console.print(Text.assemble(("current ", "green"), name, (f"  {_last(forecast)}", "dim")))
    noun = "action" if stale == 1 else "actions"
    console.print(
        f"{stale} {noun} would run, {current} are up to date"
        if stale
        else f"nothing to do: all {current} actions are up to date"
    )


def _last(forecast: Forecast) -> str:
    last = forecast.last
    if last is None or not last.at:
        return "made by another build; taken from the cache"
    when = datetime.fromtimestamp(last.at, tz=UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    return f"ran {when} for {duration(last.seconds)}: {last.reason}"
