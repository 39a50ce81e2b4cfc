"""The door to the world: what it makes of errors that people meet."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from staticbuild.errors import ToolchainError
from staticbuild.host import Host


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Host({"STATICBUILD_CACHE": "here"}).cache_dir == str(tmp_path / "here")
    assert os.path.isabs(Host({}).cache_dir)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: Any) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ToolchainError, match="the disk is full"):
        Host().write_bytes(str(tmp_path / "x"), b"data")
    assert os.listdir(tmp_path) == []


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    host = Host()
    host.write_bytes(str(tmp_path / "a/b"), b"one", executable=True)
    host.write_bytes(str(tmp_path / "a/b"), b"two")
    assert (tmp_path / "a/b").read_bytes() == b"two"
    assert os.listdir(tmp_path / "a") == ["b"]


def test_a_lock(tmp_path: Path) -> None:
    host, path = Host(), str(tmp_path / "locks/a")
    with host.lock(path) as first, host.lock(path, wait=False) as second:
        assert (first, second) == (True, False)
    with host.lock(path, wait=False) as third:
        assert third


def test_a_name_that_goes_away_while_a_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "b").touch()

    class Gone:
        name = "gone"

        def stat(self, **_: Any) -> None:
            raise FileNotFoundError

    scandir = os.scandir

    class Scan:
        def __enter__(self) -> Any:
            return [Gone(), *scandir(tmp_path)]

        def __exit__(self, *_: object) -> Any:
            return None

    monkeypatch.setattr(os, "scandir", lambda _: Scan())
    assert [entry.name for entry in Host().scan(str(tmp_path))] == ["a", "b"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user() -> None:
    """Read-only folders can be removed, and a cache of somebody else is an error that says so."""
    code = """
        import os, tempfile
        from staticbuild.errors import ToolchainError
        from staticbuild.host import Host
        host, root = Host(), tempfile.mkdtemp()
        os.chmod(root, 0o755)
        os.setgid(65534); os.setuid(65534)
        path = root + "/x"
        for call in (host.make_dirs, lambda path: host.write_bytes(path, b""), host.open_append):
            try:
                call(path)
            except ToolchainError as error:
                print(error.message.replace(root, "ROOT"))
        mine = tempfile.mkdtemp()
        os.makedirs(mine + "/t/a/b")
        open(mine + "/t/a/b/x", "w").close()
        os.link(mine + "/t/a/b/x", mine + "/kept")
        os.chmod(mine + "/kept", 0o444)
        for name in ("a/b", "a", ""):
            os.chmod(mine + "/t/" + name, 0o555)
        host.remove(mine + "/t")
        print(os.listdir(mine), oct(os.stat(mine + "/kept").st_mode & 0o777))
        host.remove(mine)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, cwd="/")
    assert done.stderr == ""
    *errors, last = done.stdout.splitlines()
    assert errors == ["cannot write `ROOT/x`: Permission denied"] * 3
    assert last == "['kept'] 0o444"
