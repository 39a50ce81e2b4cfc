"""What a build tells while it runs. Knows nothing of who listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from staticbuild.graph.action import Action, Download


@dataclass(frozen=True, slots=True)
class Planned:
    """The build knows how many actions the wanted targets need."""

    actions: int


@dataclass(frozen=True, slots=True)
class Started:
    """An action runs, and why."""

    action: Action
    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another build runs the very same action; this one waits for its result."""

    action: Action


@dataclass(frozen=True, slots=True)
class Finished:
    """An action's outputs are known; it ran for `seconds`, or its result was in the cache."""

    action: Action
    cached: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """An action failed; `message` is the sentence that says how."""

    action: Action
    message: str


@dataclass(frozen=True, slots=True)
class Downloading:
    """How far a download is, in bytes; `total` is None where the server does not say."""

    download: Download
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class DownloadEnded:
    """A download is over, well or not."""

    download: Download


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that a person should know, but that stops nothing."""

    message: str
    hint: str = ""


Event = Planned | Started | Waiting | Finished | Failed | Downloading | DownloadEnded | Warned
Listener = Callable[[Event], None]
