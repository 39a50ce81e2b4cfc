"""Loads and evaluates the files of a package, in order. Knows no disk, no rule and nothing of what is done with targets.

Files are loaded in topological order, not recursively, so that a long chain of loads needs no stack and a cycle has a path to
show. A loaded file is evaluated once and frozen.
"""

from __future__ import annotations

import ast
import difflib
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from staticbuild.config import natives, syntax
from staticbuild.config.blame import PRELUDE, problem_of
from staticbuild.config.engine import Engine, EvaluationError, Limits, Module, Program, on_large_stack
from staticbuild.config.evaluation import Evaluation, Reads, World, distinct
from staticbuild.config.files import PACKAGE_FILE, FileName, Files, parse_load
from staticbuild.config.schema import Rule, Scope, did_you_mean
from staticbuild.config.syntax import NotPythonError, Source
from staticbuild.config.wording import reword
from staticbuild.errors import ConfigError, Location, Problem, StaticbuildError
from staticbuild.graph.target import Target


@dataclass(frozen=True, slots=True)
class Package:
    """What one package declares, in the order of its file, and what that depends on besides the settings."""

    targets: Mapping[str, Target]
    reads: Reads


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A file that can be evaluated as soon as all of `loads` have been; these are keyed as the file writes them."""

    name: FileName
    source: Source
    program: Program
    loads: Mapping[str, FileName]


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A file that has been evaluated."""

    module: Module
    reads: Reads


class Evaluator:
    """Evaluates packages, one after the other. Loaded files are shared between them."""

    def __init__(  # noqa: PLR0913 - what an evaluation may depend on is all here
        self,
        *,
        files: Mapping[str, Files],
        rules: Mapping[str, Rule],
        target: str,
        variables: Mapping[str, str],
        limits: Limits,
        clock: Callable[[], float] | None,
        on_print: Callable[[Location, str], None],
    ) -> None:
        self._files = files
        self._rules = rules
        self._target = target
        self._sources: dict[str, Source] = {}
        self._world = World(rules, variables, self._sources, on_print)
        self._engine = Engine(limits, clock)
        self._interpreter: _Interpreter | None = None
        self._modules: dict[FileName, _Loaded] = {}

    def evaluate(self, name: FileName, scope: Scope) -> Package:
        """The package whose file is `name`, which must exist. Raises ConfigError with all that is wrong with it."""
        self._engine.resume()
        return on_large_stack(lambda: self._evaluate_package(name, scope), self._engine.cancel)

    def _evaluate_package(self, name: FileName, scope: Scope) -> Package:
        *libraries, root = self._load_order(name)
        for library in libraries:
            evaluation, module = self._evaluate(library, None)
            self._modules[library.name] = _Loaded(module, evaluation.reads)
        evaluation, _ = self._evaluate(root, scope)
        return Package(MappingProxyType(evaluation.targets), evaluation.reads)

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
        ConfigError.raise_all(distinct(problems))
        return order

    def _parse(self, name: FileName) -> _Parsed:
        """The file's program and what it loads. Raises ConfigError with all that is wrong with it."""
        text = self._files[name.repo].read(name.path)
        text = syntax.normalise(str(name), text or "")
        source, program = read_text(self._engine, str(name), text)
        self._sources[str(name)] = source
        loads: dict[str, FileName] = {}
        problems = syntax.forbidden(source)
        for written in program.loads:
            try:
                loads[written] = self._resolve_load(written, name)
            except ConfigError as error:
                where = _load_location(source, written)
                problems += [
                    problem if problem.where else source.problem(problem.message, where, hint=problem.hint)
                    for problem in error.problems
                ]
        ConfigError.raise_all(distinct(problems))
        return _Parsed(name, source, program, loads)

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
                    rule = self._rules.get(symbol)
                    home = f"it is in `{rule.module}`" if rule is not None and rule.module else None
                    hint = home or did_you_mean(symbol, public) or _listing(public)
                    where = _load_location(parsed.source, written, symbol)
                    problems.append(parsed.source.problem(f"`{name}` has no `{symbol}`", where, hint=hint))
        return sorted(problems, key=_position)  # the library tells of symbols in no order

    def _evaluate(self, parsed: _Parsed, scope: Scope | None) -> tuple[Evaluation, Module]:
        """Run one file. Raises ConfigError with all its problems."""
        if self._interpreter is None:
            self._interpreter = _Interpreter(self._engine, self._rules.values(), self._target)
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
            raise ConfigError.of(distinct([*evaluation.problems, self._problem(error, parsed)])) from error
        ConfigError.raise_all(distinct(evaluation.problems))
        return evaluation, module

    def _problem(self, error: EvaluationError, parsed: _Parsed) -> Problem:
        failure = error.failure
        if failure.cause is not None:
            if not isinstance(failure.cause, StaticbuildError):
                raise failure.cause
            failure = replace(failure, message=failure.cause.message)
        load_lines = {rule.name: rule.load_line for rule in self._rules.values() if rule.module}
        names = [*natives.USER_NAMES, *syntax.bindings(parsed.source)]
        return reword(problem_of(failure, self._sources), load_lines, names)


def read_text(engine: Engine, path: str, text: str) -> tuple[Source, Program]:
    """What Python's and Starlark's parsers make of `text`. Where both refuse it, Starlark's message is the better one."""
    try:
        source = syntax.read(path, text)
    except NotPythonError as error:
        if len(text) <= syntax.MAX_WRONG_TEXT:
            try:
                engine.parse(path, text)
            except EvaluationError as failure:
                raise _syntax_error(failure, text, error.problem) from None
        raise ConfigError.of([error.problem]) from None
    try:
        return source, engine.parse(path, text)
    except EvaluationError as failure:
        raise _syntax_error(failure, text, None) from None


_MOST_NAMES: Final = 12


class _Interpreter:
    """The engine with the prelude evaluated; made on the large stack, when the first file is wanted."""

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


def _listing(names: Sequence[str]) -> str:
    return "it has " + ", ".join(f"`{name}`" for name in names[:_MOST_NAMES]) if names else "it defines nothing"


def _position(problem: Problem) -> tuple[int, int]:
    return (problem.where.line, problem.where.column) if problem.where else (0, 0)


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
