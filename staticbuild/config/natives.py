"""What config files can call: the rules, `glob`, `print`, `json`, `config`. Knows how values cross, not what they mean.

The functions that files see are Starlark, in a module called the prelude. They hand their arguments to Python as one JSON text:
that is much faster than value by value, and it is where values that have no meaning for Python (functions, structs) are named
instead of lost. Each call says where it stands by way of the call stack.

Values are tagged on the way: `{"dict": [[key, value], …]}` is a dict, `{"kind": "function"}` is what Python cannot have.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from staticbuild.config.blame import PRELUDE
from staticbuild.config.failure import Frame, parse_call_stack
from staticbuild.config.schema import Foreign, Plain, Rule, starlark
from staticbuild.errors import ConfigError


class Receiver(Protocol):
    """Who is told of the calls that files make."""

    def declare(self, rule: str, positional: int, arguments: Mapping[str, Plain], frames: Sequence[Frame]) -> None:
        """A rule was called."""

    def glob(self, include: Plain, exclude: Plain, frames: Sequence[Frame]) -> list[str]:
        """`glob` was called."""

    def package_name(self, frames: Sequence[Frame]) -> str:
        """`native.package_name` was called."""

    def variable(self, name: Plain, frames: Sequence[Frame], *, has_default: bool) -> str | None:
        """`config.var` was called; None for a variable that is not set."""

    def show(self, text: str, frames: Sequence[Frame]) -> None:
        """`print` was called."""


def callables(receiver: Callable[[], Receiver]) -> dict[str, Callable[[str], object]]:
    """What the prelude calls. `receiver` is asked for at each call, so that nothing here keeps it alive.

    The library's modules keep these functions alive, unseen by Python's garbage collector.
    """

    def declare(message: str) -> None:
        rule, positional, arguments, stack = json.loads(message)
        values = {key: plain(value) for key, value in arguments.items()}
        receiver().declare(rule, positional, values, parse_call_stack(stack))

    def glob(message: str) -> str:
        include, exclude, stack = json.loads(message)
        return json.dumps(receiver().glob(plain(include), plain(exclude), parse_call_stack(stack)))

    def package_name(stack: str) -> str:
        return receiver().package_name(parse_call_stack(stack))

    def variable(message: str) -> str | None:
        name, has_default, stack = json.loads(message)
        return receiver().variable(plain(name), parse_call_stack(stack), has_default=has_default)

    def show(message: str) -> None:
        text, stack = json.loads(message)
        receiver().show(text, parse_call_stack(stack))

    return {
        "__declare": declare,
        "__glob": glob,
        "__package_name": package_name,
        "__variable": variable,
        "__show": show,
        "__decode": decode_json,
    }


def plain(value: Any) -> Plain:  # noqa: ANN401 - what json.loads gives
    """A tagged value as the schema takes it."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    if "kind" in value:
        return Foreign(value["kind"])
    pairs = [(plain(key), plain(item)) for key, item in value["dict"]]
    if all(isinstance(key, str) for key, _ in pairs):
        return {str(key): item for key, item in pairs}
    return Foreign("dict with keys that are no strings")


def decode_json(text: str) -> object:
    """`json.decode`: of our own, because the library's panics on `1e400`."""
    try:
        return json.loads(text, parse_float=_no_float, parse_constant=_no_float)
    except RecursionError:
        raise ConfigError("`json.decode`: this is nested too deeply") from None
    except ValueError as error:
        raise ConfigError(f"`json.decode`: {str(error)[:1].lower()}{str(error)[1:]}") from None


def _no_float(text: str) -> object:
    raise ConfigError(f"`json.decode`: `{text}` is no whole number: config files have no floats")


@dataclass(frozen=True, slots=True)
class Builtin:
    """What the reference says of one name that every file has."""

    name: str
    signature: str
    doc: str
    example: str


BUILTINS: Final = (
    Builtin(
        "glob",
        "glob(include, exclude = [])",
        "The files below the package's folder that match one of the patterns of `include` and none of `exclude`, sorted. `*` "
        "stands for anything but `/`, `**` for any number of folders. Only a package's file, or a function called from it, "
        "can use it.",
        'srcs = glob(["src/**/*.py"], exclude = ["**/test_*.py"])',
    ),
    Builtin(
        "config.target",
        "config.target",
        "The triple of the platform that is built for, as given with `--target`.",
        'if config.target.endswith("-musl"):\n    print("static")',
    ),
    Builtin(
        "config.var",
        "config.var(name, default)",
        "The value, always a string, given with `--var NAME=VALUE`. A variable that is not set and has no default is an error.",
        'flavor = config.var("FLAVOR", "standalone_static")',
    ),
    Builtin(
        "json",
        "json.encode(value), json.decode(text)",
        "JSON text of a value, and the value of JSON text. Numbers are whole.",
        'json.encode({"name": "greet", "sizes": [16, 32]})',
    ),
    Builtin(
        "struct",
        "struct(name = value, …)",
        "A value with fields. A file that is loaded can give its functions to others as one struct.",
        "paths = struct(join = _join, split = _split)",
    ),
    Builtin(
        "print",
        'print(value, …, sep = " ")',
        "Shows the values, with the place of the call, on standard error.",
        'print("building for", config.target)',
    ),
    Builtin(
        "fail",
        "fail(value, …)",
        "Stops with an error that says the values and points to the call.",
        'fail("no such flavor:", flavor)',
    ),
    Builtin(
        "load",
        "load(file, name, …, new_name = name)",
        "Brings names of another file into this one, where they are frozen. The file is `:file.bzl` beside this one, "
        "`//folder:file.bzl` of the workspace or `@stdlib//file.bzl`. Names that start with `_` cannot be loaded.",
        'load("//tools:defs.bzl", "greeting", words = "list_of_words")',
    ),
)

USER_NAMES: Final = {"glob": "glob", "print": "print", "json": "user_json", "config": "config", "float": "float"}
LIBRARY_NAMES: Final = {**USER_NAMES, "native": "native"}


def import_line(names: Mapping[str, str]) -> str:
    """The statement that brings `names` into a file."""
    return f'load("{PRELUDE}", ' + ", ".join(f'{name} = "{exported}"' for name, exported in names.items()) + ")"


def prelude(rules: Iterable[Rule], target: str) -> str:
    """The Starlark text of the prelude."""
    functions = [_RULE.replace("RULE", rule.name) for rule in rules]
    fields = [*(rule.name for rule in rules), "glob", "package_name"]
    native = "native = struct(" + ", ".join(f"{name} = {name}" for name in fields) + ")\n"
    return _HELPERS + "".join(functions) + native + f"config = struct(target = {starlark(target)}, var = var)\n"


# A rule is a function of its own so that the call stack and `print(rule)` call it by its name.
_RULE: Final = """
def RULE(*args, **kwargs):
    __declare(json.encode(["RULE", len(args), {k: _plain(v, 8) for k, v in kwargs.items()}, call_stack(strip_frames = 1)]))
"""

_HELPERS: Final = """
_SCALARS = {"string": True, "bool": True, "NoneType": True}
_BIG = 1000000000 * 1000000000

def _plain(value, depth):
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind == "int":
        return value if -_BIG < value and value < _BIG else {"kind": "huge int"}
    if kind == "list" or kind == "tuple":
        if depth == 0:
            return {"kind": "list that is nested too deeply"}
        return [_plain(item, depth - 1) for item in value]
    if kind == "dict":
        if depth == 0:
            return {"kind": "dict that is nested too deeply"}
        return {"dict": [[_plain(key, 0), _plain(item, depth - 1)] for key, item in value.items()]}
    return {"kind": "function" if kind == "native_function" else kind}

def _serial(value, depth):
    kind = type(value)
    if kind == "list" or kind == "tuple" or kind == "dict" or kind == "struct":
        if depth == 0:
            fail("`json.encode`: this is nested too deeply, or holds itself")
        if kind == "dict":
            return {key: _serial(item, depth - 1) for key, item in value.items()}
        if kind == "struct":
            return {key: _serial(getattr(value, key), depth - 1) for key in dir(value)}
        return [_serial(item, depth - 1) for item in value]
    if kind not in _SCALARS and kind != "int":
        fail("`json.encode`: a %s cannot be written as JSON" % kind)
    return value

def encode(value):
    return json.encode(_serial(value, 100))

def decode(text):
    if type(text) != "string":
        fail("`json.decode` wants a string, got " + type(text))
    return __decode(text)

user_json = struct(encode = encode, decode = decode)

def glob(include, exclude = []):
    return json.decode(__glob(json.encode([_plain(include, 2), _plain(exclude, 2), call_stack(strip_frames = 1)])))

def print(*args, sep = " "):
    __show(json.encode([sep.join([str(arg) for arg in args]), call_stack(strip_frames = 1)]))

def package_name():
    return __package_name(call_stack(strip_frames = 1))

def float(*args):
    fail("config files have no floats")

_UNSET = struct()

def var(name, default = _UNSET):
    value = __variable(json.encode([_plain(name, 0), default != _UNSET, call_stack(strip_frames = 1)]))
    return default if value == None else value
"""
