"""The workspace: finds packages, has them evaluated on demand, and answers which targets there are. Knows no disk and no rule.

A package is the `staticbuild.bzl` of a folder. What is wrong with it is found when one of its targets is wanted.
"""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from staticbuild.config import syntax
from staticbuild.config.engine import Limits
from staticbuild.config.evaluation import Reads, distinct
from staticbuild.config.evaluator import Evaluator, Package
from staticbuild.config.files import PACKAGE_FILE, FileName, Files
from staticbuild.config.isolation import ChildDiedError
from staticbuild.config.pyoxidizer import evaluator as pyoxidizer
from staticbuild.config.pyoxidizer.evaluation import World
from staticbuild.config.pyoxidizer.facts import Ask, Question
from staticbuild.config.schema import Rule, Scope
from staticbuild.config.transfer import Report, pack, unpack
from staticbuild.errors import ConfigError, Location, Problem, StaticbuildError
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target

__all__ = ["Files", "Settings", "Workspace"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """That the workspace's root package is a `pyoxidizer.bzl` in `folder`, and which of its targets are wanted.

    `variables` are those of the environment beside those of the settings; `ask` answers what the config asks.
    """

    folder: str
    ask: Ask
    wanted: tuple[str, ...] | None = None
    variables: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person chose on the command line. `config_name` is what the workspace's root package is read from.

    `pyoxidizer`, if given, says that it is written in that dialect.
    """

    target: str
    variables: Mapping[str, str] = field(default_factory=dict)
    config_name: str = PACKAGE_FILE
    pyoxidizer: Dialect | None = None


class Workspace:
    """All packages that can be named, evaluated on demand. `files` has the repositories: `""` and `"stdlib"`.

    Evaluation is pure: it depends on the files, the settings and nothing else. `isolate`, if given, runs the evaluation of the
    user's packages where they cannot take more memory than is good (`config.isolation.in_child`).
    """

    def __init__(  # noqa: PLR0913 - what an evaluation may depend on is all here
        self,
        files: Mapping[str, Files],
        rules: Iterable[Rule],
        settings: Settings,
        *,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        clock: Callable[[], float] | None = None,
        on_print: Callable[[Location, str], None] = lambda _where, _text: None,
        isolate: Callable[[Callable[[], bytes]], bytes] | None = None,
        isolate_asking: Callable[[Callable[[Callable[[bytes], bytes]], bytes], Callable[[bytes], bytes]], bytes] | None = None,
    ) -> None:
        self._files = files
        self._settings = settings
        self._on_print = on_print
        self._isolate = isolate
        self._isolate_asking = isolate_asking
        self._limits = limits
        self._clock = clock
        self._rules = {rule.name: rule for rule in rules}
        self._declared: dict[Label, Target] = {}
        self._printed: list[tuple[Location, str]] = []
        self._packages: dict[tuple[str, str], Package] = {}
        self._evaluator = Evaluator(
            files=files,
            rules=self._rules,
            target=settings.target,
            variables=settings.variables,
            limits=limits,
            clock=clock,
            on_print=lambda where, text: self._printed.append((where, text)),
        )

    def package(self, repo: str, package: str) -> Mapping[str, Target]:
        """The targets of one package by name, in the order of their declaration. Raises ConfigError."""
        return self._package(repo, package).targets

    def reads(self, repo: str, package: str) -> Reads:
        """What the package's targets depend on besides the settings. Raises ConfigError."""
        return self._package(repo, package).reads

    def declare(self, targets: Iterable[Target]) -> None:
        """Know `targets` from now on: those that a `pyoxidizer.bzl` has declared so far, and asks about."""
        self._declared.update((target.label, target) for target in targets)

    def target(self, label: Label) -> Target:
        """The target called `label`. Raises ConfigError, with the closest names, if there is none."""
        if label in self._declared:
            return self._declared[label]
        targets = self.package(label.repo, label.package)
        if label.name in targets:
            return targets[label.name]
        raise ConfigError(f"there is no target `{_written(label)}`", hint=self._closest(label, targets))

    def resolve(self, label: Label, where: Location) -> Target:
        """The target called `label`, which is named at `where`: that is where an error points if there is none."""
        try:
            return self.target(label)
        except ConfigError as error:
            first, *more = error.problems
            if first.where is not None:  # the other package is wrong in itself
                raise
            first = replace(first, where=where, source_line=self.source_line(where))
            raise ConfigError.of([first, *more]) from error

    def packages(self) -> list[str]:
        """The folders of the workspace that have a config file, sorted."""
        found = {path.rpartition("/")[0] for path in self._files[""].glob("", [f"**/{PACKAGE_FILE}"], [])}
        if self._files[""].read(self._settings.config_name) is not None:
            found.add("")
        return sorted(found)

    def targets(self) -> list[Target]:
        """All targets of the workspace: packages in the order of their names, targets in that of their declaration."""
        problems: list[Problem] = []
        found: list[Target] = []
        for package in self.packages():
            try:
                found.extend(self.package("", package).values())
            except ConfigError as error:
                problems.extend(error.problems)
        ConfigError.raise_all(distinct(problems))
        return found

    def unused_variables(self) -> list[str]:
        """The variables of the settings that nothing has asked for, among the packages evaluated so far."""
        asked = {name for package in self._packages.values() for name in package.reads.variables}
        return sorted(set(self._settings.variables) - asked)

    def source_line(self, where: Location) -> str | None:
        """The text of the line at `where`, if that lies in a config file."""
        repo, _, path = where.path.rpartition("//")
        files = self._files.get(repo.removeprefix("@"))
        text = files.read(path) if files else None
        if text is None:
            return None
        lines = syntax.normalise(where.path, text).split("\n")
        return lines[where.line - 1] if where.line <= len(lines) else None

    def _package(self, repo: str, package: str) -> Package:
        known = self._packages.get((repo, package))
        if known is None:
            name = self._package_file(repo, package)
            if self._files[repo].read(name.path) is None:
                raise self._no_package(repo, package, name)
            known = self._evaluate(name, Scope(repo, package))
            self._packages[repo, package] = known
        return known

    def _evaluate(self, name: FileName, scope: Scope) -> Package:
        """Evaluate one package and pass on what it printed, also if it failed."""
        dialect = self._settings.pyoxidizer
        if dialect is not None and not name.repo and not scope.package:
            return self._evaluate_dialect(name, dialect)
        if self._isolate is None or name.repo:  # the library is as much to be trusted as this program
            try:
                return self._evaluator.evaluate(name, scope)
            finally:
                self._show()
        try:
            report: Report = unpack(self._isolate(lambda: pack(self._report(name, scope))))
        except ChildDiedError as error:
            hint = "does it build a list or a string that grows and grows?"
            raise ConfigError(f"evaluating this {error.reason}", where=Location(str(name), 1), hint=hint) from None
        self._printed = list(report.printed)
        self._show()
        return report.answer()

    def _evaluate_dialect(self, name: FileName, dialect: Dialect) -> Package:
        """Evaluate a `pyoxidizer.bzl`: what it prints is shown at once, since it may wait long for answers."""
        text = pyoxidizer.Text(name.path, self._files[""].read(name.path) or "")

        def work(ask: Ask, show: Callable[[Location, str], None]) -> Package:
            waiting = _Patience(self._clock)
            world = World(
                folder=dialect.folder,
                path=name.path,
                triple=self._settings.target,
                variables={**self._settings.variables, **dialect.variables},
                wanted=dialect.wanted,
                rules=self._rules,
                ask=waiting.asking(ask),
                on_print=show,
            )
            return pyoxidizer.evaluate(text, world, self._limits, waiting.clock)

        if self._isolate_asking is None:
            return work(dialect.ask, self._on_print)

        def in_child(send: Callable[[bytes], bytes]) -> bytes:
            far = _Far(send)
            return pack(self._reported(lambda: work(far.ask, far.show)))

        try:
            report: Report = unpack(self._isolate_asking(in_child, lambda question: self._answer(dialect, question)))
        except ChildDiedError as error:
            hint = "does it build a list or a string that grows and grows?"
            raise ConfigError(f"evaluating this {error.reason}", where=Location(str(name), 1), hint=hint) from None
        return report.answer()

    def _answer(self, dialect: Dialect, message: bytes) -> bytes:
        """What the parent process says to a message of the child that evaluates."""
        asked = unpack(message)
        try:
            return pack(self._on_print(asked.where, asked.text) if isinstance(asked, _Printed) else dialect.ask(asked))
        except ConfigError as error:
            return pack(_Refused(error.problems))

    def _report(self, name: FileName, scope: Scope) -> Report:
        """What the child process says."""
        return self._reported(lambda: self._evaluator.evaluate(name, scope))

    def _reported(self, evaluate: Callable[[], Package]) -> Report:
        """What the child process says of one evaluation."""
        try:
            package = evaluate()
        except StaticbuildError as error:
            return Report(None, type(error), error.problems, None, tuple(self._printed))
        except Exception:  # noqa: BLE001 - a bug of ours, for which the parent shows this traceback
            return Report(None, None, (), traceback.format_exc(), tuple(self._printed))
        return Report(package, None, (), None, tuple(self._printed))

    def _show(self) -> None:
        printed, self._printed = self._printed, []
        for where, text in printed:
            self._on_print(where, text)

    def _package_file(self, repo: str, package: str) -> FileName:
        if repo not in self._files:
            known = ", ".join(f"`@{name}`" for name in self._files if name)
            raise ConfigError(f"there is no repository `@{repo}`", hint=f"besides the workspace there is {known}")
        if package:
            return FileName(repo, f"{package}/{PACKAGE_FILE}")
        return FileName(repo, PACKAGE_FILE if repo else self._settings.config_name)

    def _no_package(self, repo: str, package: str, name: FileName) -> ConfigError:
        if not repo and not package:
            return ConfigError(f"there is no `{name}`", hint="`staticbuild init` writes one")
        hint = f"`{name}` does not exist"
        if not repo:
            close = difflib.get_close_matches(package, [other for other in self.packages() if other], n=1)
            hint = f"did you mean `//{close[0]}`?" if close else hint
        return ConfigError(f"there is no package `{'@' + repo if repo else ''}//{package}`", hint=hint)

    def _closest(self, label: Label, targets: Mapping[str, Target]) -> str:
        close = difflib.get_close_matches(label.name, targets, n=1)
        if close:
            return f"did you mean `{_written(replace(label, name=close[0]))}`?"
        if not targets:
            return f"`{self._package_file(label.repo, label.package)}` declares no targets"
        names = [f"`{_written(replace(label, name=name))}`" for name in targets]
        shown = ", ".join(names[:_MOST_NAMES])
        return f"there is {shown}" + (f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else "")


_MOST_NAMES: Final = 12


@dataclass(frozen=True, slots=True)
class _Printed:
    """What the child process has to show, which is sent like a question."""

    where: Location
    text: str


@dataclass(frozen=True, slots=True)
class _Refused:
    """The answer to a question about something that is wrong."""

    problems: tuple[Problem, ...]


class _Far:
    """The parent process, as the child sees it: who answers, and who shows what is printed."""

    def __init__(self, send: Callable[[bytes], bytes]) -> None:
        self._send = send

    def ask(self, question: Question) -> Any:  # noqa: ANN401 - of the question's kind
        """The answer. Raises ConfigError if there is none."""
        answer = unpack(self._send(pack(question)))
        if isinstance(answer, _Refused):
            raise ConfigError.of(answer.problems)
        return answer

    def show(self, where: Location, text: str) -> None:
        """Have a text shown."""
        self._send(pack(_Printed(where, text)))


class _Patience:
    """A clock that stands while an answer is waited for: the limit is for what the config itself does."""

    def __init__(self, clock: Callable[[], float] | None) -> None:
        self._clock = clock
        self._waited = 0.0

    @property
    def clock(self) -> Callable[[], float] | None:
        """The clock, None if there was none."""
        clock = self._clock
        return None if clock is None else lambda: clock() - self._waited

    def asking(self, ask: Ask) -> Ask:
        """`ask`, with the time that it takes left out of the clock's."""
        clock = self._clock
        if clock is None:
            return ask

        def timed(question: Question) -> Any:  # noqa: ANN401 - of the question's kind
            began = clock()
            try:
                return ask(question)
            finally:
                self._waited += clock() - began

        return timed


def _written(label: Label) -> str:
    """A label as a config would write it: `:name` for the root package's targets."""
    return f":{label.name}" if not label.repo and not label.package else str(label)
