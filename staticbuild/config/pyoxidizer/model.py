"""What objects of the dialect are made of: kinds of values, properties, methods, and the check of a call against them.

The same declarations check the calls of a config, suggest what was meant, and make the table in the documentation.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Final, Literal, Protocol

from staticbuild.config import schema


class Status(Enum):
    """How much of a piece of the dialect there is."""

    SUPPORTED = "supported"
    CHANGED = "changed"
    REFUSED = "refused"


class DialectError(Exception):
    """A mistake of the config. `part` says which part of the operation is wrong: all of it, an argument, an argument's name."""

    def __init__(self, message: str, hint: str | None = None, part: Part | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.part = part


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a call: the argument called `name`, at `position` if it was given so; or only its name."""

    name: str
    position: int | None = None
    what: Literal["value", "name"] = "value"


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the config, which stays in Starlark; `number` is its place in the prelude's list."""

    number: int


@dataclass(frozen=True, slots=True)
class Request:
    """What a method yields to have functions of the config called: all of them with each of `arguments`, in turn."""

    functions: tuple[Function, ...]
    arguments: tuple[tuple[object, ...], ...]


class Kind(Protocol):
    """What values are taken. `name` reads well after "wants"."""

    @property
    def name(self) -> str:
        """How messages and the documentation call it."""

    def takes(self, value: object) -> bool:
        """Whether `value` is one."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A value of one of Starlark's own types; True and False are no numbers."""

    name: str
    type: type

    def takes(self, value: object) -> bool:
        """Whether `value` is of just that type."""
        return type(value) is self.type


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few strings."""

    choices: tuple[str, ...]

    @property
    def name(self) -> str:
        """Names all of them."""
        return "one of " + ", ".join(f'`"{choice}"`' for choice in self.choices)

    def takes(self, value: object) -> bool:
        """Whether `value` is among them."""
        return value in self.choices


@dataclass(frozen=True, slots=True)
class Pattern:
    """A string of a certain form."""

    name: str
    pattern: str

    def takes(self, value: object) -> bool:
        """Whether all of `value` has that form."""
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value of another kind, or None."""

    kind: Kind

    @property
    def name(self) -> str:
        """Says so."""
        return f"{self.kind.name} or `None`"

    def takes(self, value: object) -> bool:
        """Whether `value` is None or of that kind."""
        return value is None or self.kind.takes(value)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose items are all of one kind."""

    kind: Kind

    @property
    def name(self) -> str:
        """Names the items' kind."""
        return f"a list, each item {self.kind.name}"

    def takes(self, value: object) -> bool:
        """Whether `value` is such a list."""
        return isinstance(value, list) and all(map(self.kind.takes, value))


@dataclass(frozen=True, slots=True)
class DictOf:
    """A dict from strings to values of one kind."""

    kind: Kind

    @property
    def name(self) -> str:
        """Names the values' kind."""
        return f"a dict, each value {self.kind.name}"

    def takes(self, value: object) -> bool:
        """Whether `value` is such a dict."""
        return isinstance(value, dict) and all(isinstance(key, str) and self.kind.takes(item) for key, item in value.items())


@dataclass(frozen=True, slots=True)
class ThingOf:
    """An object of the dialect, of one of the named types."""

    types: tuple[str, ...]

    @property
    def name(self) -> str:
        """Names the types."""
        return " or ".join(f"a `{each}`" for each in self.types)

    def takes(self, value: object) -> bool:
        """Whether `value` is of one of them."""
        return isinstance(value, Thing) and value.type in self.types


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A value of any of several kinds."""

    kinds: tuple[Kind, ...]

    @property
    def name(self) -> str:
        """Names all of them."""
        return " or ".join(kind.name for kind in self.kinds)

    def takes(self, value: object) -> bool:
        """Whether one of them takes it."""
        return any(kind.takes(value) for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value at all."""

    name: str = "anything"

    def takes(self, value: object) -> bool:  # noqa: ARG002 - part of Kind
        """Always."""
        return True


STR: Final = Plain("a string", str)
BOOL: Final = Plain("a bool", bool)
INT: Final = Plain("an int", int)
FUNCTION: Final = Plain("a function", Function)
ANYTHING: Final = Anything()
STRINGS: Final = ListOf(STR)
STRING_DICT: Final = DictOf(STR)


def thing(*types: str) -> ThingOf:
    """An object of one of these types."""
    return ThingOf(types)


class _Required(Enum):
    REQUIRED = "required"


REQUIRED: Final = _Required.REQUIRED


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument. `other_names` are those that the documentation of PyOxidizer, or older versions, use for it."""

    name: str
    kind: Kind
    default: object = REQUIRED
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """A method, or a function of the dialect; `run(…)` gets the object (if any), the evaluation and all arguments by name."""

    name: str
    parameters: tuple[Parameter, ...]
    doc: str
    run: Callable[..., Any]
    status: Status = Status.SUPPORTED
    note: str = ""


def method(*parameters: Parameter, status: Status = Status.SUPPORTED, note: str = "") -> Callable[[Callable[..., Any]], Method]:
    """Declares the function that it decorates as a method, with what its docstring promises."""

    def declare(function: Callable[..., Any]) -> Method:
        doc = (function.__doc__ or "").strip()
        return Method(function.__name__.rstrip("_"), parameters, doc, function, status, note)

    return declare


@dataclass(frozen=True, slots=True)
class Property:
    """An attribute of objects. One that is not `writable` is set by us alone; one not `readable` only by the config."""

    name: str
    kind: Kind
    default: object = None
    doc: str = ""
    status: Status = Status.SUPPORTED
    note: str = ""
    writable: bool = True
    readable: bool = True


class Thing:
    """An object of the dialect. Subclasses declare `properties`, and methods with `@method`; `type` is what `type(x)` says."""

    type: ClassVar[str] = "Thing"
    doc: ClassVar[str] = ""
    properties: ClassVar[tuple[Property, ...]] = ()
    methods: ClassVar[Mapping[str, Method]] = {}
    _properties: ClassVar[Mapping[str, Property]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.type = cls.__dict__.get("type", cls.__name__)
        cls.doc = (cls.__doc__ or "").strip()
        found = {
            value.name: value for base in reversed(cls.__mro__) for value in vars(base).values() if isinstance(value, Method)
        }
        cls.methods = found
        cls._properties = {each.name: each for each in cls.properties}

    def __init__(self, **values: object) -> None:
        # Defaults are not copied here: `read` and `assigned` never hand out what can be changed.
        self.values: dict[str, object] = values

    def __repr__(self) -> str:
        return f"{self.type}<...>"

    def read(self, name: str) -> object:
        """The value of the attribute `name`; a `Method` for the name of one. Raises DialectError."""
        known = self._properties.get(name)
        if known is not None:
            if not known.readable:
                raise DialectError(f"`{self.type}.{name}` can be assigned to, but not read")
            return self.values.get(name, known.default)
        if name in self.methods:
            return self.methods[name]
        raise self.unknown(name)

    def value(self, name: str) -> Any:  # noqa: ANN401 - of the property's kind
        """The value of a property, for us."""
        return self.values[name] if name in self.values else self._properties[name].default

    def assign(self, name: str, value: object) -> Property:
        """Set the attribute `name`. Raises DialectError."""
        known = self._properties.get(name)
        if known is None:
            if name in self.methods:
                raise DialectError(f"`{self.type}.{name}` is a method, which cannot be assigned to", f"call it: `x.{name}(…)`")
            raise self.unknown(name)
        if not known.writable:
            raise DialectError(f"`{self.type}.{name}` cannot be changed")
        if known.status is Status.REFUSED:
            raise DialectError(f"`{self.type}.{name}` is not possible here: {known.note}")
        if not known.kind.takes(value):
            raise wrong_kind(f"{self.type}.{name}", known.kind, value)
        self.values[name] = value
        self.assigned(name, value)
        return known

    def assigned(self, name: str, value: object) -> None:
        """Hook: the config has set an attribute."""

    def unknown(self, name: str) -> DialectError:
        """The error for an attribute that there is not."""
        return DialectError(f"`{self.type}` has no attribute `{name}`", suggestion(name, (*self._properties, *self.methods)))

    def has(self, name: str) -> bool:
        """Whether there is such an attribute."""
        return name in self._properties or name in self.methods

    def names(self) -> list[str]:
        """All attributes, sorted."""
        return sorted((*self._properties, *self.methods))


def suggestion(wrong: str, known: Iterable[str]) -> str | None:
    """A hint that names the closest of `known`, or all if there are few."""
    names = list(known)
    close = difflib.get_close_matches(wrong, names, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    return "it has " + ", ".join(f"`{name}`" for name in sorted(names)) if 0 < len(names) <= _FEW else None


_FEW: Final = 12


def wrong_kind(what: str, kind: Kind, value: object, part: Part | None = None) -> DialectError:
    """The error for a value of the wrong kind."""
    hint = None
    innermost = kind.kind if isinstance(kind, Maybe) else kind
    if isinstance(innermost, Choice) and isinstance(value, str):
        hint = schema.did_you_mean(value, innermost.choices)
    elif isinstance(innermost, ListOf) and isinstance(value, str):
        hint = f"put it in brackets: `[{schema.starlark(value)}]`"
    return DialectError(f"`{what}` wants {kind.name}, got {describe(value)}", hint, part)


def describe(value: object) -> str:
    """What a value is, for messages."""
    if isinstance(value, Thing):
        return f"a `{value.type}`"
    if isinstance(value, Function):
        return "a function"
    if isinstance(value, list):
        wrong = next((each for each in value if isinstance(each, Thing | Function)), None)
        return "list" if wrong is None else f"a list with {describe(wrong)}"
    return schema.describe(value)  # type: ignore[arg-type] # a plain value of Starlark


def bind(method: Method, whose: str, positional: Sequence[object], named: Mapping[str, object]) -> dict[str, object]:
    """The arguments of a call by name, with defaults. Raises DialectError for what does not fit the parameters."""
    if method.status is Status.REFUSED:
        raise DialectError(f"`{whose}` is not possible here: {method.note}")
    if len(positional) > len(method.parameters):
        count = len(method.parameters)
        raise DialectError(f"`{whose}` takes {count or 'no'} argument{'' if count == 1 else 's'}, got {len(positional)}")
    by_name = {name: parameter for parameter in method.parameters for name in (parameter.name, *parameter.other_names)}
    given: dict[str, object] = {}
    for index, (parameter, value) in enumerate(zip(method.parameters, positional, strict=False)):
        given[parameter.name] = _checked(whose, parameter, value, Part(parameter.name, index))
    for name, value in named.items():
        if name not in by_name:
            names = [parameter.name for parameter in method.parameters]
            raise DialectError(f"`{whose}` has no argument `{name}`", suggestion(name, names), Part(name, None, "name"))
        parameter = by_name[name]
        if parameter.name in given:
            raise DialectError(f"`{whose}` got `{parameter.name}` twice", None, Part(name, None, "name"))
        given[parameter.name] = _checked(whose, parameter, value, Part(name))
    for parameter in method.parameters:
        if parameter.name not in given:
            if parameter.default is REQUIRED:
                raise DialectError(f"`{whose}` lacks the argument `{parameter.name}`")
            given[parameter.name] = parameter.default
    return given


def _checked(whose: str, parameter: Parameter, value: object, part: Part) -> object:
    if not parameter.kind.takes(value) and not (value is None and parameter.default is None):
        raise wrong_kind(f"{whose}: {parameter.name}", parameter.kind, value, part)
    return value
