"""A password fits its hash, another does not."""

import bcrypt

hashed = bcrypt.hashpw(b"secret", bcrypt.gensalt(4))
assert bcrypt.checkpw(b"secret", hashed)
assert not bcrypt.checkpw(b"Secret", hashed)
assert bcrypt.kdf(b"password", b"salt", 16, 4) == bcrypt.kdf(b"password", b"salt", 16, 4)
