"""`python -m bench [NAME…]`: measures, and prints a table of ours beside the peers'.

Run it from the checkout, in an environment where staticbuild is installed. Without names it measures all that takes
seconds; `cold` and `cold-memory` build everything from nothing, once for both, `interpreter` runs pyperformance,
`allocators` uses memory in many ways, `libc` compares operations on `bytes` and `str`, and `switches` builds programs with each
switch that makes them smaller: minutes. `pyoxidizer` evaluates configs in that dialect: seconds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence

from bench import table
from bench.dialect import dialect
from bench.figures import BY_NAME_ONLY, USUAL, Bench, machine
from bench.libc import libc
from bench.measure import CommandError
from bench.switches import switches
from bench.table import Figure

GROUPS: Mapping[str, Callable[[Bench], Sequence[Figure]]] = {"libc": libc, "switches": switches, "pyoxidizer": dialect}
"""What gives more than one figure; by name only."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what `argv` names. 0 if all limits are kept, 1 if one is missed or something failed, 2 for a wrong name."""
    known: Mapping[str, Callable[[Bench], Figure | Sequence[Figure]]] = {**USUAL, **BY_NAME_ONLY, **GROUPS}
    parser = argparse.ArgumentParser(prog="python -m bench", description="What staticbuild costs, beside its peers.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"default: {' '.join(USUAL)}; also: {' '.join((*BY_NAME_ONLY, *GROUPS))}"
    )
    parser.add_argument("-n", "--runs", type=int, default=10, metavar="N", help="how often each is measured (default: 10)")
    parser.add_argument("--with-pyinstaller", action="store_true", help="install PyInstaller for this run, and compare with it")
    parser.add_argument("--complete", action="store_true", help="`interpreter`: all benchmarks and more values; half an hour")
    stock = parser.add_mutually_exclusive_group()
    stock.add_argument("--peer", metavar="PYTHON", help="the stock CPython to compare with (default: one of this machine)")
    stock.add_argument(
        "--build-peer",
        choices=("plain", "pgo"),
        help="compare with a CPython that this machine's own gcc and make build, once, from the source that our recipe pins",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, every single value in it")
    arguments = parser.parse_args(argv)
    names = arguments.names or list(USUAL)
    if unknown := [name for name in names if name not in known]:
        parser.error(f"there is no figure `{unknown[0]}`; there are {', '.join(known)}")
    if arguments.runs < 1:
        parser.error("--runs wants a number of at least 1")
    folder = tempfile.mkdtemp(prefix="staticbuild-bench-")
    bench = Bench(
        folder,
        arguments.runs,
        arguments.with_pyinstaller,
        arguments.complete,
        arguments.peer,
        arguments.build_peer,
        lambda line: print(line, file=sys.stderr, flush=True),
    )
    about = machine()
    figures: list[Figure] = []
    try:
        for name in names:
            bench.say(f"measuring {name}")
            found = known[name](bench)
            figures += [found] if isinstance(found, Figure) else found
    except CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        print(json.dumps({"machine": about, "runs": arguments.runs, "figures": [table.record(one) for one in figures]}))
    else:
        print(
            f"{about}\nmedians of {arguments.runs} runs (start-up: {arguments.runs * 4}); ± is half the interquartile range\n"
        )
        print(table.text(figures))
    return 1 if any(figure.within is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
