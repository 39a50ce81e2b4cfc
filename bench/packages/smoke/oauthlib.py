"""A request is signed."""

from oauthlib.oauth1 import Client

address, headers, _ = Client("key", client_secret="secret", nonce="1", timestamp="2").sign("http://a.b/c?d=1")
assert address == "http://a.b/c?d=1"
assert 'oauth_signature="' in headers["Authorization"]
