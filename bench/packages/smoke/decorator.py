"""A decorated function keeps its signature."""

import inspect

from decorator import decorator


@decorator
def twice(function, *args, **kwargs):
    return 2 * function(*args, **kwargs)


@twice
def add(a: int, b: int = 1) -> int:
    return a + b


assert add(1, b=2) == 6
assert str(inspect.signature(add)) == "(a: int, b: int = 1) -> int"
