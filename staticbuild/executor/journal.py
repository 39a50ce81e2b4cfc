"""Remembers what each action was made of when it last ran, and says why it runs again. Unaware of threads and processes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from staticbuild.executor.sandbox import environment
from staticbuild.graph.action import Action
from staticbuild.graph.digest import State
from staticbuild.host import Host


@dataclass(frozen=True, slots=True)
class Record:
    """What one action was made of, and why and when (seconds since 1970) it last ran here."""

    digest: str
    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str], ...]
    reason: str
    at: float
    seconds: float


def key_of(action: Action) -> str:
    """A name for an action that stays the same from build to build."""
    # With the description: the compilations of one target differ in nothing else.
    return f"{action.label} {action.mnemonic} {action.description} {action.outputs[0][0]}"


def staleness(  # noqa: PLR0911 - one return for each reason
    action: Action, inputs: Mapping[str, State], digest: str, last: Record | None
) -> str | None:
    """Why `action` must run although its result is not known, in words; None when it is just as it was in `last`."""
    if last is None:
        return "never built here"
    if last.digest == digest:
        return None
    if last.argv != action.argv:
        return f"its command changed: {_first_difference(last.argv, action.argv)}"
    env = environment(action)
    if last.env != env:
        changed = sorted(name for name, _ in set(last.env) ^ set(env))
        return f"its environment changed: {', '.join(dict.fromkeys(changed))}"
    before, now = dict(last.inputs), {path: state.digest.hash for path, state in inputs.items()}
    if added := sorted(now.keys() - before.keys()):
        return f"a new input: {_some(added)}"
    if removed := sorted(before.keys() - now.keys()):
        return f"an input went away: {_some(removed)}"
    if changed := sorted(path for path in now if now[path] != before[path]):
        return f"changed: {_some(changed)}"
    return "its declared outputs, its platform or its time limit changed"


def _some(paths: list[str]) -> str:
    shown = ", ".join(f"`{path}`" for path in paths[:3])
    return shown + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")  # noqa: PLR2004 - three are shown


def _first_difference(before: tuple[str, ...], now: tuple[str, ...]) -> str:
    for old, new in zip(before, now, strict=False):
        if old != new:
            return f"`{_short(old)}` became `{_short(new)}`"
    return f"it has {len(now)} words, it had {len(before)}"


def _short(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line if len(line) <= 60 else line[:59] + "…"  # noqa: PLR2004 - fits a line of a terminal


class Journal:
    """The records of one workspace, kept in the file `path`."""

    def __init__(self, host: Host, path: str) -> None:
        self._host = host
        self._path = path
        self._records: dict[str, Record] = {}
        self._changed = False

    def load(self) -> None:
        """Take up what earlier builds wrote; a damaged file means nothing is known."""
        try:
            data = json.loads(self._host.read_bytes(self._path))
            self._records = {key: _parse(record) for key, record in data.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._records = {}

    def save(self) -> None:
        """Keep what is new for the next build."""
        if self._changed:
            data = {key: asdict(record) for key, record in self._records.items()}
            self._host.write_bytes(self._path, json.dumps(data, sort_keys=True).encode())
            self._changed = False

    def last(self, action: Action) -> Record | None:
        """What is known of this action."""
        return self._records.get(key_of(action))

    def note(self, action: Action, inputs: Mapping[str, State], digest: str, reason: str | None, seconds: float) -> None:
        """Write down what `action` is made of now. `reason` is None when it did not run."""
        last = self.last(action)
        if last is not None and last.digest == digest and reason is None:
            return
        ran = (reason, self._host.wall_clock()) if reason is not None else ("its result was in the cache", 0.0)
        hashes = tuple((path, state.digest.hash) for path, state in sorted(inputs.items()))
        self._records[key_of(action)] = Record(digest, action.argv, environment(action), hashes, *ran, seconds)
        self._changed = True


def _parse(record: dict[str, object]) -> Record:
    def pairs(value: object) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, list):
            raise TypeError
        return tuple((str(first), str(second)) for first, second in value)

    argv = record["argv"]
    if not isinstance(argv, list):
        raise TypeError
    return Record(
        digest=str(record["digest"]),
        argv=tuple(str(word) for word in argv),
        env=pairs(record["env"]),
        inputs=pairs(record["inputs"]),
        reason=str(record["reason"]),
        at=_finite(record["at"]),
        seconds=_finite(record["seconds"]),
    )


def _finite(value: object) -> float:
    number = float(str(value))
    if not math.isfinite(number):
        raise ValueError(value)
    return number
