"""What the C library costs a Python program: operations on `bytes` and `str`, ours beside a stock CPython's with glibc.

Knows how two interpreters take turns. What they do is in `operations.py`.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence

from bench import peers
from bench.figures import CHECKOUT, Bench
from bench.measure import CommandError, alternate, run
from bench.table import Figure

LIMIT = 1.1
_CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist(flavor = "standalone_static")

python_executable(
    name = "python",
    interpreter = True,
)
"""


class Interpreter:
    """One that runs `operations.py`, until it is closed."""

    def __init__(self, program: str) -> None:
        """Start it."""
        self._program = program
        self._process = subprocess.Popen(
            [program, f"{CHECKOUT}/bench/operations.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def offers(self) -> tuple[str, ...]:
        """What it can do; to be asked once, and first. Raises CommandError if it has ended."""
        return tuple(iter(self._line, ""))

    def seconds(self, operation: str) -> float:
        """What one call of an operation that it offers takes."""
        assert self._process.stdin
        self._process.stdin.write(operation + "\n")
        self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise CommandError(f"{self._program}: exit code {self._process.wait()} in operations.py")
        return line.rstrip("\n")

    def close(self) -> None:
        """End it."""
        with self._process:
            self._process.kill()


def libc(bench: Bench) -> Sequence[Figure]:
    """Each operation at each size, the interpreters in turns. What counts is the best of all: other work only adds."""
    ours = Interpreter(built(bench))
    peer, name = None, ""
    try:
        if bench.python is not None:
            peer, name = Interpreter(bench.python[0]), f"CPython {bench.python[1]}"
            peer.offers()
        return [_figure(bench, operation, ours, peer, name) for operation in ours.offers()]
    finally:
        ours.close()
        if peer is not None:
            peer.close()


def _figure(bench: Bench, operation: str, ours: Interpreter, peer: Interpreter | None, peer_name: str) -> Figure:
    name, _, size = operation.partition("\t")
    commands: list[Callable[[], float]] = [lambda: ours.seconds(operation)]
    note = f"no stock CPython {peers.VERSION} was found"
    if peer is not None:
        commands.append(lambda: peer.seconds(operation))
    samples = alternate(commands, bench.runs)
    return Figure(
        f"libc: {name}, {size}",
        f"{name}, {_size(int(size))}",
        "µs",
        samples[0],
        samples[1] if peer is not None else None,
        peer_name,
        limit_ratio=LIMIT,
        by_best=True,
        note=note,
    )


def _size(size: int) -> str:
    for unit, name in ((1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size // unit} {name}"
    return f"{size} B"


def built(bench: Bench) -> str:
    """An executable that takes the command line of `python`, built if it must be."""
    folder = f"{bench.folder}/python"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/staticbuild.bzl", "w", encoding="utf-8") as file:
        file.write(_CONFIG)
    bench.say("building an interpreter")
    run(bench.staticbuild("build", "-q", "python"), env=bench.environment, cwd=folder)
    return f"{folder}/build/x86_64-unknown-linux-musl/python/python"
