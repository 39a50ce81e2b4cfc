"""Runs a command several times and says what it cost. Knows nothing of what the command is.

Times are wall-clock, of the whole process as its caller sees it. Peak memory is read by the process itself when it ends
(`VmHWM`), because what wait4(2) reports is the largest of the process *and* of every child that it waited for.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


class CommandError(Exception):
    """A measured command failed; its text says which, and what it printed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The same thing measured several times."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The value in the middle: one slow run does not move it."""
        return statistics.median(self.values)

    @property
    def best(self) -> float:
        """The least: what it costs where nothing else runs, as far as that was seen."""
        return min(self.values)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles, as a part of the median; 0 for a single run."""
        if len(self.values) < 2 or not self.median:
            return 0.0
        lower, _, upper = statistics.quantiles(self.values, n=4, method="inclusive")
        return (upper - lower) / 2 / self.median


def ratio(ours: Sample, peer: Sample) -> float | None:
    """How many times the peer's median ours is; None where the peer's is 0."""
    return ours.median / peer.median if peer.median else None


def seconds(argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: str | None = None) -> float:
    """How long one run takes. Raises CommandError when it fails."""
    start = time.perf_counter()
    run(argv, env=env, cwd=cwd)
    return time.perf_counter() - start


def processor_seconds(argv: Sequence[str]) -> float:
    """How long one run keeps a processor busy, which other work changes least. Raises CommandError when it fails."""
    with open(os.devnull, "r+b") as nothing:
        actions = [(os.POSIX_SPAWN_DUP2, nothing.fileno(), stream) for stream in (0, 1, 2)]
        try:
            pid = os.posix_spawnp(argv[0], [*argv], os.environ, file_actions=actions)
        except OSError as error:
            raise CommandError(f"{argv[0]}: {error.strerror}") from error
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise CommandError(f"{' '.join(argv)}: wait status {status}")
    return usage.ru_utime + usage.ru_stime


def run(argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: str | None = None) -> str:
    """What a command prints. Raises CommandError when it fails or does not exist."""
    try:
        done = subprocess.run(
            argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise CommandError(f"{argv[0]}: {error.strerror}") from error
    if done.returncode:
        raise CommandError(f"{' '.join(argv)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def alternate(commands: Sequence[Callable[[], float]], runs: int) -> list[Sample]:
    """Measure each command `runs` times in turns, so that a busy moment of the machine hits all of them alike."""
    values: list[list[float]] = [[] for _ in commands]
    for command in commands:
        command()  # the first run fills the kernel's page cache
    for _ in range(runs):
        for index, command in enumerate(commands):
            values[index].append(command())
    return [Sample(tuple(one)) for one in values]


_WITH_PEAK = """\
import sys
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
from {module} import {function}
target, sys.argv = sys.argv[1], sys.argv[1:]
try:
    code = {function}()
except SystemExit as end:
    code = end.code
with open(target, "w") as file:
    file.write(str(peak()))
sys.exit(code)
"""


def peak_memory(entry_point: str, arguments: Sequence[str], *, env: Mapping[str, str], cwd: str) -> float:
    """The most memory, in bytes, that `module:function` held with `arguments` in a process of its own; without children."""
    module, _, function = entry_point.partition(":")
    handle, path = tempfile.mkstemp(prefix="staticbuild-bench-")
    os.close(handle)
    try:
        run([sys.executable, "-c", _WITH_PEAK.format(module=module, function=function), path, *arguments], env=env, cwd=cwd)
        with open(path, encoding="ascii") as file:
            return float(file.read())
    finally:
        os.unlink(path)
