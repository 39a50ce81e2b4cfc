"""Writes the reference of the config language in Markdown: every rule with every attribute, and the builtins. Knows no rule.

It is made of the very schemas that check a config, so that it cannot differ from what is accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from staticbuild.config.natives import BUILTINS
from staticbuild.config.schema import Attribute, Plain, Rule, starlark


def render(rules: Iterable[Rule]) -> str:
    """The text of docs/reference.md. Rules without a module are for `@stdlib` alone and left out."""
    public = [rule for rule in rules if rule.module]
    by_module = sorted(public, key=lambda rule: rule.module)  # stable: rules keep their order within a module
    lines = [*_HEAD, "", "## Contents", ""]
    for module, members in groupby(by_module, key=lambda rule: rule.module):
        lines.append(f"* `{module}`: " + ", ".join(f"[`{rule.name}`](#{rule.name})" for rule in members))
    lines.append("* in every file: " + ", ".join(f"[`{builtin.name}`](#{_anchor(builtin.name)})" for builtin in BUILTINS))
    for rule in by_module:
        lines += ["", *_rule(rule)]
    lines += ["", "## Builtins", "", "Every config file has these without loading them."]
    for builtin in BUILTINS:
        lines += ["", f'<a id="{_anchor(builtin.name)}"></a>', "", f"### `{builtin.signature}`", "", builtin.doc]
        lines += ["", *_code(builtin.example)]
    return "\n".join(lines) + "\n"


_HEAD: Final = (
    "<!-- Generated from the rules' schemas by `staticbuild.config.reference`: change those, not this file. -->",
    "",
    "# Reference of the config language",
    "",
    "A config is [Starlark](https://github.com/bazelbuild/starlark/blob/master/spec.md), a small Python without classes,",
    "exceptions, `while` and floats. Calling a rule declares a target; all arguments are given by name. Labels name targets:",
    "`:app` of the same folder, `//tools:app` of another, `@stdlib//recipes:zlib` of the standard library. Leaving an",
    "attribute out, or giving `None`, means its default.",
)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"## {rule.name}"
    yield ""
    yield from _code(rule.load_line)
    yield ""
    yield rule.doc.strip()
    if rule.example:
        yield ""
        yield from _code(rule.example.strip())
    yield ""
    yield "| attribute | type | default |"
    yield "|---|---|---|"
    yield f"| `name` | a string | {_code_span(starlark(rule.default_name)) if rule.default_name else '**required**'} |"
    for attribute in rule.attributes:
        link = f"[`{attribute.name}`](#{rule.name}-{attribute.name})"
        yield f"| {link} | {_cell(attribute.type.name)} | {_cell(_default(attribute))} |"
    for attribute in rule.attributes:
        yield ""
        yield from _attribute(rule, attribute)


def _attribute(rule: Rule, attribute: Attribute) -> Iterator[str]:
    yield f'<a id="{rule.name}-{attribute.name}"></a>'
    yield ""
    yield f"### {rule.name}: `{attribute.name}`"
    yield ""
    default = "required" if attribute.required else f"default {_default(attribute)}"
    yield f"*{attribute.type.name[:1].upper()}{attribute.type.name[1:]}*; {default}."
    yield ""
    yield attribute.doc.strip()
    yield ""
    yield from _code(f"{attribute.name} = {attribute.example.strip()}")


def _default(attribute: Attribute) -> str:
    if attribute.required:
        return "**required**"
    default: Plain = attribute.default  # type: ignore[assignment] # REQUIRED is gone
    return _code_span(starlark(default))


def _code_span(text: str) -> str:
    """`text` as code, also if it holds backticks."""
    fence = "`" * (1 + max((len(run) for run in _backticks(text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _code(text: str) -> Iterator[str]:
    fence = "`" * max(3, 1 + max((len(run) for run in _backticks(text)), default=0))
    yield f"{fence}starlark"  # not `python`, whose style `ruff format` would impose
    yield text
    yield fence


def _backticks(text: str) -> Iterator[str]:
    return ("".join(run) for is_tick, run in groupby(text, key=lambda character: character == "`") if is_tick)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _anchor(name: str) -> str:
    return "builtin-" + name.replace(".", "-")
