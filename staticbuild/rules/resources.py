"""`python_resources`: an application's sources, data and requirements. Knows nothing of how they are packed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from staticbuild.config.schema import LABEL_DICT, LABELS, STRING_DICT, STRINGS, Attribute, Mistake, Rule
from staticbuild.errors import ConfigError
from staticbuild.graph.action import Artifact, Content, SourceFile
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target
from staticbuild.packing.policy import matcher
from staticbuild.packing.requirements import gather
from staticbuild.packing.sources import walk
from staticbuild.rules.context import Context
from staticbuild.rules.distribution import MODULE
from staticbuild.rules.generic import check_paths
from staticbuild.rules.providers import Provider, PythonPackage, PythonResources
from staticbuild.rules.staging import staged as staged_files


def _check_roots(roots: tuple[str, ...]) -> list[Mistake]:
    return [
        Mistake(f"a package root lies below the config's folder, `{root}` does not", path=("package_roots", index), hint=None)
        for index, root in enumerate(roots)
        if root.startswith("/") or ".." in root.split("/")
    ]


PYTHON_RESOURCES = Rule(
    name="python_resources",
    doc="What an application brings along: its modules and data, and the packages that it requires.",
    attributes=(
        Attribute(
            "package_roots",
            STRINGS,
            doc="Folders whose packages, modules and data files are taken, as if they were on `sys.path`.",
            example='["src"]',
            default=[],
        ),
        Attribute(
            "srcs",
            STRINGS,
            doc="Single files, taken under the path that they have below the config's folder.",
            example='glob(["*.py"])',
            default=[],
        ),
        Attribute(
            "data",
            LABEL_DICT,
            doc="Places in the executable for what other targets make; `pkg/file.txt` is `file.txt` of the package `pkg`.",
            example='{"greet/words.txt": ":words"}',
            default={},
        ),
        Attribute(
            "requirements",
            STRINGS,
            doc="Requirements as pip takes them, requirements files, local projects and archives (`./libs/other`), "
            "`pyproject.toml`, `pylock.toml` and `uv.lock`; `pyproject.toml[extra]` and `pyproject.toml:group` mean a part. "
            "`staticbuild lock` pins all that they lead to, with digests, in `staticbuild.lock`; a build uses what is pinned "
            "there. See [requirements](requirements.md).",
            example='["requirements.txt", "idna>=3"]',
            default=[],
        ),
        Attribute(
            "contents",
            STRING_DICT,
            doc="Files with a text each, by their places: a module of a version number, for example.",
            example='{"greet/_version.py": "version = \'1.0\'\\n"}',
            default={},
        ),
        Attribute(
            "only",
            STRINGS,
            doc="Globs of the only paths that are taken of package roots. Not given: all.",
            example='["greet/**"]',
            default=[],
        ),
        Attribute(
            "exclude",
            STRINGS,
            doc="Globs of paths that are left out: `tests/**`, `**/*.pyi`.",
            example='["tests/**"]',
            default=[],
        ),
        Attribute(
            "packages",
            LABELS,
            doc="How some of the required packages are built, `python_package` targets.",
            example='[":pyyaml"]',
            default=[],
        ),
    ),
    module=MODULE,
    example=(
        'python_resources(\n    name = "app",\n    package_roots = ["src"],\n    requirements = ["requirements.txt"],\n)\n'
    ),
    check=lambda attributes: [
        *_check_roots(cast("tuple[str, ...]", attributes["package_roots"])),
        *check_paths(attributes, "srcs", "data", "contents"),
    ],
)


def analyse_python_resources(context: Context, target: Target) -> Provider:
    """The files of every root, and what is required."""
    attributes = target.attributes
    roots = [_root(context, target, root) for root in cast("tuple[str, ...]", attributes["package_roots"])]
    if sources := cast("tuple[str, ...]", attributes["srcs"]):
        roots.append(("", {path: _source(context, target, path) for path in sources}))
    files: dict[str, Artifact] = {}
    where = target.where("data")
    for destination, label in cast("Mapping[str, Label]", attributes["data"]).items():
        files.update(staged_files(context.provider(label, where), destination, where))
    contents = cast("Mapping[str, str]", attributes["contents"])
    files.update({destination: Content(text.encode()) for destination, text in contents.items()})
    entries = cast("tuple[str, ...]", attributes["requirements"])
    folder = context.path(target, "").rstrip("/")
    location = target.where("requirements")
    return PythonResources(
        label=target.label,
        roots=tuple(roots),
        files=files,
        requirements=gather(context.host, entries, folder, location) if entries else None,
        requirements_location=location,
        exclude=cast("tuple[str, ...]", attributes["exclude"]),
        packages=tuple(_package(context, target, label) for label in cast("tuple[Label, ...]", attributes["packages"])),
    )


def _package(context: Context, target: Target, label: Label) -> PythonPackage:
    provider = context.provider(label, target.where("packages"))
    if not isinstance(provider, PythonPackage):
        raise ConfigError(
            f"`{label.short}` is not a `python_package` target",
            where=target.where("packages"),
            hint="names of packages belong into `requirements`",
        )
    return provider


def _root(context: Context, target: Target, root: str) -> tuple[str, Mapping[str, Artifact]]:
    relative = "" if root == "." else root.rstrip("/").removeprefix("./")
    folder = context.path(target, relative).rstrip("/")
    if not context.host.is_dir(folder):
        raise ConfigError(f"there is no folder `{root}`", where=target.where("package_roots"))
    # Where results are put must never become an input: each build would pack the one before.
    results = ("build/**",) if folder == context.roots[""] else ()
    only = cast("tuple[str, ...]", target.attributes["only"])
    wanted = matcher(only) if only else lambda _: True
    found = walk(context.host, folder, exclude=results)
    return root, {staged.path: SourceFile(staged.source) for staged in found if wanted(staged.path)}


def _source(context: Context, target: Target, path: str) -> Artifact:
    absolute = context.path(target, path)
    if context.host.fingerprint(absolute) is None:
        raise ConfigError(f"`{path}` does not exist", where=target.where("srcs"))
    return SourceFile(absolute)
