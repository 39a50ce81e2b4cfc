"""Shows what a build does: a live view on a terminal, plain lines in a log, or JSON. Decides nothing.

Data goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from staticbuild.executor.events import (
    DownloadEnded,
    Downloading,
    Event,
    Failed,
    Finished,
    Planned,
    Started,
    Waiting,
    Warned,
)
from staticbuild.graph.action import Action

# In a log, a sign of life of what takes long.
_HEARTBEAT_SECONDS = 60.0
_MEGABYTE = 1e6
_ENDLESS = 100_000
_MOST_LINES = 8


class View(Protocol):
    """Something that listens to a build, inside of a `with`."""

    def __call__(self, event: Event, /) -> None:
        """Take up what has happened."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...


def view_for(*, as_json: bool, quiet: bool) -> View:
    """The view that suits where standard error goes."""
    if as_json:
        return JsonView()
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if quiet:
        return QuietView(console)
    return LiveView(console) if console.is_terminal and not console.is_dumb_terminal else PlainView(console)


def remark(view: View, text: str) -> None:
    """Say how a command ended, where a person reads it."""
    if isinstance(view, QuietView):
        view.console.print(text, style="dim")


def data_console() -> Console:
    """For what a command prints on standard output: where that is no terminal, lines are as long as they are."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, soft_wrap=True, width=_ENDLESS)


def name_of(action: Action) -> str:
    """How messages call an action: `Link greet`, `Run @stdlib//recipes:openssl`."""
    what = f" {action.description}" if action.description else ""
    return f"{action.mnemonic} {action.label.short}{what}"


@dataclass(slots=True)
class _Counts:
    planned: int = 0
    ended: int = 0
    ran: int = 0
    cached: int = 0
    began: float = field(default_factory=time.monotonic)

    def take(self, event: Event) -> None:
        if isinstance(event, Planned):
            self.planned = event.actions
            self.ended = 0
        elif isinstance(event, Finished):
            self.ended += 1
            self.ran += not event.cached
            self.cached += event.cached

    @property
    def summary(self) -> str:
        seconds = time.monotonic() - self.began
        return f"{_count(self.ran, 'action')} ran, {self.cached} cached, {duration(seconds)}"


class QuietView:
    """Only warnings."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.counts = _Counts()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Count, and show a warning."""
        self.counts.take(event)
        if isinstance(event, Warned):
            self.warn(event)

    def warn(self, event: Warned) -> None:
        """A warning with its hint."""
        text = Text.assemble(("warning", "bold yellow"), (": ", "bold"), event.message)
        self.console.print(text)
        if event.hint:
            self.console.print(Text(f"  hint: {event.hint}"))


class PlainView(QuietView):
    """A line for each action that runs, and a sign of life from those that take long."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._running: dict[Action, float] = {}
        self._downloads: set[str] = set()
        self._guard = threading.RLock()
        self._done = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True, name="heartbeat")

    def __enter__(self) -> Self:
        self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()

    def __call__(self, event: Event) -> None:
        """Write a line, if the event is worth one."""
        with self._guard:
            super().__call__(event)
            match event:
                case Started(action, reason):
                    self._running[action] = time.monotonic()
                    self._line(f"{name_of(action)} ({reason})")
                case Waiting(action):
                    self._line(f"{name_of(action)}: another build makes this now; waiting for it")
                case Finished(action, cached, seconds):
                    self._running.pop(action, None)
                    if not cached:
                        self._line(f"{name_of(action)} done in {duration(seconds)}")
                case Failed(action):
                    self._running.pop(action, None)
                    self._line(f"{name_of(action)} FAILED")
                case Downloading(download, _, total) if download.sha256 not in self._downloads:
                    self._downloads.add(download.sha256)
                    self._line(f"Download {download.filename}" + (f" ({size(total)})" if total else ""))

    def _line(self, text: str) -> None:
        width = len(str(self.counts.planned))
        self.console.print(Text(f"[{self.counts.ended:{width}}/{self.counts.planned}] {text}"))

    def _beat(self) -> None:
        while not self._done.wait(_HEARTBEAT_SECONDS):
            with self._guard:
                now = time.monotonic()
                for action, began in self._running.items():
                    self._line(f"{name_of(action)} still runs, for {duration(now - began)} now")


class LiveView(QuietView):
    """What runs now, for how long, and how far the downloads are; what ran stays above."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._running: dict[Action, tuple[float, str]] = {}
        self._downloads: dict[str, Downloading] = {}
        self._guard = threading.RLock()
        self._live = Live(console=console, refresh_per_second=8, transient=True, get_renderable=self._render)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Take the event up; the next refresh shows it."""
        with self._guard:
            super().__call__(event)
            match event:
                case Started(action, reason):
                    self._running[action] = (time.monotonic(), reason)
                case Waiting(action):
                    self._running[action] = (time.monotonic(), "waits for another build that makes this now")
                case Finished(action, cached, seconds):
                    self._running.pop(action, None)
                    if not cached:
                        self.console.print(Text.assemble(("✓ ", "green"), name_of(action), (f"  {duration(seconds)}", "dim")))
                case Failed(action):
                    self._running.pop(action, None)
                    self.console.print(Text.assemble(("✗ ", "bold red"), name_of(action)))
                case Downloading(download):
                    self._downloads[download.sha256] = event
                case DownloadEnded(download):
                    self._downloads.pop(download.sha256, None)

    def _render(self) -> Group:
        with self._guard:
            now = time.monotonic()
            head = Text.assemble(
                (f"{self.counts.ended}/{self.counts.planned}", "bold"),
                " actions",
                (f"  {self.counts.cached} cached  {duration(now - self.counts.began)}", "dim"),
            )
            table = Table.grid(padding=(0, 1))
            table.add_column(no_wrap=True)
            table.add_column(no_wrap=True, justify="right")
            table.add_column(no_wrap=True, overflow="ellipsis")
            for download in list(self._downloads.values())[:_MOST_LINES]:
                table.add_row("↓", _progress(download), download.download.filename)
            for action, (began, reason) in list(self._running.items())[:_MOST_LINES]:
                table.add_row("▶", duration(now - began), Text.assemble(name_of(action), (f"  {reason}", "dim")))
            return Group(head, table)


class JsonView:
    """One object a line on standard output."""

    def __init__(self) -> None:
        self.counts = _Counts()
        self._guard = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Write the event."""
        with self._guard:
            self.counts.take(event)
            if not isinstance(event, Downloading):
                emit(_as_record(event))


def emit(record: dict[str, object]) -> None:
    """One machine-readable line of data."""
    sys.stdout.write(json.dumps(record, sort_keys=True) + "\n")
    sys.stdout.flush()


def _as_record(event: Event) -> dict[str, object]:
    record: dict[str, object] = {"event": type(event).__name__.lower()}
    match event:
        case Planned(actions):
            record["actions"] = actions
        case Started(action, reason):
            record |= {"action": action.mnemonic, "target": str(action.label), "reason": reason}
        case Waiting(action):
            record |= {"action": action.mnemonic, "target": str(action.label)}
        case Finished(action, cached, seconds):
            record |= {"action": action.mnemonic, "target": str(action.label), "cached": cached, "seconds": round(seconds, 3)}
        case Failed(action, message):
            record |= {"action": action.mnemonic, "target": str(action.label), "message": message}
        case DownloadEnded(download):
            record |= {"file": download.filename, "sha256": download.sha256}
        case Warned(message, hint):
            record |= {"message": message, "hint": hint}
    return record


def size(count: float) -> str:
    """Bytes as a person reads them."""
    return f"{count / _MEGABYTE:.1f} MB" if count >= _MEGABYTE / 10 else f"{count / 1e3:.1f} kB"


def duration(seconds: float) -> str:
    """Seconds as a person reads them."""
    minute = 60
    if seconds < minute:
        return f"{seconds:.1f} s"
    return f"{int(seconds // minute)} min {int(seconds % minute):02} s"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _progress(event: Downloading) -> str:
    if event.total:
        return f"{size(event.done)} of {size(event.total)}"
    return size(event.done)
