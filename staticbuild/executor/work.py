"""What a worker does with one action: brings its inputs, runs its command in a private folder, keeps what it made.

Decides nothing, and knows nothing of plans, reasons or other actions. Starts no thread, but runs in several at once.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from staticbuild.errors import ActionError, InterruptedBuildError, SourceError
from staticbuild.executor.action_cache import ActionCache, Result
from staticbuild.executor.events import DownloadEnded, Downloading, Listener, Started, Waiting, Warned
from staticbuild.executor.failure import failure
from staticbuild.executor.fetch import Fetcher
from staticbuild.executor.sandbox import PrivateFolder, Sandbox
from staticbuild.executor.store import MissingBlobError, Store
from staticbuild.graph.action import Action, Download, SourceFile
from staticbuild.graph.digest import FileState, State
from staticbuild.graph.wire import Digest
from staticbuild.host import Host, Process
from staticbuild.program import warnings

_LOCK_POLL_SECONDS = 0.1
_LEAK_HINT = (
    "the bytes would differ from build to build; strip debug information, use relative paths, or `-ffile-prefix-map=$PWD=.`"
)


@dataclass(frozen=True, slots=True)
class Task:
    """An action with all that was decided about it: what its inputs hold, its digest, and why it runs."""

    action: Action
    states: Mapping[str, State]
    digest: Digest
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action made; `ran` is false when another build made it while this one waited for that."""

    result: Result
    ran: bool


@dataclass(slots=True)
class Worker:
    """What all workers of one build share; `stop` is for the thread that started them."""

    host: Host
    store: Store
    cache: ActionCache
    sandbox: Sandbox
    fetcher: Fetcher
    listener: Listener
    keep_failed: bool
    _running: set[Process] = field(default_factory=set)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _stopping: bool = False

    def stop(self) -> list[Process]:
        """Begin nothing any more; returns the commands under way, for the caller to end."""
        with self._guard:
            self._stopping = True
            return list(self._running)

    def fetch(self, action: Action) -> None:
        """Have every download that `action` reads in the store. Raises SourceError, and MissingBlobError for one that went."""
        for _, artifact in action.inputs:
            if isinstance(artifact, Download):
                self._fetch(artifact)
                if self.fetcher.known(artifact) is None:
                    raise MissingBlobError(artifact.sha256)

    def run(self, task: Task) -> Outcome:
        """Run an action, or take the result of another build that runs the same one right now.

        Raises ActionError for a command that fails, SourceError for a download that does, MissingBlobError for an input that
        the store lost, InterruptedBuildError once the build is stopped.
        """
        with self._locked(f"{self.store.root}/locks/action-{task.digest.hash}", Waiting(task.action)):
            result = self.cache.get(task.digest, task.action)
            if result is not None:
                return Outcome(result, ran=False)
            self._bring_inputs(task)
            self.listener(Started(task.action, task.reason))
            result = self._run(task)
            self.cache.put(task.digest, result)
            return Outcome(result, ran=True)

    @contextlib.contextmanager
    def _locked(self, path: str, waiting: Waiting | None = None) -> Iterator[None]:
        """Hold a lock that another build may hold for an hour, not deaf to Ctrl-C meanwhile. Tells once that it waits."""
        told = waiting is None
        while True:
            if self._stopping:
                raise InterruptedBuildError("interrupted")
            with self.host.lock(path, wait=False) as free:
                if free:
                    yield
                    return
            if waiting is not None and not told:
                told = True
                self.listener(waiting)
            self.host.sleep(_LOCK_POLL_SECONDS)

    def _fetch(self, download: Download) -> None:
        try:
            with self._locked(f"{self.store.root}/locks/download-{download.sha256}"):
                self.fetcher.fetch(download, self._progress)
        finally:
            self.listener(DownloadEnded(download))

    def _progress(self, download: Download, done: int, total: int | None) -> None:
        if self._stopping:
            raise SourceError("interrupted")
        self.listener(Downloading(download, done, total))

    def _bring_inputs(self, task: Task) -> None:
        """Have the small things in the store that staging takes from there: sources, contents, downloads."""
        for path, artifact in task.action.inputs:
            state = task.states[path]
            if isinstance(artifact, SourceFile) and isinstance(state, FileState) and not self.store.has(state):
                self.store.add_file(artifact.path, executable=state.executable)
            elif isinstance(artifact, Download) and isinstance(state, FileState) and not self.store.has(state):
                self._fetch(artifact)

    def _run(self, task: Task) -> Result:
        folder = self.sandbox.create()
        kept = False
        try:
            self.sandbox.stage(folder, task.action, task.states)
            env = self.sandbox.local_environment(folder, task.action)
            argv = self.sandbox.command_line(folder, task.action, env)
            begin = self.host.now()
            try:
                self._execute(task, folder, argv, env)
                seconds = self.host.now() - begin
                self._check_leaks(task.action, folder)
                self._tell_warnings(task.action, folder)
                log = self.store.add_file(folder.log, executable=False)
                outputs = tuple(sorted(self.sandbox.collect(folder, task.action).items()))
            except ActionError:
                kept = self.keep_failed
                if kept:
                    self._tell_kept(task.action, self.sandbox.keep(folder, argv, env))
                raise
        finally:
            if not kept:
                self.host.remove(folder.root)
        return Result(outputs, seconds, log)

    def _tell_kept(self, action: Action, script: str) -> None:
        self.listener(Warned(f"the private folder of {action.label} is kept for a day", f"`{script}` runs its command again"))

    def _execute(self, task: Task, folder: PrivateFolder, argv: list[str], env: Mapping[str, str]) -> None:
        """Run the command to its end. Raises ActionError if that is not a good one."""
        action = task.action
        try:
            process = self.host.spawn(argv, cwd=folder.work, env=env, log=folder.log)
        except OSError as error:
            raise ActionError(
                f"{action.label}: {action.mnemonic} could not be started: `{action.argv[0]}`: {error.strerror}"
            ) from error
        status = self._wait(process, action.timeout)
        # What the command left running in the background would write into what is collected now.
        self.host.kill_group(process.pid)
        if self._stopping and status != 0:
            raise InterruptedBuildError("interrupted")
        if (path := self.sandbox.changed_input(action, task.states)) is not None:
            raise ActionError(
                f"{action.label}: while {action.mnemonic} ran, its input `{path}` was changed",
                hint="other commands share it: copy the tree before writing into it, with `cp -RL`",
            )
        if status != 0:
            raise self._failure(action, folder, status)

    def _wait(self, process: Process, timeout: int) -> int | None:
        """The exit status of a command, None if it took too long."""
        with self._guard:
            self._running.add(process)
            stopping = self._stopping
        try:
            if stopping:
                process.stop()
            status = process.wait(timeout)
            if status is None:
                process.stop()
            return status
        finally:
            with self._guard:
                self._running.remove(process)

    def _check_leaks(self, action: Action, folder: PrivateFolder) -> None:
        name = self.sandbox.leaks(folder, action)
        if name is None:
            return
        message = f"{action.label}: the output `{name}` holds a path of the cache folder"
        if action.label.repo:
            raise ActionError(message, hint=_LEAK_HINT)
        self.listener(Warned(message, _LEAK_HINT))

    def _tell_warnings(self, action: Action, folder: PrivateFolder) -> None:
        """Pass on what the command, if it is a program of ours, has to say although it ended well."""
        for message, hint in warnings(self.host.read_bytes(folder.log).decode("utf-8", "replace")):
            self.listener(Warned(f"{action.label.short}: {message}", hint))

    def _failure(self, action: Action, folder: PrivateFolder, status: int | None) -> ActionError:
        text = self.host.read_bytes(folder.log).decode("utf-8", "replace")
        log = self.store.blob_path(self.store.add_file(folder.log, executable=False).hash)
        hint = None if self.keep_failed else "`--keep-failed` keeps its private folder to look at"
        return failure(action, status, text, log, hint)
