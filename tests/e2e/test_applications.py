"""Whole applications with C extensions, each one static file, used as their users would."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.project import EXAMPLES, Project, run

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.usefixtures("package_index")]

REQUESTS = 400


@pytest.fixture(scope="module")
def port(example: Callable[[str], Project], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where the guest book listens; it runs in an empty environment."""
    program = example("guestbook").result("guestbook/guestbook")
    port = _free_port()
    with subprocess.Popen([program, "--port", str(port)], cwd=tmp_path_factory.mktemp("guestbook"), env={}) as server:
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()
        assert server.wait(20) in {0, -signal.SIGTERM}


def test_the_parts_in_c_are_there(port: int) -> None:
    about = json.loads(_get(port, "/about"))
    assert about == {"escape": "markupsafe._speedups", "parser": "httptools.parser.parser", "sqlalchemy": True}


def test_what_is_written_is_read_under_load(port: int) -> None:
    def write(number: int) -> int:
        words = json.dumps({"name": f"<{number}>", "words": "hello"})
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", "/entries", words, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 201
        found: int = json.loads(answer.read())["number"]
        connection.close()
        return found

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(write, range(REQUESTS)))
    assert sorted(numbers) == list(range(1, REQUESTS + 1))
    page = _get(port, "/")
    assert page.count("<p><b>&lt;") == 20
    assert "&gt;</b>: hello" in page


def test_vault(example: Callable[[str], Project], tmp_path: Path) -> None:
    program = example("vault").result("vault/vault")
    (tmp_path / "secrets.yaml").write_text("token: abc\nport: 8080\n")
    environment = {"VAULT_PASSWORD": "correct horse", "LANG": "C.UTF-8"}
    sealed = run([program, "seal", "secrets.yaml", "secrets.vault"], cwd=tmp_path, env=environment)
    assert sealed.stdout == "sealed 2 values\n"
    assert b"abc" not in (tmp_path / "secrets.vault").read_bytes()
    shown = run([program, "show", "secrets.vault"], cwd=tmp_path, env=environment).stdout
    assert "token" in shown
    assert "8080" in shown
    wrong = run([program, "show", "secrets.vault", "--password", "wrong"], cwd=tmp_path, env=environment, code=1)
    assert wrong.stderr == "Error: the password is wrong, or the file was changed\n"


def test_regression_prints_what_a_stock_python_prints(
    example: Callable[[str], Project], tmp_path: Path, stock_numpy: Path
) -> None:
    if slow := Project(EXAMPLES / "regression").costs_minutes():
        pytest.skip(f"{slow} would take minutes; STATICBUILD_THOROUGH_TESTS=1 has it run")
    program = example("regression").result("regression/regression")
    ours = run([program], cwd=tmp_path, env={}).stdout
    theirs = run([stock_numpy, EXAMPLES / "regression/regression.py"], cwd=tmp_path).stdout
    assert ours == theirs
    assert "frequency 20" in ours


@pytest.fixture(scope="session")
def stock_numpy() -> Path:
    """A Python of this host with a numpy from the index, in an environment that is kept in the user's cache."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "staticbuild-tests/numpy"
    python = folder / "bin/python"
    if not (folder / "ready").exists():
        run([sys.executable, "-m", "venv", "--clear", folder])
        run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "numpy>=2.2"])
        (folder / "ready").touch()
    return python


def _free_port() -> int:

    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def _get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200
    text = answer.read().decode()
    connection.close()
    return text


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, "the service ended"
        try:
            _get(port, "/about")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the service does not answer")
