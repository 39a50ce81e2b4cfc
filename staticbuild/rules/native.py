"""`python_package`: how a package is built from its sources, and the action that builds it. Unaware of packing and linking.

A package's build is an action like any other: its inputs are the sdist, the build requirements that the lock pins, the
toolchain, the distribution and the libraries that it wants; its output is a tree with a wheel and relocatable objects. What is
known of common packages stands in `stdlib/packages`, in targets of the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from packaging.utils import canonicalize_name

from staticbuild.building.plan import OUTPUT, WHEEL, BuildPlan, wheel_name
from staticbuild.config.schema import LABELS, STRING, STRING_DICT, STRINGS, Attribute, Rule, enum
from staticbuild.distribution import versions
from staticbuild.errors import ConfigError, Location
from staticbuild.graph.action import Action, Artifact, Content, Member, Output, SourceFile, SourceTree
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target, Value
from staticbuild.packing.compatibility import is_loaded
from staticbuild.packing.crates import Crate, wants_rust
from staticbuild.packing.lock import File, Policy
from staticbuild.packing.package_index import Pin
from staticbuild.packing.sources import walk
from staticbuild.rules import flavors
from staticbuild.rules.context import Context
from staticbuild.rules.distribution import MODULE
from staticbuild.rules.locked_files import absolute, locked_file
from staticbuild.rules.providers import Files, Provider, PythonDistribution, PythonPackage, Tree
from staticbuild.rules.rust import RUST_ENVIRONMENT, RUST_EXCLUDED, rust_inputs
from staticbuild.rules.staging import merged, program
from staticbuild.rules.toolchains import cxx_tree, toolchain_trees, tree

PYTHON_PACKAGE: Final = Rule(
    name="python_package",
    doc=(
        "How one of the packages that an application requires is built, where that is not known already: which libraries its "
        "extensions are linked with, what its build backend is told. `python_resources` name it in `packages`. "
        "What is known of common packages stands in `@stdlib//packages`; a target of the user's takes its place."
    ),
    attributes=(
        Attribute("package", STRING, doc="The package's name in the index. Not given: the target's name.", example='"PyYAML"'),
        Attribute(
            "policy",
            enum(*(policy.value for policy in Policy)),
            doc='Which of the package\'s files is used. `"auto"`: the wheel that an installer would take, which for the flavor '
            '`standalone_static` is a pure one; if there is none, the sdist, which is built. `"native"`: the wheel for the '
            'platform, or what is built from the sdist, also if there is a pure wheel. `"wheel"` and `"sdist"` insist.',
            example='"sdist"',
            default=Policy.AUTO.value,
        ),
        Attribute(
            "libraries",
            LABELS,
            doc="Libraries that the build finds, by their headers, by name and by pkg-config: targets that are a folder with "
            "`include` and `lib`.",
            example='["@stdlib//recipes:libyaml"]',
            default=[],
        ),
        Attribute(
            "env",
            STRING_DICT,
            doc="Environment variables of the build. `{NAME}` stands for the folder of the library NAME, `{root}` for the "
            "folder in which everything lies.",
            example='{"PYYAML_FORCE_LIBYAML": "1"}',
            default={},
        ),
        Attribute(
            "config_settings",
            STRING_DICT,
            doc="What the build backend is told (`pip install -C`); several values of one key stand in lines of their own.",
            example='{"setup-args": "-Dblas=none"}',
            default={},
        ),
        Attribute(
            "build_requires",
            STRINGS,
            doc="What the build needs installed, beside what the package itself says; `staticbuild lock` pins it.",
            example='["setuptools<80"]',
            default=[],
        ),
        Attribute(
            "exclude",
            STRINGS,
            doc="Globs of files that the built wheel has and the executable does not want.",
            example='["numpy/*/tests/*"]',
            default=[],
        ),
    ),
    module=MODULE,
    example=(
        'python_package(\n    name = "pyyaml",\n    libraries = ["@stdlib//recipes:libyaml"],\n'
        '    env = {"PYYAML_FORCE_LIBYAML": "1"},\n)\n'
    ),
)

_TABLE: Final = ("stdlib", "packages")
_RECIPES: Final = ("stdlib", "recipes")
# The names by which build systems ask for compilers: all are the one driver. And for what must leave its results alone.
_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "cc": [f"native/bin/{name}" for name in ("cc", "gcc", "clang", "c++", "g++", "clang++")],
    "nothing": [f"native/bin/{name}" for name in ("strip", "patchelf")],
}
_TOOL_PATH: Final = "tool:installer:packaging"
# Where the interpreter is staged that runs a backend, if it is another than the distribution's.
_INTERPRETER: Final = "host"
# What builds leave beside the sources of a project.
_NO_SOURCES: Final = ("build/**", "dist/**")
_PKG_CONFIG: Final = b'#!/bin/sh\nexec "$SB_ROOT/pkgconf/pkgconf/.bin/pkgconf" "$@"\n'


def analyse_python_package(context: Context, target: Target) -> Provider:
    """What the attributes say. Raises ConfigError for libraries that are none."""
    attributes = target.attributes
    where = target.where("libraries")
    libraries = cast("tuple[Label, ...]", attributes["libraries"])
    for label in libraries:
        if not isinstance(context.provider(label, where), Tree):
            raise ConfigError(
                f"`{label.short}` is no folder with `include` and `lib`",
                where=where,
                hint="name a recipe such as `@stdlib//recipes:libyaml`, or a `run_action` with one output tree",
            )
    return PythonPackage(
        name=canonicalize_name(str(attributes["package"] or target.label.name)),
        policy=Policy(attributes["policy"]),
        libraries=libraries,
        env=_pairs(attributes["env"]),
        config_settings=_pairs(attributes["config_settings"]),
        build_requires=cast("tuple[str, ...]", attributes["build_requires"]),
        exclude=cast("tuple[str, ...]", attributes["exclude"]),
    )


def _name(label: Label) -> str:
    """What the environment of a build calls a library."""
    return label.name.rpartition("/")[2]


def _pairs(value: Value) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(cast("Mapping[str, str]", value).items()))


def known_packages(context: Context, own: Iterable[PythonPackage]) -> Mapping[str, PythonPackage]:
    """What is known of packages, by their normal names: what the config says, then the table of the standard rules."""
    table = context.shared(("packages",), lambda: _table(context))
    return {**table, **{package.name: package for package in own}}


def _table(context: Context) -> Mapping[str, PythonPackage]:
    providers = [context.provider(target.label) for target in context.workspace.package(*_TABLE).values()]
    return {provider.name: provider for provider in providers if isinstance(provider, PythonPackage)}


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes the actions that build packages for one distribution. `where` is the place of a declaration, for errors."""

    context: Context
    dist: PythonDistribution
    where: Location

    def build(
        self, pin: Pin, sdist: File, environment: Sequence[tuple[Pin, File]], known: PythonPackage, crates: Sequence[Crate] = ()
    ) -> Output:
        """The tree that a build of `sdist` makes.

        `environment` are the wheels that must be installed for it, `crates` what cargo needs, if one of those runs it.
        """
        source, sources = self._sources(pin, sdist)
        wheels = {f"wheels/{file.filename}": locked_file(self.context, one, file) for one, file in environment}
        libraries = {f"libraries/{_name(label)}": self._library(label) for label in known.libraries}
        runs_cargo = wants_rust(one.name for one, _ in environment)
        rust = rust_inputs(self.context, crates, self.where, self.dist.glibc) if runs_cargo else {}
        interpreter = self._interpreter([file for _, file in environment])
        plan = BuildPlan(
            requirement=str(pin),
            source=source,
            wheels=tuple(sorted(wheels)),
            libraries=tuple(libraries),
            env={**(RUST_ENVIRONMENT if rust else {}), **dict(known.env)},
            config_settings={
                name: tuple(value.splitlines()) if "\n" in value else value for name, value in known.config_settings
            },
            exclude=(*known.exclude, *(RUST_EXCLUDED if rust else ())),
            version=self.dist.version,
            **({"python": f"{_INTERPRETER}/install"} if interpreter else {}),
        )
        staged: Mapping[str, Artifact] = {
            "dist": self.dist.tree,
            "plan.json": Content(plan.to_json()),
            **{name: _python_package(self.context, name) for name in ("installer", "packaging")},
        }
        action = Action(
            label=Label("", "", pin.name),
            mnemonic="BuildPackage",
            argv=("python3", "-m", "staticbuild.building", "plan.json"),
            inputs=merged(
                [program(self.context, "building"), self._toolchain(), interpreter, rust, staged, sources, wheels, libraries],
                self.where,
            ),
            outputs=((OUTPUT, "tree"),),
            env=(("PYTHONPATH", _TOOL_PATH),),
            timeout=4 * 3600,
            weight=30,
            description=str(pin),
        )
        return action.output(OUTPUT)

    def _sources(self, pin: Pin, sdist: File) -> tuple[str, dict[str, Artifact]]:
        """Where the sources are staged, and the artifacts: an archive, or the files of a project as it is."""
        if not sdist.is_project:
            path = f"sdist/{sdist.filename}"
            return path, {path: locked_file(self.context, pin, sdist)}
        folder = absolute(self.context, str(sdist.path)).rstrip("/")
        files: dict[str, Artifact] = {
            f"project/{one.path}": SourceFile(one.source) for one in walk(self.context.host, folder, exclude=_NO_SOURCES)
        }
        return "project", files

    def _interpreter(self, wheels: Iterable[File]) -> dict[str, Artifact]:
        """The Python that runs the backend, where the distribution's own cannot, since `wheels` hold shared libraries for it.

        It is of the same version, for glibc, as `standalone_dynamic` has it. Raises ToolchainError on a host without glibc.
        """
        if not any(is_loaded(file.filename) for file in wheels):
            return {}
        glibc = flavors.GLIBC_VERSIONS[0]
        flavors.check_host(self.context.host, glibc)
        version = versions.find(self.dist.version)
        recipe = "" if version is None else version.recipe
        return {_INTERPRETER: tree(self.context, Label("stdlib", "recipes/glibc", f"{glibc}/archive{recipe}"), self.where)}

    def _library(self, label: Label) -> Artifact:
        """The tree of a library. What the recipes build for musl, they build for each version of glibc under another label."""
        if self.dist.glibc is not None and (label.repo, label.package) == _RECIPES:
            label = replace(label, package=f"{label.package}/glibc", name=f"{self.dist.glibc}/{label.name}")
        return tree(self.context, label, self.where)

    def _toolchain(self) -> dict[str, Artifact]:
        """Compilers that leave relocatable objects in place of shared libraries, and what they find."""
        staged = toolchain_trees(self.context, self.where, self.dist.glibc)
        platform = "musl.sh" if self.dist.glibc is None else "glibc.sh"
        staged["cxx"] = cxx_tree(self.context, self.where, self.dist.glibc)
        staged |= {f"toolchain/{path}": file for path, file in self._files("binutils").items()}
        for path, file in self._files("native").items():
            name = path.rpartition("/")[2]
            staged |= dict.fromkeys(["native/platform.sh"] if name == platform else _NAMES.get(name, []), file)
        staged["pkgconf"] = _python_package(self.context, "pkgconf")
        staged["native/bin/pkg-config"] = Content(_PKG_CONFIG, executable=True)
        return staged

    def _files(self, name: str) -> Mapping[str, Artifact]:
        provider = self.context.provider(Label("stdlib", "toolchain", name), self.where)
        return provider.artifacts if isinstance(provider, Files) else {}


def built_wheel(pin: Pin, built: Output) -> tuple[str, Member]:
    """The file name of the wheel in a built tree, and the wheel."""
    name = wheel_name(str(pin))
    return name, Member(built, f"{WHEEL}/{name}")


def _python_package(context: Context, name: str) -> SourceTree:
    """A Python package that is installed beside staticbuild, staged below a folder of its name."""
    root = context.host.package_folder(name)
    return SourceTree(root.rpartition("/")[0], (name,), context.stamp(root))
