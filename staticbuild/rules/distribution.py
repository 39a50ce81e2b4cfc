"""`make_dist`: a Python distribution, built from source or given as an archive. Knows nothing of what is linked with it.

Both ways end in the same archive format, and everything else works on the tree unpacked from that archive, so that one that
was built here and one that was downloaded are interchangeable (design D2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from staticbuild.config.schema import LABEL, REQUIRED, SHA256, STRING, Attribute, Mistake, Rule, enum
from staticbuild.errors import ConfigError
from staticbuild.graph.action import Action, Artifact, Download, Place, SourceFile
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target, Value
from staticbuild.rules.context import Context
from staticbuild.rules.providers import Files, Provider, PythonDistribution, Tree
from staticbuild.rules.staging import PROGRAM_ENV, merged, program

MODULE = "@stdlib//python.bzl"

# The versions that recipes exist for.
PYTHON_VERSIONS = ("3.13",)
_TREES = {"3.13": "@stdlib//recipes:archive"}


def _check(attributes: Mapping[str, Value]) -> Iterable[Mistake]:
    if attributes["archive"] is not None and attributes["url"] is not None:
        yield Mistake("give `archive` or `url`, not both", path=("archive",), hint=None)
    if (attributes["url"] is None) != (attributes["sha256"] is None):
        yield Mistake("`url` and `sha256` belong together", path=("url",), hint="the digest decides what is accepted")


MAKE_DIST = Rule(
    name="make_dist",
    doc=(
        "A Python distribution: interpreter, standard library, extension modules and the C libraries that these need. Without "
        "`archive` or `url` it is built from pinned sources. It is made once and then kept in the cache."
    ),
    attributes=(
        Attribute(
            "flavor",
            enum("standalone_static"),
            doc="`standalone_static`: everything is linked into the executable, which needs only a kernel of the host.",
            example='"standalone_static"',
            default="standalone_static",
        ),
        Attribute("python_version", enum(*PYTHON_VERSIONS), doc="Which Python.", example='"3.13"', default=PYTHON_VERSIONS[-1]),
        Attribute(
            "archive",
            STRING,
            doc="A python-build-standalone *full* archive (`+static`) in the workspace, instead of building one.",
            example='"third_party/cpython-3.13.5-x86_64-unknown-linux-musl-lto+static-full.tar.zst"',
        ),
        Attribute("url", STRING, doc="The address of such an archive.", example='"https://example.org/cpython-full.tar.zst"'),
        Attribute("sha256", SHA256, doc="The digest of what `url` serves.", example='"deae7c80…"'),
    ),
    module=MODULE,
    example='make_dist(flavor = "standalone_static", python_version = "3.13")\n',
    default_name="dist",
    check=lambda attributes: list(_check(attributes)),
)


def analyse_make_dist(context: Context, target: Target) -> Provider:
    """The archive, and the tree unpacked from it."""
    archive = _archive(context, target)
    version = str(target.attributes["python_version"])
    unpack = Action(
        label=target.label,
        mnemonic="UnpackDistribution",
        argv=("python3", "-m", "staticbuild.distribution.archive", "unpack", "archive.tar.zst", "dist"),
        inputs=merged([program(context, "archive"), {"archive.tar.zst": archive}], target.location),
        outputs=(("dist", "tree"),),
        env=PROGRAM_ENV,
        weight=10,
    )
    return PythonDistribution(target.label, archive, unpack.output("dist"), version, context.triple)


def _archive(context: Context, target: Target) -> Artifact:
    attributes = target.attributes
    if attributes["archive"] is not None:
        path = context.path(target, str(attributes["archive"]))
        if context.host.fingerprint(path) is None:
            raise ConfigError(f"`{attributes['archive']}` does not exist", where=target.where("archive"))
        return SourceFile(path)
    if attributes["url"] is not None:
        url = str(attributes["url"])
        filename = url.rpartition("/")[2]
        return Download(target.label.name, "", str(attributes["sha256"]), (Place(url),), filename)
    return _built_archive(context, target, str(attributes["python_version"]))


def _built_archive(context: Context, target: Target, version: str) -> Artifact:
    label = Label.parse(_TREES[version])
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
