"""A query picks out of a document."""

import jmespath

data = {"people": [{"name": "a", "age": 3}, {"name": "b", "age": 9}]}
assert jmespath.search("people[?age > `5`].name | [0]", data) == "b"
