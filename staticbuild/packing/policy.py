"""Which files belong into an executable: the standard library's policy, and globs. Knows only their paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from staticbuild.errors import ConfigError

# What no source tree means to ship: other tools' caches, version control, editors' leavings.
_NEVER_FOLDERS = frozenset(
    (
        *("__pycache__", ".git", ".hg", ".svn", ".bzr", ".jj", ".idea", ".vscode", ".venv", "node_modules"),
        *(".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"),
    )
)
_NEVER_SUFFIXES = (".swp", ".swo", "~", ".orig", ".rej", ".pyo")
_NEVER_NAMES = frozenset({".DS_Store", "Thumbs.db", ".coverage"})

# Folders of the standard library that are its own tests and tools.
_TEST_FOLDERS = frozenset({"test", "tests", "idle_test"})
_TEST_MODULES = frozenset({"__hello__", "__phello__"})
_TOOLS = frozenset({"idlelib", "turtledemo", "lib2to3"})
_TK_ONLY = frozenset({"tkinter", "turtle.py", "turtledemo", "idlelib"})


@dataclass(frozen=True, slots=True)
class StandardLibraryPolicy:
    """What is taken of the standard library.

    `include_test`: `test` and the like. `include_tools`: `idlelib`, `turtledemo`, `lib2to3`. `include_ensurepip`: the
    wheels of pip that only `ensurepip` and `venv` install. `include_tkinter`: None takes `tkinter` and `turtle` where
    `_tkinter` exists.
    """

    include_test: bool = False
    include_tools: bool = False
    include_ensurepip: bool = False
    include_tkinter: bool | None = None


def takes_standard(policy: StandardLibraryPolicy, path: str, *, has_tkinter: bool) -> bool:
    """Whether the file at `path` below `lib/python3.13` is taken."""
    folders = path.split("/")[:-1]
    top = path.split("/", 1)[0]
    wants_tkinter = has_tkinter if policy.include_tkinter is None else policy.include_tkinter
    if not is_wanted(path) or top in {"site-packages", "lib-dynload"} or top.startswith("config-"):
        return False
    if top in _TK_ONLY and not wants_tkinter:
        return False
    if top in _TOOLS and not policy.include_tools:
        return False
    if not policy.include_test and (_TEST_FOLDERS.intersection(folders) or top.removesuffix(".py") in _TEST_MODULES):
        return False
    return policy.include_ensurepip or not path.startswith("ensurepip/_bundled/")


def is_wanted(path: str) -> bool:
    """Whether a file at this path below a package root is one that a person means to ship."""
    *folders, name = path.split("/")
    if _NEVER_FOLDERS.intersection(folders) or name in _NEVER_NAMES:
        return False
    return not name.endswith(_NEVER_SUFFIXES)


def is_wanted_folder(name: str) -> bool:
    """Whether a folder of this name can hold wanted files."""
    return name not in _NEVER_FOLDERS


def matcher(globs: Iterable[str]) -> Callable[[str], bool]:
    """A test whether a path matches one of `globs`: `*` and `?` stay in a folder, `**` spans any number of folders."""
    patterns = [_compile(glob) for glob in globs]
    return lambda path: any(pattern.match(path) for pattern in patterns)


@cache
def _compile(glob: str) -> re.Pattern[str]:
    if not glob or glob.startswith("/") or any(part in {"", ".", ".."} for part in glob.split("/")):
        raise ConfigError(
            f"`{glob}` is not a glob of paths inside of the tree", hint="write for example `tests/**` or `**/*.pyi`"
        )
    *folders, last = glob.split("/")
    text = "".join("(?:[^/]+/)*" if part == "**" else _segment(part) + "/" for part in folders)
    return re.compile(text + (".+" if last == "**" else _segment(last)) + r"\Z", re.DOTALL)


def _segment(part: str) -> str:
    pieces = {"*": "[^/]*", "?": "[^/]"}
    return "".join(pieces.get(character) or re.escape(character) for character in part)
