"""Which packages of the index work in one file: each built in, imported, and put to work."""
