"""Which crates (Rust packages) an sdist is locked to: what its Cargo.lock says, or else cargo. Builds nothing.

Only crates of cargo's usual registry can be had by name and digest; of that registry there may be many places, and which one
is asked is the user's own setting of cargo.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from staticbuild.errors import ConfigError, FormatError, ToolchainError
from staticbuild.host import Host
from staticbuild.packing.sdist import read_members

# How a Cargo.lock names the usual registry, whatever takes its place: by either of its two protocols.
_USUAL = re.compile(r"(registry|sparse)\+https://(github\.com/rust-lang/crates\.io-index|index\.crates\.io/)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]*\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")

_BACKENDS = frozenset({"maturin", "setuptools-rust"})
_LOCK, _MANIFEST, _SETTINGS = "Cargo.lock", "Cargo.toml", ".cargo/config.toml"
_PATIENCE = 300.0
_LINES_SHOWN = 12


@dataclass(frozen=True, slots=True, order=True)
class Crate:
    """One version of one crate, by the digest of the file that registries serve."""

    name: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        """What cargo calls the file."""
        return f"{self.name}-{self.version}.crate"


def parse_crate(value: object) -> Crate | None:
    """The crate that a table of the lock describes, None if it describes none."""
    if not isinstance(value, dict) or set(value) != {"name", "version", "sha256"}:
        return None
    patterns = {"name": _NAME, "version": _VERSION, "sha256": _DIGEST}
    if not all(isinstance(value[key], str) and pattern.match(value[key]) for key, pattern in patterns.items()):
        return None
    return Crate(value["name"], value["version"], value["sha256"])


def parse_cargo_lock(text: str, path: str) -> tuple[Crate, ...]:
    """The crates of the Cargo.lock `text`, without those of its own project. Raises FormatError for what cannot be had."""
    try:
        packages = tomllib.loads(text).get("package", [])
    except (ValueError, RecursionError) as error:
        raise FormatError(f"`{path}` is no TOML: {error}") from error
    if not isinstance(packages, list) or not all(isinstance(package, dict) for package in packages):
        raise FormatError(f"`{path}` is no Cargo.lock")
    crates = [_crate(package, path) for package in packages if "source" in package]
    return tuple(sorted(set(crates)))


def _crate(package: dict[str, Any], path: str) -> Crate:
    name, version, source, digest = (package.get(key) for key in ("name", "version", "source", "checksum"))
    if not isinstance(name, str) or not _NAME.match(name) or not isinstance(version, str) or not _VERSION.match(version):
        raise FormatError(f"`{path}` has a package without a name and version")
    if not isinstance(source, str) or not _USUAL.match(source):
        raise FormatError(f"`{path}` wants the crate `{name}` from `{source}`, and only cargo's usual registry can be locked")
    if not isinstance(digest, str) or not _DIGEST.match(digest):
        raise FormatError(f"`{path}` has no digest of the crate `{name}`")
    return Crate(name, version, digest)


def wants_rust(requirements: Iterable[str]) -> bool:
    """Whether a build that requires packages of these (normal) names runs cargo."""
    return not _BACKENDS.isdisjoint(requirements)


def crates_of(host: Host, data: bytes, filename: str) -> tuple[Crate, ...]:
    """The crates that a build of the sdist `data` needs.

    Where it has no Cargo.lock, the host's cargo makes one for it, which asks the registry and runs no code of the sdist.
    Raises FormatError for an sdist or a lock that is unsound, ToolchainError without cargo, ConfigError if cargo fails.
    """
    members = read_members(data, filename, lambda path: posixpath.basename(path) in {_LOCK, _MANIFEST} or path == _SETTINGS)
    if _brings_its_crates(members.get(_SETTINGS) or ""):
        return ()
    locks = _highest(members, _LOCK)
    if locks:
        return tuple(sorted({crate for path in locks for crate in parse_cargo_lock(members[path] or "", path)}))
    manifests = _highest(members, _MANIFEST)
    if not manifests:
        return ()
    return parse_cargo_lock(_locked_by_cargo(host, members, manifests[0], filename), f"{filename}: {_LOCK}")


def crates_of_project(host: Host, folder: str, shown: str) -> tuple[Crate, ...]:
    """The crates that a build of the project in `folder` needs. Raises ConfigError for one without Cargo.lock."""
    if _brings_its_crates(host.read_text(f"{folder}/{_SETTINGS}") or ""):
        return ()
    text = host.read_text(f"{folder}/{_LOCK}")
    if text is None:
        raise ConfigError(
            f"the project `{shown}` is built by cargo, and has no {_LOCK}",
            hint=f"run `cargo generate-lockfile` there, and commit the {_LOCK}",
        )
    return parse_cargo_lock(text, f"{shown}/{_LOCK}")


def _brings_its_crates(settings: str) -> bool:
    """Whether a project's own settings of cargo put a folder of the sdist in the place of the registry."""
    try:
        sources = tomllib.loads(settings).get("source", {})
        return "directory" in sources[sources["crates-io"]["replace-with"]]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return False


def _highest(members: Iterable[str], name: str) -> list[str]:
    """The files called `name` that lie highest: deeper ones belong to crates that the sdist brings."""
    found = sorted(path for path in members if posixpath.basename(path) == name)
    highest = min((path.count("/") for path in found), default=0)
    return [path for path in found if path.count("/") == highest]


def _locked_by_cargo(host: Host, members: Mapping[str, str | None], manifest: str, filename: str) -> str:
    cargo = host.find_tool("cargo", host.environ.get("PATH", ""))
    if cargo is None:
        raise ToolchainError(
            f"`{filename}` has no Cargo.lock, and this host has no cargo that could say which crates it needs",
            hint="install Rust: with rustup, or the system's packages (Debian, Ubuntu: `apt-get install rustc cargo rust-src`)",
        )
    folder = host.temporary_dir(host.cache_dir)
    try:
        for path, text in members.items():
            # cargo wants to see the sources that a manifest stands for, and reads none of them.
            if text is not None or path.endswith(".rs"):
                host.make_dirs(posixpath.dirname(f"{folder}/{path}"))
                host.write_bytes(f"{folder}/{path}", (text or "").encode())
        # Crates that this host's Rust can compile, if their authors say what they need.
        env = {**host.environ, "CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS": "fallback"}
        where = posixpath.dirname(f"{folder}/{manifest}")
        answer = host.run([cargo, "generate-lockfile"], cwd=where, env=env, timeout=_PATIENCE)
        text = host.read_text(f"{where}/{_LOCK}")
    except TimeoutError as error:
        raise ConfigError(f"cargo does not say which crates `{filename}` needs: {error}") from error
    finally:
        host.remove(folder)
    if answer.returncode or text is None:
        said = answer.stderr.decode("utf-8", "replace").replace(folder, "…").strip().splitlines()
        raise ConfigError(f"cargo cannot say which crates `{filename}` needs", notes=tuple(said[-_LINES_SHOWN:]))
    return text
