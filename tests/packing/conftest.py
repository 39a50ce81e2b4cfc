"""Wheels and sdists of a few lines, and an index on this machine that serves them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from staticbuild.errors import Location
from staticbuild.host import Host
from staticbuild.packing.package_index import PackageIndex, Target
from staticbuild.packing.requirements import Required, Requirements


@dataclass
class WheelMaker:
    """Writes wheels into a folder. `extra` are RECORD lines to add, `lies` replaces lines of it by path."""

    folder: Path

    def __call__(  # noqa: PLR0913 - what a wheel can be made of
        self,
        name: str = "demo",
        version: str = "1.0",
        files: Mapping[str, bytes] | None = None,
        *,
        tag: str = "py3-none-any",
        requires: tuple[str, ...] = (),
        lies: Mapping[str, str] | None = None,
        metadata: Mapping[str, bytes] | None = None,
    ) -> Path:
        """The path of the new wheel `name`-`version`."""
        info = f"{name}-{version}.dist-info"
        lines = "".join(f"Requires-Dist: {item}\n" for item in requires)
        everything = {
            **({f"{name}/__init__.py": b"value = 1\n"} if files is None else files),
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{lines}".encode(),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
            **{f"{info}/{path}": data for path, data in (metadata or {}).items()},
        }
        record = {path: f"{path},{_digest(data)},{len(data)}" for path, data in everything.items()} | dict(lies or {})
        everything[f"{info}/RECORD"] = "\n".join([*record.values(), f"{info}/RECORD,,", ""]).encode()
        path = self.folder / f"{name}-{version}-{tag}.whl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zipped(everything))
        return path


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip archive, the same bytes each time."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return data.getvalue()


@dataclass
class SdistMaker:
    """Writes sdists into a folder. Their `setup.py` leaves a file `ran` in that folder: what reads them must not run it."""

    folder: Path

    def __call__(
        self,
        name: str = "demo",
        version: str = "1.0",
        pyproject: str | None = None,
        files: Mapping[str, bytes] | None = None,
        requires: tuple[str, ...] = (),
    ) -> Path:
        """The path of the new sdist, whose PKG-INFO says all that there is to say."""
        lines = "".join(f"Requires-Dist: {item}\n" for item in requires)
        everything = {
            "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n{lines}".encode(),
            "setup.py": f"open({str(self.folder / 'ran')!r}, 'w').close()\n".encode(),
            **({} if pyproject is None else {"pyproject.toml": pyproject.encode()}),
            **(files or {}),
        }
        path = self.folder / f"{name}-{version}.tar.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tarred({f"{name}-{version}/{inner}": data for inner, data in everything.items()}))
        return path

    @property
    def ran(self) -> bool:
        """Whether any of them was run."""
        return (self.folder / "ran").exists()


def tarred(files: Mapping[str, bytes]) -> bytes:
    """A gzipped tar, the same bytes each time."""
    data = io.BytesIO()
    with gzip.GzipFile(fileobj=data, mode="wb", mtime=0) as zipped_, tarfile.open(fileobj=zipped_, mode="w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


def _digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


@pytest.fixture
def make_wheel(tmp_path: Path) -> WheelMaker:
    """Makes wheels in `wheels/` of the temporary folder."""
    return WheelMaker(tmp_path / "wheels")


@pytest.fixture
def make_sdist(tmp_path: Path) -> SdistMaker:
    """Makes sdists in `wheels/` of the temporary folder."""
    return SdistMaker(tmp_path / "wheels")


@dataclass
class Index:
    """A package index (PEP 503 and 691) of what is in `folder`. `asked` are the paths that were requested.

    Asked as a proxy, it answers for any server. With `password`, it wants to be asked as `user:password`.
    """

    folder: Path
    url: str = ""
    says_digests: bool = True
    as_json: bool = True
    password: str | None = None
    asked: list[str] = field(default_factory=list)

    def page(self, project: str) -> tuple[str, bytes] | None:
        """The media type and body of a project's page."""
        files = [path for path in sorted(self.folder.glob("*-*")) if _project(path.name) == project]
        if not files:
            return None
        digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        if self.as_json:
            described = [
                {
                    "filename": path.name,
                    "url": f"{self.url}/files/{path.name}",
                    "hashes": {"sha256": digests[path.name]} if self.says_digests else {},
                    "size": path.stat().st_size,
                }
                for path in files
            ]
            body = json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": described})
            return "application/vnd.pypi.simple.v1+json", body.encode()
        links = "".join(
            f'<a href="/files/{name}{"#sha256=" + digest if self.says_digests else ""}">{name}</a>'
            for name, digest in digests.items()
        )
        return "text/html", f"<!DOCTYPE html><html><body>{links}</body></html>".encode()


def _project(filename: str) -> str:
    return filename.partition("-")[0].lower().replace("_", "-")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An index on the loopback address that serves what is in `index/`."""
    served = Index(tmp_path / "index")
    served.folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def _handler(index: Index) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append(self.path)
            wanted = index.password and "Basic " + base64.b64encode(index.password.encode()).decode()
            if wanted and self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            kind, _, name = urlsplit(self.path).path.strip("/").partition("/")
            file = index.folder / Path(name).name
            answer = index.page(name) if kind == "simple" else None
            if kind == "files" and file.is_file():
                answer = "application/octet-stream", file.read_bytes()
            self.send_response(200 if answer else 404)
            body = answer[1] if answer else b""
            self.send_header("Content-Type", answer[0] if answer else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    return Handler


def requirements(*texts: str, constraints: tuple[str, ...] = (), sha256: tuple[str, ...] = ()) -> Requirements:
    """Requirements as a config may have them."""
    where = Location("staticbuild.bzl", 1)
    limits = tuple(Required(text, (), where) for text in constraints)
    return Requirements(tuple(Required(text, sha256, where) for text in texts), limits, ())


@pytest.fixture
def their(index: Index, make_wheel: WheelMaker, make_sdist: SdistMaker, tmp_path: Path) -> Callable[..., PackageIndex]:
    """The index of a user, with a few packages."""
    make_sdist.folder = make_wheel.folder = index.folder
    make_wheel("alpha", "1.0", requires=("beta>=1",))
    make_wheel("beta", "1.0")
    make_wheel("beta", "1.5")
    make_wheel("native", "1.0", tag="cp313-cp313-manylinux_2_28_x86_64")
    make_wheel("both", "1.0")
    make_wheel("both", "1.0", tag="cp313-cp313-manylinux_2_17_x86_64")

    def make(target: Target = Target(), **environ: str) -> PackageIndex:  # noqa: B008 - a frozen value
        caches = {"UV_CACHE_DIR": str(tmp_path / "uv"), "STATICBUILD_CACHE": str(tmp_path / "cache")}
        settings = {"HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null", "UV_NO_CONFIG": "1", "PATH": "/usr/bin:/bin"}
        where = {"UV_DEFAULT_INDEX": f"{index.url}/simple"}
        return PackageIndex(Host({**settings, **caches, **where, **environ}), str(tmp_path), target)

    return make
