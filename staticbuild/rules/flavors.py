"""The flavors of a Python distribution: which C library each is for, and what that asks of this host. Knows no archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from staticbuild.config.schema import Attribute, Mistake, Text, enum
from staticbuild.errors import ConfigError, ToolchainError
from staticbuild.graph.target import Target, Value
from staticbuild.host import Host
from staticbuild.rules.context import Context
from staticbuild.toolchain.triple import Triple

_STATIC: Final = "standalone_static"
_DYNAMIC: Final = "standalone_dynamic"

GLIBC_VERSIONS: Final = tuple(f"2.{minor}" for minor in range(17, 45))
"""Those that the pinned ziglang has the symbols of, from manylinux2014's on. The first is the default."""

FLAVOR: Final = Attribute(
    "flavor",
    enum(_STATIC, _DYNAMIC),
    doc="`standalone_static`: everything is linked into the executable, which needs only a kernel of the host. "
    "`standalone_dynamic`: everything but glibc is linked into the executable, which runs on hosts with glibc and can load "
    "shared libraries there: `ctypes` finds the host's, and extension modules of packages on `sys.path` are imported. The "
    "target is then `…-linux-gnu`, and this host needs glibc, too, because Python is run here to build it and with it.",
    example='"standalone_dynamic"',
    default=_STATIC,
)

GLIBC: Final = Attribute(
    "glibc",
    Text("a version of glibc, such as `2.17`", "versions of glibc", r"2\.[0-9]{1,3}"),
    doc="The oldest glibc that executables of the flavor `standalone_dynamic` run with: 2.17 (of 2012, the one that wheels for "
    f"manylinux2014 ask for) to {GLIBC_VERSIONS[-1]}, and no newer than this host's. The link fails if anything needs a newer "
    "one. Not given: 2.17.",
    example='"2.28"',
)


def mistakes(attributes: Mapping[str, Value]) -> Iterable[Mistake]:
    """What is wrong with the attributes above, together or with others of `make_dist`."""
    glibc = attributes["glibc"]
    if attributes["flavor"] != _DYNAMIC:
        if glibc is not None:
            yield Mistake(
                "`glibc` is for the flavor `standalone_dynamic`", path=("glibc",), hint="`standalone_static` has musl"
            )
        return
    if glibc is not None and glibc not in GLIBC_VERSIONS:
        known = f"{GLIBC_VERSIONS[0]} to {GLIBC_VERSIONS[-1]} are known"
        yield Mistake(f"this compiler knows no glibc {glibc}", path=("glibc",), hint=known)
    if attributes["prebuilt"] is not None:
        yield Mistake(
            "the catalog has archives for the flavor `standalone_static` only",
            path=("prebuilt",),
            hint="leave `prebuilt` out to build from source, or give the archive's `url` or `path`",
        )


def glibc_of(target: Target) -> str | None:
    """The oldest glibc that executables of the `make_dist` target run with; None for musl."""
    if target.attributes["flavor"] != _DYNAMIC:
        return None
    return str(target.attributes["glibc"] or GLIBC_VERSIONS[0])


def default_glibc(triple: Triple) -> str | None:
    """The oldest glibc for what is built for `triple` apart from any distribution; None for musl."""
    return None if triple.is_static else GLIBC_VERSIONS[0]


def triple_of(context: Context, target: Target) -> str:
    """The triple of the `make_dist` target: the build's machine with the flavor's C library.

    Raises ConfigError where the command line names another C library; that musl is the default's is no such choice.
    """
    asked = Triple.parse(context.triple)
    if target.attributes["flavor"] == _DYNAMIC:
        return str(asked.with_abi("gnu") if asked.is_static else asked)
    if asked.system == "linux" and not asked.is_static:
        raise ConfigError(
            f"the flavor `{_STATIC}` is for musl, and the build is for `{asked}`",
            where=target.where("flavor"),
            hint=f'give `flavor = "{_DYNAMIC}"`, or build without `--target`',
        )
    return str(asked)


def check_host(host: Host, glibc: str) -> None:
    """Raise ToolchainError if this host cannot run a Python for `glibc`, which builds and packs what it is part of."""
    own = host.glibc
    if own is None:
        raise ToolchainError(
            f"this host has no glibc, and a distribution of the flavor `{_DYNAMIC}` runs while it is built",
            hint="build on a distribution with glibc, in a container for example",
        )
    if own < tuple(int(part) for part in glibc.split(".")):
        raise ToolchainError(
            f"this host has glibc {own[0]}.{own[1]}, and a Python for glibc {glibc} does not run with it",
            hint=f'give `make_dist` an older `glibc`, such as `"{GLIBC_VERSIONS[0]}"`',
        )
