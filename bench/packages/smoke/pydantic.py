"""Values are checked and converted by the core in Rust."""

from datetime import date

from pydantic import BaseModel, Field, ValidationError


class Person(BaseModel):
    name: str = Field(min_length=2)
    born: date
    tags: list[int] = []


person = Person.model_validate_json('{"name": "Ada", "born": "1815-12-10", "tags": ["1", 2]}')
assert (person.born.year, person.tags) == (1815, [1, 2])
try:
    Person(name="A", born="never")
except ValidationError as error:
    assert error.error_count() == 2
else:
    raise AssertionError
assert Person.model_json_schema()["required"] == ["name", "born"]
