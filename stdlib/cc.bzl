"""The rules for C. Each is described, with all its attributes, in docs/reference.md."""

cc_library = native.cc_library
