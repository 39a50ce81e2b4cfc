"""`python -m bench.packages [PACKAGE…]`: builds packages into executables, puts them to work, and prints a table."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from bench.packages.building import Settings, check
from bench.packages.matrix import FLAVORS, RESULTS, Entry, Matrix, Result, counts, entries, table


def main(argv: Sequence[str] | None = None) -> int:
    """Check what `argv` names. 0 if every program passes, 1 if one does not, 2 for a wrong name."""
    known = {entry.name: entry for entry in entries()}
    parser = argparse.ArgumentParser(prog="python -m bench.packages", description="Which packages work in one file.")
    parser.add_argument("names", nargs="*", metavar="PACKAGE", help=f"default: all {len(known)}")
    parser.add_argument("--flavor", choices=FLAVORS, default="dynamic", help="of the distribution (default: dynamic)")
    parser.add_argument("--together", type=int, default=30, metavar="N", help="packages of one executable (default: 30)")
    parser.add_argument("--write", action="store_true", help="put the results into results.toml")
    parser.add_argument("--json", action="store_true", help="one JSON object for each package")
    arguments = parser.parse_args(argv)
    if unknown := [name for name in arguments.names if name not in known]:
        parser.error(f"there is no package `{unknown[0]}`; there are {', '.join(known)}")
    if arguments.together < 1:
        parser.error("--together wants a number of at least 1")
    wanted = [known[name] for name in arguments.names] or list(known.values())
    results: list[Result] = []
    for group in _groups(wanted, arguments.together):
        for result in check(group, Settings(arguments.flavor, _say)):
            results.append(result)
            _say(f"{result.package} {result.version}: {'passes' if result.smoke else result.reason}")
        if arguments.write:
            # After each group, since the next may take long.
            text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
            RESULTS.write_text(Matrix.parse(text).with_results(results).to_text(), encoding="utf-8")
    if arguments.json:
        for result in results:
            print(json.dumps(asdict(result)))
    else:
        print("\n".join(table(results)))
        print(counts(results))
    return 0 if all(result.smoke for result in results) else 1


def _groups(wanted: Sequence[Entry], size: int) -> list[Sequence[Entry]]:
    return [wanted[start : start + size] for start in range(0, len(wanted), size)]


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
