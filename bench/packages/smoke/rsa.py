"""A message is signed."""

import rsa

public, private = rsa.newkeys(512)
signature = rsa.sign(b"text", private, "SHA-256")
assert rsa.verify(b"text", signature, public) == "SHA-256"
assert rsa.decrypt(rsa.encrypt(b"x", public), private) == b"x"
