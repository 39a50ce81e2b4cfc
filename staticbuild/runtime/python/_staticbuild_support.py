"""The parts of the run time that few programs use: package data, metadata, children of `multiprocessing`.

Imported by the importer in C when first needed. Runs inside the executable, with its Python.
"""

from __future__ import annotations

import _staticbuild
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable, TraversableResources
    from typing import IO, Any


def read_file(filename: str) -> bytes:
    """Read a file outside of the executable, for `Loader.get_data`."""
    import io

    with io.open_code(filename) as file:
        return file.read()


def resource_reader(loader: Any) -> TraversableResources | None:
    """What `importlib.resources` reads the data of `loader`'s package with; None for a plain module."""
    import _staticbuild_resources

    return _staticbuild_resources.reader(loader)


def find_distributions(context: Any) -> Iterable[Any]:
    """What `importlib.metadata` finds in the executable."""
    import _staticbuild_metadata

    return _staticbuild_metadata.find(context)


def run_multiprocessing(command: str) -> None:
    """Be the process that `multiprocessing` meant to start with `command`: `--multiprocessing-fork`, or code for `-c`."""
    if command == "--multiprocessing-fork":
        from multiprocessing.spawn import freeze_support

        # It reads the numbers of the pipes from sys.argv and ends the process.
        freeze_support()
        return
    module, arguments, keywords = _parse_call(command)
    sys.argv[1:] = ["-c"]
    __import__(module)
    sys.modules[module].main(*arguments, **keywords)


def _parse_call(command: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Take apart `from MODULE import main; main(…)`. Only literals pass: a command line must not bring code of its own."""
    import ast

    imported, call = ast.parse(command).body
    if not (isinstance(imported, ast.ImportFrom) and isinstance(call, ast.Expr) and isinstance(call.value, ast.Call)):
        msg = "not a command of multiprocessing"
        raise SystemExit(msg)
    arguments = [ast.literal_eval(argument) for argument in call.value.args]
    keywords: dict[str, Any] = {}
    for keyword in call.value.keywords:
        value = ast.literal_eval(keyword.value)
        keywords.update(value if keyword.arg is None else {keyword.arg: value})
    return str(imported.module), arguments, keywords
