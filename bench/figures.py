"""The figures: what each measures, beside which peer, and the limit that it must keep. Prints nothing.

Everything happens on a copy of `examples/hello` in a temporary folder, with the user's own cache unless the figure is the
cold build; the checkout stays as it is.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count

import platformdirs

from bench import interpreter as suite
from bench import memory_worker, peers
from bench.measure import CommandError, Sample, alternate, peak_memory, run, seconds
from bench.table import Figure
from staticbuild.linking.plan import ALLOCATORS, LIBC

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_RESULT = "build/x86_64-unknown-linux-musl/hello/hello"


@dataclass
class Bench:
    """One session: a temporary `folder`, how often each thing is measured, and which peers may be had."""

    folder: str
    runs: int = 10
    with_pyinstaller: bool = False
    complete: bool = False
    peer: str | None = None
    peer_from_source: str | None = None
    say: Callable[[str], None] = lambda _: None
    _edits: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def environment(self) -> dict[str, str]:
        """For our own commands: the checkout's staticbuild, whatever is installed."""
        return {**os.environ, "PYTHONPATH": CHECKOUT}

    @property
    def project(self) -> str:
        """The copy of the example."""
        return f"{self.folder}/hello"

    @property
    def ours(self) -> str:
        """The built executable."""
        return f"{self.project}/{_RESULT}"

    def staticbuild(self, *arguments: str) -> list[str]:
        """Our command line."""
        return [sys.executable, "-m", "staticbuild", *arguments]

    @cached_property
    def built(self) -> str:
        """The executable, built if it must be."""
        copy_example(self.project)
        self.say("building hello")
        run(self.staticbuild("build", "-q", "hello"), env=self.environment, cwd=self.project)
        return self.ours

    @cached_property
    def cold_build(self) -> tuple[float, float]:
        """Seconds and peak memory of a build in an empty cache."""
        folder = f"{self.folder}/cold"
        copy_example(folder)
        self.say("building everything from sources")
        start = time.perf_counter()
        peak = _peak({**self.environment, "STATICBUILD_CACHE": f"{self.folder}/cold-cache"}, folder)
        return time.perf_counter() - start, peak

    @cached_property
    def python(self) -> tuple[str, str] | None:
        """Path and version of the stock CPython: the one that was named, or built, or what this machine has."""
        if self.peer_from_source is not None:
            path = self._built_python(optimised=self.peer_from_source == "pgo")
        elif self.peer is not None:
            path = self.peer
        else:
            return peers.stock_python()
        return path, peers.version(path)

    def _built_python(self, *, optimised: bool) -> str:
        folder = f"{self.folder}/peer"
        copy_example(folder)
        self.say("building a stock CPython with this machine's compiler, unless one is there")
        source = "@stdlib//recipes:cpython_source"
        run(self.staticbuild("build", "-q", source), env=self.environment, cwd=folder)
        path = f"{folder}/build/x86_64-unknown-linux-musl/@stdlib/recipes/cpython_source"
        return peers.built_python(path, platformdirs.user_cache_dir("staticbuild-bench"), optimised=optimised)

    @cached_property
    def packed(self) -> list[str] | None:
        """PyInstaller's command line for the example, after one run of it; None where it was not asked for."""
        if not self.with_pyinstaller or self.python is None:
            return None
        self.say("installing PyInstaller and packing hello with it")
        program = peers.pyinstaller(self.folder, self.python[0])
        folder = f"{self.folder}/pyinstaller"
        copy_example(folder)
        with open(f"{folder}/main.py", "w", encoding="utf-8") as file:
            file.write("import hello\n\nhello.main()\n")
        command = [program, "--onefile", "--log-level", "ERROR", "--noconfirm", "--name", "hello", "main.py"]
        run(command, cwd=folder)
        return command

    @property
    def packed_folder(self) -> str:
        """Where PyInstaller works."""
        return f"{self.folder}/pyinstaller"

    def edit(self, folder: str) -> None:
        """Change the application's source so that its bytecode changes, too."""
        with open(f"{folder}/hello.py", "a", encoding="utf-8") as file:
            file.write(f"\nEDIT_{next(self._edits)} = {os.getpid()}\n")


def copy_example(folder: str) -> None:
    """A fresh copy of `examples/hello` without results."""
    shutil.copytree(f"{CHECKOUT}/examples/hello", folder, ignore=shutil.ignore_patterns("build", "__pycache__"))


def cold(bench: Bench) -> Figure:
    """From an empty cache to hello, downloads included. Once: it takes minutes."""
    taken, _ = bench.cold_build
    return Figure(
        "cold", "build, nothing in the cache", "s", Sample((taken,)), limit=900.0, note="one run; no peer builds CPython"
    )


def nothing(bench: Bench) -> Figure:
    """A build that has nothing to do."""
    bench.built  # noqa: B018 - builds it
    command = bench.staticbuild("build", "-q", "hello")
    return _beside_pyinstaller(
        bench,
        Figure("nothing", "build, nothing to do", "s", limit=0.5),
        lambda: seconds(command, env=bench.environment, cwd=bench.project),
        lambda packing: seconds(packing, cwd=bench.packed_folder),
    )


def change(bench: Bench) -> Figure:
    """From a changed source to the new executable."""
    bench.built  # noqa: B018 - builds it
    command = bench.staticbuild("build", "-q", "hello")

    def ours() -> float:
        bench.edit(bench.project)
        return seconds(command, env=bench.environment, cwd=bench.project)

    def packed(packing: list[str]) -> float:
        bench.edit(bench.packed_folder)
        return seconds(packing, cwd=bench.packed_folder)

    return _beside_pyinstaller(bench, Figure("change", "build, one source changed", "s", limit=2.0), ours, packed)


def _beside_pyinstaller(
    bench: Bench, figure: Figure, ours: Callable[[], float], packed: Callable[[list[str]], float]
) -> Figure:
    if (packing := bench.packed) is None:
        (sample,) = alternate([ours], bench.runs)
        return replace(figure, ours=sample, note=_no_pyinstaller(bench))
    mine, peer = alternate([ours, lambda: packed(packing)], bench.runs)
    return replace(figure, ours=mine, peer=peer, peer_name="PyInstaller, one file")


def link(bench: Bench) -> Figure:
    """What the last action alone takes, as the executor timed it."""
    bench.built  # noqa: B018 - builds it

    def once() -> float:
        bench.edit(bench.project)
        events = run(bench.staticbuild("build", "--json", "hello"), env=bench.environment, cwd=bench.project)
        return link_seconds(events)

    (sample,) = alternate([once], bench.runs)
    return Figure("link", "the link alone", "s", sample, note="part of `change`")


def link_seconds(events: str) -> float:
    """How long the action `Link` ran, out of what `build --json` printed. Raises CommandError if it did not run."""
    for line in events.splitlines():
        event = json.loads(line)
        if event.get("event") == "finished" and event.get("action") == "Link" and not event.get("cached"):
            return float(event["seconds"])
    raise CommandError("`build --json` tells of no link")


def startup(bench: Bench) -> Figure:
    """Start to end of hello, beside a stock CPython that does nothing at all."""
    figure = Figure("startup", "start-up", "ms", limit_ratio=0.8)
    hello = [bench.built]
    runs = bench.runs * 4
    if bench.python is None:
        (sample,) = alternate([lambda: seconds(hello)], runs)
        return replace(figure, ours=sample, note=f"no stock CPython {peers.VERSION} was found")
    path, version = bench.python
    stock = [path, "-I", "-S", "-c", "pass"]
    mine, peer = alternate([lambda: seconds(hello), lambda: seconds(stock)], runs)
    return replace(figure, ours=mine, peer=peer, peer_name=f"CPython {version} -I -S -c pass")


def script(bench: Bench) -> Figure:
    """The same program, beside a stock CPython that runs its source."""
    figure = Figure("script", "start-up, same program", "ms")
    hello = [bench.built]
    if bench.python is None:
        return replace(figure, note=f"no stock CPython {peers.VERSION} was found")
    path, version = bench.python
    stock = [path, "-c", "import hello; hello.main()"]
    mine, peer = alternate([lambda: seconds(hello), lambda: seconds(stock, cwd=bench.project)], bench.runs * 4)
    return replace(figure, ours=mine, peer=peer, peer_name=f"CPython {version}")


def onefile(bench: Bench) -> Figure:
    """The same program, beside the one file that PyInstaller makes of it."""
    figure = Figure("onefile", "start-up, one file", "ms")
    if bench.packed is None:
        return replace(figure, note=_no_pyinstaller(bench))
    hello, packed = [bench.built], [f"{bench.packed_folder}/dist/hello"]
    mine, peer = alternate([lambda: seconds(hello), lambda: seconds(packed)], bench.runs)
    return replace(figure, ours=mine, peer=peer, peer_name="PyInstaller, one file")


def size(bench: Bench) -> Figure:
    """The executable's bytes."""
    figure = Figure("size", "size of the executable", "MB", Sample((float(os.path.getsize(bench.built)),)))
    if bench.packed is None:
        return replace(figure, note=_no_pyinstaller(bench))
    packed = float(os.path.getsize(f"{bench.packed_folder}/dist/hello"))
    return replace(figure, peer=Sample((packed,)), peer_name="PyInstaller, one file, compressed; needs glibc")


def memory(bench: Bench) -> Figure:
    """The most that staticbuild itself holds while it builds after a change."""
    bench.built  # noqa: B018 - builds it
    values = []
    for _ in range(max(3, bench.runs // 3)):
        bench.edit(bench.project)
        values.append(_peak(bench.environment, bench.project))
    return Figure(
        "memory", "peak memory, one source changed", "MB", Sample(tuple(values)), limit=400e6, note="without children"
    )


def cold_memory(bench: Bench) -> Figure:
    """The same for the build from nothing, of the same run as `cold`."""
    _, peak = bench.cold_build
    return Figure(
        "cold-memory", "peak memory, nothing in the cache", "MB", Sample((peak,)), limit=400e6, note="without children"
    )


def interpreter(bench: Bench) -> list[Figure]:
    """The suite pyperformance inside of an executable, beside a stock CPython that runs the same scripts."""
    if bench.python is None:
        return [Figure("interpreter", "pyperformance", "ms", note=f"no stock CPython {peers.VERSION} was found")]
    path, version = bench.python
    folder = f"{bench.folder}/interpreter"
    os.makedirs(folder)
    bench.say("downloading pyperformance")
    packages = suite.fetch_suite(folder)
    with open(f"{folder}/staticbuild.bzl", "w", encoding="utf-8") as file:
        file.write(suite.CONFIG)
    bench.say("building an interpreter with pyperf and the suite's packages inside")
    run(bench.staticbuild("build", "-q", "python"), env=bench.environment, cwd=folder)
    ours = suite.Interpreter(f"{folder}/build/x86_64-unknown-linux-musl/python/python", packages, {"PATH": os.defpath})
    peer = suite.Interpreter(path, packages, {"PATH": os.defpath, "PYTHONPATH": packages})
    processes, values = (max(3, bench.runs // 2), 5) if bench.complete else (3, 3)
    samples: dict[str, tuple[Sample, Sample]] = {}
    for benchmark in suite.COMPLETE if bench.complete else suite.QUICK:
        bench.say(f"measuring {benchmark}")
        samples |= suite.compare(ours, peer, benchmark, processes, values)
    how = peers.optimisation(path)
    return suite.figures(samples, f"CPython {version}, {how}", optimised="no PGO" not in how)


# What wait4(2) says of a child begins with what its parent held when it was started; the program knows better.
_HELLO_AND_PEAK = 'import hello; hello.main(); print(next(x for x in open("/proc/self/status") if x.startswith("VmHWM")))'


def allocators(bench: Bench) -> list[Figure]:
    """Uses of memory with each of the allocators that an executable may choose, beside the C library's."""
    folder = f"{bench.folder}/allocators"
    copy_example(folder)
    with open(f"{folder}/staticbuild.bzl", "a", encoding="utf-8") as file:
        for name in ALLOCATORS:
            chosen = f'allocator = "{name}"'
            file.write(f'python_executable(name = "python-{name}", interpreter = True, {chosen})\n')
            program = f'resources = [":app"], {chosen}'
            file.write(f'python_executable(name = "hello-{name}", entry_point = "hello:main", {program})\n')
            file.write(f'python_executable(name = "peak-{name}", command = {json.dumps(_HELLO_AND_PEAK)}, {program})\n')
    bench.say("building with each allocator")
    targets = [f"{kind}-{name}" for kind in ("python", "hello", "peak") for name in ALLOCATORS]
    run(bench.staticbuild("build", "-q", *targets), env=bench.environment, cwd=folder)

    def path(name: str) -> str:
        return f"{folder}/build/x86_64-unknown-linux-musl/{name}/{name}"

    def measured(what: str, unit: str, once: Callable[[str], float], runs: int) -> list[Figure]:
        bench.say(f"measuring {what}")
        samples = alternate([functools.partial(once, name) for name in ALLOCATORS], runs)
        known = dict(zip(ALLOCATORS, samples, strict=True))
        return [
            Figure("allocators", f"{what}, {name}", unit, known[name], known[LIBC], "the C library's")
            for name in ALLOCATORS
            if name != LIBC
        ]

    figures = measured("start-up", "ms", lambda name: seconds([path(f"hello-{name}")]), bench.runs * 4)
    figures += measured(
        "peak memory of hello", "MB", lambda name: float(run([path(f"peak-{name}")]).split()[-2]) * 1024, bench.runs
    )
    for use in memory_worker.USES:
        command = [f"{CHECKOUT}/bench/memory_worker.py", use.__name__]

        def once(name: str, command: list[str] = command) -> float:
            return float(run([path(f"python-{name}"), *command]))

        figures += measured(use.__name__.replace("_", " "), "ms", once, bench.runs)
    return figures


def _peak(environment: Mapping[str, str], folder: str) -> float:
    return peak_memory("staticbuild.cli.main:main", ["build", "-q", "hello"], env=environment, cwd=folder)


def _no_pyinstaller(bench: Bench) -> str:
    if not bench.with_pyinstaller:
        return "for a peer: --with-pyinstaller"
    return f"no stock CPython {peers.VERSION} to run PyInstaller with"


USUAL: Mapping[str, Callable[[Bench], Figure | list[Figure]]] = {
    "nothing": nothing,
    "change": change,
    "link": link,
    "startup": startup,
    "script": script,
    "onefile": onefile,
    "size": size,
    "memory": memory,
}
BY_NAME_ONLY: Mapping[str, Callable[[Bench], Figure | list[Figure]]] = {
    "cold": cold,
    "cold-memory": cold_memory,
    "allocators": allocators,
    "interpreter": interpreter,
}


def machine() -> str:
    """What this was measured on: processor, memory, system, how busy it was."""
    processor = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            processor = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), processor)
    except OSError:
        pass
    memory_size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{processor}, {os.cpu_count()} processors, {memory_size:.0f} GB; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}; load {load}"
    )
