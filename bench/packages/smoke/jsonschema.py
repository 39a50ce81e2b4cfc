"""Documents are checked against a schema."""

import jsonschema

schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
jsonschema.validate({"n": 2}, schema)
errors = list(jsonschema.Draft202012Validator(schema).iter_errors({"n": 0}))
assert [error.validator for error in errors] == ["minimum"]
jsonschema.Draft202012Validator.check_schema(schema)
