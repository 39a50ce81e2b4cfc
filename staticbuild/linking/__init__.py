"""From a distribution, its extensions and a packed blob to one executable, and the checks of it. Unaware of who asks."""
