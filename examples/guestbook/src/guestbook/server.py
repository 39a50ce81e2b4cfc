"""The web server: uvicorn with its parser in C, and Flask behind it."""

from __future__ import annotations

import argparse

import httptools
import markupsafe
import sqlalchemy.util
import uvicorn
from asgiref.wsgi import WsgiToAsgi
from flask import Flask, Response, jsonify, render_template, request

from guestbook.model import Book


def make_app(book: Book) -> Flask:
    """The application."""
    app = Flask("guestbook")

    @app.get("/")
    def page() -> str:
        return render_template("book.html", entries=book.read())

    @app.post("/entries")
    def write() -> tuple[Response, int]:
        words = request.get_json()
        return jsonify(number=book.write(words["name"], words["words"])), 201

    @app.get("/about")
    def about() -> Response:
        # Which of the parts in C are there: each has a slower one in Python.
        return jsonify(
            escape=markupsafe._escape_inner.__module__,  # noqa: SLF001 - nothing else tells
            parser=httptools.HttpRequestParser.__module__,
            sqlalchemy=bool(sqlalchemy.util.has_compiled_ext()),
        )

    return app


def main() -> None:
    """Serve until somebody stops it."""
    parser = argparse.ArgumentParser(description="A guest book on the web.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--database", default="guestbook.db")
    given = parser.parse_args()
    app = WsgiToAsgi(make_app(Book(given.database)))
    uvicorn.run(app, host=given.host, port=given.port, http="httptools", log_level="warning")
