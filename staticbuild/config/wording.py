"""Turns the evaluator's sentences into ours: short, lower case, with a hint what to try. Knows texts, no places."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from staticbuild.errors import Problem


def reword(problem: Problem, load_lines: Mapping[str, str], names: Iterable[str] = ()) -> Problem:
    """`problem` in our words. `load_lines` says how to load each rule, `names` what the file could have meant."""
    message = problem.message.removeprefix("Parse error: ")
    for pattern, rewrite in _REWRITES:
        match = pattern.match(message)
        if match:
            message, hint = rewrite(match)
            return replace(problem, message=message, hint=problem.hint or hint)
    match = _UNDEFINED.match(message)
    if match:
        hint = _undefined_hint(match["name"], match["close"], load_lines, names)
        return replace(problem, message=f"`{match['name']}` is not defined", hint=problem.hint or hint)
    return replace(problem, message=_lower(_QUALIFIED.sub(r"\g<name>", message).rstrip(".")))


_UNDEFINED: Final = re.compile(r"Variable `(?P<name>.+?)` not found(, did you mean `(?P<close>.+?)`\?)?\Z")
_QUALIFIED: Final = re.compile(r"(?<=[ `])(?:[^ `]+\.bzl|builtin)\.(?P<name>[A-Za-z_])")


def _undefined_hint(name: str, close: str | None, load_lines: Mapping[str, str], names: Iterable[str]) -> str | None:
    if name in load_lines:
        return f"load it first: `{load_lines[name]}`"
    if name in _NO_BUILTIN:
        return _NO_BUILTIN[name]
    near = difflib.get_close_matches(name, [*names, *([close] if close else ())], n=1, cutoff=0.7)
    if near:
        return f"did you mean `{near[0]}`?"
    near = difflib.get_close_matches(name, load_lines, n=1, cutoff=0.7)
    return f"did you mean `{near[0]}`? load it first: `{load_lines[near[0]]}`" if near else None


_NO_BUILTIN: Final = {
    "set": "Starlark here has no `set`: use a dict, or a list",
    "open": "a config cannot read files: name them in attributes, or use `glob`",
    "isinstance": 'compare types with `type(x) == "list"`',
    "round": "config files have no floats",
    "float": "config files have no floats",
    "sum": "add the items up in a loop",
    "map": "write a comprehension: `[f(x) for x in items]`",
    "filter": "write a comprehension: `[x for x in items if …]`",
    "os": "a config sees nothing of the host; `--var NAME=VALUE` is read with `config.var`",
    "sys": "a config sees nothing of the host; `config.target` is the target triple",
    "environ": "a config sees nothing of the host; `--var NAME=VALUE` is read with `config.var`",
    "select": "a config is evaluated per target: write `if config.target == …`",
    "native": "`native` exists only in files of `@stdlib`: load the rule instead",
    "super": "Starlark has no classes: use `struct`",
    "object": "Starlark has no classes: use `struct`",
    "true": "did you mean `True`?",
    "false": "did you mean `False`?",
    "null": "did you mean `None`?",
    "nil": "did you mean `None`?",
}

_KEYWORDS: Final = {
    "import": 'load other files: `load("//folder:file.bzl", "name")`',
    "from": 'load other files: `load("//folder:file.bzl", "name")`',
    "while": "loop over a range: `for i in range(100)`",
    "class": "use `struct(field = value)`",
    "try": "there are no exceptions: test before, or `fail` with a message",
    "except": "there are no exceptions: test before, or `fail` with a message",
    "finally": "there are no exceptions: test before, or `fail` with a message",
    "raise": "stop with `fail(message)`",
    "assert": "stop with `fail(message)`",
    "is": "compare with `==`",
    "yield": "return a list",
    "global": "return the value instead",
    "nonlocal": "return the value instead",
    "del": "use the dict's or list's `pop`",
    "with": "a config opens nothing",
    "async": "write a plain `def`",
    "await": "call the function",
    "as": 'rename what is loaded: `load("//x.bzl", new = "old")`',
}


def _keyword(match: re.Match[str]) -> tuple[str, str | None]:
    return f"Starlark has no `{match['word']}`", _KEYWORDS.get(match["word"])


def _unexpected(match: re.Match[str]) -> tuple[str, str | None]:
    what = {"new line": "end of the line", "new indentation block": "indentation"}.get(match["what"], match["what"])
    what = _CLASS.sub(r"`\g<text>`", what)
    expected = _EXPECTED.findall(match["expected"])
    hint = None
    if what == "`**`":
        hint = "Starlark has no power operator"
    elif match["what"].startswith("string literal") and "+" in expected:
        hint = "strings are joined with `+`"
    elif len(expected) == 1:
        hint = f"expected `{expected[0]}`"
    elif expected == ["else", "or"]:
        hint = "expected `else`"
    return f"unexpected {what}", hint


_CLASS: Final = re.compile(r"(keyword|symbol|identifier|integer literal|float literal) '(?P<text>.*)'\Z", re.DOTALL)
_EXPECTED: Final = re.compile(r'"((?:[^"\\]|\\.)+)"')


def _overflow(_: re.Match[str]) -> tuple[str, str | None]:
    return "calls are nested too deeply", "does a function call itself for ever? at most 1000 calls can be under way"


def _private(match: re.Match[str]) -> tuple[str, str | None]:
    return f"`{match['name']}` is private to its file", "names that start with `_` cannot be loaded"


def _failed(match: re.Match[str]) -> tuple[str, str | None]:
    return match["text"], None


def _cancelled(_: re.Match[str]) -> tuple[str, str | None]:
    return "the evaluation was stopped", None


def _immutable(_: re.Match[str]) -> tuple[str, str | None]:
    return "this value is frozen", "what comes from a loaded file cannot be changed: copy it with `list(…)` or `dict(…)`"


def _while_iterating(_: re.Match[str]) -> tuple[str, str | None]:
    return "this changes what a loop is going over", "loop over a copy: `for x in list(items)`"


def _missing(match: re.Match[str]) -> tuple[str, str | None]:
    return f"`{match['function']}` lacks the argument `{match['argument']}`", None


def _extra_names(match: re.Match[str]) -> tuple[str, str | None]:
    names = re.findall(r"`\w+`", match["names"])
    plural = "s" if len(names) > 1 else ""
    return f"`{match['function']}` has no argument{plural} {' and '.join(names)}", None


def _extra_positions(match: re.Match[str]) -> tuple[str, str | None]:
    count = int(match["count"])
    return f"`{match['function']}` got {count} argument{'s' if count > 1 else ''} more than it takes by position", None


def _index(match: re.Match[str]) -> tuple[str, str | None]:
    return f"there is no item {match['index']}", "the first item is 0"


def _key(match: re.Match[str]) -> tuple[str, str | None]:
    return f"there is no key {match['key']}", "`items.get(key, default)` gives a default instead"


def _parameter_type(match: re.Match[str]) -> tuple[str, str | None]:
    return f"the argument `{match['name']}` wants {match['wants']}, got {match['got']}", None


def _operation(match: re.Match[str]) -> tuple[str, str | None]:
    kind, operation = _article(match["kind"]), match["operation"]
    if operation in _LACKS:
        return f"{kind} {_LACKS[operation]}", None
    if operation.endswith("="):
        return f"{kind} has no attributes to assign to", 'use a dict: `x["key"] = value`'
    if operation.startswith("."):
        return f"{kind} has no attribute `{operation[1:]}`", None
    return f"`{operation}` does not work on {kind}", None


_LACKS: Final = {
    "(iter)": "cannot be looped over",
    "()": "cannot be called",
    "call()": "cannot be called",
    "len()": "has no length",
    "[]": "has no items",
    "[::]": "has no items",
}


def _binary(match: re.Match[str]) -> tuple[str, str | None]:
    left, right, operation = match["left"], match["right"], match["operation"]
    if operation == "[]":
        return f"{_article(left)} has no items", None
    if operation in ("compare", "cmp()"):
        return f"{_article(left)} and {_article(right)} have no order", None
    hint = None
    if operation == "+" and "string" in (left, right):
        hint = "make a string of the other with `str(…)`"
    elif operation == "+" and left == right == "dict":
        hint = "join dicts with `|`"
    return f"`{operation}` does not work on {_article(left)} and {_article(right)}", hint


def _expected(match: re.Match[str]) -> tuple[str, str | None]:
    return f"wanted here: {match['wants']}, got {match['got']}", None


def _article(kind: str) -> str:
    if kind == "NoneType":
        return "`None`"
    return ("an " if kind[0] in "aeiou" else "a ") + kind


def _no_attribute(match: re.Match[str]) -> tuple[str, str | None]:
    hint = f"did you mean `{match['close']}`?" if match["close"] else None
    return f"{_article(match['kind'])} has no attribute `{match['name']}`", hint


_REWRITES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, str | None]]], ...]] = (
    (re.compile(r"fail: (?P<text>.*)\Z", re.DOTALL), _failed),
    (re.compile(r"cannot use reserved keyword `(?P<word>\w+)`"), _keyword),
    (re.compile(r"unexpected (?P<what>.*) here, expected one of (?P<expected>.*)\Z", re.DOTALL), _unexpected),
    (re.compile(r"Starlark call stack overflow"), _overflow),
    (re.compile(r"Cannot import private symbol `(?P<name>\w+)`"), _private),
    (re.compile(r"Evaluation cancelled"), _cancelled),
    (re.compile(r"Immutable\Z"), _immutable),
    (re.compile(r"This operation mutates an iterable"), _while_iterating),
    (re.compile(r"Missing (?:named-only )?parameter `(?P<argument>\w+)` for call to `(?:.*\.)?(?P<function>\w+)`"), _missing),
    (
        re.compile(r"Found (?P<names>(?:`\w+` )+)extra named parameter\(s\) for call to (?:.*\.)?(?P<function>\w+)"),
        _extra_names,
    ),
    (
        re.compile(r"Found (?P<count>\d+) extra positional argument\(s\) for call to (?:.*\.)?(?P<function>\w+)"),
        _extra_positions,
    ),
    (re.compile(r"Expected `(?P<wants>.*?)`, but got `(?P<got>\S+) \(repr: .*", re.DOTALL), _expected),
    (re.compile(r"Index `(?P<index>-?\d+)` is out of bound"), _index),
    (re.compile(r"Key `(?P<key>.*)` was not found", re.DOTALL), _key),
    (
        re.compile(
            r"Type of parameter `(?P<name>\w+)` doesn't match, expected `(?P<wants>.*?)`, actual `(?P<got>\S+) \(repr: .*"
        ),
        _parameter_type,
    ),
    (
        re.compile(r"Object of type `(?P<kind>\w+)` has no attribute `(?P<name>\w+)`(, did you mean `(?P<close>\w+)`\?)?"),
        _no_attribute,
    ),
    (re.compile(r"Operation `(?P<operation>.+?)` not supported on type `(?P<kind>\w+)`"), _operation),
    (re.compile(r"Operation `(?P<operation>.+?)` not supported for types `(?P<left>\w+)` and `(?P<right>\w+)`"), _binary),
)


def _lower(text: str) -> str:
    """`text` with a small first letter, unless it starts with a name or an abbreviation."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
