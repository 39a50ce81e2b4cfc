"""What was signed cannot be changed."""

from itsdangerous import BadSignature, URLSafeSerializer

serializer = URLSafeSerializer("key")
token = serializer.dumps({"id": 5})
assert serializer.loads(token) == {"id": 5}
try:
    serializer.loads(token[:-1] + ("A" if token[-1] != "A" else "B") + "x")
except BadSignature:
    pass
else:
    raise AssertionError
