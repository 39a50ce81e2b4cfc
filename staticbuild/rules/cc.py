"""`cc_library`: C, C++ or assembly sources as a static library. One compile action for each source, one for the archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from staticbuild.config.schema import LABELS, REQUIRED, STRINGS, Attribute, Rule
from staticbuild.errors import ConfigError
from staticbuild.graph.action import Action, Artifact, Member, Output, SourceFile
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target
from staticbuild.rules.context import Context
from staticbuild.rules.flavors import default_glibc
from staticbuild.rules.generic import check_paths
from staticbuild.rules.providers import Files, Library, Provider, PythonDistribution, Tree
from staticbuild.rules.staging import merged
from staticbuild.rules.toolchains import toolchain_trees
from staticbuild.toolchain.triple import Triple
from staticbuild.toolchain.zig import Toolchain, archive, compile_source

MODULE = "@stdlib//cc.bzl"

_SOURCES = (".c", ".S", ".s")

CC_LIBRARY = Rule(
    name="cc_library",
    doc="A static library made of C sources and assembly, for the platform of the build.",
    attributes=(
        Attribute("srcs", STRINGS, doc="Sources; headers may stand among them.", example='["fast.c"]', default=REQUIRED),
        Attribute(
            "hdrs", STRINGS, doc="Headers for the sources and for whoever depends on this.", example='["fast.h"]', default=[]
        ),
        Attribute("includes", STRINGS, doc="Folders to search for headers.", example='["include"]', default=[]),
        Attribute("defines", STRINGS, doc="Macros to define, `NAME` or `NAME=VALUE`.", example='["NDEBUG"]', default=[]),
        Attribute("copts", STRINGS, doc="More options for the compiler.", example='["-O3"]', default=["-O2"]),
        Attribute(
            "deps",
            LABELS,
            doc="Libraries whose headers are used; a `make_dist` target brings Python's.",
            example='[":zlib"]',
            default=[],
        ),
    ),
    module=MODULE,
    example='cc_library(\n    name = "fast",\n    srcs = glob(["*.c"]),\n    hdrs = ["fast.h"],\n)\n',
    check=lambda attributes: list(check_paths(attributes, "srcs", "hdrs")),
)


def analyse_cc_library(context: Context, target: Target) -> Provider:
    """An object for each source, and the archive of them."""
    attributes = target.attributes
    sources = cast("tuple[str, ...]", attributes["srcs"])
    headers = (*cast("tuple[str, ...]", attributes["hdrs"]), *(path for path in sources if not path.endswith(_SOURCES)))
    own = {_place(target, path): _file(context, target, path) for path in headers}
    includes = tuple(_place(target, path) for path in cast("tuple[str, ...]", attributes["includes"]))
    deps, inherited, more_includes = _deps(context, target)
    visible: dict[str, Artifact] = {**inherited, **own}
    flags = (*cast("tuple[str, ...]", attributes["copts"]), *(f"-D{d}" for d in cast("tuple[str, ...]", attributes["defines"])))
    objects = [
        _compile(context, target, path, visible, (*includes, *more_includes, _place(target, "")), flags)
        for path in sources
        if path.endswith(_SOURCES)
    ]
    if not objects:
        raise ConfigError("there is no source to compile", where=target.where("srcs"), hint="`.c` and `.S` files are compiled")
    triple = Triple.parse(context.triple)
    toolchain = Toolchain(triple)
    name = f"lib{target.label.name.rpartition('/')[2]}.a"
    staged = {f"objects/{index}.o": output for index, output in enumerate(objects)}
    action = Action(
        label=target.label,
        mnemonic="Archive",
        argv=archive(toolchain, name, tuple(staged)),
        inputs=merged([toolchain_trees(context, target.location, default_glibc(triple)), staged], target.location),
        outputs=((name, "file"),),
    )
    return Library(action.output(name), own, includes, deps)


def _compile(  # noqa: PLR0913, PLR0917 - what one compilation needs
    context: Context,
    target: Target,
    path: str,
    headers: Mapping[str, Artifact],
    includes: tuple[str, ...],
    flags: tuple[str, ...],
) -> Output:
    source = _place(target, path)
    triple = Triple.parse(context.triple)
    trees = toolchain_trees(context, target.location, default_glibc(triple))
    toolchain = Toolchain(triple)
    action = Action(
        label=target.label,
        mnemonic="Compile",
        argv=compile_source(toolchain, source, "object.o", includes=tuple(filter(None, includes)), flags=flags),
        inputs=merged([trees, headers, {source: _file(context, target, path)}], target.where("srcs")),
        outputs=(("object.o", "file"),),
        description=path,
    )
    return action.output("object.o")


def _deps(context: Context, target: Target) -> tuple[tuple[Library, ...], dict[str, Artifact], tuple[str, ...]]:
    """The libraries below this one, each once; their headers; the folders to search for headers."""
    where = target.where("deps")
    libraries: dict[str, Library] = {}
    headers: dict[str, Artifact] = {}
    includes: list[str] = []
    for label in cast("tuple[Label, ...]", target.attributes["deps"]):
        provider = context.provider(label, where)
        match provider:
            case Library():
                for library in (provider, *provider.deps):
                    libraries[str(library.archive.action.label)] = library
                    headers.update(library.headers)
                    includes += library.includes
            case PythonDistribution(tree=tree, version=version):
                folder = f"python{version}"
                headers[f"dist/{folder}"] = Member(tree, f"python/install/include/{folder}")
                includes.append(f"dist/{folder}")
            case Tree(artifact):
                # A recipe's prefix tree.
                headers[f"deps/{label.name}"] = artifact
                includes.append(f"deps/{label.name}/include")
            case Files(artifacts):
                headers.update({f"deps/{label.name}/{path}": artifact for path, artifact in artifacts.items()})
                includes.append(f"deps/{label.name}")
            case _:
                raise ConfigError(f"`{label.short}` has no headers", where=where)
    return tuple(libraries.values()), headers, tuple(dict.fromkeys(includes))


def _place(target: Target, path: str) -> str:
    package = f"/{target.label.package}" if target.label.package else ""
    return f"source{package}/{path}".rstrip("/").removesuffix("/.")


def _file(context: Context, target: Target, path: str) -> SourceFile:
    absolute = context.path(target, path)
    if context.host.fingerprint(absolute) is None:
        raise ConfigError(f"`{path}` does not exist", where=target.location)
    return SourceFile(absolute)
