"""Which Pythons can be linked, and which of them there are recipes for. Pure: knows names and dates, no recipe's text.

A version is written as `3.13` (whichever release the recipe pins) or exactly, as `3.13.5`. That the recipes pin what this
table says is tested, because their text is Starlark and this is read before any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Version:
    """One feature version of Python.

    `release` is the one that the recipe pins, and `recipe` ends the names of its targets. `end_of_life` is the month of its
    last release, as its release schedule has it (PEP 664, 693, 719, 745).
    """

    short: str
    release: str
    recipe: str
    end_of_life: str

    @property
    def numbers(self) -> tuple[int, int]:
        """`(3, 13)` of `3.13`."""
        major, minor = self.short.split(".")
        return int(major), int(minor)


VERSIONS: Final = (
    Version("3.11", "3.11.2", "-3.11", "2027-10"),
    Version("3.12", "3.12.15", "-3.12", "2028-10"),
    Version("3.13", "3.13.5", "", "2029-10"),
    Version("3.14", "3.14.8", "-3.14", "2030-10"),
)
"""In the order of their numbers."""

DEFAULT: Final = "3.13"


def find(written: str) -> Version | None:
    """The version of which `written` is a release, or the name; None if it is of none that can be linked."""
    return next((version for version in VERSIONS if f"{written}.".startswith(f"{version.short}.")), None)


def nearest(written: str) -> Version:
    """The version whose number is nearest to that of `written`, which is digits with dots."""
    major, minor, *_ = (int(part) for part in written.split("."))
    return min(VERSIONS, key=lambda version: (abs(version.numbers[0] - major), abs(version.numbers[1] - minor)))


def has_recipe(written: str) -> bool:
    """Whether `written` can be built from source."""
    return any(written in {version.short, version.release} for version in VERSIONS)


def listed() -> str:
    """What can be built from source, for a message."""
    *others, last = (version.release for version in VERSIONS)
    return f"{', '.join(others)} and {last}"
