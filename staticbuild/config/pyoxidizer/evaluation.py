"""What the calls of one `pyoxidizer.bzl` bring: registered targets, declared native targets, remarks. Unaware of Starlark."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import GeneratorType, MappingProxyType
from typing import Any, Final

from staticbuild.config import syntax
from staticbuild.config.failure import Frame, parse_call_stack
from staticbuild.config.pyoxidizer.facts import Ask
from staticbuild.config.pyoxidizer.model import (
    BOOL,
    FUNCTION,
    REQUIRED,
    STR,
    STRINGS,
    DialectError,
    Function,
    Maybe,
    Method,
    Parameter,
    Part,
    Request,
    Status,
    Thing,
    bind,
    suggestion,
)
from staticbuild.config.schema import Plain, Rule, Scope, check_call
from staticbuild.config.syntax import Source
from staticbuild.errors import Location, Problem
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target

# Rules of the native dialect that targets of this one become, beside those of `stdlib/python.bzl`.
REGISTERED: Final = "pyoxidizer_target"


@dataclass(frozen=True, slots=True)
class World:
    """What an evaluation depends on. `folder` is the config's, absolute.

    `wanted` are the targets to resolve (None: the default one, `*`: all). `is_build_script` makes the default that of build
    scripts.
    """

    folder: str
    path: str
    triple: str
    variables: Mapping[str, str | None]
    wanted: tuple[str, ...] | None
    rules: Mapping[str, Rule]
    ask: Ask
    on_print: Callable[[Location, str], None]
    is_build_script: bool = False


@dataclass(slots=True)
class Registered:
    """One registered target. `value` is what its function returned, once `state` is `done`."""

    name: str
    depends: tuple[str, ...]
    location: Location
    state: str = "waiting"
    value: object = None


@dataclass(slots=True)
class Operation:
    """The operation under way, for errors: the name that stands in the text, and the calls that led there."""

    name: str
    stack: str
    part: Part | None = None


@dataclass(slots=True)
class Evaluation:
    """The receiver of one file's calls; objects of the dialect get it as an argument."""

    world: World
    source: Source
    globals: Mapping[str, Method]
    wrap: Callable[[object], object]
    names: frozenset[str]
    registered: dict[str, Registered] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    operation: Operation = field(default_factory=lambda: Operation("", ""))
    build_path: str = ""
    known: dict[object, Any] = field(default_factory=dict)
    _default: str | None = None
    _default_script: str | None = None
    _active: list[str] = field(default_factory=list)
    _calls: list[Generator[Request, object, object]] = field(default_factory=list)
    _said: set[str] = field(default_factory=set)
    _note: str = ""

    # --- what the prelude calls ---

    def callables(self, constants: Mapping[str, object]) -> dict[str, Callable[..., object]]:
        """The functions of Python that the prelude knows."""
        return {
            "__py_get": self._get,
            "__py_set": self._set,
            "__py_noted": self._noted,
            "__py_call": self._call,
            "__py_global": self._global,
            "__py_resume": self._resume,
            "__py_type": lambda value: value.type,
            "__py_has": lambda value, name: value.has(name),
            "__py_dir": lambda value: value.names(),
            "__py_str": repr,
            "__py_names": lambda: {name: self.wrap(name) for name in self.names},
            "__py_truths": lambda: [self.wrap(True), self.wrap(False)],
            "__py_print": self._print,
            "__py_register": self._register,
            "__py_begin": self._begin,
            "__py_done": self._done,
            "__py_wanted": self._wanted,
            "__py_constant": lambda name: self._outward(constants[name]),
        }

    def _get(self, value: Thing, name: str) -> object:
        self._begins(name)
        found = value.read(name)
        return {"__method__": True} if isinstance(found, Method) else self._outward(found)

    def _set(self, value: Thing, name: str, new: object) -> list[object]:
        """Assign. Not empty if there is something to say about it, for which `_noted` is called with the place."""
        self._begins(name)
        inward = _inward(new)
        known = value.assign(name, inward)
        if known.status is not Status.CHANGED or inward == known.default:
            return []
        self._note = f"`{value.type}.{name}`: {known.note}"
        return [] if self._note in self._said else [[]]

    def _begins(self, name: str) -> None:
        """An operation of which there are many is under way; no value is made for each."""
        self.operation.name = name
        self.operation.stack = ""

    def _noted(self, stack: str) -> None:
        self.operation = Operation(self.operation.name, stack)
        self._remark_once(self._note)

    def _call(self, stack: str, value: Thing, name: str, positional: list[object], named: dict[str, object]) -> object:
        self._begins(name)
        self.operation.stack = stack or ""
        found = value.methods.get(name)
        if found is None:
            if value.has(name):
                raise DialectError(f"`{value.type}.{name}` is no method", f"read it: `x.{name}`")
            raise value.unknown(name)
        whose = f"{value.type}.{name}"
        arguments = bind(found, whose, _inward(positional), _inward(named))
        if found.status is Status.CHANGED and found.note:
            self._remark_once(f"`{whose}`: {found.note}")
        return self._step(found.run(value, self, **arguments))

    def _global(self, stack: str, name: str, positional: list[object], named: dict[str, object]) -> object:
        self.operation = Operation(name, stack)
        found = self.globals[name]
        arguments = bind(found, name, _inward(positional), _inward(named))
        if found.status is Status.CHANGED and found.note:
            self._remark_once(f"`{name}`: {found.note}")
        return self._step(found.run(self, **arguments))

    def _step(self, outcome: object) -> object:
        """The value of a method, or the request of one that wants a function of the config to be called."""
        if isinstance(outcome, GeneratorType):
            self._calls.append(outcome)
            return self._next()
        return self._returned(outcome)

    def _returned(self, value: object) -> object:
        """A value for the config; None, which many methods return, as what costs least."""
        return {} if value is None else self._outward(value)

    def _resume(self) -> object:
        return self._next()

    def _next(self) -> object:
        # Calls are nested: a function that a method has called may call methods, which end before it does.
        running = self._calls[-1]
        try:
            request = next(running)
        except StopIteration as end:
            self._calls.pop()
            return self._returned(end.value)
        numbers = [function.number for function in request.functions]
        return {"__call__": numbers, "arguments": self._outward(request.arguments)}

    def _outward(self, value: object) -> object:
        if isinstance(value, Thing):
            return self.wrap(value)
        if isinstance(value, list | tuple):
            return [self._outward(each) for each in value]
        if isinstance(value, dict):
            return {key: self._outward(each) for key, each in value.items()}
        return value

    def _print(self, stack: str, text: str) -> None:
        self.operation = Operation("print", stack)
        self.world.on_print(self.here(), text)

    # --- targets of the dialect ---

    def _register(self, stack: str, positional: list[object], named: dict[str, object]) -> list[object]:
        self.operation = Operation("register_target", stack)
        given = bind(REGISTER_TARGET, "register_target", _inward(positional), _inward(named))
        name = str(given["target"])
        function = given["callable"]
        assert isinstance(function, Function)  # noqa: S101
        depends = given["depends"] or []
        assert isinstance(depends, list)  # noqa: S101
        self.registered[name] = Registered(name, tuple(depends), self.here())
        if given["default"] or self._default is None:
            self._default = name
        if given["default_build_script"] or self._default_script is None:
            self._default_script = name
        return [name, function.number]

    def _begin(self, name: str, stack: str) -> list[object]:
        """Whether the target is resolved, with its value; or else what it depends on."""
        self.operation = Operation("resolve_target", stack)
        known = self.registered.get(name)
        if known is None:
            raise DialectError(f"there is no target `{name}`", suggestion(name, self.registered))
        if known.state == "done":
            return [True, self._outward(known.value)]
        if known.state == "active":
            circle = [*self._active[self._active.index(name) :], name]
            raise DialectError("targets depend on each other: " + " -> ".join(f"`{each}`" for each in circle))
        known.state = "active"
        self._active.append(name)
        return [False, list(known.depends)]

    def _done(self, name: str, value: object) -> object:
        known = self.registered[name]
        known.state, known.value = "done", _inward(value)
        self._active.pop()
        return self._outward(known.value)

    def _wanted(self) -> list[str]:
        """The targets that the command line wants."""
        if self.world.wanted == ("*",):
            return list(self.registered)
        if self.world.wanted is not None:
            return list(self.world.wanted)
        default = self._default_script if self.world.is_build_script else self._default
        return [] if default is None else [default]

    @property
    def default(self) -> str | None:
        """The target that is built where none is named."""
        return self._default

    @property
    def active(self) -> str | None:
        """The target whose function is running."""
        return self._active[-1] if self._active else None

    def resume_target(self, name: str) -> None:
        """Take the target `name` for the one that is running: what is declared now is its."""
        self._active = [name]

    # --- what objects use ---

    def declare(self, rule: str, name: str, attributes: Mapping[str, Plain], where: Location | None = None) -> Label:
        """Declare a native target, under `name` or one like it that is free. Raises DialectError for wrong attributes."""
        free, number = name, 1
        while free in self.targets:
            number += 1
            free = f"{name}-{number}"
        checked = check_call(self.world.rules[rule], {"name": free, **attributes}, Scope())
        if checked.mistakes:
            mistake = checked.mistakes[0]
            raise DialectError(mistake.message, mistake.hint)
        label = Label("", "", checked.name)
        self.targets[free] = Target(label, rule, checked.attributes, where or self.here(), MappingProxyType({}))
        return label

    def ask_about(self, *labels: Label) -> tuple[Target, ...]:
        """All targets declared so far, which is what a question about one of `labels` needs."""
        del labels
        return tuple(self.targets.values())

    def full_path(self, path: str) -> str:
        """`path` as an absolute one; a relative one is below the config's folder."""
        return posixpath.normpath(posixpath.join(self.world.folder, path))

    def inner_path(self, path: str) -> str | None:
        """`path` relative to the config's folder, None where it lies elsewhere."""
        full = self.full_path(path)
        if full == self.world.folder:
            return "."
        return full.removeprefix(f"{self.world.folder}/") if full.startswith(f"{self.world.folder}/") else None

    def here(self) -> Location:
        """Where the operation under way stands in the config."""
        frames = [frame for frame in parse_call_stack(self.operation.stack) if frame.path == self.source.path]
        return place(self.source, frames, self.operation)

    def remark(self, text: str) -> None:
        """Say something about the operation under way."""
        self.world.on_print(self.here(), text)

    def _remark_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self.remark(text)

    def deprecated(self, what: str, instead: str) -> None:
        """Say, once, that older versions of PyOxidizer had `what`."""
        self._remark_once(f"{what} is of an older PyOxidizer; {instead}")


REGISTER_TARGET: Final = Method(
    "register_target",
    (
        Parameter("target", STR, REQUIRED, ("name",)),
        Parameter("callable", FUNCTION, REQUIRED, ("fn",)),
        Parameter("depends", Maybe(STRINGS), None),
        Parameter("default", BOOL, False),
        Parameter("default_build_script", BOOL, False),
    ),
    "Registers a target: a name, and the function that makes its value out of the values of those that it `depends` on.",
    lambda: None,
)


def place(source: Source, frames: Sequence[Frame], operation: Operation) -> Location:
    """Where `operation` stands: on the line of the last of `frames`, the part that it names."""
    if not frames:
        return Location(source.path, 1)
    line = frames[-1].line
    node = syntax.find_operation(source, line, operation.name)
    if node is None:
        return source.location_of_line(line)
    part = operation.part
    call = syntax.find_call_of(source, node)
    if part is not None and call is not None:
        keyword = syntax.find_keyword(call, part.name)
        if part.what == "name" and keyword is not None:
            return syntax.name_location(source, keyword)
        if keyword is not None:
            return source.location(keyword.value)
        if part.position is not None and part.position < len(call.args):
            return source.location(call.args[part.position])
    return syntax.operation_location(source, node)


def _inward(value: Any) -> Any:  # noqa: ANN401 - whatever Starlark has
    """A value of Starlark as methods take it."""
    if isinstance(value, list):
        return [_inward(each) for each in value]
    if isinstance(value, dict):
        if "__function__" in value:
            return Function(value["__function__"])
        return {key: _inward(each) for key, each in value.items()}
    return value


def problem_at(source: Source, frames: Sequence[Frame], operation: Operation, error: DialectError) -> Problem:
    """`error` as a problem of the config."""
    where = place(source, frames, replace(operation, part=error.part))
    return source.problem(error.message, where, hint=error.hint)
