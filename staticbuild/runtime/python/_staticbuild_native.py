# ruff: noqa: INP001 - runs inside of the executable
"""Loads extension modules from memory, where no folder takes their files. Knows what a module needs, not why there is none.

The system's loader opens a file without a name by its descriptor. Libraries that come with the module are then not found by
their paths; but the loader takes one that is loaded already and has the name that is asked for.
"""

from __future__ import annotations

import _imp
from _frozen_importlib import ModuleSpec, _call_with_frames_removed
from _frozen_importlib_external import ExtensionFileLoader

import _staticbuild
import _staticbuild_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

_loaded: set[int] = set()


class MemoryLoader(ExtensionFileLoader):
    """Loads the extension module whose file would be at `path`."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Create the module; its `__file__` is the name that its file has in the executable."""
        path = _staticbuild.path(self.path)
        number = _staticbuild.location_of(path)
        try:
            if number is not None and number not in _loaded:
                _load_libraries(number)
                _loaded.add(number)
            file = _staticbuild.memory_file(path)
            _staticbuild.load_library(file)
        except OSError as error:
            why = "" if number is None else _staticbuild_files.failures(number)
            raise ImportError(
                f"`{spec.name}` is a shared library, and neither a private folder takes it ({why}) nor memory ({error}); "
                "set XDG_CACHE_HOME to a folder of yours from which programs may be run",
                name=spec.name,
                path=self.path,
            ) from error
        at = ModuleSpec(spec.name, self, origin=file)
        module: ModuleType = _call_with_frames_removed(_imp.create_dynamic, at)
        module.__file__ = self.path
        return module


def _load_libraries(number: int) -> None:
    """Load the libraries of a location that are no modules, each when those that it needs are there."""
    _, _, _, files = _staticbuild.location(number)
    waiting = [path for path, _ in files if _is_library(path)]
    while waiting:
        left = []
        for path in waiting:
            try:
                _staticbuild.load_library(_staticbuild.memory_file(path))
            except OSError:
                left.append(path)
        if len(left) == len(waiting):
            return  # who needs one of them will say so
        waiting = left


def _is_library(path: str) -> bool:
    name = path.rpartition("/")[2]
    is_shared = name.endswith(".so") or ".so." in name
    return is_shared and not any(name.endswith(suffix) for suffix in _imp.extension_suffixes()[:-1])
