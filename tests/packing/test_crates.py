"""Which crates a build needs: what a Cargo.lock says, and what cargo says where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from staticbuild.errors import ConfigError, FormatError, ToolchainError
from staticbuild.host import Host
from staticbuild.packing.crates import Crate, crates_of, parse_cargo_lock, parse_crate, wants_rust
from staticbuild.packing.lock import Lock
from staticbuild.packing.package_index import Pin, Target
from staticbuild.packing.resolving import resolve
from tests.packing.conftest import requirements, tarred

if TYPE_CHECKING:
    from staticbuild.packing.package_index import PackageIndex
    from tests.packing.conftest import SdistMaker

ONE, TWO = "1" * 64, "2" * 64
USUAL = "registry+https://github.com/rust-lang/crates.io-index"


def locked(name: str, version: str = "1.0.0", sha256: str | None = ONE, source: str | None = USUAL) -> str:
    """A package of a Cargo.lock."""
    lines = [f'name = "{name}"', f'version = "{version}"']
    lines += [f'source = "{source}"'] if source else []
    lines += [f'checksum = "{sha256}"'] if sha256 else []
    return "\n".join(["[[package]]", *lines, ""])


def sdist(files: Mapping[str, str]) -> bytes:
    return tarred({f"demo-1.0/{path}": text.encode() for path, text in files.items()})


def crates(files: Mapping[str, str], path: Path | str = "/nowhere") -> tuple[Crate, ...]:
    return crates_of(Host({"PATH": f"{path}:/usr/bin:/bin", "HOME": "/nowhere"}), sdist(files), "demo-1.0.tar.gz")


class TestCargoLock:
    def test_crates_of_the_registry(self) -> None:
        text = "version = 4\n" + locked("b", "2.0.0-rc.1+x", TWO) + locked("a") + locked("demo", source=None, sha256=None)
        assert parse_cargo_lock(text, "Cargo.lock") == (Crate("a", "1.0.0", ONE), Crate("b", "2.0.0-rc.1+x", TWO))
        assert Crate("b", "2.0.0-rc.1+x", TWO).filename == "b-2.0.0-rc.1+x.crate"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (locked("a", source="git+https://example.org/a#1234"), "wants the crate `a` from `git+https://example.org/a#1234`"),
            (locked("a", sha256=None), "has no digest of the crate `a`"),
            (locked("../a"), "has a package without a name and version"),
            (locked("a", "../1"), "has a package without a name and version"),
            ("package = 1", "is no Cargo.lock"),
            ("package = [1]", "is no Cargo.lock"),
            ("[[", "is no TOML"),
        ],
    )
    def test_what_cannot_be_had(self, text: str, message: str) -> None:
        with pytest.raises(FormatError, match=re.escape(f"`Cargo.lock` {message}")):
            parse_cargo_lock(text, "Cargo.lock")

    @pytest.mark.parametrize("change", [{"sha256": "1"}, {"name": "a/b"}, {"version": 1}, {"extra": ""}])
    def test_crates_of_our_lock(self, change: dict[str, object]) -> None:
        table: dict[str, object] = {"name": "a", "version": "1.0.0", "sha256": ONE}
        assert parse_crate(table) == Crate("a", "1.0.0", ONE)
        assert parse_crate(table | change) is None


class TestSdist:
    def test_its_lock(self) -> None:
        assert crates({"Cargo.toml": "", "Cargo.lock": locked("a")}) == (Crate("a", "1.0.0", ONE),)

    def test_deeper_locks_are_of_what_it_brings(self) -> None:
        deep = {"src/_demo/Cargo.lock": locked("a"), "src/_demo/vendor/b/Cargo.lock": locked("b")}
        assert crates(deep) == (Crate("a", "1.0.0", ONE),)

    def test_one_that_brings_all(self) -> None:
        settings = '[source.crates-io]\nreplace-with = "mine"\n[source.mine]\ndirectory = "vendor"\n'
        assert crates({"Cargo.lock": locked("a"), ".cargo/config.toml": settings}) == ()
        assert crates({"Cargo.lock": locked("a"), ".cargo/config.toml": "[build]\n"}) == (Crate("a", "1.0.0", ONE),)

    def test_no_rust_at_all(self) -> None:
        assert crates({"setup.py": ""}) == ()


class TestWithoutLock:
    """cargo is a script that does what it should, or does not."""

    FILES: Mapping[str, str] = {"Cargo.toml": "[package]\n", "src/lib.rs": "compile_error!()", "setup.py": "raise SystemExit"}

    def cargo(self, folder: Path, script: str) -> Path:
        (folder / "bin").mkdir()
        (folder / "bin/cargo").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "bin/cargo").chmod(0o755)
        return folder / "bin"

    def test_cargo_makes_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Host, "cache_dir", str(tmp_path / "cache"))
        script = f"[ $1 = generate-lockfile ] && [ -e src/lib.rs ] && [ ! -e setup.py ] && echo '{locked('a')}' >Cargo.lock"
        assert crates(self.FILES, self.cargo(tmp_path, script)) == (Crate("a", "1.0.0", ONE),)
        assert not list((tmp_path / "cache").iterdir())

    def test_cargo_cannot(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Host, "cache_dir", str(tmp_path / "cache"))
        with pytest.raises(ConfigError, match=r"cargo cannot say which crates `demo-1.0.tar.gz` needs") as caught:
            crates(self.FILES, self.cargo(tmp_path, "echo 'error: no network' >&2; exit 101"))
        assert caught.value.problems[0].notes == ("error: no network",)

    def test_no_cargo(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Host, "find_tool", lambda *_: None)
        with pytest.raises(ToolchainError, match=r"has no Cargo.lock, and this host has no cargo") as caught:
            crates(self.FILES, tmp_path)
        assert "apt-get install rustc cargo rust-src" in str(caught.value.problems[0].hint)


class TestResolving:
    def test_crates_are_locked_once(
        self, their: Callable[..., PackageIndex], make_sdist: SdistMaker, make_wheel: Callable[..., Path]
    ) -> None:
        make_wheel("maturin")
        system = '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
        make_sdist("rusty", pyproject=system, files={"Cargo.lock": locked("a").encode()})
        groups = {("//:app", Target()): requirements("rusty")}
        lock = resolve(their, groups)
        assert lock.crates_for(Pin("rusty", "1.0"), Target()) == (Crate("a", "1.0.0", ONE),)
        assert lock.crates_for(Pin("rusty", "2.0"), Target()) == ()
        assert Lock.parse(lock.to_text()) == lock
        other = replace(lock, builds=tuple(replace(build, crates=(Crate("b", "1.0.0", TWO),)) for build in lock.builds))
        assert resolve(their, groups, previous=other) == other
        assert resolve(their, groups, previous=other, upgrade=True) == lock


def test_who_runs_cargo() -> None:
    assert wants_rust(["setuptools", "setuptools-rust"])
    assert wants_rust(["maturin"])
    assert not wants_rust(["setuptools", "cython"])
