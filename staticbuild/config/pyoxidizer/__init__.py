"""The other dialect: `pyoxidizer.bzl` files, evaluated into the same targets that a native config declares."""
