"""Documents are read and written, by libyaml."""

import yaml

text = "a: [1, 2.5, null]\nb: |\n  text\n"
assert yaml.load(text, yaml.CSafeLoader) == yaml.safe_load(text) == {"a": [1, 2.5, None], "b": "text\n"}
assert yaml.dump({"x": [1]}, Dumper=yaml.CSafeDumper) == "x:\n- 1\n"
