"""Makes one executable of a distribution, its extensions and a packed blob, and checks it. Unaware of who asks."""
