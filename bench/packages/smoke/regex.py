"""Patterns that `re` does not know."""

import regex

assert regex.findall(r"\p{Lu}\w+", "Ada and Élise") == ["Ada", "Élise"]
assert regex.fullmatch(r"(?:cats|dogs){e<=1}", "cets")
assert regex.fullmatch(r"(\((?:[^()]|(?1))*\))", "(a(b)c)")
