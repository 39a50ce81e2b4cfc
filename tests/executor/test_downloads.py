"""Sources from a real server on this machine that misbehaves in every way that servers do."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

import pytest

from staticbuild.errors import SourceError
from staticbuild.executor.fetch import Fetcher, FetchSettings
from staticbuild.graph.action import Download, Place
from tests.executor.workbench import Workbench

DATA = bytes(range(256)) * 4096
SHA = hashlib.sha256(DATA).hexdigest()
OTHER = b"another file"


class Server(ThreadingHTTPServer):
    """Remembers what it was asked for: paths, and ranges."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's own: it asks the network for this host's name.
        TCPServer.server_bind(self)

    def handle_error(self, *_: object) -> None:
        return


class Handler(BaseHTTPRequestHandler):
    """What a path's first part says is what happens."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Range")))
        getattr(self, self.path.split("/")[1].replace("-", "_"))()

    def answer(self, status: Any, body: Any = b"", headers: Any = (), length: Any = None) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def good(self) -> None:
        self.answer(200, DATA)

    def other(self) -> None:
        self.answer(200, OTHER)

    def absent(self) -> None:
        self.answer(404)

    def redirect(self) -> None:
        self.answer(302, headers=[("Location", "/good/x.tar")])

    def circle(self) -> None:
        self.answer(302, headers=[("Location", "/circle")])

    def encoded(self) -> None:
        # Old servers say so of every .tar.gz.
        self.answer(200, DATA, headers=[("Content-Encoding", "x-gzip")])

    def ranges(self) -> None:
        """Cuts the connection after 300,000 bytes, and goes on from where it was asked to."""
        wanted = self.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        headers = [("Content-Range", f"bytes {start}-{len(DATA) - 1}/{len(DATA)}")] if wanted else []
        self.answer(206 if wanted else 200, DATA[start : start + 300_000], headers, length=len(DATA) - start)
        self.close_connection = True

    def cut_once(self) -> None:
        """Knows no ranges; the first answer stops halfway."""
        is_first = len(self.server.asked) == 1
        self.answer(200, DATA[: len(DATA) // 2] if is_first else DATA, length=len(DATA))
        self.close_connection = True

    def too_far(self) -> None:
        self.answer(416) if self.headers.get("Range") else self.answer(200, DATA)

    def busy(self) -> None:
        self.answer(503) if len(self.server.asked) < 3 else self.answer(200, DATA)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fetch(bench: Workbench, server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that fetches from paths of the server; returns the stored bytes."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def fetch(*places: Any, settings: Any = FetchSettings(), sha256: Any = SHA, resolvers: Any = {}) -> Any:  # noqa: B006, B008
        base = f"http://127.0.0.1:{server.server_address[1]}"
        found = tuple(Place(place if ":" in place else f"{base}/{place}") for place in places)
        download = Download("x", "1.0", sha256, found, "x.tar")
        store = bench.store()
        fetcher = Fetcher(bench.host, store, resolvers, settings)
        state = fetcher.fetch(download, lambda *_: None)
        assert fetcher.known(download) == state
        return store.read(state.digest)

    return fetch


def check_error(fetch: Any, places: Any, *expected: Any, **options: Any) -> None:
    with pytest.raises(SourceError, match=r"no place has `x\.tar`") as raised:
        fetch(*places, **options)
    notes = raised.value.problems[0].notes
    assert len(notes) == len(expected)
    for note, text in zip(notes, expected, strict=True):
        assert text in note


@pytest.mark.parametrize("place", ["good/x.tar", "redirect", "encoded", "cut-once", "ranges", "busy"])
def test_it_arrives(fetch: Any, place: Any) -> None:
    assert fetch(place) == DATA


def test_it_goes_on_where_it_stopped(fetch: Any, server: Any) -> None:
    fetch("ranges")
    assert [wanted for _, wanted in server.asked] == [None, "bytes=300000-", "bytes=600000-", "bytes=900000-"]


def test_what_arrived_is_kept_for_the_next_build(fetch: Any, server: Any, bench: Workbench) -> None:
    (bench.cache / "downloads").mkdir(parents=True)
    (bench.cache / "downloads" / f"{SHA}.part").write_bytes(DATA[:900_000])
    assert fetch("ranges") == DATA
    assert server.asked == [("/ranges", "bytes=900000-")]


@pytest.mark.parametrize("place", ["good", "too-far", "ranges"])
def test_a_kept_beginning_that_is_of_another_file(fetch: Any, bench: Workbench, place: Any) -> None:
    (bench.cache / "downloads").mkdir(parents=True)
    (bench.cache / "downloads" / f"{SHA}.part").write_bytes(b"x" * 700_000)
    assert fetch(place) == DATA


def test_the_second_place(fetch: Any) -> None:
    assert fetch("absent", "other", "good") == DATA


def test_the_digest_decides(fetch: Any) -> None:
    check_error(fetch, ["other"], f"sha256 is {hashlib.sha256(OTHER).hexdigest()} (12 bytes), not {SHA}")


def test_each_place_has_its_say(fetch: Any, tmp_path: Path) -> None:
    places = ["absent", "circle", f"file://{tmp_path}/nothing", "debian:pool/x", "ftp:x", "http://"]
    check_error(
        fetch,
        places,
        "404 Not Found",
        "it redirects in a circle",
        "No such file or directory",
        "this host knows no such place",
        "not an address",
        "not an address",
        resolvers={"debian": lambda *_: []},
    )


def test_nobody_listens(fetch: Any, bench: Workbench) -> None:
    check_error(fetch, ["http://127.0.0.1:1/x", "http://127.0.0.1:1/y"], "refused", "refused")
    assert len(bench.host.slept) == 3, "the second address of a server that does not answer is not tried"


def test_a_mirror_comes_first(fetch: Any, server: Any, tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror/x.tar").write_bytes(DATA)
    assert fetch("good", settings=FetchSettings(mirrors=(str(tmp_path / "mirror"),))) == DATA
    assert server.asked == []


def test_a_mirror_with_another_file(fetch: Any, tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(OTHER)
    assert fetch("good", settings=FetchSettings(mirrors=(str(tmp_path),))) == DATA


def test_offline(fetch: Any, server: Any) -> None:
    with pytest.raises(SourceError, match="`--offline` forbids"):
        fetch("good", settings=FetchSettings(offline=True))
    fetch("good")
    assert fetch("good", settings=FetchSettings(offline=True)) == DATA
    assert len(server.asked) == 1


@pytest.mark.parametrize("kind", ["index", "place", "mirror"])
def test_offline_what_this_host_has_itself(bench: Workbench, server: Any, tmp_path: Path, kind: str) -> None:
    """A folder is no network: one of the index, a place that was named, a mirror."""
    (tmp_path / "x.tar").write_bytes(DATA)
    here, there = f"file://{tmp_path}/x.tar", f"http://127.0.0.1:{server.server_address[1]}/good"
    places = {"index": ["index:"], "place": [there, here], "mirror": [there]}[kind]
    settings = FetchSettings(offline=True, mirrors=(str(tmp_path),) if kind == "mirror" else ())
    fetcher = Fetcher(bench.host, bench.store(), {"index": lambda *_: [there, here]}, settings)
    download = Download("x", "1", SHA, tuple(map(Place, places)), "x.tar")
    assert fetcher.fetch(download, lambda *_: None).digest.hash == SHA
    assert server.asked == []


def test_offline_an_index_that_cannot_be_asked(bench: Workbench) -> None:
    def ask(*_: object) -> list[str]:
        raise SourceError("the package index could not be asked")

    fetcher = Fetcher(bench.host, bench.store(), {"index": ask}, FetchSettings(offline=True))
    with pytest.raises(SourceError, match="`--offline` forbids") as caught:
        fetcher.fetch(Download("x", "1", SHA, (Place("index:"),), "x.tar"), lambda *_: None)
    assert caught.value.problems[0].notes == ("index:: the package index could not be asked",)


def test_a_place_with_another_copy(bench: Workbench, server: Any) -> None:
    place = Place(f"http://127.0.0.1:{server.server_address[1]}/other", hashlib.sha256(OTHER).hexdigest())
    fetcher = Fetcher(bench.host, bench.store(), {}, FetchSettings())
    state = fetcher.fetch(Download("x", "1", SHA, (place,), "x"), lambda *_: None)
    assert state.digest.size == len(OTHER)


def test_a_password_is_not_shown(fetch: Any) -> None:
    check_error(fetch, ["http://me:secret@127.0.0.1:1/x"], "http://…@127.0.0.1:1/x")


def test_an_action_that_needs_a_download(bench: Workbench, server: Any) -> None:
    place = Place(f"http://127.0.0.1:{server.server_address[1]}/good")

    def size(folder: Path) -> None:
        (folder / "out").write_text(str((folder / "in.txt").stat().st_size))

    output = bench.action("size", size, in_txt=Download("x", "1", SHA, (place,), "x")).output("out")
    assert bench.reasons(output) == ["size: its sources have not been downloaded"]
    outcome = bench.build(output)
    assert bench.text(outcome, output) == str(len(DATA))
    assert bench.build(output).ran == []
