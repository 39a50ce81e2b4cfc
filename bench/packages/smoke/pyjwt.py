"""A token is signed, read, and refused when it is old."""

import jwt

key = "a secret that is long enough for what it signs"
token = jwt.encode({"who": "Ada"}, key, algorithm="HS256")
assert jwt.decode(token, key, algorithms=["HS256"]) == {"who": "Ada"}
try:
    jwt.decode(jwt.encode({"exp": 1}, key, algorithm="HS256"), key, algorithms=["HS256"])
except jwt.ExpiredSignatureError:
    pass
else:
    raise AssertionError
