"""The rules for Python programs. Each is described, with all its attributes, in docs/reference.md."""

make_dist = native.make_dist
python_executable = native.python_executable
python_package = native.python_package
python_resources = native.python_resources
