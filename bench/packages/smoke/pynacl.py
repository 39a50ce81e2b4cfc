"""A message is boxed with libsodium, and signed."""

import nacl.secret
import nacl.signing
import nacl.utils

box = nacl.secret.SecretBox(nacl.utils.random(32))
assert box.decrypt(box.encrypt(b"secret")) == b"secret"
key = nacl.signing.SigningKey.generate()
assert key.verify_key.verify(key.sign(b"text")) == b"text"
