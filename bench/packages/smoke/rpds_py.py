"""Persistent maps share what they have in common."""

from rpds import HashTrieMap, List

first = HashTrieMap({"a": 1})
second = first.insert("b", 2)
assert (dict(first), dict(second)) == ({"a": 1}, {"a": 1, "b": 2})
assert list(List([1, 2]).push_front(0)) == [0, 1, 2]
