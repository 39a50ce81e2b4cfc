"""Writes the table of the dialect in Markdown: every name of it, and whether it does here what it does there. Knows no API."""

from __future__ import annotations

from collections.abc import Iterator

from staticbuild.config.pyoxidizer.dialect import CONSTANTS, GLOBALS, PRELUDE_FUNCTIONS, TYPES
from staticbuild.config.pyoxidizer.evaluation import REGISTER_TARGET
from staticbuild.config.pyoxidizer.model import REQUIRED, Method, Property, Thing

_HEAD = """\
<!-- Generated from staticbuild/config/pyoxidizer/ by `python docs/generate.py --write`: change that, not this file. -->

# The dialect of pyoxidizer.bzl, name by name

Every function, type, attribute and method of PyOxidizer 0.24's Starlark, and what was there before and is still in use. How to
build such a config is in [Coming from PyOxidizer](pyoxidizer.md).

*supported*: does what it did. *changed*: is taken, and does something else, or nothing where nothing is needed. *refused*: is
an error with this reason. Arguments are given by position or by name; after `/` stand names that they have elsewhere.
"""


def render() -> str:
    """The page."""
    return "\n".join([_HEAD, *_globals(), *(line for kind in TYPES for line in _type(kind))]) + "\n"


def names() -> list[str]:
    """All that the page speaks of: `glob`, `FileManifest.add_path`, `glob(include)`."""
    found = [*CONSTANTS, *PRELUDE_FUNCTIONS, *GLOBALS]
    found += [f"{name}({parameter.name})" for name, function in _functions() for parameter in function.parameters]
    for kind in TYPES:
        found += [kind.type, *(f"{kind.type}.{each.name}" for each in kind.properties)]
        for name, method in kind.methods.items():
            found += [f"{kind.type}.{name}", *(f"{kind.type}.{name}({each.name})" for each in method.parameters)]
    return found


def _functions() -> Iterator[tuple[str, Method]]:
    yield "register_target", REGISTER_TARGET
    yield from GLOBALS.items()


def _globals() -> Iterator[str]:
    yield "## Constants\n\n| name | | |\n|---|---|---|"
    yield from (f"| `{name}` | supported | {doc} |" for name, doc in CONSTANTS.items())
    yield "\n## Functions\n\n| function | | |\n|---|---|---|"
    for name, doc in PRELUDE_FUNCTIONS.items():
        shown = _call(name, REGISTER_TARGET) if name == "register_target" else {"print": "`print(…)`"}.get(name, f"`{name}(…)`")
        yield f"| {shown} | supported | {doc} |"
    yield from (_method(name, function) for name, function in sorted(GLOBALS.items(), key=lambda item: item[0].lower()))


def _type(kind: type[Thing]) -> Iterator[str]:
    yield f"\n## {kind.type}\n\n{kind.doc}"
    if kind.properties or kind.methods:
        yield "\n| name | | |\n|---|---|---|"
    yield from (_property(each) for each in kind.properties)
    yield from (_method(name, method) for name, method in kind.methods.items())


def _property(each: Property) -> str:
    access = "" if each.writable and each.readable else " Read only." if each.readable else " Can only be assigned to."
    default = "" if each.default is None or not each.writable else f" Default: `{_written(each.default)}`."
    kind = each.kind.name[:1].upper() + each.kind.name[1:]
    return f"| `{each.name}` | {each.status.value} | {each.doc} {_cell(kind)}.{default}{access}{_note(each.note)} |"


def _method(name: str, method: Method) -> str:
    doc = " ".join(method.doc.split())
    return f"| {_call(name, method)} | {method.status.value} | {_cell(doc)}{_note(method.note)} |"


def _call(name: str, method: Method) -> str:
    shown = []
    for each in method.parameters[:_MOST]:
        names = "/".join((each.name, *each.other_names))
        shown.append(names if each.default is REQUIRED else f"{names} = {_written(each.default)}")
    return f"`{name}({', '.join([*shown, *(['…'] if len(method.parameters) > _MOST else [])])})`".replace("|", "\\|")


_MOST = 12


def _written(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _note(note: str) -> str:
    return f" {_cell(note[:1].upper() + note[1:])}." if note else ""
