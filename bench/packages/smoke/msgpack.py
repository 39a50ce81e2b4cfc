"""Values are packed and unpacked, by the extension module."""

import msgpack
from msgpack import _cmsgpack

value = {"a": [1, -2, 3.5, None, True], "b": b"bytes"}
assert msgpack.unpackb(msgpack.packb(value)) == value
assert msgpack.Packer is _cmsgpack.Packer
