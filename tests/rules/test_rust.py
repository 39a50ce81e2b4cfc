"""Which Rust of a host is used, and what is said where none will do. `rustc` is a script that says what rustc would."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from staticbuild.errors import ConfigError, Location, ToolchainError
from staticbuild.host import Host
from staticbuild.rules.context import Context
from staticbuild.rules.registry import ANALYSERS
from staticbuild.rules.rust import HOST_TRIPLE, TARGET_TRIPLE, find_toolchain, rust_inputs


@dataclass(frozen=True)
class Rust:
    """A toolchain in `folder`, where it has `parts`."""

    folder: Path
    release: str = "1.95.0"
    host: str = HOST_TRIPLE
    parts: tuple[str, ...] = ("bin/cargo", f"lib/rustlib/{TARGET_TRIPLE}/lib/libstd-0123.rlib")

    def install(self) -> str:
        """The folder for PATH."""
        for part in ("bin/rustc", *self.parts):
            path = self.folder / part
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        told = f"rustc {self.release} (59807616e)\nbinary: rustc\nhost: {self.host}\nrelease: {self.release}\nLLVM version: 22"
        script = f"#!/bin/sh\ncase $1 in\n-vV) echo '{told}' ;;\n--print) echo '{self.folder}' ;;\nesac\n"
        (self.folder / "bin/rustc").write_text(script)
        (self.folder / "bin/rustc").chmod(0o755)
        return str(self.folder / "bin")


def host(*folders: str) -> Host:
    return Host({"PATH": ":".join((*folders, "/usr/bin", "/bin"))})


def check_error(caught: pytest.ExceptionInfo[ToolchainError], *texts: str) -> None:
    (problem,) = caught.value.problems
    everything = "\n".join((problem.message, *problem.notes, problem.hint or ""))
    assert [text for text in texts if text not in everything] == []


SOURCES = "lib/rustlib/src/rust/library/std/Cargo.toml"


def test_the_first_on_path_that_can(tmp_path: Path) -> None:
    bare = Rust(tmp_path / "bare", parts=("bin/cargo",)).install()
    foreign = Rust(tmp_path / "foreign", host="x86_64-alpine-linux-musl").install()
    whole = Rust(tmp_path / "whole", "1.96.0").install()
    other = Rust(tmp_path / "other").install()
    found = find_toolchain(host(bare, foreign, whole, other), str(tmp_path))
    assert (found.sysroot, found.release, found.has_target) == (str(tmp_path / "whole"), "1.96.0", True)


def test_sources_will_do(tmp_path: Path) -> None:
    found = find_toolchain(host(Rust(tmp_path, parts=("bin/cargo", SOURCES)).install()), str(tmp_path))
    assert not found.has_target


def test_none_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Host, "find_tool", lambda *_: None)
    with pytest.raises(ToolchainError) as caught:
        find_toolchain(host(), str(tmp_path))
    check_error(caught, "has no Rust", f"rustup target add {TARGET_TRIPLE}", "apt-get install rustc cargo rust-src")


def only(folder: str) -> Host:
    return Host({"PATH": folder})


def test_one_without_the_target(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError) as caught:
        find_toolchain(only(Rust(tmp_path, parts=("bin/cargo",)).install()), str(tmp_path))
    check_error(
        caught,
        f"cannot compile for {TARGET_TRIPLE}",
        f"Rust 1.95.0 in `{tmp_path}` has neither a standard library",
        f"run `rustup target add {TARGET_TRIPLE}`",
        "apt-get install rust-src",
    )


def test_one_without_cargo(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError) as caught:
        find_toolchain(only(Rust(tmp_path, parts=(SOURCES,)).install()), str(tmp_path))
    check_error(caught, "has no cargo")


def test_one_for_another_host(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError) as caught:
        find_toolchain(only(Rust(tmp_path, host="x86_64-alpine-linux-musl").install()), str(tmp_path))
    check_error(caught, "is for x86_64-alpine-linux-musl, and builds need one for x86_64-unknown-linux-gnu")


def test_one_that_does_not_run(tmp_path: Path) -> None:
    """rustup's stand-in without a toolchain."""
    folder = Rust(tmp_path).install()
    Path(folder, "rustc").write_text("#!/bin/sh\necho 'error: no default toolchain' >&2\nexit 1\n")
    with pytest.raises(ToolchainError) as caught:
        find_toolchain(only(folder), str(tmp_path))
    check_error(caught, "error: no default toolchain")


def test_glibc_is_refused_before_a_rust_is_looked_for(tmp_path: Path) -> None:
    def nothing(*_: object) -> None:
        raise AssertionError

    context = Context(host(), nothing, ANALYSERS, {"": str(tmp_path)}, str(tmp_path), "", nothing, nothing)  # type: ignore[arg-type] # none is asked
    with pytest.raises(
        ConfigError, match="written in Rust, and are built from sources for the flavor `standalone_static` only"
    ):
        rust_inputs(context, (), Location("staticbuild.bzl", 1), "2.17")
