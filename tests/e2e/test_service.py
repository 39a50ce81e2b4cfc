"""`examples/service`: what programs of this kind use, from end to end."""

from __future__ import annotations

import http.server
import json
import lzma
import sqlite3
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.project import Done, Project, run

pytestmark = [pytest.mark.slow, pytest.mark.network]

DATA = Path(__file__).parent / "data"
RATES = {"at": "2026-01-31T23:30:00+00:00", "rates": {"EUR": "1", "USD": "1.1000", "JPY": "180.25"}}


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the rates at any path."""

    def do_GET(self) -> None:
        body = json.dumps(RATES).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an HTTPS server with a certificate of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DATA / "server.crt", DATA / "server.key")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()
        thread.join()


Ledger = Callable[..., Done]


@pytest.fixture
def ledger(example: Callable[[str], Project], package_index: None, tmp_path: Path) -> Ledger:  # noqa: ARG001 - it skips
    """A function that runs the executable in an empty environment and an empty folder."""
    program = example("service").result("ledger/ledger")
    return lambda *words, code=0: run([program, *words], code=code, cwd=tmp_path, env={}, timeout=60)


@pytest.fixture
def filled(ledger: Ledger, server: str) -> Ledger:
    """The same, with rates in `ledger.db`."""
    ledger("fetch", server, "--ca-file", str(DATA / "server.crt"))
    return ledger


def test_help_is_argparse(ledger: Ledger) -> None:
    assert "convert an amount" in ledger("--help").stdout
    assert "invalid choice: 'nonsense'" in ledger("nonsense", code=2).stderr


def test_https_with_its_own_certificate_and_logging(ledger: Ledger, server: str) -> None:
    done = ledger("--verbose", "fetch", server, "--ca-file", str(DATA / "server.crt"))
    assert done.stdout == "3 rates\n"
    assert done.stderr == f"INFO ledger.remote: {server} answered 200\n"


def test_https_trusts_nobody_else(ledger: Ledger, server: str) -> None:
    assert "CERTIFICATE_VERIFY_FAILED" in ledger("fetch", server, code=1).stderr


def test_https_to_nobody_is_an_error(ledger: Ledger, free_port: int) -> None:
    assert "Connection refused" in ledger("fetch", f"https://127.0.0.1:{free_port}", code=1).stderr


def test_sqlite_with_the_schema_from_a_data_file(filled: Ledger, tmp_path: Path) -> None:
    assert filled("convert", "10", "EUR", "JPY").stdout == "1802.50 JPY\n"
    connection = sqlite3.connect(tmp_path / "ledger.db")
    tables = connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    assert ("rates",) in tables
    assert ("fetches",) in tables


def test_decimal_rounds_to_even(filled: Ledger) -> None:
    # 0.05 and 0.15 times 1.1 are 0.055 and 0.165: binary numbers would round one of them the other way.
    assert filled("convert", "0.05", "EUR", "USD").stdout == "0.06 USD\n"
    assert filled("convert", "0.15", "EUR", "USD").stdout == "0.16 USD\n"
    assert filled("convert", "1", "USD", "XYZ", code=1).stderr == "ERROR ledger: no rate for XYZ\n"


def test_zoneinfo_needs_nothing_of_the_host(filled: Ledger) -> None:
    assert filled("when", "--zone", "Europe/Berlin").stdout == "2026-02-01 00:30 CET\n"
    assert filled("when", "--zone", "Asia/Tokyo").stdout == "2026-02-01 08:30 JST\n"
    assert "No time zone found" in filled("when", "--zone", "Mars/Olympus", code=1).stderr


def test_lzma_archive_is_read_by_another_python(filled: Ledger, tmp_path: Path) -> None:
    filled("archive", "all.sql.xz")
    text = lzma.decompress((tmp_path / "all.sql.xz").read_bytes()).decode()
    assert """INSERT INTO "rates" VALUES('USD','1.1000');""" in text


def test_asyncio_runs_subprocesses(ledger: Ledger) -> None:
    done = ledger("each", "/bin/echo one", "/bin/sh -c 'echo two; exit 4'", code=4)
    assert done.stdout == "/bin/echo one: 0 one\n/bin/sh -c 'echo two; exit 4': 4 two\n"


def test_ctypes_types_and_pythonapi(ledger: Ledger) -> None:
    assert ledger("about").stdout.startswith("Python 3.13, OpenSSL 3.5.")
