"""Writes targets as the text of a config that declares them. Knows schemas, nothing of where the targets came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from staticbuild.config.schema import Attribute, Plain, Rule, Scope, starlark
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target, Value

_WIDTH = 100
_MARGIN = "    "


def config_text(
    targets: Iterable[Target], rules: Mapping[str, Rule], names: Mapping[str, str], head: Sequence[str] = ()
) -> str:
    """A config that declares `targets`, in their order. `names` has new names for some; `head` are lines of comment above."""
    targets = list(targets)
    loads: dict[str, set[str]] = {}
    for target in targets:
        loads.setdefault(rules[target.rule].module, set()).add(target.rule)
    blocks = ["\n".join(_load(module, symbols) for module, symbols in sorted(loads.items()))]
    blocks += ["\n".join(_declaration(target, rules[target.rule], names)) for target in targets]
    comment = "".join(f"# {line}".rstrip() + "\n" for line in head)
    return comment + ("\n" if comment else "") + "\n\n".join(blocks) + "\n"


def _load(module: str, symbols: Iterable[str]) -> str:
    return f'load("{module}", ' + ", ".join(f'"{symbol}"' for symbol in sorted(symbols)) + ")"


def _declaration(target: Target, rule: Rule, names: Mapping[str, str]) -> Iterator[str]:
    name = names.get(target.label.name, target.label.name)
    lines = [] if name == rule.default_name else [f"{_MARGIN}name = {starlark(name)},"]
    for attribute in rule.attributes:
        value = target.attributes[attribute.name]
        if value is not None and value != _default(attribute):
            lines += _lines(f"{attribute.name} = ", _plain(value, names), _MARGIN)
    yield f"{rule.name}(" + ("" if lines else ")")
    yield from lines
    if lines:
        yield ")"


def _default(attribute: Attribute) -> Value:
    """What a target has that does not say."""
    if attribute.default is None or attribute.required:
        return None
    default: Plain = attribute.default  # type: ignore[assignment] # it is not REQUIRED
    return attribute.type.convert(default, Scope())


def _plain(value: Value, names: Mapping[str, str]) -> Plain:
    """A value as a config would write it, with labels under their new names; those in text, too."""
    match value:
        case Label(repo="", package="", name=name):
            return f":{names.get(name, name)}"
        case Label():
            return str(value)
        case str():
            return "#".join(_renamed(part, names) for part in value.split("#")) if value.count("//:") else value
        case Mapping():
            return {str(_plain(key, names)): _plain(item, names) for key, item in value.items()}
        case tuple():
            return [_plain(item, names) for item in value]
    return value


def _renamed(text: str, names: Mapping[str, str]) -> str:
    name = text.removeprefix("//:")
    return f":{names.get(name, name)}" if text.startswith("//:") else text


def _lines(head: str, value: Plain, margin: str) -> Iterator[str]:
    """`value` behind `head`: on one line, or on one for each of its parts."""
    line = f"{margin}{head}{starlark(value)},"
    if len(line) <= _WIDTH or not isinstance(value, Mapping | list):
        yield line
    elif isinstance(value, Mapping):
        yield f"{margin}{head}{{"
        for key, item in value.items():
            yield from _lines(f"{starlark(key)}: ", item, margin + _MARGIN)
        yield f"{margin}}},"
    else:
        yield f"{margin}{head}["
        for item in value:
            yield from _lines("", item, margin + _MARGIN)
        yield f"{margin}],"
