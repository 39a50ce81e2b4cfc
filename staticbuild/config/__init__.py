"""Starlark text in, target declarations out. Unaware of the disk, of processes and of what the rules do."""
