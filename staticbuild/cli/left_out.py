"""Puts into words what was left out of an executable or compressed on request, from its report. Prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from staticbuild.cli.console import size

Report = Mapping[str, Any]


def lines(report: Report) -> Iterator[str]:
    """What was left out, a line for each kind of thing and for each package, and what was compressed."""
    for item in report["resources"].get("left_out", ()):
        counts = [f"{item[what]} {what}" for what in ("modules", "files") if item[what]]
        yield f"left out: {item['what']}: {', '.join(counts) or 'nothing'}, {size(item['bytes'])}"
        yield from (f"    {name}" for name in item["names"])
    for item in report["resources"].get("compressed", ()):
        yield f"compressed: {item['kind']}: {size(item['after'])} instead of {size(item['before'])}"
