"""What is known of common packages: how each is built from its sources. Knows no executable.

A row here saves a user a `python_package` of their own; one of theirs takes its place.
"""

load("@stdlib//packages.bzl", "packages")
load("@stdlib//python.bzl", "python_package")

[python_package(name = name, **row) for name, row in packages.rows.items()]
