"""An algorithm of a certificate is encoded."""

from pyasn1.codec.der import decoder, encoder
from pyasn1_modules import rfc2437, rfc2459

algorithm = rfc2459.AlgorithmIdentifier()
algorithm["algorithm"] = rfc2437.rsaEncryption
again, _ = decoder.decode(encoder.encode(algorithm), asn1Spec=rfc2459.AlgorithmIdentifier())
assert again["algorithm"] == rfc2437.rsaEncryption
