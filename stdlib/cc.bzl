"""The rules for C. Described in docs/reference.md."""

cc_library = native.cc_library
