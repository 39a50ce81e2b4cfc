"""What a config file declares: targets with typed attributes. Knows nothing of what their rules do with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from staticbuild.errors import Location
from staticbuild.graph.label import Label

# A checked attribute value. Labels are already `Label`s; mappings and sequences are immutable copies.
Value = None | bool | int | str | Label | tuple["Value", ...] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Target:
    """One declaration: `rule(name = …, …)` with its attributes checked and defaults filled in.

    `attribute_locations` holds where each attribute that was written out stands, for errors found after evaluation.
    """

    label: Label
    rule: str
    attributes: Mapping[str, Value]
    location: Location
    attribute_locations: Mapping[str, Location]

    def where(self, attribute: str) -> Location:
        """Where `attribute` was given, or the whole declaration if it has its default."""
        return self.attribute_locations.get(attribute, self.location)
