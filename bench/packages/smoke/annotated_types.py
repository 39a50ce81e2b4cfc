"""Metadata of types is found again."""

from typing import Annotated, get_args

from annotated_types import Gt, Interval

assert get_args(Annotated[int, Gt(3)])[1].gt == 3
assert list(Interval(ge=1, lt=5)) != []
