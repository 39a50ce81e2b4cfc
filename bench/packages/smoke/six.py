"""Names that moved are found."""

import six
from six.moves import urllib

assert six.PY3
assert urllib.parse.quote("a b") == "a%20b"
assert six.ensure_binary("é") == b"\xc3\xa9"
