"""Queries are composed, and no server is told as one."""

import psycopg
from psycopg import sql

assert psycopg.pq.__impl__ in {"c", "binary"}
query = sql.SQL("select {} from {}").format(sql.Identifier("a b"), sql.Identifier("t"))
assert query.as_string(None) == 'select "a b" from "t"'
try:
    psycopg.connect("host=127.0.0.1 port=1 connect_timeout=2")
except psycopg.OperationalError as error:
    assert "refused" in str(error)
else:
    raise AssertionError
