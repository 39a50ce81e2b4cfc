"""Evaluates one `pyoxidizer.bzl`: parses, rewrites and runs it, and declares what its targets became as native targets."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from staticbuild.config import syntax
from staticbuild.config.blame import PRELUDE as PRELUDE_PATH
from staticbuild.config.blame import problem_of
from staticbuild.config.engine import Engine, EvaluationError, Limits, on_large_stack, opaque
from staticbuild.config.evaluation import Reads
from staticbuild.config.evaluator import Package, read_text
from staticbuild.config.failure import Failure
from staticbuild.config.pyoxidizer import dialect, prelude
from staticbuild.config.pyoxidizer.evaluation import REGISTERED, Evaluation, Registered, World, problem_at
from staticbuild.config.pyoxidizer.executable import PythonExecutable
from staticbuild.config.pyoxidizer.model import DialectError, Thing
from staticbuild.config.pyoxidizer.rewriting import NATIVE, Rewritten, rewrite
from staticbuild.config.schema import Scope, check_call
from staticbuild.config.syntax import Source
from staticbuild.config.wording import reword
from staticbuild.errors import ConfigError, Location, Problem, StaticbuildError
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target

_MAIN_BRANCH: Final = "<module>"


@dataclass(frozen=True, slots=True)
class Text:
    """A config's text, and what it is called."""

    path: str
    text: str


def evaluate(text: Text, world: World, limits: Limits, clock: Callable[[], float] | None) -> Package:
    """The package of native targets that the config's targets became. Raises ConfigError with what is wrong."""
    engine = Engine(limits, clock)
    return on_large_stack(lambda: _evaluate(engine, text, world), engine.cancel)


def _evaluate(engine: Engine, text: Text, world: World) -> Package:
    normal = syntax.normalise(text.path, text.text)
    source, program = read_text(engine, text.path, normal)
    if program.loads:
        raise _load_refused(source)
    rewritten = rewrite(source, NATIVE - dialect.attribute_names(), syntax.bindings(source))
    evaluation = Evaluation(world, source, dialect.GLOBALS, opaque, dialect.attribute_names())
    before = engine.parse(
        PRELUDE_PATH, prelude.PRELUDE + prelude.globals_text(tuple(dialect.GLOBALS), tuple(dialect.CONSTANTS))
    )
    main = engine.parse(
        text.path,
        rewritten.text.rstrip("\n") + "\n" * (len(source.lines) - rewritten.text.rstrip("\n").count("\n")) + prelude.EPILOGUE,
    )
    try:
        engine.evaluate(main, before=[before], callables=evaluation.callables(_constants(world)), reads_call_stack=True)
        _lower_all(evaluation)
    except EvaluationError as error:
        raise ConfigError.of([_problem(evaluation, rewritten, error.failure)]) from error
    except DialectError as error:
        raise ConfigError.of([problem_at(source, (), evaluation.operation, error)]) from error
    return Package(MappingProxyType(evaluation.targets), Reads(files={text.path: None}))


def _constants(world: World) -> Mapping[str, object]:
    return {
        "VARS": dict(world.variables),
        "CWD": world.folder,
        "CONFIG_PATH": f"{world.folder}/{world.path}",
        "BUILD_TARGET_TRIPLE": world.triple,
        "CONTEXT": "",
        "BUILD_CONTEXT": "",
        "TUGGER_CONTEXT": "",
    }


def _lower_all(evaluation: Evaluation) -> None:
    """Declare what each registered target became, under its name."""
    for registered in evaluation.registered.values():
        evaluation.operation = replace(evaluation.operation, name="register_target", stack=_stack(registered, evaluation))
        declared = _lower(evaluation, registered)
        evaluation.targets[registered.name] = declared


def _stack(registered: Registered, evaluation: Evaluation) -> str:
    """A call stack that says where the target was registered, for what is wrong with its value."""
    path = evaluation.source.path
    return f"Traceback (most recent call last):\n  * {path}:{registered.location.line}, in {_MAIN_BRANCH}\n"


def _lower(evaluation: Evaluation, registered: Registered) -> Target:
    value = registered.value
    result: Label | None = None
    if isinstance(value, Thing) and registered.state == "done" and "build" in value.methods:
        evaluation.resume_target(registered.name)
        # Those with `build` have the one or the other.
        lower: Callable[[Evaluation], Label] = value.result if isinstance(value, PythonExecutable) else value.lower  # type: ignore[attr-defined]
        result = lower(evaluation)
    kind = value.type if isinstance(value, Thing) else ""
    installs = [
        {"folder": folder, "files": str(label)}
        for active, label, folder in evaluation.known.get("installs", ())
        if active == registered.name
    ]
    attributes = {
        "name": "registered",
        "result": None if result is None else str(result),
        "depends": list(registered.depends),
        "default": evaluation.default == registered.name,
        "build_path": evaluation.build_path,
        "kind": kind,
        "resolved": registered.state == "done",
        "installs": installs,
    }
    checked = check_call(evaluation.world.rules[REGISTERED], attributes, Scope())
    assert not checked.mistakes, checked.mistakes  # noqa: S101
    return Target(Label("", "", registered.name), REGISTERED, checked.attributes, registered.location, MappingProxyType({}))


def _problem(evaluation: Evaluation, rewritten: Rewritten, failure: Failure) -> Problem:
    """What went wrong, where it stands in the user's own text."""
    source = evaluation.source
    last = len(source.lines)
    frames = tuple(frame for frame in failure.frames if frame.path != PRELUDE_PATH)
    inner = tuple(frame for frame in frames if frame.line <= last)
    cause = failure.cause
    if isinstance(cause, DialectError):
        found = problem_at(source, inner, evaluation.operation, cause)
        return replace(found, notes=(*found.notes, *_called_from(inner)))
    if isinstance(cause, StaticbuildError):
        first = cause.problems[0]
        where = problem_at(source, inner, evaluation.operation, DialectError("")).where
        if first.where is None:
            line = source.line(where.line) if where else None
            first = replace(first, where=where, source_line=line)
        return first
    if cause is not None:
        raise cause
    where = failure.where
    if where is not None and where.path == source.path and where.line <= last:
        failure = replace(failure, where=_mapped(rewritten, where))
    problem = problem_of(replace(failure, frames=inner), {source.path: source})
    names = [*dialect.GLOBALS, *dialect.CONSTANTS, *dialect.PRELUDE_FUNCTIONS, *syntax.bindings(source)]
    if problem.where is not None and problem.where.path == PRELUDE_PATH:
        problem = replace(problem, where=None, source_line=None)
    return reword(problem, {}, names)


def _called_from(frames: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(
        f"called from {frame.path}:{frame.line}" + ("" if frame.function.startswith("<") else f" in `{frame.function}`")  # type: ignore[attr-defined]
        for frame in reversed(frames[:-1])
    )


def _mapped(rewritten: Rewritten, where: Location) -> Location:
    end_line = where.end_line or where.line
    end = where.end_column if where.end_column is not None else where.column + 1
    column = rewritten.column(where.line, where.column)
    return Location(where.path, where.line, column, end_line, max(rewritten.column(end_line, end), column + 1))


def _load_refused(source: Source) -> ConfigError:
    for statement in source.tree.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id="load"))):
                problem = source.problem(
                    "`load` is not possible in a pyoxidizer.bzl here yet",
                    source.location(statement),
                    hint="put all into one file",
                )
                return ConfigError.of([problem])
    return ConfigError("`load` is not possible in a pyoxidizer.bzl here yet")
