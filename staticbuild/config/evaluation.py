"""What the calls of one file bring while it is evaluated: targets, problems, what it read. Unaware of loading and Starlark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from staticbuild.config.blame import CallSite, call_site
from staticbuild.config.failure import Frame
from staticbuild.config.files import Files
from staticbuild.config.schema import STRINGS, MismatchError, Mistake, Plain, Rule, Scope, check_call, describe, did_you_mean
from staticbuild.config.syntax import Source
from staticbuild.errors import ConfigError, Location, Problem
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target


@dataclass(frozen=True, slots=True)
class Glob:
    """One call of `glob`: its answer depends on which files exist."""

    package: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]


@dataclass(slots=True)
class Reads:
    """What an evaluation depended on besides its text: files loaded, globs, and variables (None: asked for, but not set)."""

    files: dict[str, None] = field(default_factory=dict)
    variables: dict[str, str | None] = field(default_factory=dict)
    globs: dict[Glob, None] = field(default_factory=dict)

    def add(self, other: Reads) -> None:
        """Depend on all that `other` depends on, too."""
        self.files.update(other.files)
        self.variables.update(other.variables)
        self.globs.update(other.globs)


@dataclass(frozen=True, slots=True)
class World:
    """What evaluations share: the rules, the variables, the sources read so far and the way out for `print`."""

    rules: Mapping[str, Rule]
    variables: Mapping[str, str]
    sources: Mapping[str, Source]
    on_print: Callable[[Location, str], None]


class Evaluation:
    """The receiver of one file's calls. `scope` is None for a file that is loaded: only packages declare targets and glob."""

    def __init__(self, world: World, files: Files, scope: Scope | None) -> None:
        self.targets: dict[str, Target] = {}
        self.problems: list[Problem] = []
        self.reads = Reads()
        self._world = world
        self._files = files
        self._scope = scope

    def declare(self, rule: str, positional: int, arguments: Mapping[str, Plain], frames: Sequence[Frame]) -> None:
        """Check the call and keep its target."""
        site = self._site(frames, rule, tuple(arguments))
        scope = self._scope
        if scope is None:
            self._outside_package(rule, site)
            return
        checked = check_call(self._world.rules[rule], arguments, scope)
        mistakes = list(checked.mistakes)
        if positional:
            hint = "write `name = …` before each"
            mistakes.insert(0, Mistake(f"`{rule}` takes all its arguments by name", (), hint))
        self.problems.extend(sorted((self._problem(mistake, site) for mistake in mistakes), key=_position))
        if not checked.name:
            return
        first = self.targets.get(checked.name)
        if first is not None:
            self.problems.append(_declared_twice(first, site))
            return
        self.targets[checked.name] = Target(
            label=Label(scope.repo, scope.package, checked.name),
            rule=rule,
            attributes=checked.attributes,
            location=site.outer,
            attribute_locations=MappingProxyType({name: site.argument((name,)) for name in arguments if site.has(name)}),
        )

    def glob(self, include: Plain, exclude: Plain, frames: Sequence[Frame]) -> list[str]:
        """The files of the package that match; sorted, so that the order of a folder never matters."""
        site = self._site(frames, "glob")
        if self._scope is None:
            self._outside_package("glob", site)
            return []
        patterns = Glob(self._scope.package, self._patterns("include", include, site), self._patterns("exclude", exclude, site))
        self.reads.globs[patterns] = None
        try:
            found = sorted(self._files.glob(patterns.package, list(patterns.include), list(patterns.exclude)))
        except ConfigError as error:
            self.problems.extend(
                problem if problem.where else site.problem(problem.message, hint=problem.hint) for problem in error.problems
            )
            return []
        undecodable = [path for path in found if not _is_unicode(path)]
        for path in undecodable:
            name = path.encode(errors="surrogateescape").decode(errors="backslashreplace")
            self.problems.append(site.problem(f"`glob` found `{name}`, whose name is not UTF-8", hint="rename or exclude it"))
        return [] if undecodable else found

    def package_name(self, frames: Sequence[Frame]) -> str:
        """The folder of the package that is being evaluated."""
        if self._scope is None:
            self._outside_package("native.package_name", self._site(frames, "package_name"))
            return ""
        return self._scope.package

    def variable(self, name: Plain, frames: Sequence[Frame], *, has_default: bool) -> str | None:
        """The variable's value, which from now on is a thing the evaluation depends on."""
        site = self._site(frames, "var")
        if not isinstance(name, str):
            message = f"`config.var` wants the name of a variable as a string, got {describe(name)}"
            self.problems.append(site.problem(message, site.argument(("name",), ("name",))))
            return ""
        value = self._world.variables.get(name)
        self.reads.variables[name] = value
        if value is not None or has_default:
            return value
        hint = f'give it with `--var {name}=VALUE`, or a default: `config.var("{name}", "")`'
        hint = did_you_mean(name, self._world.variables) or hint
        self.problems.append(site.problem(f"the variable `{name}` is not set", hint=hint))
        return ""

    def show(self, text: str, frames: Sequence[Frame]) -> None:
        """Pass on what a file prints."""
        self._world.on_print(self._site(frames, "print").where, text)

    def _site(self, frames: Sequence[Frame], callee: str, keywords: Sequence[str] | None = None) -> CallSite:
        return call_site(frames, callee, self._world.sources, keywords)

    def _problem(self, mistake: Mistake, site: CallSite) -> Problem:
        if mistake.path and mistake.about == "name":
            return site.problem(mistake.message, site.argument_name(str(mistake.path[0])), mistake.hint)
        where = site.argument(mistake.path) if mistake.path else site.callee
        return site.problem(mistake.message, where, mistake.hint)

    def _outside_package(self, function: str, site: CallSite) -> None:
        hint = "put the call into a function, and call that from a package's file"
        self.problems.append(site.problem(f"`{function}` cannot be called while a file is loaded", hint=hint))

    def _patterns(self, name: str, value: Plain, site: CallSite) -> tuple[str, ...]:
        """The patterns of one argument of `glob`, without those that are wrong."""
        try:
            patterns = [str(pattern) for pattern in STRINGS.convert(value, Scope())]
        except MismatchError as mismatch:
            message = f"`glob` wants {mismatch.wants}, got {describe(mismatch.got)}"
            where = site.argument((name, *mismatch.path), _GLOB_PARAMETERS)
            self.problems.append(site.problem(message, where, mismatch.hint))
            return ()
        for index, pattern in enumerate(patterns):
            if not pattern or pattern.startswith("/") or ".." in pattern.split("/"):
                where = site.argument((name, index), _GLOB_PARAMETERS)
                hint = "a pattern is relative to the package's folder and stays inside it"
                self.problems.append(site.problem(f"`glob` cannot look for `{pattern}`", where, hint))
                return ()
        return tuple(patterns)


def _is_unicode(text: str) -> bool:
    """Whether no byte of a file name had to be escaped."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


_GLOB_PARAMETERS: Final = ("include", "exclude")


def _declared_twice(first: Target, site: CallSite) -> Problem:
    problem = site.problem(f"the target `:{first.label.name}` is declared twice", site.argument(("name",)))
    return replace(problem, notes=(f"first declared at {first.location}", *problem.notes))


def _position(problem: Problem) -> tuple[int, int]:
    return (problem.where.line, problem.where.column) if problem.where else (0, 0)


def distinct(problems: Iterable[Problem]) -> list[Problem]:
    """As many of `problems` as a person reads. What a loop says again and again is said once."""
    found: dict[tuple[str, Location | None], Problem] = {}
    for problem in problems:
        found.setdefault((problem.message, problem.where), problem)
    kept = list(found.values())
    if len(kept) > _MOST_PROBLEMS:
        kept[_MOST_PROBLEMS:] = [Problem(f"there are {len(kept) - _MOST_PROBLEMS} more problems like these")]
    return kept


_MOST_PROBLEMS: Final = 51
