"""A name is encoded as in DNS."""

import idna

assert idna.encode("bücher.example") == b"xn--bcher-kva.example"
assert idna.decode("xn--bcher-kva.example") == "bücher.example"
assert idna.encode("Königsgäßchen", uts46=True) == b"xn--knigsgchen-b4a3dun"
