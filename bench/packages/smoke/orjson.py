"""Values become JSON and come back."""

import orjson

assert orjson.dumps({"b": [1, 2.5, None], "a": "é"}, option=orjson.OPT_SORT_KEYS) == '{"a":"é","b":[1,2.5,null]}'.encode()
assert orjson.loads(b'{"a": [true, 1e3]}') == {"a": [True, 1000.0]}
