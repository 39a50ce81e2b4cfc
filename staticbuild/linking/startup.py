"""Finds which modules CPython imports while it starts, from the sources of what its core carries frozen.

CPython freezes the modules that a start needs, and each stands in the core's symbol table (`_Py_M__os`; in 3.11 and 3.12
`_Py_get_os_toplevel`). What those import at module level, they import at each start; functions wait until somebody calls them.
Two more modules are imported by name from C, by every version: `encodings` by the codec registry, and `traceback` by what
shows an exception that nobody caught. importlib's own core can import nothing yet; it names its needs in strings.

A program of actions, for the distribution's own interpreter: no other is sure to parse its sources. `python3 -m
staticbuild.linking.startup LIBRARY` reads `{"symbols": […], "extensions": […]}` and writes `{extension: who imports it}`.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from staticbuild.errors import FormatError

_BY_NAME: Final = ("encodings", "encodings.utf_8", "traceback")
_IMPORTLIB: Final = ("importlib._bootstrap", "importlib._bootstrap_external")
_FROZEN: Final = re.compile(r"_Py_M__(?P<data>\w+)|_Py_get_(?P<code>\w+)_toplevel")


def is_frozen(symbol: str) -> bool:
    """Whether `symbol` names the code of a frozen module."""
    return _FROZEN.fullmatch(symbol) is not None


def frozen_modules(symbols: Iterable[str], modules: Iterable[str]) -> tuple[str, ...]:
    """Which of `modules` (dotted names) are frozen, going by the core's `symbols`, where a dot is an underscore."""
    mangled = {match["data"] or match["code"] for symbol in symbols if (match := _FROZEN.fullmatch(symbol))}
    return tuple(sorted(module for module in modules if module.replace(".", "_") in mangled))


def imported(
    frozen: Iterable[str], extensions: Iterable[str], read: Callable[[str], str | None], is_package: Callable[[str], bool]
) -> Mapping[str, str]:
    """Which of `extensions` a start imports, each with the module that does.

    `read` gives the source of a module of the standard library, None for what has none. Raises `FormatError` for a source
    that is not Python.
    """
    extensions = frozenset(extensions)
    found: dict[str, str] = {}
    waiting = [*_BY_NAME, *_IMPORTLIB, *frozen]
    seen = set(waiting)
    while waiting:
        module = waiting.pop(0)
        source = read(module)
        if source is None:
            continue
        for name in _wanted(module, _parsed(module, source), package=is_package(module)):
            if name in extensions:
                found.setdefault(name, module)
            elif name not in seen:
                seen.add(name)
                waiting.append(name)
    return found


def _parsed(module: str, source: str) -> ast.Module:
    try:
        return ast.parse(source)
    # ValueError: a NUL; RecursionError: nested too deeply.
    except (SyntaxError, ValueError, RecursionError) as error:
        raise FormatError(f"the module `{module}` of the distribution is not Python: {error}") from error


def _wanted(module: str, tree: ast.Module, *, package: bool) -> Iterator[str]:
    """The modules that `module` imports when it is imported itself; names that may be no modules are among them."""
    if module in _IMPORTLIB:
        texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        yield from (text for text in texts if isinstance(text, str) and text.isidentifier())
    for statement in _at_module_level(tree.body):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield from _with_parents(alias.name)
        elif isinstance(statement, ast.ImportFrom):
            origin = _origin(module, statement, package=package)
            yield from _with_parents(origin)
            yield from (f"{origin}.{alias.name}" for alias in statement.names)


def _at_module_level(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """`statements` and those inside of their blocks, but not what only runs later, in another role, or for a type checker."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(statement, ast.If) and _is_for_others(statement.test):
            yield from _at_module_level(statement.orelse)
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _at_module_level(getattr(statement, name, ()))
        for handler in getattr(statement, "handlers", ()):
            yield from _at_module_level(handler.body)


def _is_for_others(test: ast.expr) -> bool:
    """Whether `test` is `__name__ == "__main__"` or `TYPE_CHECKING`."""
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    return bool(names & {"__name__", "TYPE_CHECKING"})


def _origin(module: str, statement: ast.ImportFrom, *, package: bool) -> str:
    """The absolute name of what `from … import` names."""
    if not statement.level:
        return statement.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - statement.level + package]
    return ".".join([*kept, *([statement.module] if statement.module else [])])


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[: count + 1]) for count in range(len(parts)))


def main(library: Path) -> int:
    """What a start with the modules in `library` imports; see above."""

    def file_of(module: str) -> Path:
        folder = library.joinpath(*module.split("."))
        package = folder / "__init__.py"
        return package if package.is_file() else folder.with_name(f"{folder.name}.py")

    def read(module: str) -> str | None:
        file = file_of(module)
        return file.read_text("utf-8", "replace") if file.is_file() else None

    asked = json.load(sys.stdin)
    files = (path.relative_to(library) for pattern in ("*.py", "*/*.py") for path in library.glob(pattern))
    modules = (".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in files)
    try:
        found = imported(
            frozen_modules(asked["symbols"], modules),
            asked["extensions"],
            read,
            lambda module: file_of(module).name == "__init__.py",
        )
    except FormatError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    json.dump(dict(found), sys.stdout, sort_keys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
