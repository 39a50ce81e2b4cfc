"""New types for old Pythons."""

from typing_extensions import TypedDict, get_type_hints, override


class Movie(TypedDict, total=False):
    name: str


assert get_type_hints(Movie) == {"name": str}
assert Movie.__optional_keys__ == {"name"}
assert override(len) is len
