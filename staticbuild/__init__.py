"""Turns a Python application into one statically linked executable."""

__version__ = "0.1.0"
