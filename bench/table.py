"""Turns figures into a table of fixed width, or JSON. Measures nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.measure import Sample, ratio


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured: ours, a peer's if there is one, and the limit that the project set itself.

    `unit` is `s`, `ms`, `µs` or `MB`; samples are in seconds or bytes. `limit` is in the sample's unit, `limit_ratio` a part of
    the peer's. `mean` is a ratio that was reckoned from other figures. `by_best` compares the best values, not the medians:
    for what is so short that other work only adds to it. `note` says why there is no peer, or no figure.
    """

    name: str
    what: str
    unit: str
    ours: Sample | None = None
    peer: Sample | None = None
    peer_name: str = ""
    limit: float | None = None
    limit_ratio: float | None = None
    by_best: bool = False
    note: str = ""
    mean: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours by the peer's: below 1 is better than the peer."""
        if self.mean is not None:
            return self.mean
        if not self.ours or not self.peer:
            return None
        if self.by_best:
            return ratio(Sample((self.ours.best,)), Sample((self.peer.best,)))
        return ratio(self.ours, self.peer)

    @property
    def within(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        if self.limit is not None and self.ours:
            return self.ours.median <= self.limit
        if self.limit_ratio is not None and self.ratio is not None:
            return self.ratio <= self.limit_ratio
        return None


_SCALES = {"s": 1.0, "ms": 1e3, "µs": 1e6, "MB": 1e-6}
_HEAD = ("figure", "ours", "±", "best", "peer", "±", "best", "ours/peer", "limit", "")


def text(figures: Sequence[Figure]) -> str:
    """The table, its columns aligned with blanks."""
    rows = [_HEAD, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True))]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _row(figure: Figure) -> tuple[str, ...]:
    limit = "" if figure.limit is None else f"<= {_value(figure.limit, figure.unit)}"
    if figure.limit_ratio is not None:
        limit = f"<= {figure.limit_ratio:.2f} x"
    found = figure.ratio
    verdict = {True: "kept", False: "MISSED", None: ""}[figure.within]
    about = f"peer: {figure.peer_name}" if figure.peer_name else figure.note
    return (
        figure.what,
        _value(figure.ours.median, figure.unit) if figure.ours else "-",
        f"{figure.ours.spread:.0%}" if figure.ours else "",
        _value(figure.ours.best, figure.unit) if figure.ours else "",
        _value(figure.peer.median, figure.unit) if figure.peer else "-",
        f"{figure.peer.spread:.0%}" if figure.peer else "",
        _value(figure.peer.best, figure.unit) if figure.peer else "",
        f"{found:.2f} x" if found is not None else "-",
        limit,
        ", ".join(part for part in (verdict, about) if part),
    )


def _value(value: float, unit: str) -> str:
    scaled = value * _SCALES[unit]
    return f"{scaled:.2f} {unit}" if scaled < 10 else f"{scaled:.1f} {unit}"


def record(figure: Figure) -> dict[str, object]:
    """The figure for `--json`: seconds and bytes, nothing rounded."""
    return {
        "name": figure.name,
        "what": figure.what,
        "unit": "bytes" if figure.unit == "MB" else "seconds",
        "ours": figure.ours.values if figure.ours else None,
        "peer": figure.peer.values if figure.peer else None,
        "peer_name": figure.peer_name or None,
        "ratio": figure.ratio,
        "limit": figure.limit,
        "limit_ratio": figure.limit_ratio,
        "within": figure.within,
        "note": figure.note or None,
    }
