"""What is kept, and where."""

from __future__ import annotations

from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """All tables."""


class Entry(Base):
    """One line in the book."""

    __tablename__ = "entries"

    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    words: Mapped[str]


class Book:
    """The entries in a SQLite file."""

    def __init__(self, path: str) -> None:
        self._engine = create_engine(f"sqlite:///{path}")
        Base.metadata.create_all(self._engine)

    def write(self, name: str, words: str) -> int:
        """Add an entry; returns its number."""
        with Session(self._engine) as session, session.begin():
            entry = Entry(name=name, words=words)
            session.add(entry)
            session.flush()
            return entry.number

    def read(self, most: int = 20) -> list[Entry]:
        """The newest entries, newest first."""
        with Session(self._engine) as session:
            return list(session.scalars(select(Entry).order_by(Entry.number.desc()).limit(most)))
