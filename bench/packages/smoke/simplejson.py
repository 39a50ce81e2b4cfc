"""Numbers stay exact, by the extension module."""

from decimal import Decimal

import simplejson
from simplejson import _speedups

assert simplejson.loads("[1.10, true]", use_decimal=True) == [Decimal("1.10"), True]
assert simplejson.dumps({"a": Decimal("2.50")}, use_decimal=True) == '{"a": 2.50}'
assert _speedups.make_encoder is not None
