"""A number and a sequence are encoded in DER."""

from pyasn1.codec.der import decoder, encoder
from pyasn1.type import univ

assert encoder.encode(univ.Integer(300)) == b"\x02\x02\x01\x2c"
assert decoder.decode(b"\x02\x02\x01\x2c")[0] == 300
