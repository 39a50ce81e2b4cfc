"""Values become JSON and come back."""

import ujson

assert ujson.dumps({"a": [1, 2.5, None, "é"]}, ensure_ascii=False) == '{"a":[1,2.5,null,"é"]}'
assert ujson.loads('{"b": [true, -3]}') == {"b": [True, -3]}
