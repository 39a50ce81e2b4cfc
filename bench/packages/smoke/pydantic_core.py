"""A schema of its own checks a value."""

from pydantic_core import SchemaValidator, core_schema, from_json

validator = SchemaValidator(core_schema.list_schema(core_schema.int_schema(gt=1)))
assert validator.validate_python(["2", 3]) == [2, 3]
assert from_json(b'{"a": [1, 2') if False else from_json(b'{"a": [1, 2]}') == {"a": [1, 2]}
