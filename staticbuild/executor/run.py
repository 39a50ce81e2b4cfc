"""Drives a plan to its end: the only module with threads. Knows nothing of what the actions are for, or of how one is run.

One thread, the caller's, owns the plan and decides; workers look nothing up and decide nothing: each downloads or runs what
it is given. A result that is in the action cache is taken without a worker, so that a build with nothing to do costs a few
file reads.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from staticbuild.errors import ActionError, InterruptedBuildError, StaticbuildError
from staticbuild.executor.action_cache import ActionCache, Result
from staticbuild.executor.events import Failed, Finished, Listener, Planned
from staticbuild.executor.fetch import Fetcher
from staticbuild.executor.journal import Journal, Record, staleness
from staticbuild.executor.plan import Plan, closure, producer, producers
from staticbuild.executor.sandbox import Sandbox
from staticbuild.executor.sources import Sources
from staticbuild.executor.states import NotFetchedError, States
from staticbuild.executor.store import MissingBlobError, Store
from staticbuild.executor.work import Outcome, Task, Worker
from staticbuild.graph.action import Action, Artifact
from staticbuild.graph.digest import State
from staticbuild.host import Host, friendly

# How often something is tried again when the store lacks what it needs although nothing in the build makes that.
_MOST_TRIES = 3
# A wait without an end cannot be interrupted by Ctrl-C on every platform.
_WAIT_SECONDS = 0.5
_NOT_IN_CACHE = "its result is not in the cache any more"


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


@dataclass(frozen=True, slots=True)
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

    def make(self, wanted: Sequence[Artifact]) -> dict[Artifact, State]:
        """Have every artifact in the store; returns what each holds.

        Raises ActionError or SourceError for the first failure with the others as further problems (whatever was finished
        is kept), and InterruptedBuildError when the user stops the build.
        """
        course = _Course(self, wanted)
        with ThreadPoolExecutor(self.settings.jobs, thread_name_prefix="action") as pool:
            try:
                course.follow(pool)
            except BaseException as error:
                course.stop()
                pool.shutdown(wait=True, cancel_futures=True)
                if isinstance(error, KeyboardInterrupt):
                    raise InterruptedBuildError(
                        "interrupted", hint="what was finished is kept; the same command goes on from there"
                    ) from None
                raise
            finally:
                self.sources.save()
                self.journal.save()
        if failures := course.failures:
            raise type(failures[0]).of([problem for failure in failures for problem in failure.problems]) from failures[0]
        return {artifact: course.states.of(artifact) for artifact in wanted}

    def forecast(self, wanted: Sequence[Action]) -> list[Forecast]:
        """What a build of `wanted` would run now, and why, in the order in which it would. Runs and downloads nothing."""
        forecasts: list[Forecast] = []
        stale: set[Action] = set()
        states = self.states()
        for action in closure(wanted):
            reason = self._stale_reason(action, states, stale)
            if reason is not None:
                stale.add(action)
            forecasts.append(Forecast(action, reason, self.journal.last(action)))
        self.sources.save()
        return forecasts

    def _stale_reason(self, action: Action, states: States, stale: set[Action]) -> str | None:
        for needed in producers(action):
            if needed in stale:
                return f"may change with {needed.mnemonic} {needed.label.short}"
        try:
            found = self.look_up(action, states)
        except NotFetchedError:
            return "its sources have not been downloaded"
        except MissingBlobError:
            return "the cache lost one of its inputs"
        if found.result is None:
            return found.task.reason
        states.learn(action, found.result)
        return None

    def states(self) -> States:
        """What is known before the build begins: what is outside of it."""
        return States(self.host, self.store, self.cache, self.sources, self.fetcher)

    def look_up(self, action: Action, states: States) -> _Found:
        """What the action cache has of an action whose inputs are known. Raises what `states` raises where one is not."""
        inputs = states.of_inputs(action)
        digest = states.digest(action, inputs)
        result = self.cache.get(digest, action)
        reason = ""
        if result is None:
            reason = (
                staleness(action, inputs, digest.hash, self.journal.last(action)) or "its result is not in the cache any more"
            )
        return _Found(Task(action, inputs, digest, reason), result)


@dataclass(frozen=True, slots=True)
class _Found:
    """An action with its result, or (if that is not known) with the reason to run it."""

    task: Task
    result: Result | None


class _Course:
    """One build under way."""

    def __init__(self, build: Build, wanted: Sequence[Artifact]) -> None:
        self.states = build.states()
        self.failures: list[StaticbuildError] = []
        self._build = build
        self._wanted = wanted
        self._makers = [maker for maker in map(producer, wanted) if maker is not None]
        self._plan = Plan(self._makers)
        self._tries: Counter[Action] = Counter()
        self._worker = Worker(
            host=build.host,
            store=build.store,
            cache=build.cache,
            sandbox=build.sandbox,
            fetcher=build.fetcher,
            listener=build.listener,
            keep_failed=build.settings.keep_failed,
        )

    def follow(self, pool: ThreadPoolExecutor) -> None:
        """Run the plan until all that is wanted is there, or something has failed."""
        self._build.listener(Planned(len(self._plan.actions)))
        for _ in range(_MOST_TRIES + 1):
            self._run_plan(pool)
            lost = self._lost_outputs() if not self.failures else []
            if not lost:
                return
            for maker in lost:
                self.states.forget(maker)
            self._plan = Plan(self._makers)
        raise _lost_again("what was just made")

    def stop(self) -> None:
        """End every running command; workers then end, too."""
        self._build.host.stop_waiting()
        stoppers = [threading.Thread(target=process.stop) for process in self._worker.stop()]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join()

    def _run_plan(self, pool: ThreadPoolExecutor) -> None:
        plan, settings = self._plan, self._build.settings
        pending: list[_Job] = []
        running: dict[Future[Outcome | None], _Job] = {}
        while True:
            while ready := plan.ready():
                for action in ready:
                    plan.take(action)
                    if (job := self._take(action)) is not None:
                        pending.append(job)
            pending.sort(key=lambda job: -plan.urgency(job.action))
            while pending and len(running) < settings.jobs and (not self.failures or settings.keep_going):
                job = pending.pop(0)
                running[pool.submit(job.work)] = job
            if not running:
                return
            ended, _ = wait(running, _WAIT_SECONDS, FIRST_COMPLETED)
            for future in [future for future in running if future in ended]:
                self._settle(running.pop(future), future)

    def _take(self, action: Action) -> _Job | None:
        """Look `action` up; returns the job to give to a worker, None if it is settled already."""
        try:
            found = self._build.look_up(action, self.states)
        except NotFetchedError:
            return _Job(action, None, lambda: self._worker.fetch(action))
        except MissingBlobError as error:
            self._heal(action, error.hash)
        except (StaticbuildError, OSError) as error:
            self._failed(action, error)
        else:
            task = found.task
            if found.result is None:
                return _Job(action, task, lambda: self._worker.run(task))
            self._done(task, Outcome(found.result, ran=False))
        return None

    def _settle(self, job: _Job, future: Future[Outcome | None]) -> None:
        try:
            outcome = future.result()
        except MissingBlobError as error:
            self._heal(job.action, error.hash)
        except (StaticbuildError, OSError) as error:
            self._failed(job.action, error)
        else:
            if job.task is not None and outcome is not None:
                self._done(job.task, outcome)
            else:
                self._plan.again(job.action)

    def _done(self, task: Task, outcome: Outcome) -> None:
        result = outcome.result
        self.states.learn(task.action, result)
        self._build.journal.note(
            task.action, task.states, task.digest.hash, task.reason if outcome.ran else None, result.seconds
        )
        self._plan.done(task.action)
        self._build.listener(Finished(task.action, not outcome.ran, result.seconds))

    def _failed(self, action: Action, error: StaticbuildError | OSError) -> None:
        if isinstance(error, OSError):
            what = f": `{error.filename}`" if error.filename else ""
            error = friendly(error) or ActionError(f"{action.label}: {action.mnemonic}: {error.strerror or error}{what}")
        self._plan.fail(action)
        self.failures.append(error)
        self._build.listener(Failed(action, error.message))

    def _heal(self, action: Action, hash_: str) -> None:
        """The store lacks something that `action` needs: have it made, or read from outside, again."""
        # A producer without states is being made again already: another action missed the same.
        made = [maker for maker in producers(action) if self.states.knows(maker)]
        lost = [maker for maker in made if not self.states.has_outputs(maker)]
        for maker in lost:
            self.states.forget(maker)
        if not lost and len(made) == len(producers(action)):
            self._tries[action] += 1
            if self._tries[action] > _MOST_TRIES:
                self._failed(action, _lost_again(hash_))
                return
            self.states.reread_sources(action)
        self._plan.lost(action, lost)

    def _lost_outputs(self) -> list[Action]:
        """Who must make wanted artifacts again. These are compared by content: nobody does so after this."""
        makers: dict[Action, None] = {}
        for artifact in self._wanted:
            maker = producer(artifact)
            if maker is not None and not (self.states.has_outputs(maker) and self.states.is_intact(artifact)):
                makers[maker] = None
        return list(makers)


@dataclass(frozen=True, slots=True)
class _Job:
    """What a worker is given: `work` runs `task`, or (without one) fetches what `action` needs to have a digest."""

    action: Action
    task: Task | None
    work: Callable[[], Outcome | None]


def _lost_again(what: str) -> ActionError:
    return ActionError(f"the cache lost {what} again and again", hint="does something else write to it, or to the sources?")
