"""The table of the dialect is whole, and speaks of what there is."""

from __future__ import annotations

from pathlib import Path

from staticbuild.config.pyoxidizer import table
from staticbuild.config.pyoxidizer.dialect import GLOBALS, TYPES
from staticbuild.config.pyoxidizer.model import Method, Property, Status, Thing

NAMES = Path(__file__).parent / "data/pyoxidizer-api.txt"


def listed() -> list[str]:
    return [name for line in NAMES.read_text().splitlines() if not line.startswith("#") for name in line.split()]


def members(kind: type[Thing]) -> list[Property | Method]:
    return [*kind.properties, *kind.methods.values()]


def test_no_name_is_missing() -> None:
    known = set(table.names())
    assert [name for name in listed() if name not in known] == []


def test_what_is_changed_or_refused_says_why() -> None:
    for kind in TYPES:
        for each in members(kind):
            assert each.status is Status.SUPPORTED or each.note, f"{kind.type}.{each.name}"
    for name, function in GLOBALS.items():
        assert function.status is Status.SUPPORTED or function.note, name


def test_everything_has_a_sentence() -> None:
    for kind in TYPES:
        assert kind.doc.endswith("."), kind.type
        for each in members(kind):
            assert each.doc.endswith(".") or "`" in each.doc, f"{kind.type}.{each.name}"
