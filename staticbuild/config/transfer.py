"""Carries what an evaluation brought from the process that evaluated to the one that asked. Knows the values, no processes."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from staticbuild.config.evaluator import Package
from staticbuild.errors import Location, Problem, StaticbuildError


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one evaluation: a package, an error with its problems, or the traceback of a bug; and what it printed."""

    package: Package | None
    error: type[StaticbuildError] | None
    problems: tuple[Problem, ...]
    bug: str | None
    printed: tuple[tuple[Location, str], ...]

    def answer(self) -> Package:
        """The package. Raises the error that the evaluation ended in."""
        if self.error is not None:
            raise self.error.of(self.problems)
        if self.package is None:
            raise RuntimeError(f"the evaluation of a config failed:\n{self.bug}")
        return self.package


def pack(value: object) -> bytes:
    """`value` (a report, a question, an answer) as bytes for `unpack`, which must run in a process of the same program."""
    file = io.BytesIO()
    _Pickler(file, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return file.getvalue()


def unpack(data: bytes) -> Any:  # noqa: ANN401 - what `pack` was given
    """The value in `data`, which `pack` made in a process that was forked from this one, or that this one was forked from."""
    return pickle.loads(data)  # noqa: S301 - not from outside


class _Pickler(pickle.Pickler):
    """Knows the one type of our values that pickle does not."""

    def reducer_override(self, value: object) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        if isinstance(value, MappingProxyType):
            return _read_only, (dict(value),)
        return NotImplemented  # type: ignore[no-any-return]


def _read_only(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """A function, because the type itself cannot be found by its name."""
    return MappingProxyType(items)
