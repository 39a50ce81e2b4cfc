"""Raises all that was found wrong at once. Knows nothing of what it was."""

from __future__ import annotations

from collections.abc import Sequence

from staticbuild.errors import ConfigError, Problem, StaticbuildError


def raise_all(problems: Sequence[Problem], kind: type[StaticbuildError] = ConfigError) -> None:
    """Raise one error that holds all of `problems`; do nothing if there are none."""
    if problems:
        first, *more = problems
        raise kind(
            first.message,
            where=first.where,
            hint=first.hint,
            source_line=first.source_line,
            notes=first.notes,
            more=tuple(more),
        )
