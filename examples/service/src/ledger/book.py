"""The rates in a SQLite file. Knows nothing of where they come from."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from importlib.resources import files


class Book:
    """Rates, and when they were fetched."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: str) -> Iterator[Book]:
        """The book in the file `path`, which is made if there is none."""
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.executescript(files("ledger").joinpath("schema.sql").read_text("utf-8"))
            yield cls(connection)

    def update(self, rates: Mapping[str, Decimal], at: datetime, source: str) -> None:
        """Take all of `rates`, or none of them."""
        with self._connection:
            self._connection.executemany(
                "REPLACE INTO rates VALUES (?, ?)", [(name, str(rate)) for name, rate in rates.items()]
            )
            self._connection.execute("INSERT INTO fetches VALUES (?, ?)", (at.isoformat(), source))

    def rate(self, currency: str) -> Decimal:
        """How much of `currency` one euro is. Raises LookupError."""
        row = self._connection.execute("SELECT rate FROM rates WHERE currency = ?", (currency,)).fetchone()
        if row is None:
            raise LookupError(f"no rate for {currency}")
        return Decimal(row[0])

    def last_fetch(self) -> datetime:
        """When the rates were fetched. Raises LookupError."""
        row = self._connection.execute("SELECT max(at) FROM fetches").fetchone()
        if row[0] is None:
            raise LookupError("nothing was fetched yet")
        return datetime.fromisoformat(row[0])

    def dump(self) -> Iterator[str]:
        """Everything, as SQL."""
        return self._connection.iterdump()
