"""Addresses are matched, and passwords hashed."""

from werkzeug.routing import Map, Rule
from werkzeug.security import check_password_hash, generate_password_hash

rules = Map([Rule("/item/<int:number>", endpoint="item")]).bind("demo")
assert rules.match("/item/7") == ("item", {"number": 7})
assert check_password_hash(generate_password_hash("x", "pbkdf2:sha256:1000"), "x")
