"""Two greenlets pass values to each other."""

from greenlet import getcurrent, greenlet

seen: list[object] = []


def other(value: int) -> str:
    seen.append(value)
    seen.append(parent.switch("up"))
    return "end"


parent = getcurrent()
child = greenlet(other)
assert child.switch(1) == "up"
assert child.switch(2) == "end"
assert (seen, child.dead) == ([1, 2], True)
