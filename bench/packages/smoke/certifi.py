"""The authorities are a file that ssl reads."""

import ssl

import certifi

context = ssl.create_default_context(cafile=certifi.where())
assert context.cert_store_stats()["x509_ca"] > 50
