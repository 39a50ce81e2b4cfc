"""Iterators are cut and put together."""

from more_itertools import chunked, interleave_longest, windowed

assert list(chunked(range(5), 2)) == [[0, 1], [2, 3], [4]]
assert list(windowed([1, 2, 3], 2)) == [(1, 2), (2, 3)]
assert list(interleave_longest([1, 2], [3])) == [1, 3, 2]
