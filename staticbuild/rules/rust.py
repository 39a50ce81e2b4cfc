"""Rust, for packages with extensions written in it: the host's toolchain, a standard library for the target, and crates.

The toolchain is the one thing that staticbuild does not bring: it is found on this host, and is then an input like any other,
by what it holds. Its standard library for the target is taken where rustup has put one, and built from the toolchain's own
sources where not. Knows where rustup and Linux distributions put the parts of a toolchain; knows no package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from staticbuild.config.schema import Rule
from staticbuild.errors import ConfigError, Location, ToolchainError
from staticbuild.graph.action import Action, Artifact, Content, Download, Place, SourceTree
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target
from staticbuild.host import Host
from staticbuild.packing.crates import Crate, parse_cargo_lock
from staticbuild.rules.context import Context
from staticbuild.rules.providers import Files, Provider, Tree
from staticbuild.rules.staging import PROGRAM_ENV, merged, program

HOST_TRIPLE: Final = "x86_64-unknown-linux-gnu"
TARGET_TRIPLE: Final = "x86_64-unknown-linux-musl"

RUST_ENVIRONMENT: Final[Mapping[str, str]] = {
    "CARGO_BUILD_TARGET": TARGET_TRIPLE,
    # For crates that compile C, or look for a library: theirs are for the target, although it is not the host.
    "HOST_CC": "{root}/rust/host/toolchain/bin/cc",
    "PKG_CONFIG_ALLOW_CROSS": "1",
    # A panic is an exception to Python, as PyO3 means it. The standard library is made for that, whatever a profile says.
    "CARGO_PROFILE_RELEASE_PANIC": "unwind",
    # What maturin makes is no shared library, and is not asked which symbols it wants of which glibc.
    "MATURIN_PEP517_ARGS": "--skip-auditwheel",
}
"""What a build backend is told, beside its own environment; `{root}` stands for the private folder."""

RUST_EXCLUDED: Final = ("*.dist-info/sboms/*",)
"""What is not taken of a wheel: maturin's lists of crates, which name the private folder. The lock has what is in them."""

RUST_STANDARD_LIBRARY: Final = Rule(
    name="rust_standard_library",
    doc="Rust's standard library for the target: this host's, where it has one, or built from the sources of its toolchain.",
    attributes=(),
    module="",
    example='rust_standard_library(name = "std")\n',
)

_STAND_IN: Final = b'#!/bin/sh\nexec "$SB_ROOT/rust/bin/%s" "$@"\n'
_PACKAGE: Final = ("stdlib", "toolchain/rust")
_SOURCES: Final = "lib/rustlib/src/rust"
_PROGRAMS: Final = ("bin/cargo", "bin/rustc")
# The compiler itself is a library. Debian's lies in a folder for the architecture, and its LLVM is the system's.
_LIBRARY: Final = re.compile(r"lib(rustc_driver-|LLVM.*rust).*")
_INSTALL: Final = (
    "install it with rustup, then `rustup target add x86_64-unknown-linux-musl`; "
    "or with the system's packages, sources included (Debian, Ubuntu: `apt-get install rustc cargo rust-src`)"
)


@dataclass(frozen=True, slots=True)
class RustToolchain:
    """A toolchain of this host. `release` is rustc's version; `has_target` says whether it brings a library for the target."""

    sysroot: str
    release: str
    has_target: bool


def rust_inputs(context: Context, crates: Sequence[Crate], where: Location, glibc: str | None) -> dict[str, Artifact]:
    """What a build of Rust code finds below `rust/`. Raises ToolchainError where this host has no Rust that can do it.

    `glibc` is the distribution's. Raises ConfigError if it has one: the drivers are for musl.
    """
    if glibc is not None:
        raise ConfigError(
            "this package's extensions are written in Rust, and are built from sources for the flavor `standalone_static` only",
            where=where,
            hint="require a version of it that has a wheel",
        )
    staged = _compiler(context, _found(context), where)
    # In the folder of the compilers that a build finds; the drivers' own folder is in no PATH.
    staged |= {f"native/bin/{name}": Content(_STAND_IN % name.encode(), executable=True) for name in ("cargo", "rustc")}
    staged[f"rust/sysroot/lib/rustlib/{TARGET_TRIPLE}"] = _tree(context, Label(*_PACKAGE, "std"), where)
    if crates:
        staged["rust/crates"] = context.shared(("crates", tuple(crates)), lambda: _crates(context, crates, where))
    return staged


def analyse_rust_standard_library(context: Context, target: Target) -> Provider:
    """The library, as each build of Rust code finds it."""
    return Tree(_std(context, _found(context), target.location))


# --- the host's toolchain ---------------------------------------------------------------------------------------------


def find_toolchain(host: Host, folder: str) -> RustToolchain:
    """The first Rust on PATH that can compile for the target, asked from `folder`, where the user may have chosen one.

    Raises ToolchainError that says what is missing and which command brings it.
    """
    missing: list[str] = []
    for toolchain in _toolchains(host, folder, missing):
        lacks = _lacks(host, toolchain)
        if lacks is None:
            return toolchain
        missing.append(f"Rust {toolchain.release} in `{toolchain.sysroot}` has {lacks}")
    if missing:
        raise ToolchainError(
            f"the Rust of this host cannot compile for {TARGET_TRIPLE}",
            notes=tuple(dict.fromkeys(missing)),
            hint=f"run `rustup target add {TARGET_TRIPLE}`; without rustup, install its sources and cargo "
            "(Debian, Ubuntu: `apt-get install rust-src cargo`)",
        )
    raise ToolchainError("this host has no Rust, and a package that is built has extensions written in it", hint=_INSTALL)


def _found(context: Context) -> RustToolchain:
    return context.shared(("rust",), lambda: find_toolchain(context.host, context.roots[""]))


def _toolchains(host: Host, folder: str, problems: list[str]) -> Iterator[RustToolchain]:
    seen: set[str] = set()
    for place in host.environ.get("PATH", "").split(":"):
        program = host.find_tool("rustc", place) if place else None
        if program is None:
            continue
        # Through rustup's stand-in, which chooses a toolchain, or itself.
        asked = host.run([program, "--print", "sysroot"], cwd=folder)
        told = host.run([program, "-vV"], cwd=folder)
        if asked.returncode or told.returncode:
            problems.append(f"`{program}`: {(asked.stderr or told.stderr).decode('utf-8', 'replace').strip()}")
            continue
        sysroot = asked.stdout.decode("utf-8", "surrogateescape").strip()
        if sysroot in seen:
            continue
        seen.add(sysroot)
        facts = dict(re.findall(r"^(release|host): (\S+)$", told.stdout.decode("utf-8", "replace"), re.MULTILINE))
        if facts.get("host") != HOST_TRIPLE:
            problems.append(f"`{program}` is for {facts.get('host', 'an unknown host')}, and builds need one for {HOST_TRIPLE}")
            continue
        yield RustToolchain(
            sysroot, facts.get("release", "?"), _has_library(host, f"{sysroot}/lib/rustlib/{TARGET_TRIPLE}/lib")
        )


def _has_library(host: Host, folder: str) -> bool:
    return host.is_dir(folder) and any(re.fullmatch(r"libstd-\w+\.rlib", entry.name) for entry in host.scan(folder))


def _lacks(host: Host, toolchain: RustToolchain) -> str | None:
    """What a toolchain would need, None if it has all."""
    if not host.exists(f"{toolchain.sysroot}/bin/cargo"):
        return "no cargo"
    if not toolchain.has_target and not host.exists(f"{toolchain.sysroot}/{_SOURCES}/library/std/Cargo.toml"):
        return f"neither a standard library for {TARGET_TRIPLE} nor the sources of one"
    return None


# --- artifacts --------------------------------------------------------------------------------------------------------


def _compiler(context: Context, toolchain: RustToolchain, where: Location) -> dict[str, Artifact]:
    """The toolchain with drivers before it, and what links programs that run during a build."""
    zig, sysroot = Label("stdlib", "toolchain", "zig"), Label("stdlib", "toolchain/glibc", "2.17/sysroot")
    staged: dict[str, Artifact] = {
        "rust/program": _part(toolchain, toolchain.sysroot, _program_files(context.host, toolchain)),
        f"rust/sysroot/lib/rustlib/{HOST_TRIPLE}": _part(toolchain, f"{toolchain.sysroot}/lib/rustlib/{HOST_TRIPLE}", ("lib",)),
        "rust/unwind": _tree(context, Label(*_PACKAGE, "unwind"), where),
        "rust/host/zig": _tree(context, zig, where),
        "rust/host/sysroot": _tree(context, sysroot, where),
    }
    staged |= {f"rust/{path}": file for path, file in _files(context, Label(*_PACKAGE, "bin"), where).items()}
    drivers = _files(context, Label("stdlib", "toolchain", "binutils"), where)
    drivers |= _files(context, Label("stdlib", "toolchain/glibc", "cc"), where)
    staged |= {f"rust/host/toolchain/{path}": file for path, file in drivers.items()}
    return staged


def _std(context: Context, toolchain: RustToolchain, where: Location) -> Artifact:
    if toolchain.has_target:
        return _part(toolchain, f"{toolchain.sysroot}/lib/rustlib/{TARGET_TRIPLE}", ("lib",))
    sources = f"{toolchain.sysroot}/{_SOURCES}"
    staged = _compiler(context, toolchain, where)
    staged["rust/sysroot/lib/rustlib/src/rust"] = _part(toolchain, sources, ("library",))
    staged |= {f"scripts/{path}": file for path, file in _files(context, Label(*_PACKAGE, "std_script"), where).items()}
    if not context.host.is_dir(f"{sources}/library/vendor"):
        text = context.host.read_text(f"{sources}/library/Cargo.lock") or ""
        staged["rust/crates"] = _crates(context, parse_cargo_lock(text, f"{sources}/library/Cargo.lock"), where)
    action = Action(
        label=Label(*_PACKAGE, "std"),
        mnemonic="BuildRustStd",
        argv=("sh", "-euc", ". ./scripts/std.sh"),
        inputs=merged([staged], where),
        outputs=(("std", "tree"),),
        env=(("CARGO_BUILD_TARGET", TARGET_TRIPLE),),
        weight=120,
        description=f"Rust {toolchain.release}",
    )
    return action.output("std")


def _crates(context: Context, crates: Sequence[Crate], where: Location) -> Artifact:
    """All `crates` in one tree, as cargo reads them."""
    staged: dict[str, Artifact] = {
        f"crates/{crate.filename}": Download(crate.name, crate.version, crate.sha256, (Place("crate:"),), crate.filename)
        for crate in crates
    }
    action = Action(
        label=Label(*_PACKAGE, "crates"),
        mnemonic="UnpackCrates",
        argv=("python3", "-m", "staticbuild.distribution.crates", "crates", "vendor"),
        inputs=merged([program(context, "crates"), staged], where),
        outputs=(("vendor", "tree"),),
        env=PROGRAM_ENV,
        description=f"{len(crates)} crates",
    )
    return action.output("vendor")


def _part(toolchain: RustToolchain, root: str, members: tuple[str, ...]) -> SourceTree:
    # Whatever replaces a toolchain replaces its rustc.
    return SourceTree(root, members, f"{toolchain.sysroot}/bin/rustc")


def _program_files(host: Host, toolchain: RustToolchain) -> tuple[str, ...]:
    folders = [folder for folder in ("lib", "lib/x86_64-linux-gnu", "lib64") if host.is_dir(f"{toolchain.sysroot}/{folder}")]
    found = (
        f"{folder}/{entry.name}"
        for folder in folders
        for entry in host.scan(f"{toolchain.sysroot}/{folder}", only_files=True)
        if _LIBRARY.fullmatch(entry.name)
    )
    return tuple(sorted({*_PROGRAMS, *found}))


def _tree(context: Context, label: Label, where: Location) -> Artifact:
    provider = context.provider(label, where)
    assert isinstance(provider, Tree)  # noqa: S101 - a target of our own
    return provider.artifact


def _files(context: Context, label: Label, where: Location) -> dict[str, Artifact]:
    provider = context.provider(label, where)
    assert isinstance(provider, Files)  # noqa: S101 - a target of our own
    return dict(provider.artifacts)
