"""Remembers what each action made, by the action's digest. Knows nothing of why it ran.

A record is believed only as far as it can be checked: it must parse, name the very outputs the action declares, and the
store must hold them when they are needed. Anything else is a miss, never an error.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from staticbuild.graph.action import Action
from staticbuild.graph.digest import FileState, State, TreeState
from staticbuild.graph.wire import Digest, is_hash
from staticbuild.host import Host


@dataclass(frozen=True, slots=True)
class Result:
    """What an action made: a state for each declared output; and how long that took, in seconds."""

    outputs: tuple[tuple[str, State], ...]
    seconds: float
    log: Digest | None = None


class ActionCache:
    """Results below `root`, one small JSON file each."""

    def __init__(self, host: Host, root: str) -> None:
        self._host = host
        self._root = root

    def _path(self, digest: Digest) -> str:
        return f"{self._root}/actions/{digest.hash[:2]}/{digest.hash}"

    def get(self, digest: Digest, action: Action) -> Result | None:
        """What the action with this digest made, or None if that is not known."""
        try:
            text = self._host.read_bytes(self._path(digest))
            result = _parse(json.loads(text))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        if {path: _kind(state) for path, state in result.outputs} != dict(action.outputs):
            return None
        return result

    def put(self, digest: Digest, result: Result) -> None:
        """Remember what the action with this digest made."""
        record = {
            "outputs": {path: _encode(state) for path, state in result.outputs},
            "seconds": round(result.seconds, 3),
            "log": _encode_digest(result.log) if result.log else None,
        }
        self._host.write_bytes(self._path(digest), json.dumps(record, sort_keys=True).encode())

    def forget(self, digest: Digest) -> None:
        """Drop a result whose outputs are gone."""
        self._host.remove(self._path(digest))


def _kind(state: State) -> str:
    return "file" if isinstance(state, FileState) else "tree"


def _encode_digest(digest: Digest) -> list[object]:
    return [digest.hash, digest.size]


def _encode(state: State) -> dict[str, object]:
    if isinstance(state, FileState):
        return {"file": _encode_digest(state.digest), "executable": state.executable}
    return {"tree": _encode_digest(state.digest)}


def _parse(record: dict[str, object]) -> Result:
    outputs = record["outputs"]
    seconds = record["seconds"]
    if not isinstance(outputs, dict) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        raise TypeError
    log = record.get("log")
    states = tuple((str(path), _parse_state(state)) for path, state in sorted(outputs.items()))
    return Result(states, float(seconds), _parse_digest(log) if log else None)


def _parse_state(record: dict[str, object]) -> State:
    if "tree" in record:
        return TreeState(_parse_digest(record["tree"]))
    return FileState(_parse_digest(record["file"]), record["executable"] is True)


def _parse_digest(value: object) -> Digest:
    if not isinstance(value, list):
        raise TypeError
    hash_, size = value
    if not is_hash(hash_) or not isinstance(size, int) or not 0 <= size < 1 << 63:
        raise TypeError
    return Digest(hash_, size)
