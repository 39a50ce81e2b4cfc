"""`PythonInterpreterConfig`: what each of its settings is called in `python_executable`. Knows no executable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from staticbuild.config.pyoxidizer.model import (
    ANYTHING,
    BOOL,
    INT,
    STR,
    STRINGS,
    Choice,
    Kind,
    Maybe,
    Parameter,
    Pattern,
    Property,
    Status,
    Thing,
    method,
)

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.evaluation import Evaluation
    from staticbuild.config.schema import Plain

_FROM_EXECUTABLE: Final = "paths follow from where the executable is, which is what programs expect"
_WINDOWS: Final = "it is for Windows, and has no effect elsewhere"
_MALLOC: Final = "the backend serves `malloc`, and by that all of Python's memory"
_DEBUG_BUILD: Final = "only debug builds of CPython have it"


@dataclass(frozen=True, slots=True)
class _Setting:
    """One attribute: its kind and default, and which attribute of `python_executable` it becomes, with what value.

    With no `ours` it has no effect, and `note` says why that does no harm.
    """

    kind: Kind
    default: object
    doc: str
    ours: str = ""
    value: Callable[[object], Plain] = lambda value: value  # type: ignore[assignment,return-value]
    note: str = ""


def _flag(doc: str, ours: str = "", note: str = "", *, default: bool | None = None) -> _Setting:
    return _Setting(BOOL, default, doc, ours, note=note)


def _text(doc: str, ours: str = "", note: str = "") -> _Setting:
    return _Setting(STR, None, doc, ours, note=note)


_ALLOCATORS: Final = {
    "not-set": "default",
    "default": "default",
    "debug": "debug",
    "malloc": "malloc",
    "malloc-debug": "malloc_debug",
    "py-malloc": "pymalloc",
    "py-malloc-debug": "pymalloc_debug",
}
_WARNINGS: Final = {"none": 0, "warn": 1, "raise": 2}
_BACKENDS: Final = {"default": "libc", "jemalloc": "jemalloc", "mimalloc": "mimalloc", "snmalloc": "mimalloc", "rust": "libc"}

_SETTINGS: Final[Mapping[str, _Setting]] = {
    "allocator_backend": _Setting(
        Choice(tuple(_BACKENDS)),
        "jemalloc",
        "What serves memory. Not assigned to, it is mimalloc; `snmalloc` is mimalloc, too, and `rust` the C library's; with "
        "glibc it is always glibc's own.",
        "allocator",
        lambda value: _BACKENDS[str(value)],
    ),
    "allocator_raw": _flag("Whether the backend serves Python's raw domain.", note=_MALLOC, default=True),
    "allocator_mem": _flag("Whether the backend serves Python's mem domain.", note=_MALLOC, default=False),
    "allocator_obj": _flag("Whether the backend serves Python's obj domain.", note=_MALLOC, default=False),
    "allocator_pymalloc_arena": _flag("Whether the backend serves pymalloc's arenas.", note=_MALLOC, default=False),
    "allocator_debug": _Setting(
        BOOL, False, "Whether Python checks its memory.", "python_allocator", lambda value: "debug" if value else "default"
    ),
    "oxidized_importer": _flag(
        "Whether modules are imported from memory.", note="they always can be; files on `sys.path` can, too", default=True
    ),
    "filesystem_importer": _flag(
        "Whether modules are imported from `sys.path`, as they always are here where it names folders.", default=False
    ),
    "argvb": _flag(
        "Whether `sys.argvb` is set.", note="it is not: `[os.fsencode(each) for each in sys.argv]` is the same", default=False
    ),
    "multiprocessing_auto_dispatch": _flag(
        "Whether processes of `multiprocessing` are served.", "multiprocessing", default=True
    ),
    "multiprocessing_start_method": _Setting(
        Choice(("none", "fork", "forkserver", "spawn", "auto")),
        "auto",
        "How `multiprocessing` starts processes.",
        note="it stays what Python's version has; `multiprocessing.set_start_method` works with each",
    ),
    "sys_frozen": _flag("Whether `sys.frozen` is set.", "frozen", default=True),
    "sys_meipass": _Setting(BOOL, False, "Whether `sys._MEIPASS` is set.", "meipass", lambda value: "$ORIGIN" if value else ""),
    "terminfo_resolution": _Setting(
        Pattern('`"dynamic"`, `"none"` or `"static:PATH"`', r"dynamic|none|static:.*"),
        "dynamic",
        "Where descriptions of terminals are.",
        note="those of common terminals are inside of the executable",
    ),
    "write_modules_directory_env": _text(
        "The variable that names a folder for lists of imported modules.", note="`python -X importtime` shows what is imported"
    ),
    "config_profile": _Setting(
        Choice(("isolated", "python")),
        "isolated",
        "Whether the interpreter begins isolated, or as `python` does.",
        "environment",
        lambda value: value == "python",
    ),
    "allocator": _Setting(
        Choice(tuple(_ALLOCATORS)), None, "Python's own allocator.", "python_allocator", lambda value: _ALLOCATORS[str(value)]
    ),
    "configure_locale": _flag("Whether the locale is taken from the environment.", "configure_locale", default=True),
    "coerce_c_locale": _Setting(
        Choice(("LC_CTYPE", "C")),
        None,
        "Whether the locale `C` is replaced.",
        "coerce_c_locale",
        lambda value: value is not None,
    ),
    "coerce_c_locale_warn": _flag("Whether that is warned of.", "coerce_c_locale_warn"),
    "development_mode": _flag("Python's development mode.", "dev_mode"),
    "isolated": _flag("Whether environment and user's folders are ignored.", "isolated"),
    "legacy_windows_fs_encoding": _flag("An encoding of old Pythons.", note=_WINDOWS),
    "parse_argv": _flag("Whether the command line is read as `python` reads it.", "interpreter"),
    "use_environment": _flag("Whether variables `PYTHON…` count.", "environment"),
    "utf8_mode": _flag("Whether UTF-8 is used whatever the locale says.", "utf8_mode"),
    "base_exec_prefix": _text("`sys.base_exec_prefix`.", note=_FROM_EXECUTABLE),
    "base_executable": _text("`sys._base_executable`.", note=_FROM_EXECUTABLE),
    "base_prefix": _text("`sys.base_prefix`.", note=_FROM_EXECUTABLE),
    "buffered_stdio": _flag("Whether the standard streams are buffered.", "buffered_stdio"),
    "bytes_warning": _Setting(
        Choice(tuple(_WARNINGS)),
        None,
        "What comparing `bytes` with `str` does.",
        "bytes_warning",
        lambda value: _WARNINGS[str(value)],
    ),
    "check_hash_pycs_mode": _Setting(
        Choice(("always", "never", "default")), None, "Whether pyc files are checked.", "check_hash_pycs_mode"
    ),
    "configure_c_stdio": _flag("Whether C's streams are buffered as Python's.", "configure_c_stdio"),
    "dump_refs": _flag("Whether living objects are shown at the end.", note=_DEBUG_BUILD),
    "exec_prefix": _text("`sys.exec_prefix`.", note=_FROM_EXECUTABLE),
    "executable": _text("`sys.executable`.", note=_FROM_EXECUTABLE),
    "fault_handler": _flag("Whether crashes show a traceback.", "faulthandler"),
    "filesystem_encoding": _text("The encoding of names of files.", "filesystem_encoding"),
    "filesystem_errors": _text("Its error handler.", "filesystem_errors"),
    "hash_seed": _Setting(INT, None, "The seed of hashes.", "hash_seed"),
    "home": _text("Python's home.", note=_FROM_EXECUTABLE),
    "import_time": _flag("Whether imports are timed.", "import_time"),
    "inspect": _flag("Whether a session follows the program.", "inspect"),
    "install_signal_handlers": _flag("Whether Ctrl-C raises KeyboardInterrupt.", "install_signal_handlers"),
    "interactive": _flag("Whether input counts as a terminal.", "interactive"),
    "legacy_windows_stdio": _flag("Streams of old Pythons.", note=_WINDOWS),
    "malloc_stats": _flag("Whether statistics of memory are shown at the end.", "malloc_stats"),
    "module_search_paths": _Setting(STRINGS, None, "`sys.path`; `$ORIGIN` is the executable's folder.", "sys_path"),
    "optimization_level": _Setting(INT, None, "The optimisation of bytecode: 0, 1 or 2.", "optimize"),
    "parser_debug": _flag("Whether the parser tells what it does.", note=_DEBUG_BUILD),
    "pathconfig_warnings": _flag(
        "Whether computing paths may warn.", note="no path is searched, so that there is nothing to warn of"
    ),
    "prefix": _text("`sys.prefix`.", note=_FROM_EXECUTABLE),
    "program_name": _text("The program's name.", note=_FROM_EXECUTABLE),
    "pycache_prefix": _text("Where pyc files are.", "pycache_prefix"),
    "python_path_env": _text("More of `sys.path`.", note="`module_search_paths` says what is on it"),
    "quiet": _flag("Whether there is no banner.", "quiet"),
    "run_command": _text("Code to run.", "command"),
    "run_filename": _Setting(
        STR,
        None,
        "A script to run.",
        "command",
        lambda value: f"import runpy, sys; sys.argv[0] = {str(value)!r}; runpy.run_path(sys.argv[0], run_name='__main__')",
    ),
    "run_module": _text("A module to run.", "entry_point"),
    "show_ref_count": _flag("Whether references are counted.", note=_DEBUG_BUILD),
    "site_import": _flag("Whether `site` is imported.", "site_import"),
    "skip_first_source_line": _flag(
        "Whether a script's first line is skipped.", note="no shell reads an executable's resources"
    ),
    "stdio_encoding": _text("The encoding of the standard streams.", "stdio_encoding"),
    "stdio_errors": _text("Their error handler.", "stdio_errors"),
    "tracemalloc": _Setting(BOOL, None, "Whether allocations are traced.", "tracemalloc", int),  # type: ignore[arg-type] # a bool
    "user_site_directory": _flag("Whether the user's own packages are found.", "user_site_directory"),
    "verbose": _Setting(BOOL, None, "Whether imports are shown.", "verbose", int),  # type: ignore[arg-type] # a bool
    "warn_options": _Setting(STRINGS, None, "Filters of warnings.", "warn_options"),
    "write_bytecode": _flag("Whether pyc files are written.", "write_bytecode"),
    "x_options": _Setting(STRINGS, None, "Options `-X`.", "x_options"),
}


def _property(name: str, setting: _Setting) -> Property:
    status = Status.CHANGED if setting.note else Status.SUPPORTED
    return Property(name, Maybe(setting.kind), setting.default, setting.doc, status, setting.note)


class PythonInterpreterConfig(Thing):
    """How the interpreter of an executable behaves. `None` leaves a setting to CPython."""

    properties = (
        *(_property(name, setting) for name, setting in _SETTINGS.items()),
        Property("raw_allocator", STR, None, "Of PyOxidizer 0.7: what served memory; now `allocator_backend`."),
        Property("run_mode", STR, None, "Of PyOxidizer 0.7: `module:NAME`, `eval:CODE` or `file:PATH`; now `run_…`."),
    )

    def assigned(self, name: str, value: object) -> None:
        """What one setting says about others, and what older versions called otherwise."""
        if name == "module_search_paths" and value:
            self.values["filesystem_importer"] = True
        elif name == "raw_allocator":
            self.values["allocator_backend"] = {"system": "default"}.get(str(value), value)
        elif name == "run_mode":
            what, _, rest = str(value).partition(":")
            self.values[{"module": "run_module", "eval": "run_command", "file": "run_filename"}.get(what, "run_command")] = rest

    def copy(self) -> PythonInterpreterConfig:
        """A configuration of the same values: an executable keeps the one that it was made with."""
        return PythonInterpreterConfig(**self.values)

    def attributes(self, *, has_glibc: bool) -> dict[str, Plain]:
        """The attributes of `python_executable` that the settings, as far as they were assigned to, are."""
        found: dict[str, Plain] = {}
        for name, setting in _SETTINGS.items():
            value = self.values.get(name)
            if value is None or not setting.ours or value == setting.default:
                continue
            if name == "allocator_backend" and has_glibc:
                continue
            found[setting.ours] = setting.value(value)
        if found.get("environment"):
            found.pop("isolated", None)
        runs = [self.values.get(name) for name in ("run_command", "run_filename", "run_module")]
        if not any(run is not None for run in runs):
            found["interpreter"] = True
        elif "interpreter" in found:
            del found["interpreter"]
        if self.values.get("run_module") is not None:
            found.pop("command", None)
        return found


# --- functions ---

# Arguments of the constructor of old versions, under the names that they have now.
_RENAMED: Final = {
    "bytes_warning": "bytes_warning",
    "dont_write_bytecode": "write_bytecode",
    "ignore_environment": "use_environment",
    "no_site": "site_import",
    "no_user_site_directory": "user_site_directory",
    "optimize_level": "optimization_level",
    "raw_allocator": "raw_allocator",
    "run_eval": "run_command",
    "run_file": "run_filename",
    "run_noop": "",
    "run_repl": "",
    "sys_paths": "module_search_paths",
    "unbuffered_stdio": "buffered_stdio",
    "use_hash_seed": "",
    "terminfo_dirs": "",
    "rust_allocator_raw": "",
    "filesystem_importer": "filesystem_importer",
    "sys_frozen": "sys_frozen",
    "sys_meipass": "sys_meipass",
    "terminfo_resolution": "terminfo_resolution",
    "write_modules_directory_env": "write_modules_directory_env",
}
_NEGATED: Final = frozenset(
    ("dont_write_bytecode", "ignore_environment", "no_site", "no_user_site_directory", "unbuffered_stdio")
)
_OLD_NAMES: Final = tuple(dict.fromkeys((*_SETTINGS, "run_mode", *_RENAMED)))


@method(*(Parameter(name, ANYTHING, None) for name in _OLD_NAMES))
def python_interpreter_config(run: Evaluation, **given: object) -> PythonInterpreterConfig:
    """Of PyOxidizer before 0.8: a configuration; now `dist.make_python_interpreter_config()` and assignments."""
    run.deprecated(
        "`PythonInterpreterConfig(…)`", "`dist.make_python_interpreter_config()` gives one now, to assign attributes of"
    )
    config = PythonInterpreterConfig()
    for name, value in given.items():
        now = _RENAMED.get(name, name)
        if value is not None and now:
            config.assign(now, (not value) if name in _NEGATED else value)
    return config
