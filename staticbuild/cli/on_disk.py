"""Puts into words which packages of an executable are on disk while it runs, from its report. Prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Report = Mapping[str, Any]

_PLACES = {
    "extracted": "extracted to `{folder}` in the user's cache folder when first imported",
    "beside": "in the folder `{folder}` beside the executable",
}


def remarks(report: Report, target: str) -> Iterator[str]:
    """One line for each package that nobody asked to be on disk, but its code."""
    for item in report["resources"].get("on_disk", ()):
        if item["reasons"]:
            packages, first = ", ".join(f"`{name}`" for name in item["packages"]), item["reasons"][0]
            yield (
                f"{target}: {packages} will be written to the user's cache when imported, because of {_where(first)}; "
                f"`staticbuild inspect {target}` says more"
            )


def lines(report: Report, *, everything: bool) -> Iterator[str]:
    """What is on disk and why; with `everything`, also what was found to use paths and yet stays in memory."""
    on_disk = report["resources"].get("on_disk", ())
    if not on_disk:
        yield "no package is on disk while it runs: all is read from the executable"
    for item in on_disk:
        yield ", ".join(item["packages"])
        yield f"  {_PLACES[item['location']].format(folder=item['folder'])}; files: {item['files']}"
        for use in item["reasons"]:
            yield f"  {_where(use)}  {_what(use)}"
        if not item["reasons"]:
            yield "  `location` in the config says so"
    in_memory = report["resources"].get("in_memory", ())
    if everything:
        for use in in_memory:
            yield f"in memory: {_where(use)}  {_what(use)}; {use['why']}"
    elif in_memory:
        yield f"uses of paths that keep nothing from staying in memory: {len(in_memory)} (`--all` lists them)"


def _where(use: Mapping[str, Any]) -> str:
    return f"{use['shown']}:{use['line']}:{use['column']}"


def _what(use: Mapping[str, Any]) -> str:
    return f"`{use['expression']}` {use['reason']}"
