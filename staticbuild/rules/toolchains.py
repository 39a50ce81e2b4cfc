"""The trees of the toolchain, under the names by which argument lists call them. Knows nothing of what is built with them."""

from __future__ import annotations

from dataclasses import replace

from staticbuild.errors import ConfigError, Location
from staticbuild.graph.action import Artifact
from staticbuild.graph.label import Label
from staticbuild.rules.context import Context
from staticbuild.rules.providers import Tree


def toolchain_trees(context: Context, where: Location, glibc: str | None = None) -> dict[str, Artifact]:
    """The compiler and its sysroot, for musl or a version of glibc, where argument lists expect them in a private folder."""
    musl = Label("stdlib", "toolchain", "sysroot")
    sysroot = musl if glibc is None else Label("stdlib", "toolchain/glibc", f"{glibc}/sysroot")
    return {name: tree(context, label, where) for name, label in (("zig", replace(musl, name="zig")), ("sysroot", sysroot))}


def cxx_tree(context: Context, where: Location, glibc: str | None) -> Artifact:
    """The C++ run-time library, with its headers, for musl or a version of glibc."""
    musl = Label("stdlib", "toolchain", "cxx")
    return tree(context, musl if glibc is None else Label("stdlib", "toolchain/glibc", f"{glibc}/cxx"), where)


def tree(context: Context, label: Label, where: Location) -> Artifact:
    """The folder that the target `label` makes. Raises ConfigError if it is something else."""
    provider = context.provider(label, where)
    if not isinstance(provider, Tree):
        raise ConfigError(f"{label} is not a tree", where=where)
    return provider.artifact
