"""What is known of common packages: how each is built from its sources. Knows no executable.

A row here saves a user a `python_package` of their own; one of theirs takes its place.
"""

load("@stdlib//python.bzl", "python_package")

# Without the library its build succeeds, and the C loaders are missing.
python_package(
    name = "pyyaml",
    libraries = ["@stdlib//recipes:libyaml"],
    env = {"PYYAML_FORCE_LIBYAML": "1"},
)
