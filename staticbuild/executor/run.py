"""Runs a plan: the only module with threads. Knows nothing of what the actions are for.

One thread, the caller's, owns the plan and decides; workers look nothing up and decide nothing: each downloads or runs what
it is given and reports. A result that is in the action cache is taken without a worker, so that a build with nothing to do
costs a few file reads.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from staticbuild.errors import ActionError, FormatError, InterruptedBuildError, SourceError, StaticbuildError
from staticbuild.executor.action_cache import ActionCache, Result
from staticbuild.executor.events import (
    DownloadEnded,
    Downloading,
    Failed,
    Finished,
    Listener,
    Planned,
    Started,
    Waiting,
    Warned,
)
from staticbuild.executor.failure import failure
from staticbuild.executor.fetch import Fetcher
from staticbuild.executor.journal import Journal, Record, staleness
from staticbuild.executor.plan import Plan, closure, producer, producers
from staticbuild.executor.sandbox import PrivateFolder, Sandbox, environment
from staticbuild.executor.sources import Sources
from staticbuild.executor.store import MissingBlobError, Store
from staticbuild.graph.action import Action, Artifact, Content, Download, Member, Output, SourceFile, SourceTree
from staticbuild.graph.digest import Blobs, FileState, State, TreeState, action_digest, member
from staticbuild.graph.wire import Digest
from staticbuild.host import Host, Process, friendly

# How often one action is tried again when the store lacks what it needs although nothing in the build makes that.
_MOST_TRIES = 3
_LOCK_POLL_SECONDS = 0.1
_LEAK_HINT = (
    "the bytes would differ from build to build; strip debug information, use relative paths, or `-ffile-prefix-map=$PWD=.`"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a build runs: `jobs` actions at a time; `keep_going` past a failure; `keep_failed` private folders."""

    jobs: int
    keep_going: bool = False
    keep_failed: bool = False


@dataclass(frozen=True, slots=True)
class Forecast:
    """Whether an action would run, and why (`reason` is None if not); and what is known of its last run here."""

    action: Action
    reason: str | None
    last: Record | None


@dataclass(slots=True)
class _Work:
    """An action with all that was decided about it."""

    action: Action
    states: Mapping[str, State]
    digest: Digest | None
    reason: str
    started: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a worker reports: one of the three is set."""

    work: _Work
    result: Result | None = None
    missing: str | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class Build:
    """Everything one build needs, put together by the command line."""

    host: Host
    store: Store
    cache: ActionCache
    sources: Sources
    sandbox: Sandbox
    fetcher: Fetcher
    journal: Journal
    settings: Settings
    listener: Listener
    ran: list[Action] = field(default_factory=list)
    _states: dict[Output, State] = field(default_factory=dict)
    _digests: dict[Action, Digest] = field(default_factory=dict)
    _answers: queue.SimpleQueue[_Answer] = field(default_factory=queue.SimpleQueue)
    _running: dict[Process, _Work] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _stopping: bool = False
    _tries: dict[Action | None, int] = field(default_factory=dict)

    # --- the deciding thread ----------------------------------------------------------------------------------------

    def make(self, wanted: Sequence[Artifact]) -> dict[Artifact, State]:
        """Have every artifact in the store; returns what each holds.

        Raises ActionError or SourceError for the first failure with the others as further problems (whatever was finished
        is kept), and InterruptedBuildError when the user stops the build.
        """
        makers = [maker for maker in map(producer, wanted) if maker is not None]
        plan = Plan(makers)
        self.listener(Planned(len(plan.actions)))
        failures: list[StaticbuildError] = []
        with ThreadPoolExecutor(self.settings.jobs, thread_name_prefix="action") as pool:
            try:
                while True:
                    self._run_plan(plan, pool, failures)
                    lost = self._lost_outputs(wanted) if not failures else []
                    if not lost:
                        break
                    self._try_again(None, "what was just made")
                    for maker in lost:
                        self._forget(maker)
                    plan = Plan(makers)
            except BaseException as error:
                self._stop()
                pool.shutdown(wait=True, cancel_futures=True)
                if isinstance(error, KeyboardInterrupt):
                    raise InterruptedBuildError(
                        "interrupted", hint="what was finished is kept; the same command goes on from there"
                    ) from None
                raise
            finally:
                self.sources.save()
                self.journal.save()
        if failures:
            raise type(failures[0]).of([problem for failure in failures for problem in failure.problems]) from failures[0]
        return {artifact: self._state(artifact) for artifact in wanted}

    def forecast(self, wanted: Sequence[Action]) -> list[Forecast]:
        """What a build of `wanted` would run now, and why, in the order in which it would. Runs and downloads nothing."""
        forecasts: list[Forecast] = []
        stale: dict[Action, None] = {}
        for action in closure(wanted):
            reason = self._stale_reason(action, stale)
            if reason is not None:
                stale[action] = None
            forecasts.append(Forecast(action, reason, self.journal.last(action)))
        self.sources.save()
        return forecasts

    def _stale_reason(self, action: Action, stale: Mapping[Action, None]) -> str | None:
        for needed in producers(action):
            if needed in stale:
                return f"may change with {needed.mnemonic} {needed.label.short}"
        try:
            states = {path: self._state(artifact) for path, artifact in action.inputs}
        except _NotFetchedError:
            return "its sources have not been downloaded"
        except MissingBlobError:
            return "the cache lost one of its inputs"
        digest = self._digest(action, states)
        result = self.cache.get(digest, action)
        if result is None:
            return self._reason(action, states, digest)
        self._states.update({Output(action, path): state for path, state in result.outputs})
        return None

    def _run_plan(self, plan: Plan, pool: ThreadPoolExecutor, failures: list[StaticbuildError]) -> None:
        pending: list[_Work] = []
        outstanding = 0
        while True:
            while ready := plan.ready():
                for action in ready:
                    plan.take(action)
                    if (work := self._take(action, plan, failures)) is not None:
                        pending.append(work)
            pending.sort(key=lambda work: -plan.urgency(work.action))
            while pending and outstanding < self.settings.jobs and (not failures or self.settings.keep_going):
                pool.submit(self._work, pending.pop(0))
                outstanding += 1
            if not outstanding:
                return
            answer = self._next_answer()
            outstanding -= 1
            self._settle(answer, plan, failures)

    def _next_answer(self) -> _Answer:
        # With a timeout, because a wait without one cannot be interrupted by Ctrl-C on every platform.
        while True:
            try:
                return self._answers.get(timeout=0.5)
            except queue.Empty:
                continue

    def _take(self, action: Action, plan: Plan, failures: list[StaticbuildError]) -> _Work | None:
        """Look `action` up; returns the work to give to a worker, None if it is settled already."""
        try:
            states = {path: self._state(artifact) for path, artifact in action.inputs}
        except _NotFetchedError:
            return _Work(action, {}, None, "its sources are not here")
        except MissingBlobError as error:
            self._heal(action, plan, failures, error.hash)
            return None
        except (StaticbuildError, OSError) as error:
            self._failed(action, plan, failures, error)
            return None
        digest = self._digest(action, states)
        result = self.cache.get(digest, action)
        if result is not None:
            self._done(action, plan, states, digest, result, None)
            return None
        return _Work(action, states, digest, self._reason(action, states, digest))

    def _digest(self, action: Action, states: Mapping[str, State]) -> Digest:
        blobs = Blobs()
        digest = action_digest(action, states, environment(action), blobs)
        self.store.keep_messages(blobs)
        self._digests[action] = digest
        return digest

    def _reason(self, action: Action, states: Mapping[str, State], digest: Digest) -> str:
        reason = staleness(action, states, digest.hash, self.journal.last(action))
        return reason or "its result is not in the cache any more"

    def _done(  # noqa: PLR0913, PLR0917 - the facts of one finished action
        self,
        action: Action,
        plan: Plan,
        states: Mapping[str, State],
        digest: Digest,
        result: Result,
        reason: str | None,
    ) -> None:
        for path, state in result.outputs:
            self._states[Output(action, path)] = state
        self.journal.note(action, states, digest.hash, reason, result.seconds)
        plan.done(action)
        self.listener(Finished(action, reason is None, result.seconds))

    def _settle(self, answer: _Answer, plan: Plan, failures: list[StaticbuildError]) -> None:
        work = answer.work
        if answer.result is not None:
            reason = work.reason if work.started else None
            if work.started:
                self.ran.append(work.action)
            self._done(work.action, plan, work.states, self._digests[work.action], answer.result, reason)
        elif answer.missing is not None:
            self._heal(work.action, plan, failures, answer.missing)
        elif isinstance(answer.error, StaticbuildError | OSError):
            self._failed(work.action, plan, failures, answer.error)
        elif answer.error is not None:
            raise answer.error

    def _failed(self, action: Action, plan: Plan, failures: list[StaticbuildError], error: StaticbuildError | OSError) -> None:
        if isinstance(error, OSError):
            what = f": `{error.filename}`" if error.filename else ""
            error = friendly(error) or ActionError(f"{action.label}: {action.mnemonic}: {error.strerror or error}{what}")
        plan.fail(action)
        failures.append(error)
        self.listener(Failed(action, error.message))

    def _heal(self, action: Action, plan: Plan, failures: list[StaticbuildError], hash_: str) -> None:
        """The store lacks something that `action` needs: have it made, or read from outside, again."""
        # A producer without states is being made again already: another action missed the same.
        made = [maker for maker in producers(action) if self._is_known(maker)]
        lost = [maker for maker in made if not self._has_outputs(maker)]
        for maker in lost:
            self._forget(maker)
        if not lost and len(made) == len(producers(action)):
            try:
                self._try_again(action, hash_)
            except ActionError as error:
                self._failed(action, plan, failures, error)
                return
            for _, artifact in action.inputs:
                self._reread(artifact)
        plan.lost(action, lost)

    def _try_again(self, action: Action | None, what: str) -> None:
        self._tries[action] = self._tries.get(action, 0) + 1
        if self._tries[action] > _MOST_TRIES:
            raise ActionError(
                f"the cache lost {what} again and again", hint="does something else write to it, or to the sources?"
            )

    def _reread(self, artifact: Artifact) -> None:
        while isinstance(artifact, Member):
            artifact = artifact.tree
        if isinstance(artifact, SourceFile | SourceTree):
            self.sources.forget(artifact)

    def _is_known(self, action: Action) -> bool:
        return all(Output(action, path) in self._states for path, _ in action.outputs)

    def _has_outputs(self, action: Action) -> bool:
        return all(self.store.has_all(self._states[Output(action, path)]) for path, _ in action.outputs)

    def _forget(self, action: Action) -> None:
        self.cache.forget(self._digests[action])
        for path, _ in action.outputs:
            self._states.pop(Output(action, path), None)

    def _lost_outputs(self, wanted: Sequence[Artifact]) -> list[Action]:
        """Who must make wanted artifacts again. These are compared by content: nobody does so after this."""
        makers: dict[Action, None] = {}
        for artifact in wanted:
            maker = producer(artifact)
            if maker is not None and (not self._has_outputs(maker) or not self._is_intact(artifact)):
                makers[maker] = None
        return list(makers)

    def _is_intact(self, artifact: Artifact) -> bool:
        try:
            state = self._state(artifact)
            if isinstance(state, TreeState):
                self.store.lay_out(state)
                return True
        except MissingBlobError:
            return False
        path = self.store.path_of(state)
        if path is not None and self.sources.hash_of(path) == state.digest.hash:
            return True
        if path is not None:
            self.host.remove(path)
        return False

    def _state(self, artifact: Artifact) -> State:
        """What an artifact holds, as far as it is known without running or downloading anything."""
        match artifact:
            case Output():
                return self._states[artifact]
            case Content(data, executable):
                return FileState(self.store.add_bytes(data), executable)
            case SourceFile():
                return self.sources.file(artifact)
            case SourceTree():
                return self.sources.tree(artifact)
            case Member(tree, path):
                outer = self._state(tree)
                if not isinstance(outer, TreeState):
                    raise FormatError(f"`{path}` cannot be inside of a file")
                return member(outer, path, self.store)
            case Download():
                known = self.fetcher.known(artifact)
                if known is None:
                    raise _NotFetchedError
                return known

    # --- workers ----------------------------------------------------------------------------------------------------

    def _work(self, work: _Work) -> None:
        try:
            if self._stopping:
                return
            if work.digest is None:
                self._fetch_all(work.action)
                states = {path: self._state(artifact) for path, artifact in work.action.inputs}
                digest = self._digest(work.action, states)
                work = _Work(work.action, states, digest, self._reason(work.action, states, digest))
            answer = self._run_locked(work)
        except MissingBlobError as error:
            answer = _Answer(work, missing=error.hash)
        except BaseException as error:  # noqa: BLE001 - the deciding thread raises it again
            answer = _Answer(work, error=error)
        self._answers.put(answer)

    def _run_locked(self, work: _Work) -> _Answer:
        """Run the action, or take the result of another build that runs the same one right now."""
        digest = self._digests[work.action]
        waiting = Waiting(work.action)
        with self._locked(f"{self.store.root}/locks/action-{digest.hash}", waiting):
            result = self.cache.get(digest, work.action)
            if result is None:
                self._bring_inputs(work)
                work.started = True
                self.listener(Started(work.action, work.reason))
                result = self._run(work)
                self.cache.put(digest, result)
            return _Answer(work, result=result)

    @contextlib.contextmanager
    def _locked(self, path: str, waiting: Waiting | None = None) -> Iterator[None]:
        """Hold a lock that another build may hold for an hour, not deaf to Ctrl-C meanwhile. Tells once that it waits."""
        told = waiting is None
        while True:
            with self.host.lock(path, wait=False) as free:
                if free:
                    yield
                    return
            if self._stopping:
                raise InterruptedBuildError("interrupted")
            if waiting is not None and not told:
                told = True
                self.listener(waiting)
            self.host.sleep(_LOCK_POLL_SECONDS)

    def _fetch_all(self, action: Action) -> None:
        for _, artifact in action.inputs:
            if isinstance(artifact, Download):
                self._fetch(artifact)

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

    def _bring_inputs(self, work: _Work) -> None:
        """Have the small things in the store that staging takes from there: sources, contents, downloads."""
        for path, artifact in work.action.inputs:
            state = work.states[path]
            if isinstance(artifact, SourceFile) and isinstance(state, FileState) and not self.store.has(state):
                self.store.add_file(artifact.path, executable=state.executable)
            elif isinstance(artifact, Download) and isinstance(state, FileState) and not self.store.has(state):
                self._fetch(artifact)

    def _run(self, work: _Work) -> Result:
        folder = self.sandbox.create()
        kept = False
        try:
            self.sandbox.stage(folder, work.action, work.states)
            env = self.sandbox.local_environment(folder, work.action)
            argv = self.sandbox.command_line(folder, work.action, env)
            begin = self.host.now()
            try:
                self._execute(work, folder, argv, env)
                seconds = self.host.now() - begin
                self._check_leaks(work, folder)
                log = self.store.add_file(folder.log, executable=False)
                outputs = tuple(sorted(self.sandbox.collect(folder, work.action).items()))
            except ActionError:
                kept = self.settings.keep_failed
                if kept:
                    self._tell_kept(work, self.sandbox.keep(folder, argv, env))
                raise
        finally:
            if not kept:
                self.host.remove(folder.root)
        return Result(outputs, seconds, log)

    def _tell_kept(self, work: _Work, script: str) -> None:
        self.listener(
            Warned(f"the private folder of {work.action.label} is kept for a day", f"`{script}` runs its command again")
        )

    def _execute(self, work: _Work, folder: PrivateFolder, argv: list[str], env: Mapping[str, str]) -> None:
        """Run the command to its end. Raises ActionError if that is not a good one."""
        try:
            process = self.host.spawn(argv, cwd=folder.work, env=env, log=folder.log)
        except OSError as error:
            name = work.action.argv[0]
            raise ActionError(
                f"{work.action.label}: {work.action.mnemonic} could not be started: `{name}`: {error.strerror}"
            ) from error
        status = self._wait(work, process)
        # What the command left running in the background would write into what is collected now.
        self.host.kill_group(process.pid)
        if self._stopping and status != 0:
            raise InterruptedBuildError("interrupted")
        if (path := self.sandbox.changed_input(work.action, work.states)) is not None:
            raise ActionError(
                f"{work.action.label}: while {work.action.mnemonic} ran, its input `{path}` was changed",
                hint="other commands share it: copy the tree before writing into it, with `cp -RL`",
            )
        if status != 0:
            raise self._failure(work, folder, status)

    def _wait(self, work: _Work, process: Process) -> int | None:
        """The exit status of a command, None if it took too long."""
        with self._guard:
            self._running[process] = work
            stopping = self._stopping
        try:
            if stopping:
                process.stop()
            status = process.wait(work.action.timeout)
            if status is None:
                process.stop()
            return status
        finally:
            with self._guard:
                del self._running[process]

    def _check_leaks(self, work: _Work, folder: PrivateFolder) -> None:
        name = self.sandbox.leaks(folder, work.action)
        if name is None:
            return
        message = f"{work.action.label}: the output `{name}` holds a path of the cache folder"
        if work.action.label.repo:
            raise ActionError(message, hint=_LEAK_HINT)
        self.listener(Warned(message, _LEAK_HINT))

    def _failure(self, work: _Work, folder: PrivateFolder, status: int | None) -> ActionError:
        text = self.host.read_bytes(folder.log).decode("utf-8", "replace")
        log = self.store.blob_path(self.store.add_file(folder.log, executable=False).hash)
        hint = None if self.settings.keep_failed else "`--keep-failed` keeps its private folder to look at"
        return failure(work.action, status, text, log, hint)

    def _stop(self) -> None:
        """End every running command; workers then report and end."""
        with self._guard:
            self._stopping = True
            running = list(self._running)
        stoppers = [threading.Thread(target=process.stop) for process in running]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join()


class _NotFetchedError(Exception):
    """A download whose size is not known yet, so that no digest can be computed over it."""
