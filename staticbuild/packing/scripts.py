"""Finds the program that a requirement would install as a command: an entry point of its metadata, or a script of its files.

`script:NAME` is the command NAME, of whatever requirement. `program:PACKAGE` is what somebody means who says "run PACKAGE":
the command called like it, the only one that it has, or its module as `python -m` runs it.

Knows how metadata is written (PyPA's "Entry points specification") and where packs have it; runs nothing.
"""

from __future__ import annotations

import configparser
import difflib
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from staticbuild.errors import ConfigError
from staticbuild.packing.resource import File

PREFIX = "script:"
PROGRAM = "program:"
_GROUPS = ("console_scripts", "gui_scripts")
_METADATA = re.compile(r"(?:.*/)?(?P<name>[^/]+)-[^/-]+\.dist-info/entry_points\.txt\Z")
_FILES = re.compile(r"(?:.*/)?(?P<name>[^/]+)-[^/-]+\.data/scripts/(?P<script>[^/]+)\Z")
# `module:attribute.of.it [extra]`; extras are of the past.
_VALUE = re.compile(r"(?P<object>[\w.]+:[\w.]+)\s*(?:\[[^\]]*\])?\Z")
_PYTHON = re.compile(rb"#!.*python")
_NAMES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Script:
    """A command: whose it is, and the setting that runs it."""

    name: str
    package: str
    setting: str
    value: str


def names_script(settings: Mapping[str, str]) -> bool:
    """Whether `with_script` would change them."""
    return settings.get("entry_point", "").startswith((PREFIX, PROGRAM))


def with_script(settings: Mapping[str, str], files: Iterable[File], modules: Container[str] = ()) -> dict[str, str]:
    """`settings` with `script:NAME` or `program:PACKAGE` replaced by what that runs. Raises ConfigError if there is none.

    `modules` are the names of all modules that there are.
    """
    if not names_script(settings):
        return dict(settings)
    prefix, _, name = settings["entry_point"].partition(":")
    scripts = find_scripts(files)
    script = choose(scripts, name) if f"{prefix}:" == PREFIX else _program(scripts, name, modules)
    others = {key: value for key, value in settings.items() if key != "entry_point"}
    return {**others, script.setting: script.value}


def find_scripts(files: Iterable[File]) -> tuple[Script, ...]:
    """All commands that `files` would be installed with."""
    found: list[Script] = []
    for file in files:
        if match := _METADATA.match(file.path):
            found += _entry_points(match["name"], file.data)
        elif (match := _FILES.match(file.path)) and _PYTHON.match(file.data):
            found.append(Script(match["script"], match["name"], "file", file.path))
    return tuple(sorted(found, key=lambda script: (script.name, script.package)))


def choose(scripts: Iterable[Script], name: str) -> Script:
    """The script called `name`. Raises ConfigError that says which there are."""
    known = list(scripts)
    fitting = [script for script in known if script.name == name]
    if fitting and len({(script.setting, script.value) for script in fitting}) == 1:
        return fitting[0]
    if fitting:
        whose = " and ".join(f"`{script.package}`" for script in fitting)
        raise ConfigError(
            f"{whose} both have a script `{name}`",
            hint="name what it runs: " + " or ".join(f'`entry_point = "{script.value}"`' for script in fitting),
        )
    names = list(dict.fromkeys(script.name for script in known))
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean `{PREFIX}{near[0]}`?" if near else "name a module or a function instead: `package.module:function`"
    shown = ", ".join(f"`{one}`" for one in names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    notes = (f"there are {shown}{more}",) if names else ("no requirement has a script",)
    raise ConfigError(f"no requirement has a script `{name}`", hint=hint, notes=notes)


def _program(scripts: Iterable[Script], package: str, modules: Container[str]) -> Script:
    """What is run when somebody runs `package`."""
    own = [script for script in scripts if canonical(script.package) == canonical(package)]
    named = [script for script in own if canonical(script.name) == canonical(package)]
    if len(named) == 1 or len(own) == 1:
        return (named or own)[0]
    module = canonical(package).replace("-", "_")
    if f"{module}.__main__" in modules:
        return Script(package, package, "entry_point", module)
    if own:
        shown = ", ".join(f"`{script.name}`" for script in own)
        raise ConfigError(f"`{package}` has several scripts: {shown}", hint=f"say which: `{PREFIX}{own[0].name}`")
    others = tuple(f"`{script.package}` has the script `{script.name}`" for script in list(scripts)[:_NAMES_SHOWN])
    message = f"`{package}` is no program: it has no script, and no module `{module}.__main__`"
    raise ConfigError(message, hint="name a module or a function that is to be run", notes=others)


def canonical(name: str) -> str:
    """A package's name in its normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _entry_points(package: str, data: bytes) -> list[Script]:
    """The commands of one `entry_points.txt`; what cannot be read has none, as for installers."""
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # names are what they are, upper case too
    try:
        parser.read_string(data.decode("utf-8"))
    except (UnicodeDecodeError, configparser.Error):
        return []
    return [
        Script(name, package, "entry_point", match["object"])
        for group in _GROUPS
        if parser.has_section(group)
        for name, value in parser.items(group)
        if (match := _VALUE.match(value.strip()))
    ]
