# ruff: noqa: INP001, ANN401, PLC0415 - runs inside of the executable, where an import that is not needed costs a start
"""Metadata of installed projects for `importlib.metadata`. Knows dist-info folders; imported only by those who ask."""

from __future__ import annotations

import re
from importlib.metadata import Distribution

import _staticbuild
from _staticbuild_resources import TreePath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def find(context: Any) -> Iterator[TreeDistribution]:
    """The projects in the executable that `context` asks for: by name, below certain folders, or all."""
    name = getattr(context, "name", None)
    folders = vars(context).get("path") if context is not None else None
    wanted = None if name is None else normalise(name)
    for normalised, folder in _staticbuild.distributions():
        path = TreePath(folder)
        if wanted in {None, normalised} and (folders is None or str(path.parent) in map(str, folders)):
            yield TreeDistribution(path)


def normalise(name: str) -> str:
    """A project's name as the packaging specifications compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


class TreeDistribution(Distribution):
    """A project whose metadata lies in the executable."""

    def __init__(self, folder: TreePath) -> None:
        self._path = folder

    def read_text(self, filename: Any) -> str | None:
        """A file of the metadata, or None."""
        path = self._path.joinpath(filename)
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def locate_file(self, path: Any) -> Any:
        """Where a file of the project is: in the executable, or on disk if it was put there."""
        place = self._path.parent.joinpath(path)
        if _staticbuild.location_of(_staticbuild.path(str(place))) is not None:
            import pathlib

            import _staticbuild_files

            if real := _staticbuild_files.filename(_staticbuild.path(str(place))):
                return pathlib.Path(real)
        return place

    @property
    def _normalized_name(self) -> str:
        """From the folder's name, which is quicker to read than the metadata."""
        return normalise(self._path.stem.partition("-")[0])
