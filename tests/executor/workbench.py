"""Builds with commands that are Python functions, on a real disk, with a clock that the test turns."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from staticbuild.executor.action_cache import ActionCache
from staticbuild.executor.events import Event, Finished, Warned
from staticbuild.executor.fetch import Fetcher, FetchSettings, Resolver
from staticbuild.executor.journal import Journal
from staticbuild.executor.run import Build, Settings
from staticbuild.executor.sandbox import Sandbox
from staticbuild.executor.sources import Sources
from staticbuild.executor.store import Store
from staticbuild.graph.action import Action, Artifact, Kind, Output, SourceFile
from staticbuild.graph.digest import FileState, State
from staticbuild.graph.label import Label
from staticbuild.host import Host, Process

# Does what a command would do in its folder. What it returns does not matter; `fails` makes one that ends badly.
Command = Callable[[Path], object]


def fails(code: int) -> Command:
    def command(_: Path) -> None:
        raise SystemExit(code)

    return command


class FakeProcess(Process):
    """A command that has ended already; `status` None stands for one that never does."""

    def __init__(self, status: int | None) -> None:
        self.pid = 0
        self.status = status

    def wait(self, timeout: float | None) -> int | None:  # noqa: ARG002
        return self.status

    def stop(self, patience: float = 2.0) -> None:  # noqa: ARG002
        return


class FakeHost(Host):
    """This machine's disk, with other commands and another clock."""

    def __init__(self) -> None:
        super().__init__({})
        self.commands: dict[str, Command] = {}
        self.time = 1e10
        self.full = False
        self.slept: list[float] = []

    def wall_clock(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def find_tool(self, name: str, path: str) -> str | None:  # noqa: ARG002
        return name if name in self.commands else None

    def kill_group(self, group: int) -> None:
        assert group == 0

    def write_bytes(self, path: str, data: bytes, *, executable: bool = False) -> None:
        if self.full and "/blobs/" in path:
            raise OSError(errno.ENOSPC, "No space left on device", path)
        super().write_bytes(path, data, executable=executable)

    def spawn(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], log: str) -> Process:  # noqa: ARG002
        Path(log).write_text("")
        command = self.commands.get(argv[0])
        if command is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), argv[0])
        try:
            command(Path(cwd))
        except SystemExit as ended:
            return FakeProcess(int(str(ended.code)))
        return FakeProcess(0)


@dataclass
class Outcome:
    """What a build did: the mnemonics of the actions that ran, in order, and what it made."""

    ran: list[str]
    cached: list[str]
    warnings: list[str]
    states: dict[Artifact, State]


@dataclass
class Workbench:
    """A workspace, a cache, and builds of them; each `build` is a process of its own as far as memory goes."""

    folder: Path
    host: FakeHost = field(default_factory=FakeHost)
    jobs: int = 2
    keep_going: bool = False
    keep_failed: bool = False
    fetch: FetchSettings = field(default_factory=FetchSettings)
    resolvers: Mapping[str, Resolver] = field(default_factory=dict)
    timeout: int = 3600

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    def write(self, name: str, text: str) -> SourceFile:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return SourceFile(str(path))

    def action(self, name: str, command: Command, outputs: Mapping[str, Kind] | None = None, **inputs: Artifact) -> Action:
        """An action that runs `command`; it makes the file `out` unless told otherwise. `_` in an input's name is a dot."""
        self.host.commands[name] = command
        return Action(
            label=Label("", "", name),
            mnemonic=name,
            argv=(name,),
            inputs=tuple((path.replace("_", "."), artifact) for path, artifact in sorted(inputs.items())),
            outputs=tuple(sorted((outputs or {"out": "file"}).items())),
            timeout=self.timeout,
        )

    def store(self) -> Store:
        return Store(self.host, str(self.cache))

    def engine(self, listener: Callable[[Event], None] = lambda _: None) -> Build:
        root, store = str(self.cache), self.store()
        journal, sources = Journal(self.host, f"{root}/journal"), Sources(self.host, store, f"{root}/sources.json")
        journal.load()
        sources.load()
        return Build(
            host=self.host,
            store=store,
            cache=ActionCache(self.host, root),
            sources=sources,
            sandbox=Sandbox(self.host, store, f"{root}/run-1"),
            fetcher=Fetcher(self.host, store, self.resolvers, self.fetch),
            journal=journal,
            settings=Settings(self.jobs, self.keep_going, self.keep_failed),
            listener=listener,
        )

    def build(self, *wanted: Output) -> Outcome:
        events: list[Event] = []
        build = self.engine(events.append)
        try:
            states = build.make(wanted)
        finally:
            left = [path for path in self.cache.glob("run-1/*") if path.name != "kept"]
            assert self.keep_failed or left == [], "private folders are left"
        return Outcome(
            ran=[event.action.mnemonic for event in events if isinstance(event, Finished) and not event.cached],
            cached=[event.action.mnemonic for event in events if isinstance(event, Finished) and event.cached],
            warnings=[event.message for event in events if isinstance(event, Warned)],
            states=states,
        )

    def text(self, outcome: Outcome, output: Output) -> str:
        """What a made file holds."""
        state = outcome.states[output]
        assert isinstance(state, FileState)
        return self.store().read(state.digest).decode()

    def blob(self, outcome: Outcome, output: Output) -> Path:
        """Where a made file is kept."""
        state = outcome.states[output]
        return Path(self.store().blob_path(state.digest.hash, executable=isinstance(state, FileState) and state.executable))

    def reasons(self, *wanted: Output) -> list[str]:
        """What `explain` says of each action that would run."""
        forecasts = self.engine().forecast([output.action for output in wanted])
        return [f"{forecast.action.mnemonic}: {forecast.reason}" for forecast in forecasts if forecast.reason]


def damage(path: Path, data: bytes) -> None:
    """Write to what is read-only, as a broken disk would."""
    path.chmod(0o644)
    path.write_bytes(data)
