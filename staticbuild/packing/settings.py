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
    """One setting. A `default` of None stands for what `doc` says, which follows from other settings or from CPython.

    `config` tells that it is the number or truth value of that name in CPython's PyConfig. `since` is the first version of
    Python that has it, where that is not the oldest that we know; `choices` are the only values of a text, each with the
    version since which it is one, or "".
    """

    name: str
    type: SettingType
    default: SettingValue | None
    doc: str
    example: str
    config: bool = False
    since: str = ""
    choices: Mapping[str, str] | None = None


def _flag(name: str, doc: str, *, default: bool | None = False, since: str = "") -> SettingField:
    return SettingField(name, SettingType.BOOL, default, doc, str(not default), config=True, since=since)


def _number(name: str, default: int, doc: str, example: int, *, since: str = "") -> SettingField:
    return SettingField(name, SettingType.INT, default, doc, str(example), config=True, since=since)


def _switch(name: str, doc: str, *, default: bool | None = False) -> SettingField:
    return SettingField(name, SettingType.BOOL, default, doc, str(not default))


def _text(name: str, doc: str, example: str, choices: Mapping[str, str] | None = None, default: str = "") -> SettingField:
    return SettingField(name, SettingType.STR, default, doc, f'"{example}"', choices=choices)


def _list(name: str, doc: str, example: str) -> SettingField:
    return SettingField(name, SettingType.LIST, (), doc, f'["{example}"]')


_ALLOCATORS = {
    "default": "",
    "debug": "",
    "malloc": "",
    "malloc_debug": "",
    "pymalloc": "",
    "pymalloc_debug": "",
    "mimalloc": "3.13",
    "mimalloc_debug": "3.13",
}
_HASH_CHECKS = {"default": "", "always": "", "never": ""}

SETTINGS: tuple[SettingField, ...] = (
    _text(
        "entry_point",
        "`pkg.mod:func`, which is called and whose result is the exit status; `pkg.mod`, run as by `python -m`; or "
        "`script:NAME`, the command of that name that one of the requirements brings; `program:PACKAGE`, the command that a "
        "requirement is known for",
        "greet.cli:main",
    ),
    _text("command", "Python code to run, as by `python -c`", "import greet; greet.main()"),
    _text("file", "path in the tree of a script to run", "main.py"),
    _switch(
        "interpreter",
        "behave as `python` does: read `-c`, `-m`, a script's name and the other options from the command line",
    ),
    _switch(
        "python_commands",
        "serve command lines of `python` with `-c CODE` or `-m MODULE` as `python` does, so that a program can start "
        '`[sys.executable, "-m", …]`. Whoever may run the program may then run any code with it',
    ),
    _switch(
        "record_modules",
        "add the names of all modules that were imported to the file that the variable `STATICBUILD_RECORD` of the environment "
        "names, when the program ends; for `trim_record`",
    ),
    _list(
        "sys_path",
        "`sys.path`; `$ORIGIN` is the folder of the executable, `$EXECUTABLE` the tree inside of it",
        "$ORIGIN/plugins",
    ),
    _list(
        "site_folders",
        "folders of the host that are added to `sys.path` with what their `.pth` files say, as `site.addsitedir` does; "
        "`$ORIGIN` as in `sys_path`",
        "$ORIGIN/site-packages",
    ),
    _switch(
        "frozen",
        "set `sys.frozen`, by which programs and `multiprocessing` know that `sys.executable` is no `python`. Not given: yes, "
        "unless `interpreter` is on",
        default=None,
    ),
    _text(
        "meipass",
        "set `sys._MEIPASS` to this folder, for programs that look for their data where PyInstaller unpacks it; `$ORIGIN` and "
        "`$EXECUTABLE` as in `sys_path`. Empty: not set",
        "$ORIGIN",
    ),
    _text(
        "ca_certificates",
        "path in the tree of a file with certificate authorities; empty: the host's",
        "cert.pem",
    ),
    _switch("multiprocessing", "serve the command lines with which `multiprocessing` starts `sys.executable`", default=True),
    _switch("environment", "obey the variables `PYTHON…` of the environment, but for `PYTHONHOME`"),
    _switch(
        "isolated",
        "`sys.flags.isolated`, as `python -I`. Not given: yes, unless `environment`, `interpreter` or "
        "`user_site_directory` is on or `safe_path` is off",
        default=None,
    ),
    _switch(
        "utf8_mode",
        "use UTF-8 whatever the locale says (PEP 540). With `environment` or `interpreter`, not given leaves it to "
        "`PYTHONUTF8`, `-X utf8` and the locale, as in `python`",
        default=True,
    ),
    _switch("configure_locale", "take the locale of characters (`LC_CTYPE`) from the environment", default=True),
    _switch(
        "coerce_c_locale",
        "replace the locale `C` by one with UTF-8 (PEP 538). Not given: only if `utf8_mode` is off",
        default=None,
    ),
    _switch("coerce_c_locale_warn", "warn when the locale `C` is replaced"),
    _text(
        "python_allocator",
        "how Python's objects get their memory, as `PYTHONMALLOC` says it",
        "malloc",
        choices=_ALLOCATORS,
        default="default",
    ),
    SettingField(
        "hash_seed",
        SettingType.INT,
        -1,
        "seed of the hashes of `str` and `bytes`; -1 takes a random one at each start",
        "0",
    ),
    SettingField(
        "thread_stack_size",
        SettingType.INT,
        8 << 20,
        "bytes of stack of a thread, and at least of the main thread where the host's limit is lower and can be raised; 0 "
        "keeps what the C library and the host say",
        "16777216",
    ),
    _switch("gc_freeze", "keep what Python's own start made out of garbage collections, as `gc.freeze()` does", default=True),
    _list("warn_options", "warning filters, as `python -W`", "error::DeprecationWarning"),
    _list("x_options", "implementation options, as `python -X`", "no_debug_ranges"),
    _text("stdio_encoding", "encoding of the standard streams; empty keeps CPython's choice", "utf-8"),
    _text("stdio_errors", "error handler of the standard streams; empty keeps CPython's choice", "surrogateescape"),
    _text("filesystem_encoding", "encoding of names of files; empty keeps CPython's choice", "utf-8"),
    _text("filesystem_errors", "error handler for names of files; empty keeps CPython's choice", "strict"),
    _text(
        "pycache_prefix",
        "folder below which pyc files of modules from `sys.path` are looked for and written; empty: beside the modules",
        "/var/cache/greet",
    ),
    _text(
        "check_hash_pycs_mode",
        "whether pyc files of modules from `sys.path` that name their source by its hash are compared with it",
        "always",
        choices=_HASH_CHECKS,
        default="default",
    ),
    _flag("site_import", "import the module `site` at start"),
    _flag("write_bytecode", "write pyc files for modules that come from `sys.path`"),
    _flag("buffered_stdio", "buffer the standard streams; off is `python -u`", default=True),
    _flag("configure_c_stdio", "let the C library buffer its own standard streams as Python's are buffered", default=True),
    _flag("dev_mode", "Python's development mode, as `python -X dev`"),
    _flag("faulthandler", "print a traceback when the process crashes"),
    _flag("import_time", "print how long each import takes"),
    _flag("inspect", "begin an interactive session on the terminal when the program is over, as `python -i`"),
    _flag(
        "install_signal_handlers",
        "raise KeyboardInterrupt on Ctrl-C and ignore SIGPIPE from the start on, as `python` does",
        default=True,
    ),
    _flag("interactive", "treat the standard input as a terminal even if it is none"),
    _flag("malloc_stats", "print statistics of Python's memory when the program ends, as `PYTHONMALLOCSTATS`"),
    _flag("quiet", "print no banner before the interactive interpreter"),
    _flag("safe_path", "as interpreter: do not put the script's folder on `sys.path`", default=True),
    _flag("user_site_directory", "let `site` add the user's own folder of packages"),
    _flag("warn_default_encoding", "warn where a text file is opened without naming an encoding (PEP 597)"),
    _number("bytes_warning", 0, "1 warns, 2 raises when `bytes` is compared with `str`", 1),
    _flag("code_debug_ranges", "keep columns in code compiled at run time", default=True),
    _number("cpu_count", -1, "what `os.cpu_count()` says; -1 asks the host", 2, since="3.13"),
    _number(
        "int_max_str_digits",
        4300,
        "most digits of a number that is converted from or to `str`; 0 is no limit",
        0,
        since="3.12",
    ),
    _number("optimization_level", 0, "1 removes assertions, 2 docstrings too, from code compiled at run time", 1),
    _number("tracemalloc", 0, "frames that `tracemalloc` records; 0 is off", 10),
    _number("verbose", 0, "1 prints each import, 2 each file that was looked for", 1),
    _flag(
        "context_aware_warnings",
        "keep `warnings.catch_warnings` to its own context. Not given: as CPython is built",
        default=None,
        since="3.14",
    ),
    _flag(
        "remote_debug",
        "let a debugger run code in the process (PEP 768). Not given: as CPython is built",
        default=None,
        since="3.14",
    ),
    _flag(
        "thread_inherit_context",
        "start threads with the context variables of who starts them. Not given: as CPython is built",
        default=None,
        since="3.14",
    ),
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
        if value is None and field.default is None:
            continue
        text = _encode(field.type, value)
        if text is None:
            problems.append(Problem(f"setting `{name}` wants {field.type.value}, got `{value!r}`"))
        elif field.choices is not None and text not in field.choices:
            problems.append(Problem(f"setting `{name}` wants one of {', '.join(field.choices)}, got `{value!r}`"))
        elif field.default is None or text != _encode(field.type, field.default):
            encoded[name] = text
    if sum(name in encoded for name in ("entry_point", "command", "file")) > 1:
        problems.append(Problem("only one of `entry_point`, `command` and `file` can be set"))
    ConfigError.raise_all(problems)
    return encoded


def newer_settings(values: Mapping[str, object], version: str) -> list[tuple[str, Problem]]:
    """What of `values` Python `version` ("3.13") does not have yet, with the setting's name. Default values are never wrong."""
    problems = []
    for name, value in sorted(values.items()):
        field = _FIELDS[name]
        if value == field.default:
            continue
        since, what = field.since, f"`{name}`"
        if field.choices is not None and isinstance(value, str) and field.choices.get(value):
            since, what = field.choices[value], f"`{value}` of `{name}`"
        if since and _numbers(version) < _numbers(since):
            hint = "leave it out, or take a newer `python_version`"
            problems.append((name, Problem(f"{what} is new in Python {since}, and this is Python {version}", hint=hint)))
    return problems


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def decode_settings(encoded: Mapping[str, str]) -> dict[str, SettingValue | None]:
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
        if not field.config and field.default is not None and field.type in {SettingType.BOOL, SettingType.INT}
    ]
    lines += [
        "",
        "/* those that are numbers of PyConfig: FIELD(name, default), or PYTHONS(name) where CPython has the default */",
    ]
    lines += [f"#define SB_CONFIG_FIELDS(FIELD, PYTHONS) {_BACKSLASH}"]
    lines += _c_fields("")
    newer = sorted({field.since for field in SETTINGS if field.config and field.since}, key=_numbers)
    lines += [f"    SB_CONFIG_FIELDS_{since.replace('.', '_')}(FIELD, PYTHONS) {_BACKSLASH}" for since in newer]
    lines += ["    /* end */"]
    for since in newer:
        name = f"SB_CONFIG_FIELDS_{since.replace('.', '_')}(FIELD, PYTHONS)"
        major, minor = _numbers(since)
        lines += ["", f"#if PY_VERSION_HEX >= 0x{major:02x}{minor:02x}0000", f"#define {name} {_BACKSLASH}"]
        lines += [*_c_fields(since), "    /* end */", "#else", f"#define {name}", "#endif"]
    return "\n".join([*lines, "", "#endif", ""])


_BACKSLASH = "\\"


def _c_fields(since: str) -> list[str]:
    return [
        f"    PYTHONS({field.name}) /* {_plain(field)} */ {_BACKSLASH}"
        if field.default is None
        else f"    FIELD({field.name}, {_as_int(field.default)}) /* {_plain(field)} */ {_BACKSLASH}"
        for field in SETTINGS
        if field.config and field.since == since
    ]


def _plain(field: SettingField) -> str:
    return field.doc.replace("`", "").replace("…", "...")


def _as_int(value: SettingValue | None) -> int:
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
