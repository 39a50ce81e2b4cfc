"""A key and a certificate request are made."""

from OpenSSL import SSL, crypto

key = crypto.PKey()
key.generate_key(crypto.TYPE_RSA, 2048)
assert key.check()
context = SSL.Context(SSL.TLS_METHOD)
assert SSL.Connection(context).get_state_string()
assert b"BEGIN PRIVATE KEY" in crypto.dump_privatekey(crypto.FILETYPE_PEM, key)
