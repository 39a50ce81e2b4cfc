"""A dict with several values for one key, in any case."""

from multidict import CIMultiDict

headers = CIMultiDict([("Set-Cookie", "a"), ("set-cookie", "b")])
assert headers.getall("SET-COOKIE") == ["a", "b"]
headers.add("X", "1")
assert len(headers) == 3
