"""Decides which actions can run, which must wait and which never will. Unaware of threads, processes and the disk.

The life of an action is the table `_MOVES`; every change of state goes through `Plan._move`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from staticbuild.graph.action import Action, Artifact, Member, Output


class State(Enum):
    """Where an action stands."""

    WAITING = "waiting"  # some input has not been made yet
    READY = "ready"  # every input is known; nobody has taken the action
    TAKEN = "taken"  # being looked up or run
    DONE = "done"  # its outputs are known
    FAILED = "failed"  # it ran and failed
    BLOCKED = "blocked"  # something it needs failed


_MOVES = {
    State.WAITING: {State.READY, State.BLOCKED},
    State.READY: {State.TAKEN, State.WAITING},
    State.TAKEN: {State.DONE, State.FAILED, State.WAITING},
    # The store lost what a finished action made: it goes back to the start.
    State.DONE: {State.READY, State.WAITING},
    State.FAILED: set[State](),
    State.BLOCKED: set[State](),
}


def producers(action: Action) -> tuple[Action, ...]:
    """The actions whose outputs `action` reads, in the order of its inputs."""
    found = dict.fromkeys(filter(None, (producer(artifact) for _, artifact in action.inputs)))
    return tuple(found)


def producer(artifact: Artifact) -> Action | None:
    """The action that makes `artifact`, None for what comes from outside."""
    while isinstance(artifact, Member):
        artifact = artifact.tree
    return artifact.action if isinstance(artifact, Output) else None


def closure(wanted: Iterable[Action]) -> list[Action]:
    """`wanted` and all that they need, each after its producers. Iterative: a chain of any length is fine."""
    order: dict[Action, None] = {}
    stack = [(action, False) for action in reversed(list(wanted))]
    while stack:
        action, expanded = stack.pop()
        if action in order:
            continue
        if expanded:
            order[action] = None
        else:
            stack.append((action, True))
            stack += [(needed, False) for needed in reversed(producers(action)) if needed not in order]
    return list(order)


class Plan:
    """The states of all actions that `wanted` needs."""

    def __init__(self, wanted: Sequence[Action]) -> None:
        self.actions = closure(wanted)
        self._needs = {action: producers(action) for action in self.actions}
        self._users: dict[Action, list[Action]] = {action: [] for action in self.actions}
        for action, needed in self._needs.items():
            for one in needed:
                self._users[one].append(action)
        self.states = dict.fromkeys(self.actions, State.WAITING)
        # How far an action lies from the wanted ones: of those that are ready, the longest chain goes first.
        self._depth: dict[Action, int] = {}
        for action in reversed(self.actions):
            above = [self._depth[user] + user.weight for user in self._users[action]]
            self._depth[action] = max(above, default=0)
        for action in self.actions:
            self._update(action)

    def ready(self) -> list[Action]:
        """What can be taken now."""
        return [action for action in self.actions if self.states[action] is State.READY]

    def urgency(self, action: Action) -> int:
        """The weight of the longest chain of actions that begins with this one; the largest should run first."""
        return self._depth[action] + action.weight

    def take(self, action: Action) -> None:
        """Somebody looks the action up or runs it."""
        self._move(action, State.TAKEN)

    def done(self, action: Action) -> None:
        """Its outputs are known."""
        self._move(action, State.DONE)
        for user in self._users[action]:
            self._update(user)

    def fail(self, action: Action) -> list[Action]:
        """It failed; returns what can never run for that."""
        self._move(action, State.FAILED)
        blocked = []
        stack = list(self._users[action])
        while stack:
            user = stack.pop()
            if self.states[user] is State.WAITING:
                self._move(user, State.BLOCKED)
                blocked.append(user)
                stack += self._users[user]
        return blocked

    def again(self, action: Action) -> None:
        """`action` was taken, and is to be looked up once more: what it reads has been downloaded."""
        self.lost(action, ())

    def lost(self, action: Action, made_by: Iterable[Action]) -> None:
        """`action` was taken, but the store lost outputs of `made_by`: those run again, and `action` waits for them."""
        for maker in made_by:
            if self.states[maker] is State.DONE:
                self._move(maker, State.WAITING)
        self._move(action, State.WAITING)
        for maker in made_by:
            self._update(maker)
            for user in self._users[maker]:
                if self.states[user] is State.READY:
                    self._move(user, State.WAITING)
        self._update(action)

    def _update(self, action: Action) -> None:
        if self.states[action] is State.WAITING and all(self.states[needed] is State.DONE for needed in self._needs[action]):
            self._move(action, State.READY)

    def _move(self, action: Action, state: State) -> None:
        before = self.states[action]
        if state not in _MOVES[before]:
            raise AssertionError(f"{action.label} {action.mnemonic}: {before.value} -> {state.value}")
        self.states[action] = state
