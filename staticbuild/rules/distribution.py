"""`make_dist`: a Python distribution, built from source or given as an archive. Knows nothing of what is linked with it.

Both ways end in the same archive format, and everything else works on the tree unpacked from that archive, so that one that
was built here and one that was downloaded are interchangeable (design D2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast
from urllib.parse import unquote, urlsplit

from staticbuild.config.schema import LABEL, REQUIRED, SHA256, STRING, Attribute, Mistake, Rule, Text, enum
from staticbuild.distribution import catalog, versions
from staticbuild.distribution.catalog import OPTIONS
from staticbuild.distribution.versions import Version
from staticbuild.errors import ConfigError
from staticbuild.graph.action import Action, Artifact, Download, Place, SourceFile
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target, Value
from staticbuild.rules import flavors
from staticbuild.rules.context import Context
from staticbuild.rules.providers import Files, Provider, PythonDistribution, Tree
from staticbuild.rules.staging import PROGRAM_ENV, merged, program
from staticbuild.toolchain.zig import LLVM_MAJOR

MODULE = "@stdlib//python.bzl"

# What decides where a distribution comes from; with none of them, Python is built from source.
_ORIGINS = ("path", "url", "prebuilt")


def _check(attributes: Mapping[str, Value]) -> Iterable[Mistake]:
    given = [name for name in _ORIGINS if attributes[name] is not None]
    if len(given) > 1:
        yield Mistake(f"give one of `{given[0]}` and `{given[1]}`, not both", path=(given[1],), hint=None)
    if attributes["release"] is not None and attributes["prebuilt"] is None:
        yield Mistake("`release` belongs to `prebuilt`", path=("release",), hint='for example `prebuilt = "noopt+static"`')
    if (attributes["url"] is None) != (attributes["sha256"] is None):
        yield Mistake("`url` and `sha256` belong together", path=("url",), hint="the digest decides what is accepted")
    yield from _check_version(str(attributes["python_version"]), from_source=not given)
    yield from flavors.mistakes(attributes)


def _check_version(written: str, *, from_source: bool) -> Iterable[Mistake]:
    version = versions.find(written)
    if version is None:
        linked = ", ".join(known.short for known in versions.VERSIONS)
        yield Mistake(
            f"Python {written} cannot be linked; staticbuild links {linked}",
            path=("python_version",),
            hint=f"did you mean `{versions.nearest(written).short}`?",
        )
    elif from_source and not versions.has_recipe(written):
        yield Mistake(
            f"Python {written} cannot be built from source; the recipes build {versions.listed()}",
            path=("python_version",),
            hint=f"did you mean `{version.short}`? Of another release, an archive can be linked: `path`, `url` or `prebuilt`",
        )


MAKE_DIST = Rule(
    name="make_dist",
    doc=(
        "A Python distribution: interpreter, standard library, extension modules and the C libraries that these need. It is "
        "built from pinned sources, or others built it: `path`, `url` and `prebuilt` take *full* archives of "
        "python-build-standalone (formats 7 and 8) whose build options have `static`, unless they are for glibc. "
        "It is made once and then kept in the cache."
    ),
    attributes=(
        flavors.FLAVOR,
        flavors.GLIBC,
        Attribute(
            "python_version",
            Text("a version, such as `3.13` or `3.13.5`", "versions", r"[0-9]{1,3}(\.[0-9]{1,3}){1,2}"),
            doc=f"Which Python: a version, or one release of it. The recipes build {versions.listed()} "
            "([Distributions](distributions.md#versions)); archives can be of any release of these versions.",
            example='"3.13"',
            default=versions.DEFAULT,
        ),
        Attribute(
            "path",
            STRING,
            doc="An archive on this machine: a path relative to the config's folder, or an absolute one.",
            example='"third_party/cpython-3.13.5-x86_64-unknown-linux-musl-noopt+static-full.tar.zst"',
        ),
        Attribute("url", STRING, doc="The address of an archive.", example='"https://example.org/cpython-full.tar.zst"'),
        Attribute("sha256", SHA256, doc="The digest of what `url` serves.", example='"deae7c80…"'),
        Attribute(
            "prebuilt",
            enum(*OPTIONS),
            doc="An archive that the catalog pins (`staticbuild dist list`), of a python-build-standalone release, with these "
            "build options: `noopt+static` is plain machine code, `lto+static` is optimised across objects (which takes "
            "minutes once, when it is first linked), `debug+static` has CPython's own checks.",
            example='"noopt+static"',
        ),
        Attribute(
            "release",
            Text("a release, such as `20260623`", "releases", r"[0-9]{8}"),
            doc="Of which release `prebuilt` is. Not given: the newest in the catalog.",
            example='"20260623"',
        ),
    ),
    module=MODULE,
    example='make_dist(flavor = "standalone_static", python_version = "3.13")\n',
    default_name="dist",
    renamed={"archive": "path", "flavour": "flavor"},
    check=lambda attributes: list(_check(attributes)),
)


def analyse_make_dist(context: Context, target: Target) -> Provider:
    """The archive, and the tree unpacked from it."""
    glibc, triple = flavors.glibc_of(target), flavors.triple_of(context, target)
    if glibc is not None:
        flavors.check_host(context.host, glibc)
    archive, name = _archive(context, target, triple)
    # Under its own name, which is what messages call it.
    staged = f"archive/{name}"
    release = catalog.release_of(name)
    unpack = Action(
        label=target.label,
        mnemonic="UnpackDistribution",
        argv=(
            *("python3", "-m", "staticbuild.distribution.accept", staged, "dist"),
            *("--target", triple, "--python", _wanted(target), "--llvm", str(LLVM_MAJOR)),
            *(("--release", release) if release is not None else ()),
            *(("--glibc", glibc) if glibc is not None else ()),
        ),
        inputs=merged([program(context, "accept"), {staged: archive}], target.location),
        outputs=(("dist", "tree"),),
        env=PROGRAM_ENV,
        weight=10,
    )
    return PythonDistribution(
        label=target.label,
        archive=archive,
        tree=unpack.output("dist"),
        version=_version(target).short,
        triple=triple,
        glibc=glibc,
        may_be_bitcode=_may_be_bitcode(target.attributes),
    )


def _version(target: Target) -> Version:
    # `_check` has refused what is none.
    return cast("Version", versions.find(str(target.attributes["python_version"])))


def _is_from_source(target: Target) -> bool:
    return all(target.attributes[name] is None for name in _ORIGINS)


def _wanted(target: Target) -> str:
    """What an archive must be: any release of a version, or the one that was written. Ours is what the recipe pins."""
    return _version(target).short if _is_from_source(target) else str(target.attributes["python_version"])


def _may_be_bitcode(attributes: Mapping[str, Value]) -> bool:
    """Whether an archive's objects can be bitcode; only the catalog and our recipes say beforehand that they are not."""
    prebuilt = attributes["prebuilt"]
    given = attributes["path"] is not None or attributes["url"] is not None
    return given or (prebuilt is not None and str(prebuilt).startswith("lto"))


def _archive(context: Context, target: Target, triple: str) -> tuple[Artifact, str]:
    """The archive, and its file name."""
    attributes = target.attributes
    if attributes["path"] is not None:
        return _local(context, target, str(attributes["path"]))
    if attributes["url"] is not None:
        url = str(attributes["url"])
        name = _file_name(unquote(urlsplit(url).path))
        return Download("cpython", _wanted(target), str(attributes["sha256"]), (Place(url),), name), name
    if attributes["prebuilt"] is not None:
        release = cast("str | None", attributes["release"])
        try:
            found = context.read_catalog().find(_wanted(target), triple, str(attributes["prebuilt"]), release)
        except ConfigError as error:
            here = target.where("prebuilt")
            raise ConfigError.of([replace(problem, where=problem.where or here) for problem in error.problems]) from error
        places = tuple(Place(address) for address in found.places)
        return Download("cpython", found.version, found.sha256, places, found.name), found.name
    version = _version(target)
    return _built_archive(context, target, version), f"cpython-{version.short}-{triple}-full.tar.zst"


def _local(context: Context, target: Target, written: str) -> tuple[Artifact, str]:
    path = written if written.startswith("/") else context.path(target, written)
    if context.host.fingerprint(path) is None:
        what = "is a folder, not an archive" if context.host.is_dir(path) else "does not exist"
        raise ConfigError(f"`{written}` {what}", where=target.where("path"))
    return SourceFile(path), _file_name(path)


def _file_name(path: str) -> str:
    """The last part of `path`, as a name that can be staged."""
    return re.sub(r"[^A-Za-z0-9._+-]", "_", path.rstrip("/").rpartition("/")[2]).lstrip(".") or "archive.tar.zst"


def _built_archive(context: Context, target: Target, version: Version) -> Artifact:
    glibc = flavors.glibc_of(target)
    recipes = "@stdlib//recipes:" if glibc is None else f"@stdlib//recipes/glibc:{glibc}/"
    label = Label.parse(f"{recipes}archive{version.recipe}")
    tree = context.provider(label, target.location)
    if not isinstance(tree, Tree):
        raise ConfigError(f"{label} is not a tree", where=target.location)

    def make() -> Artifact:
        action = Action(
            label=label,
            mnemonic="Archive",
            argv=("python3", "-m", "staticbuild.distribution.archive", "pack", "tree", "archive.tar.zst", "--top", "python"),
            inputs=merged([program(context, "archive"), {"tree": tree.artifact}], target.location),
            outputs=(("archive.tar.zst", "file"),),
            env=PROGRAM_ENV,
            weight=10,
        )
        return action.output("archive.tar.zst")

    return context.shared(("archive", label), make)


# --- programs of ours that recipes run ------------------------------------------------------------------------------

OWN_PROGRAM = Rule(
    name="own_program",
    doc="The modules of one of staticbuild's own programs, for a recipe to run with `PYTHONPATH=tool python3 -m …`.",
    attributes=(
        Attribute("program", enum("assemble", "archive", "unpack"), doc="Which.", example='"assemble"', default=REQUIRED),
    ),
    # For the recipes: users have no such program to run.
    module="",
    example='own_program(\n    name = "assemble",\n    program = "assemble",\n)\n',
)


def analyse_own_program(context: Context, target: Target) -> Provider:
    """The modules under `staticbuild/…`."""
    modules = program(context, str(target.attributes["program"]))
    return Files({path.removeprefix("tool/"): artifact for path, artifact in modules.items()})


def distribution(context: Context, label: Label, target: Target, attribute: str) -> PythonDistribution:
    """The distribution that `attribute` of `target` names. Raises ConfigError for any other kind of target."""
    provider = context.provider(label, target.where(attribute))
    if not isinstance(provider, PythonDistribution):
        raise ConfigError(
            f"`{label.short}` is not a Python distribution",
            where=target.where(attribute),
            hint='declare one with `make_dist(flavor = "standalone_static")`',
        )
    return provider


DIST_ATTRIBUTE = Attribute(
    "dist", LABEL, doc="The Python distribution, a `make_dist` target.", example='":dist"', default=":dist"
)
