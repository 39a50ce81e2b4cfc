"""Distributions that others made: our own archive, reshaped to what python-build-standalone publishes, from a local server."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote

import pytest

from tests.distribution import test_accept as small
from tests.distribution.reshape import Archive, as_downloaded, as_format_7
from tests.project import TRIPLE, Project, run

RELEASE = "20260814"
CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist({})
python_resources(name = "app", srcs = ["main.py"])
python_executable(name = "app1", resources = [":app"], entry_point = "main:main")
"""
MAIN = """\
import _md5, _sha1, hashlib, json, sqlite3, ssl, sys, zlib
def main():
    print(json.dumps([sys.version_info[:2], hashlib.md5(b"x").hexdigest(), sqlite3.sqlite_version, ssl.OPENSSL_VERSION]))
"""


# Two of the core's objects in a few words; `sys.copyright` comes from the first.
BITCODE = {
    "getcopyright": 'const char *Py_GetCopyright(void) { return "out of bitcode"; }',
    "getplatform": 'const char *Py_GetPlatform(void) { return "linux"; }',
}


def to_bitcode(toolchain: Path, folder: Path, source: str) -> bytes:
    """`source` as an object of ThinLTO bitcode."""
    (folder / "source.c").write_text(source)
    flags = ("--target=x86_64-linux-musl", "-O3", "-fPIC", "-flto=thin")
    run([toolchain / "zig/zig", "clang", *flags, "-c", folder / "source.c", "-o", folder / "object.o"])
    return (folder / "object.o").read_bytes()


def name_of(options: str, *, python: str = "3.13.5", release: str = RELEASE, triple: str = TRIPLE) -> str:
    return f"cpython-{python}+{release}-{triple}-{options}-full.tar.zst"


@dataclass
class Server:
    """Serves files of a folder, and what is in `answers`; remembers what it was asked for."""

    folder: Path
    address: str = ""
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def sha256(self, name: str) -> str:
        return hashlib.sha256((self.folder / name).read_bytes()).hexdigest()

    def given(self, name: str, **more: str) -> str:
        """`url` and `sha256` as a config gives them."""
        words = {"url": f"{self.address}/{name.replace('+', '%2B')}", "sha256": self.sha256(name), **more}
        return ", ".join(f'{word} = "{value}"' for word, value in words.items())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("served"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = unquote(self.path[1:])
            served.asked.append(name)
            body = served.answers.get(name)
            if body is None and (served.folder / name).is_file():
                body = (served.folder / name).read_bytes()
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            return

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def server_bind(self) -> None:
            # Not HTTPServer's own: it asks the network for this host's name.
            TCPServer.server_bind(self)

    with Listener(("127.0.0.1", 0), Handler) as listener:
        served.address = f"http://127.0.0.1:{listener.socket.getsockname()[1]}"
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        yield served
        listener.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def make(distribution_folder: Path, tmp_path_factory: pytest.TempPathFactory, server: Server) -> Callable[..., Path]:
    """A function that reshapes our archive as real ones are, and then as a test wants it; it lies where the server looks."""

    def reshape(name: str, change: Callable[[Archive], object] = lambda _: None) -> Path:
        target = server.folder / name
        if not target.exists():
            archive = Archive(distribution_folder, tmp_path_factory.mktemp("reshaped"))
            as_downloaded(archive)
            change(archive)
            archive.pack(target)
        return target

    return reshape


@pytest.fixture
def app(project: Project) -> Project:
    project.write("main.py", MAIN)
    project.write("staticbuild.bzl", CONFIG.format(""))
    return project


def check_works(app: Project, *words: str) -> None:
    app.run("build", *words)
    version, md5, *_ = json.loads(run([app.result("app1/app1")], env={}).stdout)
    assert version == [3, 13]
    assert md5 == hashlib.md5(b"x", usedforsecurity=False).hexdigest()


class TestTaken:
    def test_noopt_by_address(self, app: Project, make: Callable[..., Path], server: Server) -> None:
        """As real archives are: `config.o` in the core, the wrong `static_lib`, `required` and licences that are not all."""
        name = make(name_of("noopt+static")).name
        app.write("staticbuild.bzl", CONFIG.format(server.given(name)))
        check_works(app)
        # What the cache holds is not asked for again.
        before = len(server.asked)
        app.run("build", "--offline")
        assert len(server.asked) == before
        licenses = [json.loads(line) for line in app.run("dist", "licenses", "--json", "--quiet").stdout.splitlines()]
        missing = [line["missing"] for line in licenses if line.get("extension") == "zlib"]
        assert missing == [["licenses/LICENSE.zlib-ng.txt"]]

    def test_debug_of_format_7_by_path(self, app: Project, make: Callable[..., Path]) -> None:
        def debug(archive: Archive) -> None:
            archive.document["optimizations"] = archive.document["build_options"] = "debug+static"
            archive.document["python_abi_tag"] = "d"
            archive.rename("install/bin/python3.13", "install/bin/python3.13d")
            archive.document["python_exe"] = "install/bin/python3.13d"
            archive.rename("install/include/python3.13", "install/include/python3.13d")
            archive.document["python_paths"]["include"] = "install/include/python3.13d"
            as_format_7(archive.document)

        path = make(name_of("debug+static"), debug)
        app.write("staticbuild.bzl", CONFIG.format(f'path = "{path}"'))
        check_works(app)
        info = json.loads(app.run("dist", "info", "--json", "--quiet").stdout.splitlines()[-1])
        assert (info["format"], info["build_options"]) == ("7", ["debug", "static"])

    def test_catalog(self, app: Project, make: Callable[..., Path], server: Server) -> None:
        name = make(name_of("noopt+static")).name
        other = name_of("noopt+static", python="3.10.9")
        server.answers["SHA256SUMS"] = f"{'0' * 64}  {other}\n{server.sha256(name)}  {name}\n{'1' * 64}  x.tar.gz\n".encode()
        app.write("staticbuild.bzl", CONFIG.format('prebuilt = "noopt+static"'))
        assert "2 new in" in app.run("dist", "catalog", "import", f"{server.address}/SHA256SUMS").stdout
        assert "nothing new in" in app.run("dist", "catalog", "import", f"{server.address}/SHA256SUMS").stdout
        pinned = (app.folder / "staticbuild.catalog").read_text()
        assert f"{server.sha256(name)}  {name}\n" in pinned
        assert "x.tar.gz" not in pinned
        listed = [json.loads(line) for line in app.run("dist", "list", "--json").stdout.splitlines()]
        assert [(item["python_version"], item["usable"]) for item in listed if item["pinned_by"] == "staticbuild.catalog"] == [
            ("3.10.9", False),
            ("3.13.5", True),
        ]
        # A mirror has the file under its name; the digest decides.
        check_works(app, "--mirror", server.address)

    def test_lto_of_a_catalog(self, app: Project, make: Callable[..., Path], server: Server, toolchain_folder: Path) -> None:
        """ThinLTO bitcode among the core's objects, as `lto+static` archives have it throughout."""

        def lto(archive: Archive) -> None:
            archive.document["build_options"] = archive.document["optimizations"] = "lto+static"
            archive.build["object_file_format"] = "llvm-bitcode:%22.1.3"
            for name, source in BITCODE.items():
                archive.replace(f"build/Python/{name}.o", to_bitcode(toolchain_folder, archive.python.parent, source))

        make(name_of("noopt+static"))
        name = make(name_of("lto+static"), lto).name
        pins = "".join(f"{server.sha256(one)}  {one}\n" for one in (name, name_of("noopt+static")))
        app.write("SHA256SUMS", pins)
        app.run("dist", "catalog", "import", "SHA256SUMS")
        app.write("main.py", "import sys\ndef main():\n    print(sys.copyright, sys.version)\n")
        for build in ("lto+static", "noopt+static"):
            app.write("staticbuild.bzl", CONFIG.format(f'prebuilt = "{build}", release = "{RELEASE}"'))
            ran = app.run("build", "--mirror", server.address).stderr
            assert ("CompileBitcode" in ran) == (build == "lto+static")
            shown = run([app.result("app1/app1")], env={}).stdout
            assert shown.startswith("out of bitcode 3.13" if build == "lto+static" else "Copyright (c)")


class TestRefused:
    """Each is one error, and nothing is left that a later build would take for good."""

    def check(self, app: Project, given: str, says: str, hint: str, *words: str, code: int = 1) -> None:
        app.write("staticbuild.bzl", CONFIG.format(given))
        for _ in range(2):
            done = app.run("build", "dist", *words, code=code)
            assert says in done.stderr
            assert hint in done.stderr
            assert "Traceback" not in done.stderr
            assert not (app.folder / "build").exists()

    def test_wrong_digest(self, app: Project, server: Server) -> None:
        server.answers["a-full.tar.zst"] = b"another file"
        given = f'url = "{server.address}/a-full.tar.zst", sha256 = "{"0" * 64}"'
        digest = hashlib.sha256(b"another file").hexdigest()
        self.check(app, given, f"sha256 is {digest} (12 bytes), not {'0' * 64}", "staticbuild --mirror")

    def test_offline(self, app: Project, server: Server) -> None:
        given = f'url = "{server.address}/b-full.tar.zst", sha256 = "{"0" * 64}"'
        self.check(app, given, "`b-full.tar.zst` is not in the cache, and `--offline`", "without `--offline`", "--offline")
        assert "b-full.tar.zst" not in server.asked

    def test_nobody_has_it(self, app: Project, server: Server) -> None:
        given = f'url = "{server.address}/c-full.tar.zst", sha256 = "{"0" * 64}"'
        self.check(app, given, "no place has `c-full.tar.zst` (cpython 3.13)", "check the network")

    def test_truncated(self, app: Project, make: Callable[..., Path], server: Server) -> None:
        data = make(name_of("noopt+static")).read_bytes()
        path = server.folder / "cut-full.tar.zst"
        path.write_bytes(data[: len(data) // 2])
        self.check(app, f'path = "{path}"', "cannot unpack `cut-full.tar.zst`: it is damaged", "in //:dist: UnpackDistribution")

    def test_a_page(self, app: Project) -> None:
        app.write("page.html", "<!DOCTYPE html><title>404</title>")
        self.check(app, 'path = "page.html"', "cannot unpack `page.html`: it is damaged, or not an archive", "")

    def test_another_kind(self, app: Project, server: Server, tmp_path: Path) -> None:
        document = small.changed(python_version="3.13.5", crt_features=["musl-dynamic"])
        path = small.archive(tmp_path, document).rename(server.folder / "dynamic-full.tar.zst")
        says = "cannot use `dynamic-full.tar.zst`: it is a dynamic build, whose objects need a dynamic linker"
        self.check(app, server.given(path.name), says, "use an archive whose name ends in `+static-full.tar.zst`")

    def test_release_that_is_too_old(self, app: Project, tmp_path: Path) -> None:
        document = small.changed(python_version="3.13.0")
        document["build_info"]["core"]["objs"] += ["build/Parser/lexer/lexer.o", "build/Parser/tokenizer/helpers.o"]
        path = small.archive(tmp_path, document).rename(tmp_path / name_of("noopt", python="3.13.0", release="20241016"))
        self.check(app, f'path = "{path}"', "release 20241016 lacks objects of the core", "use an archive of a newer release")

    @pytest.mark.parametrize(
        ("given", "says", "hint"),
        [
            ('path = "gone.tar.zst"', "`gone.tar.zst` does not exist", "staticbuild.bzl:3:"),
            ('path = "."', "`.` is a folder, not an archive", "staticbuild.bzl:3:"),
            ('archive = "x"', "`make_dist` has no attribute `archive`", "it is called `path`"),
            ('url = "http://127.0.0.1/x"', "`url` and `sha256` belong together", ""),
            ('path = "x", prebuilt = "noopt+static"', "give one of `path` and `prebuilt`", ""),
            ('release = "20260814"', "`release` belongs to `prebuilt`", ""),
            ('prebuilt = "pgo"', '`prebuilt` wants one of `"noopt+static"`', ""),
            ('prebuilt = "lto+static"', "the catalog has no Python 3.13 for", "`staticbuild dist catalog import SHA256SUMS`"),
        ],
    )
    def test_mistakes(self, app: Project, given: str, says: str, hint: str) -> None:
        self.check(app, given, says, hint, code=2)


GIVEN = [Path(path) for path in os.environ.get("SB_TEST_ARCHIVES", "").split(os.pathsep) if path]


@pytest.mark.skipif(not GIVEN, reason="SB_TEST_ARCHIVES names no archives")
@pytest.mark.parametrize("path", GIVEN, ids=lambda path: path.name)
def test_given_archive(app: Project, path: Path) -> None:
    """Archives that are too large or too slow for each run: real ones, and CPython compiled to bitcode throughout."""
    app.write("staticbuild.bzl", CONFIG.format(f'path = "{path}"'))
    check_works(app)


class TestCatalog:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (b"<html>", "this is not a line of a checksum file"),
            (b"\xff", "is not text"),
            (f"{'0' * 64}  {name_of('pgo')}\n".encode(), "lists no archive of a static build"),
            (f"{'0' * 64}  {name_of('lto+static', python='3.14.6', release='20260623')}\n".encode(), "with another digest"),
        ],
    )
    def test_not_imported(self, app: Project, text: bytes, says: str) -> None:
        (app.folder / "SHA256SUMS").write_bytes(text)
        assert says in app.run("dist", "catalog", "import", "SHA256SUMS", code=2).stderr
        assert not (app.folder / "staticbuild.catalog").exists()

    def test_nothing_to_import(self, app: Project, server: Server) -> None:
        assert "`gone` does not exist" in app.run("dist", "catalog", "import", "gone", code=2).stderr
        assert "cannot be had: " in app.run("dist", "catalog", "import", f"{server.address}/gone", code=1).stderr

    def test_damaged(self, app: Project) -> None:
        app.write("staticbuild.catalog", "what?\n")
        app.write("staticbuild.bzl", CONFIG.format('prebuilt = "noopt+static"'))
        assert "--> staticbuild.catalog:1:1" in app.run("build", "dist", code=2).stderr

    def test_list_without_a_workspace(self, project: Project) -> None:
        listed = [json.loads(line) for line in project.run("dist", "list", "--json").stdout.splitlines()]
        assert {item["pinned_by"] for item in listed} == {"staticbuild"}
        assert "there is no file `gone`" in project.run("dist", "list", "-f", "gone", code=2).stderr

    def test_another_file(self, app: Project) -> None:
        app.write("sums", f"{'0' * 64}  {name_of('lto+static')}\n")
        app.run("dist", "catalog", "import", "sums", "--into", "other.catalog")
        assert (app.folder / "other.catalog").read_text().endswith(f"{'0' * 64}  {name_of('lto+static')}\n")
        assert not (app.folder / "staticbuild.catalog").exists()


def test_extract(app: Project, distribution_folder: Path) -> None:
    assert app.run("dist", "extract", "out/here").stdout == f"{app.folder}/out/here/python\n"
    assert (app.folder / "out/here/python/PYTHON.json").read_bytes() == (distribution_folder / "PYTHON.json").read_bytes()
    assert "`out/here` exists already" in app.run("dist", "extract", "out/here", code=2).stderr


def test_texts_of_licenses(app: Project) -> None:
    shown = app.run("dist", "licenses", "--text").stdout
    assert "--- licenses/LICENSE.zlib.txt ---" in shown
    assert "Jean-loup Gailly" in shown
