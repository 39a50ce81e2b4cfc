"""A list freezes."""

from frozenlist import FrozenList

items = FrozenList([1, 2])
items.append(3)
items.freeze()
try:
    items.append(4)
except RuntimeError:
    pass
else:
    raise AssertionError
assert (list(items), hash(items) == hash(items)) == ([1, 2, 3], True)
