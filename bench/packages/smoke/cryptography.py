"""Texts are encrypted, and a certificate is made and read."""

import datetime

from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

box = Fernet(Fernet.generate_key())
assert box.decrypt(box.encrypt(b"secret")) == b"secret"
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "demo")])
now = datetime.datetime.now(datetime.UTC)
builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
made = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(1)).sign(key, hashes.SHA256())
again = x509.load_pem_x509_certificate(made.public_bytes(serialization.Encoding.PEM))
assert again.serial_number == 7
key.public_key().verify(again.signature, again.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256()))
