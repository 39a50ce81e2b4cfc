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
    if trimmed := report["resources"].get("trimmed"):
        count = sum(item["modules"] for item in trimmed["names"])
        yield f"trimmed: {count} modules, {trimmed['files']} files, {size(trimmed['bytes'])}"
        yield from (f"    {item['name']}: {item['modules']} modules, {size(item['bytes'])}" for item in trimmed["names"])
    for item in report["resources"].get("compressed", ()):
        yield f"compressed: {item['kind']}: {size(item['after'])} instead of {size(item['before'])}"


def why(report: Report, module: str) -> Iterator[str]:
    """Why `module` is in a trimmed executable: who imports it, and who imports that, down to the program itself."""
    reached = report["resources"].get("reached")
    if reached is None:
        yield f"`{module}`: nothing was trimmed, so that all modules are there"
    elif module not in reached:
        yield f"`{module}` is not reached" + (": it was left out" if _was_dropped(report, module) else ", or there is none")
    else:
        while module:
            how, by = reached[module]
            yield f"{module}: {f'`{by}` {how}' if by else how}"
            module = by


def _was_dropped(report: Report, module: str) -> bool:
    return module.partition(".")[0] in {item["name"] for item in report["resources"]["trimmed"]["names"]}
