"""The settings of a program's interpreter: one table of names, types and defaults. Knows nothing of who chooses them.

`runtime/settings.h` is generated from it with `python -m staticbuild.packing.format --write`. In a blob each setting that
is not at its default is a line of text: a truth value is `0` or `1`, a list its items joined by null bytes.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from staticbuild.errors import ConfigError, FormatError, Problem

SettingValue: TypeAlias = bool | int | str | tuple[str, ...]

_LIST_SEPARATOR = "\0"
# What C reads into an int without a thought about overflow.
_LARGEST = 999_999_999


class SettingType(Enum):
    """What a setting's value may be."""

    BOOL = "bool"
    INT = "int"
    STR = "str"
    LIST = "list of str"


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting. `config` tells that it is the number or truth value of that name in CPython's PyConfig."""

    name: str
    type: SettingType
    default: SettingValue
    doc: str
    config: bool = False


def _flag(name: str, doc: str, *, default: bool = False) -> SettingField:
    return SettingField(name, SettingType.BOOL, default, doc, config=True)


def _number(name: str, default: int, doc: str) -> SettingField:
    return SettingField(name, SettingType.INT, default, doc, config=True)


SETTINGS: tuple[SettingField, ...] = (
    SettingField(
        "entry_point",
        SettingType.STR,
        "",
        "`pkg.mod:func`, which is called and whose result is the exit status, or `pkg.mod`, run as by `python -m`",
    ),
    SettingField("command", SettingType.STR, "", "Python code to run, as by `python -c`"),
    SettingField("file", SettingType.STR, "", "path in the tree of a script to run"),
    SettingField(
        "interpreter",
        SettingType.BOOL,
        False,
        "behave as `python` does: read `-c`, `-m`, a script's name and the other options from the command line",
    ),
    SettingField(
        "sys_path",
        SettingType.LIST,
        (),
        "`sys.path`; `$ORIGIN` is the folder of the executable, `$EXECUTABLE` the tree inside of it",
    ),
    SettingField("frozen", SettingType.BOOL, True, "set `sys.frozen`"),
    SettingField(
        "multiprocessing",
        SettingType.BOOL,
        True,
        "serve the command lines with which `multiprocessing` starts `sys.executable`",
    ),
    SettingField(
        "environment", SettingType.BOOL, False, "obey the variables `PYTHON…` of the environment, but for `PYTHONHOME`"
    ),
    SettingField("utf8_mode", SettingType.BOOL, True, "use UTF-8 whatever the locale says (PEP 540)"),
    SettingField(
        "hash_seed", SettingType.INT, -1, "seed of the hashes of `str` and `bytes`; -1 takes a random one at each start"
    ),
    SettingField("thread_stack_size", SettingType.INT, 8 << 20, "bytes of stack of a thread; 0 keeps the C library's"),
    SettingField(
        "gc_freeze",
        SettingType.BOOL,
        True,
        "keep what Python's own start made out of garbage collections, as `gc.freeze()` does",
    ),
    SettingField("warn_options", SettingType.LIST, (), "warning filters, as `python -W`"),
    SettingField("x_options", SettingType.LIST, (), "implementation options, as `python -X`"),
    SettingField("stdio_encoding", SettingType.STR, "", "encoding of the standard streams; empty keeps CPython's choice"),
    SettingField("stdio_errors", SettingType.STR, "", "error handler of the standard streams; empty keeps CPython's choice"),
    _flag("buffered_stdio", "buffer the standard streams; off is `python -u`", default=True),
    _flag("dev_mode", "Python's development mode, as `python -X dev`"),
    _flag("faulthandler", "print a traceback when the process crashes"),
    _flag("import_time", "print how long each import takes"),
    _flag("quiet", "print no banner before the interactive interpreter"),
    _flag("safe_path", "as interpreter: do not put the script's folder on `sys.path`", default=True),
    _flag("site_import", "import the module `site` at start"),
    _flag("user_site_directory", "let `site` add the user's own folder of packages"),
    _flag("write_bytecode", "write pyc files for modules that come from `sys.path`"),
    _number("bytes_warning", 0, "1 warns, 2 raises when `bytes` is compared with `str`"),
    _flag("code_debug_ranges", "keep columns in code compiled at run time", default=True),
    _number("int_max_str_digits", 4300, "most digits of a number that is converted from or to `str`; 0 is no limit"),
    _number("optimization_level", 0, "1 removes assertions, 2 docstrings too, from code compiled at run time"),
    _number("tracemalloc", 0, "frames that `tracemalloc` records; 0 is off"),
    _number("verbose", 0, "1 prints each import, 2 each file that was looked for"),
)

_FIELDS = {field.name: field for field in SETTINGS}


def encode_settings(values: Mapping[str, object]) -> dict[str, str]:
    """Checked settings as text, without those at their default. All that is wrong is in one `ConfigError`."""
    problems: list[Problem] = []
    encoded: dict[str, str] = {}
    for name, value in sorted(values.items()):
        field = _FIELDS.get(name)
        if field is None:
            near = difflib.get_close_matches(name, _FIELDS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else None
            problems.append(Problem(f"there is no setting `{name}`", hint=hint))
            continue
        text = _encode(field.type, value)
        if text is None:
            problems.append(Problem(f"setting `{name}` wants {field.type.value}, got `{value!r}`"))
        elif text != _encode(field.type, field.default):
            encoded[name] = text
    if sum(name in encoded for name in ("entry_point", "command", "file")) > 1:
        problems.append(Problem("only one of `entry_point`, `command` and `file` can be set"))
    ConfigError.raise_all(problems)
    return encoded


def decode_settings(encoded: Mapping[str, str]) -> dict[str, SettingValue]:
    """All settings with their values, from the text of those that are not at their default."""
    values = {field.name: field.default for field in SETTINGS}
    for name, text in encoded.items():
        field = _FIELDS.get(name)
        value = None if field is None else _decode(field.type, text)
        if value is None:
            raise FormatError(f"not a setting: `{name}` = `{text!r}`")
        values[name] = value
    return values


def c_header() -> str:
    """The text of `runtime/settings.h`."""
    numbers = [field for field in SETTINGS if field.config]
    lines = [
        "/* settings.h - names and defaults of settings. Knows nothing of what they do.",
        " *",
        " * Generated by `python -m staticbuild.packing.format --write`; edit the table in packing/settings.py instead. */",
        "",
        "#ifndef SB_SETTINGS_H",
        "#define SB_SETTINGS_H",
        "",
    ]
    lines += [
        f"#define SB_DEFAULT_{field.name.upper()} {_as_int(field.default)} /* {_plain(field)} */"
        for field in SETTINGS
        if not field.config and field.type in {SettingType.BOOL, SettingType.INT}
    ]
    lines += ["", "/* those that are numbers of PyConfig: FIELD(name, default) */", "#define SB_CONFIG_FIELDS(FIELD) \\"]
    lines += [f"    FIELD({field.name}, {_as_int(field.default)}) /* {_plain(field)} */ \\" for field in numbers]
    return "\n".join([*lines, "    /* end */", "", "#endif", ""])


def _plain(field: SettingField) -> str:
    return field.doc.replace("`", "").replace("…", "...")


def _as_int(value: SettingValue) -> int:
    return int(value) if isinstance(value, int) else 0


def _encode(kind: SettingType, value: object) -> str | None:
    """`value` as text, or None if it is not of that kind."""
    text: str | None = None
    if kind is SettingType.BOOL and isinstance(value, bool):
        text = str(int(value))
    elif kind is SettingType.INT and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        text = str(value)
    elif kind is SettingType.STR and isinstance(value, str):
        text = value
    elif kind is SettingType.LIST and isinstance(value, list | tuple):
        items = [item for item in value if isinstance(item, str) and _LIST_SEPARATOR not in item]
        text = _LIST_SEPARATOR.join(items) if len(items) == len(value) else None
    return text


def _decode(kind: SettingType, text: str) -> SettingValue | None:
    value: SettingValue | None = text
    if kind is SettingType.BOOL:
        value = {"0": False, "1": True}.get(text)
    elif kind is SettingType.INT:
        digits = text.removeprefix("-")
        value = int(text) if digits.isascii() and digits.isdigit() else None
    elif kind is SettingType.LIST:
        value = tuple(text.split(_LIST_SEPARATOR)) if text else ()
    return value
