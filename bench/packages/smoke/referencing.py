"""A reference is found in another document."""

from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

registry = Registry().with_resource("urn:a", Resource({"b": {"type": "null"}}, DRAFT202012))
assert registry.resolver().lookup("urn:a#/b").contents == {"type": "null"}
