"""The least recently used is forgotten."""

from cachetools import LRUCache, TTLCache, cached

cache: LRUCache[int, int] = LRUCache(2)
cache[1], cache[2] = 1, 2
assert cache[1] == 1
cache[3] = 3
assert sorted(cache) == [1, 3]


@cached(TTLCache(10, 60))
def twice(number: int) -> int:
    return 2 * number


assert twice(3) == twice(3) == 6
