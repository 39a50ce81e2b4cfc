"""The workspace: finds, loads and evaluates config files, and answers which targets they declare. Knows no disk and no rule.

Files are loaded in topological order, not recursively, so that a long chain of loads needs no stack and a cycle has a path to
show. A loaded file is evaluated once and frozen; a package (`staticbuild.bzl` of a folder) when one of its targets is wanted.
"""

from __future__ import annotations

import ast
import difflib
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, TypeVar

from staticbuild.config import natives, syntax
from staticbuild.config.blame import PRELUDE, problem_of
from staticbuild.config.engine import Engine, EvaluationError, Limits, Module, Program, on_large_stack
from staticbuild.config.evaluation import Evaluation, Reads, World, raise_all
from staticbuild.config.files import FileName, Files, parse_load
from staticbuild.config.schema import Rule, Scope, did_you_mean
from staticbuild.config.syntax import NotPythonError, Source
from staticbuild.config.wording import reword
from staticbuild.errors import ConfigError, Location, Problem, StaticbuildError
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person chose on the command line. `config_name` is what the workspace's root package is read from."""

    target: str
    variables: Mapping[str, str] = field(default_factory=dict)
    config_name: str = "staticbuild.bzl"


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A file that can be evaluated as soon as all of `loads` have been; these are keyed as the file writes them."""

    name: FileName
    source: Source
    program: Program
    loads: Mapping[str, FileName]


@dataclass(frozen=True, slots=True)
class _Evaluated:
    module: Module
    targets: Mapping[str, Target]
    reads: Reads


PACKAGE_FILE: Final = "staticbuild.bzl"


class Workspace:
    """All packages that can be named, evaluated on demand. `files` has the repositories: `""` and `"stdlib"`.

    Evaluation is pure: it depends on the files, the settings and nothing else, and one workspace never evaluates a file twice.
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
    ) -> None:
        self._files = files
        self._rules = {rule.name: rule for rule in rules}
        self._settings = settings
        self._limits = limits
        self._clock = clock
        self._sources: dict[str, Source] = {}
        self._world = World(self._rules, settings.variables, self._sources, on_print)
        self._interpreter: _Interpreter | None = None
        self._modules: dict[FileName, _Evaluated] = {}
        self._packages: dict[tuple[str, str], _Evaluated] = {}

    def package(self, repo: str, package: str) -> Mapping[str, Target]:
        """The targets of one package by name, in the order of their declaration. Raises ConfigError."""
        return self._package(repo, package).targets

    def reads(self, repo: str, package: str) -> Reads:
        """What the package's targets depend on besides the settings. Raises ConfigError."""
        return self._package(repo, package).reads

    def target(self, label: Label) -> Target:
        """The target called `label`. Raises ConfigError, with the closest names, if there is none."""
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
            line = self.source_line(where)
            raise ConfigError(first.message, where=where, hint=first.hint, source_line=line, more=tuple(more)) from error

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
        raise_all(problems)
        return found

    def source_line(self, where: Location) -> str | None:
        """The text of the line at `where`, if it lies in a file that was read."""
        source = self._sources.get(where.path)
        return source.line(where.line) if source else None

    def _package(self, repo: str, package: str) -> _Evaluated:
        known = self._packages.get((repo, package))
        if known is None:
            known = self._on_large_stack(lambda: self._evaluate_package(repo, package))
            self._packages[repo, package] = known
        return known

    def _on_large_stack(self, work: Callable[[], Result]) -> Result:
        interpreter = self._interpreter
        if interpreter is None:
            engine = Engine(self._limits, self._clock)
            interpreter = on_large_stack(
                lambda: _Interpreter(engine, self._rules.values(), self._settings.target), engine.cancel
            )
            self._interpreter = interpreter
        return on_large_stack(work, interpreter.engine.cancel)

    def _evaluate_package(self, repo: str, package: str) -> _Evaluated:
        name = self._package_file(repo, package)
        if self._files[repo].read(name.path) is None:
            raise self._no_package(repo, package, name)
        *libraries, root = self._load_order(name)
        for library in libraries:
            self._modules[library.name] = self._evaluate(library, None)
        return self._evaluate(root, Scope(repo, package))

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

    def _load_order(self, root: FileName) -> list[_Parsed]:
        """`root` and all that it loads and that is not evaluated yet, each after what it loads. Gathers all files' problems."""
        order: list[_Parsed] = []
        problems: list[Problem] = []
        state: dict[FileName, bool] = {}  # False: being loaded, True: done
        trail: list[tuple[_Parsed, list[FileName]]] = []

        def enter(name: FileName) -> None:
            state[name] = False
            try:
                parsed = self._parse(name)
            except ConfigError as error:
                problems.extend(error.problems)
                state[name] = True
                return
            trail.append((parsed, sorted(set(parsed.loads.values()), reverse=True)))

        enter(root)
        while trail:
            parsed, waiting = trail[-1]
            if not waiting:
                trail.pop()
                state[parsed.name] = True
                order.append(parsed)
                continue
            name = waiting.pop()
            if name in self._modules or state.get(name):
                continue
            if name in state:
                problems.append(_cycle(trail, name))
            else:
                enter(name)
        problems.extend(problem for parsed in order for problem in self._missing_symbols(parsed))
        raise_all(problems)
        return order

    def _parse(self, name: FileName) -> _Parsed:
        """The file's program and what it loads. Raises ConfigError with all that is wrong with it."""
        text = self._files[name.repo].read(name.path)
        text = syntax.normalise(str(name), text or "")
        source, program = self._read(str(name), text)
        self._sources[str(name)] = source
        loads: dict[str, FileName] = {}
        problems = syntax.forbidden(source)
        for written in program.loads:
            try:
                loads[written] = self._resolve_load(written, name)
            except StaticbuildError as error:
                where = _load_location(source, written)
                problems += [source.problem(problem.message, where, hint=problem.hint) for problem in error.problems]
        raise_all(problems)
        return _Parsed(name, source, program, loads)

    def _read(self, path: str, text: str) -> tuple[Source, Program]:
        """What Python's and Starlark's parsers make of `text`. Where both refuse it, Starlark's message is the better one."""
        engine = self._engine
        try:
            source = syntax.read(path, text)
        except NotPythonError as error:
            if len(text) <= syntax.MAX_WRONG_TEXT:
                try:
                    engine.parse(path, text)
                except EvaluationError as failure:
                    raise _syntax_error(failure, text, error.problem) from None
            raise_all([error.problem])
            raise
        try:
            return source, engine.parse(path, text)
        except EvaluationError as failure:
            raise _syntax_error(failure, text, None) from None

    def _resolve_load(self, written: str, loader: FileName) -> FileName:
        name = parse_load(written, loader, [repo for repo in self._files if repo or not loader.repo])
        if name.path.rpartition("/")[2] == PACKAGE_FILE:
            raise ConfigError(
                f"`{name}` is a package, which cannot be loaded", hint="move what is shared into a file of its own"
            )
        if name in self._modules or str(name) in self._sources or self._files[name.repo].read(name.path) is not None:
            return name
        siblings = self._files[name.repo].glob(name.folder, ["*.bzl"], [PACKAGE_FILE])
        close = difflib.get_close_matches(name.path.rpartition("/")[2], siblings, n=1)
        prefix = f"{name.folder}/" if name.folder else ""
        raise ConfigError(f"there is no file `{name}`", hint=f"did you mean `{prefix}{close[0]}`?" if close else None)

    def _missing_symbols(self, parsed: _Parsed) -> list[Problem]:
        """What the file loads by a name that the other file does not bind."""
        problems = []
        for written, symbols in parsed.program.loads.items():
            name = parsed.loads[written]
            source = self._sources.get(str(name))
            if source is None:
                continue
            exported = syntax.bindings(source)
            for symbol in symbols:
                if symbol not in exported:
                    public = sorted(each for each in exported if not each.startswith("_"))
                    hint = did_you_mean(symbol, public) or _listing(public)
                    where = _load_location(parsed.source, written, symbol)
                    problems.append(parsed.source.problem(f"`{name}` has no `{symbol}`", where, hint=hint))
        return problems

    def _evaluate(self, parsed: _Parsed, scope: Scope | None) -> _Evaluated:
        """Run one file. Raises ConfigError with all its problems."""
        assert self._interpreter is not None  # noqa: S101
        evaluation = Evaluation(self._world, self._files[parsed.name.repo], scope)
        evaluation.reads.files[str(parsed.name)] = None
        loaded = {}
        for written, name in parsed.loads.items():
            evaluated = self._modules[name]
            loaded[written] = evaluated.module
            evaluation.reads.add(evaluated.reads)
        try:
            module = self._interpreter.run(parsed, loaded, evaluation)
        except EvaluationError as error:
            raise_all([*evaluation.problems, self._problem(error, parsed)])
            raise
        raise_all(evaluation.problems)
        return _Evaluated(module, MappingProxyType(evaluation.targets), evaluation.reads)

    def _problem(self, error: EvaluationError, parsed: _Parsed) -> Problem:
        failure = error.failure
        if failure.cause is not None:
            if not isinstance(failure.cause, StaticbuildError):
                raise failure.cause
            failure = replace(failure, message=failure.cause.message)
        load_lines = {rule.name: rule.load_line for rule in self._rules.values() if rule.module}
        names = [*natives.USER_NAMES, *syntax.bindings(parsed.source)]
        return reword(problem_of(failure, self._sources), load_lines, names)

    @property
    def _engine(self) -> Engine:
        assert self._interpreter is not None  # noqa: S101
        return self._interpreter.engine


_MOST_NAMES: Final = 12


class _Interpreter:
    """The engine with the prelude evaluated, made on the large stack when the first file is wanted."""

    def __init__(self, engine: Engine, rules: Iterable[Rule], target: str) -> None:
        self.engine = engine
        self._current: Evaluation | None = None
        # The library's modules keep callables alive, unseen by Python's garbage collector: these must not keep the modules.
        reference = weakref.ref(self)
        program = engine.parse(PRELUDE, natives.prelude(rules, target))
        self._prelude = engine.evaluate(
            program, callables=natives.callables(lambda: _receiver(reference())), reads_call_stack=True
        )
        self._user = engine.parse(PRELUDE, natives.import_line(natives.USER_NAMES))
        self._library = engine.parse(PRELUDE, natives.import_line(natives.LIBRARY_NAMES))

    def run(self, parsed: _Parsed, loaded: Mapping[str, Module], evaluation: Evaluation) -> Module:
        """Evaluate one file; `evaluation` is told of its calls."""
        names = self._library if parsed.name.repo else self._user
        before, self._current = self._current, evaluation
        try:
            return self.engine.evaluate(parsed.program, before=[names], loaded={PRELUDE: self._prelude, **loaded})
        finally:
            self._current = before


def _receiver(interpreter: _Interpreter | None) -> Evaluation:
    assert interpreter is not None  # noqa: S101
    assert interpreter._current is not None  # noqa: S101, SLF001
    return interpreter._current  # noqa: SLF001


def _written(label: Label) -> str:
    """A label as a config would write it: `:name` for the root package's targets."""
    return f":{label.name}" if not label.repo and not label.package else str(label)


def _listing(names: Sequence[str]) -> str:
    return "it has " + ", ".join(f"`{name}`" for name in names[:_MOST_NAMES]) if names else "it defines nothing"


def _load_location(source: Source, written: str, symbol: str | None = None) -> Location:
    """Where `load(written, symbol)` says so; the whole file's start if it cannot be told."""
    for statement in source.tree.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id="load"), args=[ast.Constant(value=module), *_] as arguments) as call):
                if module != written:
                    continue
                values = [*arguments[1:], *(keyword.value for keyword in call.keywords)]
                for value in values:
                    if isinstance(value, ast.Constant) and value.value == symbol:
                        return source.location(value)
                if symbol is None:
                    return source.location(arguments[0])
    return Location(source.path, 1)


def _cycle(trail: Sequence[tuple[_Parsed, list[FileName]]], name: FileName) -> Problem:
    """`name` is wanted by the last of `trail`, and stands earlier in it."""
    files = [parsed for parsed, _ in trail]
    start = next(index for index, parsed in enumerate(files) if parsed.name == name)
    circle = files[start:]
    following = [*circle[1:], circle[0]]
    notes = tuple(f"`{parsed.name}` loads `{after.name}`" for parsed, after in zip(circle, following, strict=True))
    last = circle[-1]
    written = next(text for text, loaded in last.loads.items() if loaded == name)
    message = "files load each other in a circle" if len(circle) > 1 else "this file loads itself"
    return last.source.problem(message, _load_location(last.source, written), notes=notes if len(circle) > 1 else ())


def _syntax_error(error: EvaluationError, text: str, python: Problem | None) -> ConfigError:
    """The evaluator's message; Python's adds what it alone knows: which bracket was never closed, where a comma is missing."""
    where = error.failure.where
    lines = text.split("\n")
    line = lines[where.line - 1] if where and where.line <= len(lines) else None
    problem = reword(Problem(error.failure.message, where, None, line), {})
    if python is not None and python.where is not None:
        said = python.message
        if problem.message == "incorrect indentation":
            problem = replace(problem, where=python.where, source_line=python.source_line)
        if said.endswith("was never closed"):
            bracket = said.split("'")[1]
            hint = f"was the `{bracket}` on line {python.where.line} never closed?"
            problem = replace(problem, hint=hint)
        elif problem.hint is None and "forgot a comma" in said:
            problem = replace(problem, hint="perhaps a comma is missing")
        elif problem.hint is None and said.startswith(("expected", "unmatched", "closing", "unindent")):
            problem = replace(problem, hint=said.replace("'", "`"))
    return ConfigError(problem.message, where=problem.where, hint=problem.hint, source_line=problem.source_line)
