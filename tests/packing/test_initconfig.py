"""Every field of CPython's configuration is a setting, or has a reason why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from staticbuild.packing.initconfig import CONFIG, PRECONFIG, Fixed, Told, table
from staticbuild.packing.settings import SETTINGS
from staticbuild.rules.executable import PYTHON_EXECUTABLE

# The fields of Include/cpython/initconfig.h.
PRE = {
    "_config_init",
    "parse_argv",
    "isolated",
    "use_environment",
    "configure_locale",
    "coerce_c_locale",
    "coerce_c_locale_warn",
    "legacy_windows_fs_encoding",
    "utf8_mode",
    "dev_mode",
    "allocator",
}
COMMON = {
    "_config_init",
    "isolated",
    "use_environment",
    "dev_mode",
    "install_signal_handlers",
    "use_hash_seed",
    "hash_seed",
    "faulthandler",
    "tracemalloc",
    "import_time",
    "code_debug_ranges",
    "show_ref_count",
    "dump_refs",
    "dump_refs_file",
    "malloc_stats",
    "filesystem_encoding",
    "filesystem_errors",
    "pycache_prefix",
    "parse_argv",
    "orig_argv",
    "argv",
    "xoptions",
    "warnoptions",
    "site_import",
    "bytes_warning",
    "warn_default_encoding",
    "inspect",
    "interactive",
    "optimization_level",
    "parser_debug",
    "write_bytecode",
    "verbose",
    "quiet",
    "user_site_directory",
    "configure_c_stdio",
    "buffered_stdio",
    "stdio_encoding",
    "stdio_errors",
    "legacy_windows_stdio",
    "check_hash_pycs_mode",
    "use_frozen_modules",
    "safe_path",
    "pathconfig_warnings",
    "program_name",
    "pythonpath_env",
    "home",
    "platlibdir",
    "module_search_paths_set",
    "module_search_paths",
    "stdlib_dir",
    "executable",
    "base_executable",
    "prefix",
    "base_prefix",
    "exec_prefix",
    "base_exec_prefix",
    "skip_source_first_line",
    "run_command",
    "run_module",
    "run_filename",
    "_install_importlib",
    "_init_main",
    "_is_python_build",
}
V312 = COMMON | {"int_max_str_digits", "perf_profiling"}
V313 = V312 | {"cpu_count", "enable_gil", "sys_path_0", "_pystats", "run_presite"}
V314 = V313 | {"remote_debug", "thread_inherit_context", "context_aware_warnings", "use_system_logger", "tlbc_enabled"}
VERSIONS = {"3.11": COMMON | {"_isolated_interpreter"}, "3.12": V312, "3.13": V313, "3.14": V314}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_field_has_its_setting_or_reason(version: str) -> None:
    assert VERSIONS[version] - CONFIG.keys() == set()
    assert PRECONFIG.keys() == PRE


def test_no_field_is_made_up() -> None:
    assert CONFIG.keys() - set().union(*VERSIONS.values()) == set()


def test_the_header_of_the_distribution(distribution_folder: Path) -> None:
    """The authority: a field that a new version of CPython brings fails here until somebody decides."""
    (header,) = distribution_folder.glob("install/include/python3.*/cpython/initconfig.h")
    structs = fields_of(header.read_text())
    assert structs["PyPreConfig"] == PRECONFIG.keys()
    assert structs["PyConfig"] - CONFIG.keys() == set()
    version = re.fullmatch(r"python(3\.\d+)t?", header.parents[1].name)
    assert version is not None
    assert structs["PyConfig"] == VERSIONS[version[1]]


def fields_of(header: str) -> dict[str, set[str]]:
    """The names of the fields of each struct."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*|^#[^\n]*", "", header, flags=re.DOTALL | re.MULTILINE)
    return {
        name: set(re.findall(r"(\w+)\s*;", body))
        for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\n\}", text, re.DOTALL)
    }


@pytest.mark.parametrize("fields", [PRECONFIG, CONFIG], ids=["PyPreConfig", "PyConfig"])
def test_the_settings_exist_and_are_attributes(fields: Mapping[str, Told | Fixed]) -> None:
    named = {name for meaning in fields.values() if isinstance(meaning, Told) for name in meaning.settings}
    assert named - {setting.name for setting in SETTINGS} == set()
    attributes = {attribute.name for attribute in PYTHON_EXECUTABLE.attributes}
    assert named - attributes == {"optimization_level"} & named
    assert "optimize" in attributes


def test_a_setting_knows_since_when_cpython_has_its_field() -> None:
    for setting in SETTINGS:
        if setting.config:
            since = next(version for version, fields in VERSIONS.items() if setting.name in fields)
            assert (setting.since or "3.11") == since, setting.name


def test_the_table_of_the_documentation_has_them_all() -> None:
    text = table()
    assert [name for name in (*PRECONFIG, *CONFIG) if f"\n| `{name}` |" not in text] == []
