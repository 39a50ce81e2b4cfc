"""Carries what an evaluation brought from the process that evaluated to the one that asked. Knows the values, no processes."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from staticbuild.errors import Location, Problem


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one evaluation: `result` if there are no `problems`, and what it printed either way."""

    result: object
    problems: tuple[Problem, ...]
    printed: tuple[tuple[Location, str], ...]


def pack(report: Report) -> bytes:
    """`report` as bytes for `unpack`, which must run in a process of the same program."""
    file = io.BytesIO()
    _Pickler(file, protocol=pickle.HIGHEST_PROTOCOL).dump(report)
    return file.getvalue()


def unpack(data: bytes) -> Report:
    """The report in `data`, which `pack` made in a child of this process."""
    report = pickle.loads(data)  # noqa: S301 - not from outside
    assert isinstance(report, Report)  # noqa: S101
    return report


class _Pickler(pickle.Pickler):
    """Knows the one type of our values that pickle does not."""

    def reducer_override(self, value: object) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        if isinstance(value, MappingProxyType):
            return MappingProxyType, (dict(value),)
        return NotImplemented  # type: ignore[no-any-return]
