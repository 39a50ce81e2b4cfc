"""Data is compressed, in frames and blocks."""

import lz4.block
import lz4.frame

data = b"staticbuild " * 1000
assert lz4.frame.decompress(lz4.frame.compress(data)) == data
assert len(lz4.block.compress(data)) < 200
assert lz4.block.decompress(lz4.block.compress(data)) == data
