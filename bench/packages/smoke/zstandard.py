"""Data is compressed, by libzstd."""

import zstandard

data = b"staticbuild " * 1000
assert zstandard.decompress(zstandard.compress(data)) == data
dictionary = zstandard.train_dictionary(2000, [f"{n} sample of text {n * 7}".encode() for n in range(2000)])
packed = zstandard.ZstdCompressor(dict_data=dictionary).compress(b"5 sample of text 35")
assert zstandard.ZstdDecompressor(dict_data=dictionary).decompress(packed) == b"5 sample of text 35"
assert zstandard.backend in {"cext", "cffi", "rust"}
