"""A function is wrapped, and still looks like itself."""

import wrapt


@wrapt.decorator
def twice(wrapped, _instance, args, kwargs):
    return 2 * wrapped(*args, **kwargs)


@twice
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


assert (add(1, 2), add.__doc__, add.__name__) == (6, "Add.", "add")
assert wrapt.ObjectProxy([1]) == [1]
