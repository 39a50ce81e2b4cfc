"""Crates are laid out as cargo's directory sources are: a folder each, with the digest of the file that was served."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from staticbuild.distribution.crates import main


def crate(folder: Path, stem: str, files: dict[str, bytes]) -> Path:
    """A file as a registry serves it."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    folder.mkdir(exist_ok=True)
    path = folder / f"{stem}.crate"
    path.write_bytes(data.getvalue())
    return path


def test_two_versions_of_one_crate(tmp_path: Path) -> None:
    for version in ("1.0.0", "2.0.0-rc.1"):
        path = crate(tmp_path / "crates", f"one-{version}", {f"one-{version}/Cargo.toml": version.encode()})
        assert main([str(tmp_path / "crates"), str(tmp_path / "vendor")]) == 0
        laid_out = tmp_path / "vendor" / f"one-{version}"
        assert (laid_out / "Cargo.toml").read_text() == version
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert json.loads((laid_out / ".cargo-checksum.json").read_text()) == {"files": {}, "package": digest}
        path.unlink()


def test_one_that_leads_outside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crate(tmp_path / "crates", "one-1.0.0", {"one-1.0.0/../../evil": b""})
    assert main([str(tmp_path / "crates"), str(tmp_path / "vendor")]) == 1
    assert "cannot unpack `one-1.0.0.crate`" in capsys.readouterr().err
    assert not (tmp_path / "evil").exists()
