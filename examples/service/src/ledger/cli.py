"""The command line of `ledger`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import lzma
import sys
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from ledger import VERSION, system
from ledger.book import Book
from ledger.remote import fetch

log = logging.getLogger("ledger")
CENT = Decimal("0.01")


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    arguments = _parser().parse_args(argv)
    level = logging.INFO if arguments.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    try:
        code: int = arguments.call(arguments)
    except (OSError, LookupError, ValueError) as error:
        log.error("%s", error)  # noqa: TRY400 - a user wants no traceback
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ledger", description="Keeps exchange rates, and computes with them.")
    parser.add_argument("--version", action="version", version=f"ledger {VERSION}")
    parser.add_argument("--database", metavar="FILE", default="ledger.db", help="where rates are kept (default: %(default)s)")
    parser.add_argument("-v", "--verbose", action="store_true", help="log what happens")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("fetch", help="fetch rates from a server")
    command.add_argument("url")
    command.add_argument("--ca-file", metavar="FILE", help="the certificate to trust")
    command.set_defaults(call=_fetch)

    command = commands.add_parser("convert", help="convert an amount")
    command.add_argument("amount", type=Decimal)
    command.add_argument("source")
    command.add_argument("target")
    command.set_defaults(call=_convert)

    command = commands.add_parser("when", help="say when rates were fetched")
    command.add_argument("--zone", default="UTC")
    command.set_defaults(call=_when)

    command = commands.add_parser("archive", help="write everything into a compressed file")
    command.add_argument("file")
    command.set_defaults(call=_archive)

    command = commands.add_parser("each", help="run several commands at the same time")
    command.add_argument("command", nargs="+")
    command.set_defaults(call=_each)

    command = commands.add_parser("about", help="say what this program is made of")
    command.set_defaults(call=_about)
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _fetch(arguments: argparse.Namespace) -> int:
    rates, at = fetch(arguments.url, arguments.ca_file)
    with Book.open(arguments.database) as book:
        book.update(rates, at, arguments.url)
    _say(f"{len(rates)} rates")
    return 0


def _convert(arguments: argparse.Namespace) -> int:
    with Book.open(arguments.database) as book:
        amount = arguments.amount / book.rate(arguments.source) * book.rate(arguments.target)
    _say(f"{amount.quantize(CENT, ROUND_HALF_EVEN)} {arguments.target}")
    return 0


def _when(arguments: argparse.Namespace) -> int:
    with Book.open(arguments.database) as book:
        _say(book.last_fetch().astimezone(ZoneInfo(arguments.zone)).strftime("%Y-%m-%d %H:%M %Z"))
    return 0


def _archive(arguments: argparse.Namespace) -> int:
    with Book.open(arguments.database) as book, lzma.open(arguments.file, "wt", encoding="utf-8") as archive:
        for statement in book.dump():
            archive.write(statement + "\n")
    return 0


def _each(arguments: argparse.Namespace) -> int:
    results = asyncio.run(system.run_all(arguments.command))
    for command, code, output in results:
        _say(f"{command}: {code} {output}".rstrip())
    return max(code for _, code, _ in results)


def _about(_: argparse.Namespace) -> int:
    _say(system.about())
    return 0
