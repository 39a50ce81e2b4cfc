"""A document keeps its comments."""

import io

from ruamel.yaml import YAML

yaml = YAML()
document = yaml.load("a: 1  # one\nb: [2]\n")
document["a"] = 5
stream = io.StringIO()
yaml.dump(document, stream)
assert stream.getvalue() == "a: 5  # one\nb: [2]\n"
assert YAML(typ="safe").load("x: 0o10") == {"x": 8}
