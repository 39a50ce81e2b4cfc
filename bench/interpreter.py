"""The interpreter's speed: pyperformance inside of an executable of ours, and run by a stock CPython of the same minor version.

Both run the same scripts, with the same packages, in turns; each process measures itself by its processor time. Knows how the
suite is had and run, nothing of how results are shown.
"""

from __future__ import annotations

import json
import math
import os
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.measure import CommandError, Sample, ratio, run
from bench.table import Figure

_HERE = os.path.dirname(os.path.abspath(__file__))
_WORKER = f"{_HERE}/suite_worker.py"

# What one value should take: long enough for the clock, short enough for many.
_SECONDS = 0.1
_MILLISECOND = 1e-3

LIMIT = 1 / 1.05
"""The project's own: at least 1.05 times as fast as a stock build without PGO."""

QUICK = (
    "chaos",
    "deltablue",
    "float",
    "generators",
    "hexiom",
    "html5lib",
    "json_dumps",
    "json_loads",
    "logging",
    "nbody",
    "pickle pickle",
    "regex_compile",
    "richards",
    "sqlite_synth",
    "telco",
    "unpack_sequence",
)
"""Names of the suite's folders, with an argument where the script wants one."""

COMPLETE = (
    *QUICK,
    "async_generators",
    "barnes_hut",
    "chameleon",
    "comprehensions",
    "coroutines",
    "decimal_factorial",
    "decimal_pi",
    "deepcopy",
    "docutils",
    "fannkuch",
    "gc_collect",
    "gc_traversal",
    "genshi",
    "go",
    "meteor_contest",
    "nqueens",
    "pathlib",
    "pickle pickle_list",
    "pickle unpickle",
    "pidigits",
    "pprint",
    "pyflate",
    "raytrace",
    "regex_dna",
    "regex_effbot",
    "regex_v8",
    "richards_super",
    "scimark",
    "spectral_norm",
    "sqlglot_v2 normalize",
    "sqlglot_v2 parse",
    "tomli_loads",
    "typing_runtime_protocols",
    "xml_etree",
)
"""All that need no package with a C extension, start no process of their own and open no connection."""


def fetch_suite(folder: str) -> str:
    """Have the suite and its packages in `folder`, from the index that pip is configured for, by the digests of suite.txt."""
    command = ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    run([sys.executable, "-m", "pip", *command, "--dest", f"{folder}/wheels", "--requirement", f"{_HERE}/suite.txt"])
    for name in sorted(os.listdir(f"{folder}/wheels")):
        with zipfile.ZipFile(f"{folder}/wheels/{name}") as wheel:
            wheel.extractall(f"{folder}/packages")
    return f"{folder}/packages"


CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")

python_resources(
    name = "suite",
    package_roots = ["packages"],
    exclude = ["pyperformance/data-files/**"],
)

python_executable(
    name = "python",
    resources = [":suite"],
    interpreter = True,
)
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One that runs the suite: its command, the folder of the suite, and what it needs in the environment."""

    command: str
    packages: str
    environment: Mapping[str, str]

    def values(self, benchmark: str, loops: int, values: int) -> dict[str, tuple[int, tuple[float, ...]]]:
        """By the names that the script gives: how often a loop repeats what is measured, and the seconds of each value."""
        name, *arguments = benchmark.split()
        script = f"{self.packages}/pyperformance/data-files/benchmarks/bm_{name}/run_benchmark.py"
        argv = [self.command, _WORKER, str(loops), str(values), script, *arguments]
        found: dict[str, tuple[int, list[float]]] = json.loads(run(argv, env=self.environment))
        return {one: (repeats, tuple(seconds)) for one, (repeats, seconds) in found.items()}


def compare(
    ours: Interpreter, peer: Interpreter, benchmark: str, processes: int, values: int
) -> dict[str, tuple[Sample, Sample]]:
    """Both interpreters' values of one script, in `processes` turns."""
    first = peer.values(benchmark, 1, 1)
    longest = max(repeats * max(seconds) for repeats, seconds in first.values())
    loops = max(1, math.ceil(_SECONDS / max(longest, 1e-8)))
    gathered: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in first}
    for _ in range(processes):
        for index, interpreter in enumerate((ours, peer)):
            for name, (_, seconds) in interpreter.values(benchmark, loops, values).items():
                gathered[name][index].extend(seconds)
    return {name: (Sample(tuple(mine)), Sample(tuple(theirs))) for name, (mine, theirs) in gathered.items()}


def geometric_mean(samples: Sequence[tuple[Sample, Sample]]) -> float:
    """Of how many times the peer's median ours is. Raises CommandError if nothing was measured."""
    ratios = [found for mine, theirs in samples if (found := ratio(mine, theirs))]
    if not ratios:
        raise CommandError("no benchmark of the suite gave a value")
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def figures(samples: Mapping[str, tuple[Sample, Sample]], peer_name: str, *, optimised: bool) -> list[Figure]:
    """A row for each benchmark, and the geometric mean; the limit is for a peer without PGO."""
    rows = [
        Figure("interpreter", name, "µs" if theirs.median < _MILLISECOND else "ms", mine, theirs)
        for name, (mine, theirs) in sorted(samples.items())
    ]
    mean = Figure(
        "interpreter",
        f"geometric mean of {len(rows)}",
        "ms",
        mean=geometric_mean(list(samples.values())),
        limit_ratio=None if optimised else LIMIT,
        peer_name=peer_name,
    )
    return [*rows, mean]
