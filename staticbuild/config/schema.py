"""What a rule accepts: named, typed, documented attributes, and the check of a call against them. Knows no rule, no Starlark.

The same `Rule` values check the calls of a config file (`check_call`) and print its reference (`config.reference`). The types
are a closed set that composes: `list_of(LABEL)`, `dict_of(STRING)`, `either(STRING, record(place=STRING, sha256=SHA256))`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final, Literal, Protocol

from staticbuild.errors import ConfigError
from staticbuild.graph.label import Label
from staticbuild.graph.target import Value


@dataclass(frozen=True, slots=True)
class Foreign:
    """A Starlark value that no attribute takes, such as a function or a struct; `kind` is its Starlark type."""

    kind: str


# A Starlark value as the engine hands it over. Lists and tuples are both lists; labels are still text.
Plain = None | bool | int | str | Foreign | Sequence["Plain"] | Mapping[str, "Plain"]


class _Required(Enum):
    REQUIRED = "required"


REQUIRED: Final = _Required.REQUIRED


@dataclass(frozen=True, slots=True)
class Scope:
    """The package that a call declares its target in: relative labels mean this package's targets."""

    repo: str = ""
    package: str = ""


class MismatchError(Exception):
    """A value is not of the type that is wanted. `path` leads to the part that is wrong: `(2,)` is the third item of a list.

    `near` says that the value is of the right kind and only wrong in detail, so that this is what the user meant.
    """

    def __init__(
        self, wants: str, got: Plain, *, path: tuple[str | int, ...] = (), hint: str | None = None, near: bool = False
    ) -> None:
        super().__init__(wants)
        self.wants = wants
        self.got = got
        self.path = path
        self.hint = hint
        self.near = near or bool(path)

    def inside(self, key: str | int) -> MismatchError:
        """The same mismatch, seen from the list or dict that holds the value at `key`."""
        return MismatchError(self.wants, self.got, path=(key, *self.path), hint=self.hint)


class Type(Protocol):
    """What values an attribute takes. `name` reads well after "wants": "a list of strings"; `plural` after "list of"."""

    @property
    def name(self) -> str:
        """How messages and the reference call one value of this type."""

    @property
    def plural(self) -> str:
        """How messages and the reference call several."""

    def convert(self, value: Plain, scope: Scope) -> Value:
        """`value` as the immutable value that targets carry. Raises MismatchError."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string, of which all must match `pattern` if that is given; `name` then says what is wanted."""

    name: str = "a string"
    plural: str = "strings"
    pattern: str | None = None

    def convert(self, value: Plain, scope: Scope) -> str:  # noqa: ARG002 - part of Type
        """`value` itself."""
        if not isinstance(value, str):
            raise MismatchError(self.name, value, hint=_quote_hint(value))
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            raise MismatchError(self.name, value)
        return value


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number from `minimum` to `maximum`, where given."""

    minimum: int | None = None
    maximum: int | None = None
    plural: str = "ints"

    @property
    def name(self) -> str:
        """Says the bounds, too."""
        if self.minimum is not None and self.maximum is not None:
            return f"an int from {self.minimum} to {self.maximum}"
        if self.minimum is not None:
            return f"an int of at least {self.minimum}"
        return "an int" if self.maximum is None else f"an int of at most {self.maximum}"

    def convert(self, value: Plain, scope: Scope) -> int:  # noqa: ARG002 - part of Type
        """`value` itself; True and False are no ints."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise MismatchError(self.name, value)
        too_small = self.minimum is not None and value < self.minimum
        too_big = self.maximum is not None and value > self.maximum
        if too_small or too_big:
            raise MismatchError(self.name, value)
        return value


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or False."""

    name: str = "a bool"
    plural: str = "bools"

    def convert(self, value: Plain, scope: Scope) -> bool:  # noqa: ARG002 - part of Type
        """`value` itself; 0 and 1 are no bools."""
        if not isinstance(value, bool):
            raise MismatchError(self.name, value, hint="write `True` or `False`")
        return value


@dataclass(frozen=True, slots=True)
class LabelText:
    """The name of a target."""

    name: str = "a label"
    plural: str = "labels"

    def convert(self, value: Plain, scope: Scope) -> Label:
        """The label that `value` names in the declaring package."""
        if not isinstance(value, str):
            raise MismatchError(self.name, value, hint=_quote_hint(value))
        try:
            return Label.parse(value, repo=scope.repo, package=scope.package)
        except ConfigError as error:
            raise MismatchError(self.name, value, hint=error.problems[0].hint) from error


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few strings."""

    choices: tuple[str, ...]

    @property
    def name(self) -> str:
        """Names all of them."""
        return "one of " + ", ".join(f'`"{choice}"`' for choice in self.choices)

    plural: str = "choices"

    def convert(self, value: Plain, scope: Scope) -> str:  # noqa: ARG002 - part of Type
        """`value` itself."""
        if isinstance(value, str) and value in self.choices:
            return value
        raise MismatchError(self.name, value, hint=did_you_mean(value, self.choices) if isinstance(value, str) else None)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list (or tuple) whose items are all of one type."""

    element: Type

    @property
    def name(self) -> str:
        """Names the items' type."""
        return f"a list of {self.element.plural}"

    @property
    def plural(self) -> str:
        """Names the items' type."""
        return f"lists of {self.element.plural}"

    def convert(self, value: Plain, scope: Scope) -> tuple[Value, ...]:
        """The converted items."""
        if isinstance(value, str):
            raise MismatchError(self.name, value, hint=f"put it in brackets: `[{starlark(value)}]`")
        if not isinstance(value, Sequence):
            raise MismatchError(self.name, value, hint=_call_hint(value))
        return tuple(_inside(index, self.element, item, scope) for index, item in enumerate(value))


@dataclass(frozen=True, slots=True)
class DictOf:
    """A dict with string keys whose values are all of one type."""

    element: Type

    @property
    def name(self) -> str:
        """Names the values' type."""
        return f"a dict of strings to {self.element.plural}"

    @property
    def plural(self) -> str:
        """Names the values' type."""
        return f"dicts of strings to {self.element.plural}"

    def convert(self, value: Plain, scope: Scope) -> Mapping[str, Value]:
        """A read-only mapping with the order of the config."""
        if not isinstance(value, Mapping):
            raise MismatchError(self.name, value, hint=_call_hint(value))
        return MappingProxyType({key: _inside(key, self.element, item, scope) for key, item in value.items()})


@dataclass(frozen=True, slots=True)
class Record:
    """A dict with a fixed set of keys, of which those in `optional` may be missing (and then are missing in the value, too)."""

    fields: Mapping[str, Type]
    optional: frozenset[str] = frozenset()
    plural: str = "dicts"

    @property
    def name(self) -> str:
        """Names the keys."""
        keys = ", ".join(f'"{key}"' + (" (optional)" if key in self.optional else "") for key in self.fields)
        return f"a dict with the keys {keys}"

    def convert(self, value: Plain, scope: Scope) -> Mapping[str, Value]:
        """A read-only mapping in the order of `fields`."""
        if not isinstance(value, Mapping):
            raise MismatchError(self.name, value)
        for key in value:
            if key not in self.fields:
                hint = did_you_mean(key, self.fields) or f"`{key}` is none of them"
                raise MismatchError(self.name, value, hint=hint, near=True)
        missing = [key for key in self.fields if key not in value and key not in self.optional]
        if missing:
            raise MismatchError(self.name, value, hint=f"`{missing[0]}` is missing", near=True)
        given = {key: _inside(key, kind, value[key], scope) for key, kind in self.fields.items() if key in value}
        return MappingProxyType(given)


@dataclass(frozen=True, slots=True)
class Either:
    """A value of the first of several types that fits."""

    types: tuple[Type, ...]

    @property
    def name(self) -> str:
        """Names all of them."""
        return " or ".join(kind.name for kind in self.types)

    @property
    def plural(self) -> str:
        """Names all of them."""
        return " or ".join(kind.plural for kind in self.types)

    def convert(self, value: Plain, scope: Scope) -> Value:
        """As the first type that takes it does."""
        nearest: MismatchError | None = None
        for kind in self.types:
            try:
                return kind.convert(value, scope)
            except MismatchError as mismatch:
                if mismatch.near and (nearest is None or len(mismatch.path) > len(nearest.path)):
                    nearest = mismatch
        raise nearest or MismatchError(self.name, value)


STRING: Final = Text()
INTEGER: Final = Integer()
BOOLEAN: Final = Boolean()
LABEL: Final = LabelText()
STRINGS: Final = ListOf(STRING)
LABELS: Final = ListOf(LABEL)
STRING_DICT: Final = DictOf(STRING)
LABEL_DICT: Final = DictOf(LABEL)
SHA256: Final = Text("a sha256 (64 lower-case hex digits)", "sha256 digests", r"[0-9a-f]{64}")


def enum(*choices: str) -> Choice:
    """One of `choices`."""
    return Choice(choices)


def list_of(element: Type) -> ListOf:
    """A list of `element`s."""
    return ListOf(element)


def dict_of(element: Type) -> DictOf:
    """A dict of strings to `element`s."""
    return DictOf(element)


def record(fields: Mapping[str, Type], *, optional: Iterable[str] = ()) -> Record:
    """A dict with exactly these keys; those in `optional` may be missing."""
    return Record(MappingProxyType(dict(fields)), frozenset(optional))


def either(*types: Type) -> Either:
    """A value of the first of `types` that takes it."""
    return Either(types)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One argument of a rule. `default` is written as a config would write it (`":dist"`, `["src"]`) and converted per package.

    `None`, as a default or as an argument, means "not given": the target then carries the converted default, or None.
    """

    name: str
    type: Type
    doc: str
    example: str
    default: Plain | Literal[_Required.REQUIRED] = None

    @property
    def required(self) -> bool:
        """Whether every call must give it."""
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong with a call. `path` leads to it: `("srcs", 2)` is item 2 of `srcs`, `()` is the call itself."""

    message: str
    path: tuple[str | int, ...] = ()
    hint: str | None = None
    about: Literal["name", "value"] = "value"  # whether the argument's name is wrong, or what was given


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of target. Every rule also takes `name`, which may be left out if there is a `default_name`.

    `module` is the file that users load it from, or `""` for a rule that only files of `@stdlib` use. `check` sees the
    converted attributes of a call that has no other mistake, and says what is wrong with them together ("give one of
    `entry_point` and `file`, not both"). `renamed` maps names that attributes had once, or have elsewhere, to ours.
    """

    name: str
    doc: str
    attributes: tuple[Attribute, ...]
    module: str
    example: str = ""
    default_name: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Mapping[str, Value]], Iterable[Mistake]] = field(default=lambda _: (), compare=False)

    @property
    def load_line(self) -> str:
        """What a config must say to use this rule."""
        return f'load("{self.module}", "{self.name}")'


@dataclass(frozen=True, slots=True)
class Checked:
    """A call after its check: the target's name and all its attributes, or what is wrong."""

    name: str
    attributes: Mapping[str, Value]
    mistakes: tuple[Mistake, ...]


def check_call(rule: Rule, arguments: Mapping[str, Plain], scope: Scope) -> Checked:
    """The call `rule(**arguments)`, converted, with defaults filled in; all its mistakes are found, not only the first."""
    known = {attribute.name: attribute for attribute in rule.attributes}
    mistakes = [_unknown(rule, given) for given in arguments if given != "name" and given not in known]
    given_name = arguments.get("name")
    if given_name is None:
        given_name = rule.default_name
    if given_name is None:
        mistakes.append(Mistake(f"`{rule.name}` needs a `name`"))
    name = _converted(_NAME, given_name, scope, mistakes) if given_name is not None else ""
    values = {given: _converted(known[given], arguments.get(given), scope, mistakes) for given in known}
    if not mistakes:
        mistakes.extend(rule.check(values))
    return Checked(name if isinstance(name, str) else "", MappingProxyType(values), tuple(mistakes))


def did_you_mean(wrong: str, known: Iterable[str]) -> str | None:
    """A hint that names the closest of `known`, or None if none is close."""
    close = difflib.get_close_matches(wrong, known, n=1)
    return f"did you mean `{close[0]}`?" if close else None


def starlark(value: Plain) -> str:
    """`value` as a config would write it."""
    if isinstance(value, str):
        return '"' + "".join(_ESCAPES.get(character, character) for character in value) + '"'
    if isinstance(value, Foreign):
        return f"<{value.kind}>"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{starlark(key)}: {starlark(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(starlark(item) for item in value) + "]"
    return str(value)


_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_NAME: Final = Attribute(
    "name",
    Text("a name of letters, digits and `_.+=,@~-`", "names", r"[A-Za-z0-9_.+=,@~-]+(/[A-Za-z0-9_.+=,@~-]+)*"),
    doc="What labels call the target.",
    example='"app"',
    default=REQUIRED,
)


def _converted(attribute: Attribute, value: Plain, scope: Scope, mistakes: list[Mistake]) -> Value:
    """The value for the target; what is wrong with it is added to `mistakes`."""
    if value is None:
        if attribute.default is REQUIRED:
            hint = f"for example `{attribute.name} = {attribute.example}`"
            mistakes.append(Mistake(f"`{attribute.name}` is required", (), hint))
            return None
        if attribute.default is None:
            return None
        value = attribute.default
    try:
        return attribute.type.convert(value, scope)
    except MismatchError as mismatch:
        mistakes.append(_mistake(attribute, mismatch))
        return None


def _mistake(attribute: Attribute, mismatch: MismatchError) -> Mistake:
    subject = attribute.name + "".join(f"[{starlark(key)}]" for key in mismatch.path)
    message = f"`{subject}` wants {mismatch.wants}, got {describe(mismatch.got)}"
    return Mistake(message, (attribute.name, *mismatch.path), mismatch.hint)


def describe(value: Plain) -> str:
    """What a value is, for messages: its Starlark type, and a short value itself."""
    match value:
        case None:
            return "`None`"
        case bool() | int():
            return f"{type(value).__name__} `{value}`"
        case str():
            text = starlark(value)
            return f"string `{text}`" if len(text) <= _SHORT else "string"
        case Foreign():
            return value.kind
        case Mapping():
            return "dict"
        case _:
            return "list"


_SHORT: Final = 40


def _unknown(rule: Rule, given: str) -> Mistake:
    names = ["name", *(attribute.name for attribute in rule.attributes)]
    hint = did_you_mean(given, names) or "it has " + ", ".join(f"`{name}`" for name in names)
    if given in rule.renamed:
        hint = f"it is called `{rule.renamed[given]}`"
    return Mistake(f"`{rule.name}` has no attribute `{given}`", (given,), hint, about="name")


def _inside(key: str | int, kind: Type, value: Plain, scope: Scope) -> Value:
    try:
        return kind.convert(value, scope)
    except MismatchError as mismatch:
        raise mismatch.inside(key) from mismatch


def _call_hint(value: Plain) -> str | None:
    return "call the function" if isinstance(value, Foreign) and value.kind == "function" else None


def _quote_hint(value: Plain) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return f'put it in quotes: `"{value}"`'
    return _call_hint(value)
