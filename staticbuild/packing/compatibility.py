"""Which wheels run where, and which of several an installer would prefer. Pure: knows names of files, opens none.

PEP 425's tags, with the platforms of PEP 600 for glibc. A program that is linked with musl statically loads no shared
library, so for such a target only pure wheels count.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from staticbuild.packing.package_index import Target

# PEP 600: the names that manylinux had before it was named for the version of glibc.
_OLDER_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
# No manylinux asks for less.
_OLDEST_MINOR = 5


def rank(filename: str, target: Target) -> int | None:
    """How well the wheel `filename` fits `target`: 0 is best, as for pip. None: it is no wheel, or not for `target`."""
    ranks = _ranks(target)
    return min((ranks[tag] for tag in _tags(filename) if tag in ranks), default=None)


def is_pure(filename: str, target: Target) -> bool:
    """Whether the wheel `filename` is for any platform, without machine code, and for the Python of `target`."""
    ranks = _ranks(target)
    return any(tag in ranks and tag.platform == "any" and tag.abi == "none" for tag in _tags(filename))


def is_loaded(filename: str) -> bool:
    """Whether the wheel `filename` holds extension modules, which an interpreter loads as shared libraries.

    A wheel for single platforms whose ABI is `none` holds programs, such as `ninja`, and any Python can run those.
    """
    return all(tag.abi != "none" for tag in _tags(filename))


def is_for_this_python(filename: str, target: Target) -> bool:
    """Whether the wheel `filename` is for the Python of `target`, on whatever platform."""
    known = {(tag.interpreter, tag.abi) for tag in _ranks(Target(target.python, "x86_64-unknown-linux-gnu", "2.17"))}
    return any((tag.interpreter, tag.abi) in known for tag in _tags(filename))


def _tags(filename: str) -> frozenset[Tag]:
    try:
        return parse_wheel_filename(filename)[3]
    except InvalidWheelFilename:
        return frozenset()


@cache
def _ranks(target: Target) -> Mapping[Tag, int]:
    version = tuple(int(part) for part in target.python.split(".")[:2])
    interpreter = "cp" + "".join(map(str, version))
    # Without platforms, packaging would take those of this host.
    platforms = _platforms(target) or ["none"]
    tags = [*cpython_tags(version, [interpreter], platforms), *compatible_tags(version, interpreter, platforms)]
    return {tag: index for index, tag in enumerate(tags)}


def _platforms(target: Target) -> list[str]:
    """What wheels call the platforms that run on `target`, newest first."""
    if target.glibc is None:
        return []
    machine = target.platform.partition("-")[0]
    newest = int(target.glibc.split(".")[1])
    names: list[str] = []
    for minor in range(newest, _OLDEST_MINOR - 1, -1):
        names.append(f"manylinux_2_{minor}_{machine}")
        if minor in _OLDER_NAMES:
            names.append(f"{_OLDER_NAMES[minor]}_{machine}")
    return [*names, f"linux_{machine}"]
