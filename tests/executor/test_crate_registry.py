"""Where crates are fetched from is what cargo says: here a script that does to its folders what cargo does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from staticbuild.errors import SourceError
from staticbuild.executor.crates import CrateRegistry, address_of
from staticbuild.graph.action import Download, Place
from staticbuild.host import Host

DIGEST = "ab" * 32


def crate(name: str = "serde", version: str = "1.0.0") -> Download:
    return Download(name, version, DIGEST, (Place("crate:"),), f"{name}-{version}.crate")


@pytest.mark.parametrize(
    ("template", "name", "expected"),
    [
        ("https://x/api/v1/crates", "serde", "https://x/api/v1/crates/serde/1.0.0/download"),
        ("https://x/{crate}/{crate}-{version}.crate", "serde", "https://x/serde/serde-1.0.0.crate"),
        ("https://x/{prefix}/{version}", "Serde", "https://x/Se/rd/1.0.0"),
        ("https://x/{lowerprefix}", "Serde", "https://x/se/rd"),
        ("https://x/{prefix}", "a", "https://x/1"),
        ("https://x/{prefix}", "ab", "https://x/2"),
        ("https://x/{prefix}", "abc", "https://x/3/a"),
        ("https://x/{sha256-checksum}", "serde", f"https://x/{DIGEST}"),
        ("https://x/{other}", "a", "https://x/{other}/a/1.0.0/download"),
    ],
)
def test_the_format_of_addresses(template: str, name: str, expected: str) -> None:
    assert address_of(template, crate(name)) == expected


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host whose cargo runs `cargo.sh`, and whose user has settings of cargo."""
    (tmp_path / "bin").mkdir()
    cargo = tmp_path / "bin/cargo"
    cargo.write_text(f'#!/bin/sh\necho "$1" >>{tmp_path}/asked\n. {tmp_path}/cargo.sh\n')
    cargo.chmod(0o755)
    (tmp_path / "home/.cargo").mkdir(parents=True)
    (tmp_path / "home/.cargo/config.toml").write_text("# theirs\n")
    monkeypatch.setattr(Host, "cache_dir", str(tmp_path / "cache"))
    return Host({"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": str(tmp_path / "home")})


def answers(folder: Path, text: str, then: str = "exit 0") -> None:
    index = '"$CARGO_HOME/registry/index/somewhere-1234"'
    lines = ['grep -q "^serde = \\"=1.0.0\\"$" Cargo.toml', 'grep -q theirs "$CARGO_HOME/config.toml"', f"mkdir -p {index}"]
    (folder / "cargo.sh").write_text("\n".join(["set -e", *lines, f"echo '{text}' >{index}/config.json", then, ""]))


def test_it_is_asked_once_with_the_users_settings(host: Host, tmp_path: Path) -> None:
    answers(tmp_path, json.dumps({"dl": "https://x/crates", "api": "https://x"}))
    registry = CrateRegistry(host)
    assert registry(crate(), "crate:") == ["https://x/crates/serde/1.0.0/download"]
    assert registry(crate("libc", "2.0.0"), "crate:") == ["https://x/crates/libc/2.0.0/download"]
    assert (tmp_path / "asked").read_text() == "generate-lockfile\n"
    assert not list((tmp_path / "cache").iterdir())


def test_an_index_is_enough(host: Host, tmp_path: Path) -> None:
    """A crate that was withdrawn cannot be resolved, but it is still served."""
    answers(tmp_path, json.dumps({"dl": "https://x/crates"}), then="echo 'error: yanked' >&2; exit 101")
    assert CrateRegistry(host)(crate(), "crate:") == ["https://x/crates/serde/1.0.0/download"]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"dl": 1}', '{"dl": "ftp://x"}'])
def test_no_answer(host: Host, tmp_path: Path, text: str) -> None:
    answers(tmp_path, text, then="echo 'error: no network' >&2; exit 101")
    with pytest.raises(SourceError, match="cargo does not say where its registry serves crates") as caught:
        CrateRegistry(host)(crate(), "crate:")
    assert caught.value.problems[0].notes == ("error: no network",)


def test_no_cargo(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"this host has no cargo"):
        CrateRegistry(Host({"PATH": str(tmp_path)}))(crate(), "crate:")
