"""Gives an action a private folder with only its declared inputs, and takes its declared outputs out of it again.

Knows nothing of when an action runs. Files are staged as copies, so that a command that writes to its input harms nobody;
trees are staged as symlinks to laid-out folders, because a compiler of 20,000 files cannot be copied for each call.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from staticbuild.errors import ActionError, ToolchainError
from staticbuild.executor.store import Store
from staticbuild.graph.action import Action, Artifact, SourceTree
from staticbuild.graph.digest import FileState, State, TreeState
from staticbuild.host import Host

# The part of the environment that belongs to an action's identity. Everything else an action can see is the same everywhere.
FIXED_ENV: tuple[tuple[str, str], ...] = (
    ("LANG", "C"),
    ("LC_ALL", "C"),
    ("PATH", "/usr/bin:/bin"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("PYTHONHASHSEED", "0"),
    ("SOURCE_DATE_EPOCH", "1"),
    ("TZ", "UTC"),
)

# Marks the folder of a run that is over, but in which somebody wants to look at a private folder.
KEPT = "kept"

# Which package brings a host tool, where its name is not the package's own.
_PACKAGES = {"sh": "dash", "python3": "python3"}


def environment(action: Action) -> tuple[tuple[str, str], ...]:
    """The environment that is part of the action's digest, sorted."""
    return tuple(sorted((dict(FIXED_ENV) | dict(action.env)).items()))


@dataclass(frozen=True, slots=True)
class PrivateFolder:
    """Where one action runs: `work` is its current folder; `home`, `tmp` and `bin` lie beside it."""

    root: str

    @property
    def work(self) -> str:
        """The action's current folder, which holds its inputs."""
        return f"{self.root}/w"

    @property
    def temporary(self) -> str:
        """What the action knows as `TMPDIR`."""
        return f"{self.root}/tmp"  # noqa: S108 - in a folder of our own

    @property
    def log(self) -> str:
        """The file that gets everything the action prints."""
        return f"{self.root}/log"


class Sandbox:
    """Makes and empties private folders below `run_dir`."""

    def __init__(self, host: Host, store: Store, run_dir: str) -> None:
        self._host = host
        self._store = store
        self._run_dir = run_dir

    def create(self) -> PrivateFolder:
        """A new, empty private folder."""
        # The random part is long, so that finding it in an output means that the path leaked.
        folder = PrivateFolder(f"{self._run_dir}/{self._host.unique()}")
        for part in ("w", "home", "tmp", "bin"):
            self._host.make_dirs(f"{folder.root}/{part}", mode=0o700)
        # A script, not a symlink: a symlink to a virtual environment's python loses the environment.
        script = f'#!/bin/sh\nexec {shlex.quote(self._host.python)} "$@"\n'
        self._host.write_bytes(f"{folder.root}/bin/python3", script.encode(), executable=True)
        return folder

    def stage(self, folder: PrivateFolder, action: Action, states: Mapping[str, State]) -> None:
        """Put each input at its path. Raises MissingBlobError when the store lacks one."""
        for path, artifact in action.inputs:
            self._stage_one(f"{folder.work}/{path}", artifact, states[path])
        for path, kind in action.outputs:
            parent = path.rpartition("/")[0] if kind == "file" else path
            if parent:
                self._host.make_dirs(f"{folder.work}/{parent}")

    def _stage_one(self, target: str, artifact: Artifact, state: State) -> None:
        if isinstance(artifact, SourceTree):
            self._host.make_dirs(target)
            for member in artifact.members:
                self._host.symlink(f"{artifact.root}/{member}", f"{target}/{member}")
        elif isinstance(state, FileState):
            self._store.copy_out(state, target)
            self._host.set_mtime(target)
        else:
            self._host.symlink(self._store.lay_out(state), target)

    def local_environment(self, folder: PrivateFolder, action: Action) -> dict[str, str]:
        """The whole environment of the command on this host: the action's own, and private places for what is not."""
        env = dict(environment(action))
        env["PATH"] = f"{folder.root}/bin:{env['PATH']}"
        env["HOME"] = f"{folder.root}/home"
        env["TMPDIR"] = folder.temporary
        return env

    def command_line(self, folder: PrivateFolder, action: Action, env: Mapping[str, str]) -> list[str]:
        """The argv to start. Raises ToolchainError for a tool that this host lacks."""
        for tool in action.tools:
            self._tool(tool, env["PATH"])
        program = action.argv[0]
        found = f"{folder.work}/{program}" if "/" in program else self._tool(program, env["PATH"])
        return [found, *action.argv[1:]]

    def _tool(self, name: str, path: str) -> str:
        found = self._host.find_tool(name, path)
        if found is None:
            package = _PACKAGES.get(name, name)
            raise ToolchainError(
                f"this host has no `{name}`",
                hint=f"install it (Debian, Ubuntu: `apt-get install {package}`; Fedora: `dnf install {package}`; "
                f"Alpine: `apk add {package}`); `staticbuild doctor` lists all that is missing",
            )
        return found

    def keep(self, folder: PrivateFolder, argv: Sequence[str], env: Mapping[str, str]) -> str:
        """Keep a private folder for a day, for somebody to look at; returns the script in it that runs its command again."""
        words = ["env", "-i", *(f"{name}={value}" for name, value in sorted(env.items())), *argv]
        text = f"#!/bin/sh\ncd {shlex.quote(folder.work)} && exec {shlex.join(words)}\n"
        self._host.write_bytes(f"{folder.root}/again", text.encode("utf-8", "surrogateescape"), executable=True)
        self._host.write_bytes(f"{self._run_dir}/{KEPT}", b"")
        return f"{folder.root}/again"

    def changed_input(self, action: Action, states: Mapping[str, State]) -> str | None:
        """The path of an input tree that was written to while `action` ran, if there is one."""
        for path, artifact in action.inputs:
            state = states[path]
            if isinstance(state, TreeState) and not isinstance(artifact, SourceTree) and not self._store.is_unchanged(state):
                return path
        return None

    def collect(self, folder: PrivateFolder, action: Action) -> dict[str, State]:
        """Move each declared output into the store. Raises ActionError for one that is missing or not what it should be."""
        states: dict[str, State] = {}
        for path, kind in action.outputs:
            found = f"{folder.work}/{path}"
            fingerprint = self._host.fingerprint(found)
            # A link would bring another file than the command made, or the link itself, into the store.
            if not self._host.is_within(found, folder.work):
                raise ActionError(
                    f"{action.label}: the output `{path}` is a symlink that leads out of the private folder",
                    hint="copy the file instead, e.g. with `cp -L`",
                )
            if kind == "tree":
                if not self._host.is_dir(found):
                    raise _not_made(action, path, "folder")
                states[path] = self._store.add_tree(found, move=not self._host.is_link(found))
            elif fingerprint is None:
                raise _not_made(action, path, "file")
            else:
                move = not self._host.is_link(found)
                digest = self._store.add_file(found, executable=fingerprint.executable, move=move)
                states[path] = FileState(digest, fingerprint.executable)
        return states

    def leaks(self, folder: PrivateFolder, action: Action) -> str | None:
        """Which output holds the path of the private folder or of a staged tree: it would differ from build to build.

        Raises ActionError for what can neither be read nor kept.
        """
        # Laid-out trees are staged as symlinks, and a tool that resolves them sees the cache's path.
        needles = (folder.root.encode(), f"{self._store.root}/trees/".encode())
        for path, kind in action.outputs:
            for name in self._files_of(f"{folder.work}/{path}", path, kind):
                if any(self._host.find_in_file(f"{folder.work}/{name}", needle) >= 0 for needle in needles):
                    return name
        return None

    def _files_of(self, found: str, path: str, kind: str) -> list[str]:
        if kind == "file":
            # A regular one: to open a pipe would wait for ever.
            return [path] if self._host.fingerprint(found) is not None else []
        if not self._host.is_dir(found):
            return []
        names = []
        try:
            entries = self._host.scan(found)
        except OSError as error:
            raise ActionError(f"the output `{path}` cannot be kept: {error.strerror}: {error.filename}") from error
        for entry in entries:
            if entry.is_dir:
                names += self._files_of(entry.path, f"{path}/{entry.name}", "tree")
            elif entry.target is None:
                names.append(f"{path}/{entry.name}")
        return names


def _not_made(action: Action, path: str, kind: str) -> ActionError:
    return ActionError(
        f"{action.label}: {action.mnemonic} ended well but did not make the {kind} `{path}` that it declares",
        hint="check the command's own output, or correct the declared outputs",
    )
