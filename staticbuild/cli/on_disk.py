"""Puts into words which packages of an executable are on disk while it runs, from its report. Prints nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Report = Mapping[str, Any]

_NAMES_SHOWN = 6
_PLACES = {
    "extracted": "extracted to `{folder}` in the user's cache folder when first imported",
    "beside": "in the folder `{folder}` beside the executable",
}


def remarks(report: Report, target: str) -> Iterator[str]:
    """One line for each package that nobody asked to be on disk, but its code; and one for all shared libraries."""
    on_disk = report["resources"].get("on_disk", ())
    for item in on_disk:
        if item["reasons"]:
            packages, first = ", ".join(f"`{name}`" for name in item["packages"]), item["reasons"][0]
            yield (
                f"{target}: {packages} will be written to the user's cache when imported, because of {_where(first)}; "
                f"`staticbuild inspect {target}` says more"
            )
    native = [item for item in on_disk if item["native"] and not item["reasons"]]
    if native:
        packages = _first(f"`{name}`" for item in native for name in item["packages"])
        extracted = all(item["location"] == "extracted" for item in native)
        place = "written to the user's cache when imported" if extracted else "on disk while it runs"
        yield f"{target}: the machine code of {packages} will be {place}; `staticbuild inspect {target}` says more"
    wanted = _wanted(on_disk)
    if wanted:
        yield f"{target}: of the host it needs {_first(wanted)}, beside glibc, for {_first(sorted(set(wanted.values())))}"
    for item in report["resources"].get("native_in_memory", ()):
        yield f"{target}: the {item['kind']} `{item['path']}` stays inside, where nothing can run it"


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
        yield from _native(item["native"], everything=everything)
        if not item["reasons"] and not item["native"]:
            yield "  `location` in the config says so"
    for file in report["resources"].get("native_in_memory", ()):
        yield f"in memory: {file['kind']} `{file['path']}`"
    in_memory = report["resources"].get("in_memory", ())
    if everything:
        for use in in_memory:
            yield f"in memory: {_where(use)}  {_what(use)}; {use['why']}"
    elif in_memory:
        yield f"uses of paths that keep nothing from staying in memory: {len(in_memory)} (`--all` lists them)"


def _native(files: Sequence[Mapping[str, Any]], *, everything: bool) -> Iterator[str]:
    """The machine code of a location: how much of each kind, or all of it; and what it wants of the host."""
    if everything:
        for file in files:
            yield f"  {file['kind']} `{file['path']}`"
    elif files:
        counts = Counter(file["kind"] for file in files)
        yield "  machine code: " + ", ".join(f"{kind}: {count}" for kind, count in sorted(counts.items()))
    for library in sorted({library for file in files for library in file["wants"]}):
        users = [file["path"].rpartition("/")[2] for file in files if library in file["wants"]]
        yield f"  needs {library} of the host, for {_first(f'`{name}`' for name in users)}"


def _wanted(on_disk: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The libraries that machine code wants of the host, and the packages that it is of."""
    return {
        library: ", ".join(f"`{name}`" for name in item["packages"])
        for item in on_disk
        for file in item["native"]
        for library in sorted(file["wants"])
    }


def _first(names: Iterable[str]) -> str:
    """A few names, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more


def _where(use: Mapping[str, Any]) -> str:
    return f"{use['shown']}:{use['line']}:{use['column']}"


def _what(use: Mapping[str, Any]) -> str:
    return f"`{use['expression']}` {use['reason']}"
