"""A document in TOML is read."""

import tomli

assert tomli.loads('a = [1, 0x10]\n[b]\nc = "d"\n') == {"a": [1, 16], "b": {"c": "d"}}
