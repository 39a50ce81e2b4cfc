"""A class with checks and converters."""

import attr
import attrs


@attrs.define
class Point:
    x: int = attrs.field(converter=int)
    y: int = attrs.field(default=0, validator=attrs.validators.ge(0))


assert attrs.asdict(Point("3")) == {"x": 3, "y": 0}
assert attr.evolve(Point(1), y=2) == Point(1, 2)
try:
    Point(1, -1)
except ValueError:
    pass
else:
    raise AssertionError
