"""The real command line, stopped in every way, beside itself, and on a disk that is full."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "project").mkdir()
    project = Project(tmp_path / "project", {"STATICBUILD_CACHE": str(tmp_path / "cache")})
    yield project
    # What was killed may take a moment to go.
    wait_for(lambda: processes_in(tmp_path) == [])


# `quick` says once that it ran; `slow` waits for a file, with a grandchild that ignores signals.
CONFIG = """
load("@stdlib//build.bzl", "run_action")
run_action(name = "quick", script = "echo >>%(tmp)s/quick.log; echo quick >out", outputs = ["out"])
run_action(
    name = "slow",
    inputs = {"in": ":quick"},
    outputs = ["out"],
    script = \"\"\"
echo >>%(tmp)s/slow.log
(trap '' TERM INT; while [ ! -e %(tmp)s/go ]; do sleep 0.05; done) &
wait
cp in out
\"\"\",
)
"""


def processes_in(folder: Path) -> list[str]:
    sign = f"HOME={folder}/cache/".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if sign in (path / "environ").read_bytes() and "Z" not in (path / "stat").read_text().rpartition(")")[2][:3]:
                found.append((path / "cmdline").read_text())
        except OSError:
            continue
    return found


def start(project: Project) -> subprocess.Popen[str]:
    environ = {**os.environ, **project.environ}
    command = [sys.executable, "-m", "staticbuild", "build", "slow"]
    return subprocess.Popen(
        command, cwd=project.folder, env=environ, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def wait_until_it_waits(process: subprocess.Popen[str]) -> None:
    """Return once a build says that another one makes what it wants."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if "another build makes this now; waiting for it" in line:
            return
    pytest.fail(f"it did not wait: {said}")


def runs_of(tmp_path: Path, name: str) -> int:
    path = tmp_path / f"{name}.log"
    return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.fixture
def started(project: Project, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A build in the middle of `slow`."""
    project.write("staticbuild.bzl", CONFIG % {"tmp": tmp_path})
    process = start(project)
    try:
        wait_for(lambda: runs_of(tmp_path, "slow") == 1)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_ctrl_c(project: Project, started: subprocess.Popen[str], tmp_path: Path, number: signal.Signals, code: int) -> None:
    started.send_signal(number)
    _, errors = started.communicate(timeout=20)
    assert started.returncode == code
    assert "error: interrupted" in errors
    assert "Traceback" not in errors
    assert processes_in(tmp_path) == []
    assert list((tmp_path / "cache").glob("run-*")) == []
    (tmp_path / "go").touch()
    assert project.build("slow") == ["Run slow"], "what was finished is kept"


NO_DIGEST = "0" * 64


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome"], ids=["silent", "stalled"])
def test_ctrl_c_during_a_download_that_stalls(project: Project, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        project.write(
            "staticbuild.bzl",
            'load("@stdlib//build.bzl", "source_archive")\n'
            f'source_archive(name = "slow", version = "1", sha256 = "{NO_DIGEST}", '
            f'places = ["http://127.0.0.1:{server.getsockname()[1]}/x.tar.gz"])\n',
        )
        process = start(project)
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(answer)
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            before = time.monotonic()
            _, errors = process.communicate(timeout=20)
    assert process.returncode == 130, errors
    assert "error: interrupted" in errors
    # Without a thread to leave behind it would be the 30 seconds after which a server is given up.
    assert time.monotonic() - before < 10


def test_kill(project: Project, started: subprocess.Popen[str], tmp_path: Path) -> None:
    started.kill()
    started.communicate()
    assert processes_in(tmp_path) != []
    (old,) = (tmp_path / "cache").glob("run-*")
    # A person who looks around in there is left alone.
    looking = subprocess.Popen(["sleep", "60"], cwd=old)
    try:
        assert project.build("quick") == []
        assert not old.exists()
        assert processes_in(tmp_path) == []
        assert looking.poll() is None
    finally:
        looking.kill()
        looking.wait()
    (tmp_path / "go").touch()
    assert project.build("slow") == ["Run slow"]


def test_two_builds_at_once(project: Project, started: subprocess.Popen[str], tmp_path: Path) -> None:
    other = start(project)
    wait_until_it_waits(other)
    (tmp_path / "go").touch()
    for process in (started, other):
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0, errors
    assert (runs_of(tmp_path, "quick"), runs_of(tmp_path, "slow")) == (1, 1)


def test_ctrl_c_while_another_build_runs_the_action(project: Project, started: subprocess.Popen[str], tmp_path: Path) -> None:
    other = start(project)
    wait_until_it_waits(other)
    other.send_signal(signal.SIGINT)
    other.communicate(timeout=5)
    assert other.returncode == 130
    (tmp_path / "go").touch()
    started.communicate(timeout=20)
    assert started.returncode == 0


def test_the_environment_is_scrubbed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    project.write(
        "staticbuild.bzl",
        'load("@stdlib//build.bzl", "run_action")\n'
        'run_action(name = "env", script = "env | cut -d= -f1 | sort >out; umask >>out; ls -a >>out", '
        'outputs = ["out"], env = {"MINE": "1"})\n',
    )
    project.run("build", "env")
    names = next((project.folder / "build").rglob("out")).read_text().split()
    assert names == [
        *("HOME", "LANG", "LC_ALL", "MINE", "PATH", "PWD", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED"),
        *("SOURCE_DATE_EPOCH", "TMPDIR", "TZ", "0022", ".", "..", "out"),
    ]


def test_what_an_action_leaves_running_is_ended(project: Project, tmp_path: Path) -> None:
    project.write(
        "staticbuild.bzl",
        'load("@stdlib//build.bzl", "run_action")\n'
        'run_action(name = "daemon", script = "sleep 60 & echo x >out", outputs = ["out"])\n',
    )
    project.run("build", "daemon", timeout=20)
    wait_for(lambda: processes_in(tmp_path) == [])


def test_a_time_limit(project: Project) -> None:
    project.write(
        "staticbuild.bzl",
        'load("@stdlib//build.bzl", "run_action")\n'
        'run_action(name = "slow", script = "echo begun; sleep 60", outputs = ["out"], timeout = 1)\n',
    )
    done = project.run("build", "slow", code=1, timeout=20)
    assert "error: //:slow: Run took longer than 1 s" in done.stderr
    assert "begun" in done.stderr


def test_a_full_disk(project: Project, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", disk], check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        full = Project(project.folder, {"STATICBUILD_CACHE": str(disk / "cache")})
        full.write(
            "staticbuild.bzl",
            'load("@stdlib//build.bzl", "files", "run_action")\n'
            'files(name = "big", srcs = ["big"])\n'
            'run_action(name = "small", script = "echo x >out", outputs = ["out"])\n'
            'run_action(name = "copy", '
            'inputs = {"in": ":big", "s": ":small"}, script = "cat in >out", outputs = ["out"])\n',
        )
        big = full.folder / "big"
        big.write_bytes(b"x" * 3_000_000)
        full.run("build", "small")
        done = full.run("build", "copy", code=3)
        assert "error: the disk is full" in done.stderr
        assert "Traceback" not in done.stderr
        big.write_bytes(b"x" * 100_000)
        assert full.build("copy") == ["Run copy"]
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
