"""Compiles the packing program itself, with all that it imports, to a tree of bytecode. Knows nothing of resources.

A distribution's standard library lies there as sources, and an action may not write beside them: each start would compile
dozens of modules again, which takes longer than to pack a small application. With this tree as its `PYTHONPATH`, the
program finds `.pyc` files in the place of sources (PEP 3147, "sourceless imports").
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import ModuleType

from staticbuild.packing.bytecode import Source, compile_all

# Importing these brings in all else that the packing actions import.
_IMPORTED = (
    "importlib.resources",
    "installer.records",
    "installer.sources",
    "installer.utils",
    "ast",
    "staticbuild.packing.file_uses",
    "staticbuild.packing.layers",
    "staticbuild.packing.leave_out",
    "staticbuild.packing.locations",
    "staticbuild.packing.pack",
    "staticbuild.packing.reader",
    "staticbuild.packing.trim",
    "staticbuild.packing.wheel",
    "staticbuild.packing.writer",
    "traceback",
)

# Codecs are found by name while the program runs, so this package would have to be there with all of its 120 modules.
_LEFT = frozenset({"encodings"})

# PEP 552: a pyc that is never compared with a source, of which there is none.
_HEADER = MAGIC_NUMBER + (0b01).to_bytes(4, "little") + bytes(8)


def write_tools(output: Path) -> int:
    """Write the tree; gives the number of modules in it."""
    for name in _IMPORTED:
        importlib.import_module(name)
    places = {target: path for name, module in list(sys.modules.items()) for target, path in _sources(name, module)}
    sources = [Source(target, path.read_bytes()) for target, path in sorted(places.items())]
    for source, compiled in zip(sources, compile_all(sources, optimize=0), strict=True):
        if compiled.code is not None:
            path = output / (source.path + "c")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_HEADER + compiled.code)
    return len(sources)


def _sources(name: str, module: ModuleType) -> Iterator[tuple[str, Path]]:
    """The sources that go into the tree for a loaded module: its own, or all those of a package.

    A package found in the tree is looked for nowhere else, so nothing of it may be missing.
    """
    spec = getattr(module, "__spec__", None)
    if spec is None or name == "__main__" or name.partition(".")[0] in _LEFT:
        return
    if not isinstance(spec.loader, SourceFileLoader) or spec.origin is None:
        return  # builtin or frozen
    origin = Path(spec.origin)
    folder = name.replace(".", "/")
    if spec.submodule_search_locations is None:
        yield f"{folder}.py", origin
        return
    for path in origin.parent.rglob("*.py"):
        yield f"{folder}/{path.relative_to(origin.parent).as_posix()}", path
