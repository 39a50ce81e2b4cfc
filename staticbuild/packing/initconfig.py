"""Says of each field of CPython's PyPreConfig and PyConfig which setting it is, or why it is none. Knows no values.

The fields are those of `Include/cpython/initconfig.h` of CPython 3.11 to 3.14; what a field means is in "Python Initialization
Configuration" of CPython's C API. A test compares the table with the header of the distribution that is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from staticbuild.packing.settings import SETTINGS


@dataclass(frozen=True, slots=True)
class Told:
    """A field whose value follows from settings."""

    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A field that is no setting, and why."""

    reason: str


def _told(*settings: str) -> Told:
    return Told(settings)


_PRIVATE = Fixed("private to CPython")
_TREE = Fixed("the tree inside of the executable decides, wherever the executable lies")
_DEBUG_BUILD = Fixed("works in a debug build of CPython only")
_WINDOWS = Fixed("Windows only")
_FREE_THREADED = Fixed("works in a free-threaded build of CPython only")
_COMMAND_LINE = Fixed("the command line of the process")

PRECONFIG: Mapping[str, Told | Fixed] = {
    "_config_init": _PRIVATE,
    "parse_argv": _told("interpreter", "python_commands"),
    "isolated": _told("isolated"),
    "use_environment": _told("environment"),
    "configure_locale": _told("configure_locale"),
    "coerce_c_locale": _told("coerce_c_locale"),
    "coerce_c_locale_warn": _told("coerce_c_locale_warn"),
    "legacy_windows_fs_encoding": _WINDOWS,
    "utf8_mode": _told("utf8_mode"),
    "dev_mode": _told("dev_mode"),
    "allocator": _told("python_allocator"),
}

CONFIG: Mapping[str, Told | Fixed] = {
    **{field.name: _told(field.name) for field in SETTINGS if field.config},
    "_config_init": _PRIVATE,
    "isolated": _told("isolated"),
    "use_environment": _told("environment"),
    "use_hash_seed": _told("hash_seed"),
    "hash_seed": _told("hash_seed"),
    "perf_profiling": Fixed("CPython has the trampolines that `perf` needs for glibc only"),
    "show_ref_count": _DEBUG_BUILD,
    "dump_refs": _DEBUG_BUILD,
    "dump_refs_file": _DEBUG_BUILD,
    "filesystem_encoding": _told("filesystem_encoding"),
    "filesystem_errors": _told("filesystem_errors"),
    "pycache_prefix": _told("pycache_prefix"),
    "parse_argv": _told("interpreter", "python_commands"),
    "orig_argv": _COMMAND_LINE,
    "argv": _COMMAND_LINE,
    "xoptions": _told("x_options"),
    "warnoptions": _told("warn_options"),
    "parser_debug": _DEBUG_BUILD,
    "stdio_encoding": _told("stdio_encoding"),
    "stdio_errors": _told("stdio_errors"),
    "legacy_windows_stdio": _WINDOWS,
    "check_hash_pycs_mode": _told("check_hash_pycs_mode"),
    "use_frozen_modules": Fixed("modules come out of the executable either way, and ours have sources and `__file__`"),
    "use_system_logger": Fixed("Apple's systems only"),
    "enable_gil": _FREE_THREADED,
    "tlbc_enabled": _FREE_THREADED,
    "pathconfig_warnings": Fixed("nothing is searched for, so there is nothing to warn of"),
    "program_name": _COMMAND_LINE,
    "pythonpath_env": _told("environment", "sys_path"),
    "home": Fixed("no Python is installed anywhere"),
    "platlibdir": _TREE,
    "module_search_paths_set": _told("sys_path"),
    "module_search_paths": _told("sys_path"),
    "stdlib_dir": _TREE,
    "executable": Fixed("the path of the running executable"),
    "base_executable": Fixed("the path of the running executable"),
    "prefix": _TREE,
    "base_prefix": _TREE,
    "exec_prefix": _TREE,
    "base_exec_prefix": _TREE,
    "skip_source_first_line": Fixed("for scripts on disk: `interpreter` reads `-x`"),
    "run_command": _told("command"),
    "run_module": _told("entry_point"),
    "run_filename": _told("file"),
    "sys_path_0": _told("safe_path"),
    "run_presite": _DEBUG_BUILD,
    "_install_importlib": _PRIVATE,
    "_init_main": _PRIVATE,
    "_isolated_interpreter": _PRIVATE,
    "_is_python_build": _PRIVATE,
    "_pystats": _PRIVATE,
}


def table() -> str:
    """Both structs in Markdown, for the documentation."""
    lines = []
    for struct, fields in (("PyPreConfig", PRECONFIG), ("PyConfig", CONFIG)):
        lines += [f"| `{struct}` | attribute, or why there is none |", "|---|---|"]
        for name, meaning in sorted(fields.items()):
            lines.append(f"| `{name}` | {meaning.reason if isinstance(meaning, Fixed) else _links(meaning)} |")
        lines.append("")
    return "\n".join(lines)


def _links(told: Told) -> str:
    # The bytecode's level is the executable's own attribute, and sets both.
    names = ("optimize" if name == "optimization_level" else name for name in told.settings)
    return ", ".join(f"[`{name}`](reference.md#python_executable-{name})" for name in names)
