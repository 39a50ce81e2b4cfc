"""What a build of a package is told: one frozen value, and the parameter file that it is written to. Touches no files.

Paths are relative to the private folder. What the folder holds beside them is the same for every package: the toolchain
(`zig`, `sysroot`, `cxx`, `toolchain`, `native`), the distribution that is built for (`dist`), the interpreter that runs the
backend (`host`, or `dist` again), and this program (`tool`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from staticbuild.errors import FormatError

OUTPUT: Final = "built"
WHEEL: Final = "wheel"
EXTENSIONS: Final = "extensions"
DESCRIPTION: Final = "extensions.json"


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """Build the package `requirement` (`name==version`) from its sources.

    `source` is the sdist, or a folder with a project. `wheels` are the build requirements, each under its own file name.
    `libraries` are prefix trees (`include`, `lib`, `lib/pkgconfig`). `env` and `config_settings` go to the backend.
    `exclude` are globs of paths in the wheel. `python` is the interpreter that runs the backend, `target` the folder of the
    distribution that is built for, `version` its version.
    """

    requirement: str
    source: str
    wheels: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    config_settings: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    python: str = "dist/python/install"
    target: str = "dist/python/install"
    version: str = "3.13"

    def to_json(self) -> bytes:
        """The parameter file: equal plans give equal bytes."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The plan that `to_json` wrote."""
        try:
            fields: dict[str, Any] = json.loads(data)
            return cls(**{name: _frozen(value) for name, value in fields.items()})
        except (ValueError, TypeError, AttributeError) as error:
            raise FormatError(f"not a {cls.__name__}: {error}") from error


def _frozen(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _frozen(item) for name, item in value.items()}
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class BuiltExtension:
    """An extension module of a built package: its dotted name, the function that makes it, its object in the built tree.

    `path` is where it would lie below `site-packages`, were it a shared library.
    """

    name: str
    init: str
    object: str
    path: str


def wheel_name(requirement: str) -> str:
    """Under which name the built tree has the wheel of `name==version`, whatever tags its backend gave it."""
    name, _, version = requirement.partition("==")
    return f"{re.sub(r'[-_.]+', '_', name)}-{version}-py3-none-any.whl"
