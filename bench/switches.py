"""What each switch that makes an executable smaller does to its size and its start. Prints nothing.

Two programs: `hello`, which imports next to nothing, and a tool that imports much of the standard library. The executables
with and without a switch are started in turns, and what counts is the time that they keep a processor busy.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from bench.measure import Sample, alternate, processor_seconds, run
from bench.table import Figure

if TYPE_CHECKING:
    from bench.figures import Bench

SWITCHES = (
    "",
    "optimize = 2",
    "docstrings = False",
    "sources = False",
    'compress = ["sources", "files"]',
    'compress = ["sources", "files", "bytecode"]',
    "trim = True",
    'trim = True, compress = ["sources", "files"]',
    'trim = True, sources = False, docstrings = False, compress = ["files", "bytecode"]',
)
"""Attributes of `python_executable`; the first are the defaults, which all others are compared with."""

PROGRAMS = {
    "hello": "print('hello')",
    "tool": "import argparse, asyncio, json, logging.config, sqlite3, ssl, urllib.request; print('tool')",
}

_HEAD = 'load("@stdlib//python.bzl", "make_dist", "python_executable")\nmake_dist(flavor = "standalone_static")\n'


def config() -> str:
    """Every program with every switch, as `hello-0` and so on."""
    return _HEAD + "".join(
        f'python_executable(name = "{name}-{number}", command = "{command}", {switch})\n'
        for name, command in PROGRAMS.items()
        for number, switch in enumerate(SWITCHES)
    )


def switches(bench: Bench) -> list[Figure]:
    """Size and start-up of each program with each switch, beside those without any."""
    folder = f"{bench.folder}/switches"
    os.makedirs(folder)
    with open(f"{folder}/staticbuild.bzl", "w", encoding="utf-8") as file:
        file.write(config())
    bench.say("building with each switch")
    run(bench.staticbuild("build", "-q"), env=bench.environment, cwd=folder)
    figures = []
    for name in PROGRAMS:
        paths = [f"{folder}/build/x86_64-unknown-linux-musl/{name}-{i}/{name}-{i}" for i in range(len(SWITCHES))]
        bench.say(f"starting {name} with each switch")
        starts = alternate([functools.partial(processor_seconds, [path]) for path in paths], bench.runs * 4)
        sizes = [Sample((float(os.path.getsize(path)),)) for path in paths]
        for what, unit, samples in (("size", "MB", sizes), ("start-up", "ms", starts)):
            figures += [
                Figure("switches", f"{name}, {what}, {switch or 'defaults'}", unit, sample, samples[0], "the defaults")
                for switch, sample in zip(SWITCHES, samples, strict=True)
            ]
    return figures
