"""A guest book: Flask, Jinja templates, SQLAlchemy on SQLite."""
