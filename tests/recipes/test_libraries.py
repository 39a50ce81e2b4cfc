"""The libraries that packages are built with: each builds, says truly how it is linked, and works; and the table of packages.

`programs/<target>.c` is a small program for each; its first line says what it must print. A new cache compiles each library,
which takes a few seconds for most; those that take minutes are left out unless they are in the cache, or
STATICBUILD_THOROUGH_TESTS=1.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from staticbuild.rules.native import PYTHON_PACKAGE
from tests.project import ROOT, TRIPLE, Project, run

pytestmark = pytest.mark.slow

PROGRAMS = Path(__file__).parent / "programs"
NAMES = sorted(path.stem for path in PROGRAMS.glob("*.c"))
# Which take minutes; for glibc, OpenSSL too is built for nothing but this and the other flavor.
LARGE = {"musl": {"libpq", "openblas"}, "glibc": {"libpq", "openssl-dev"}}
# What an action stages to compile anything, and where the recipes are.
TOOLCHAINS = {
    "musl": {
        "toolchain": "@stdlib//toolchain:cc",
        "zig": "@stdlib//toolchain:zig",
        "sysroot": "@stdlib//toolchain:sysroot",
    },
    "glibc": {
        "toolchain/": "@stdlib//toolchain:binutils",
        "toolchain/bin/cc": "@stdlib//toolchain/glibc:cc",
        "zig": "@stdlib//toolchain:zig",
        "sysroot": "@stdlib//toolchain/glibc:2.17/sysroot",
    },
}
OF_LIBC = {"pthread", "m", "dl", "rt"}
FOLDERS = {"musl": "@stdlib//recipes:", "glibc": "@stdlib//recipes/glibc:2.17/"}
# OpenBLAS takes longer than all others together, and nobody needs it for glibc: numpy's wheels bring theirs.
LEFT_OUT = {("glibc", "openblas")}
CASES = [pytest.param(libc, name, id=f"{libc}-{name}") for libc in FOLDERS for name in NAMES if (libc, name) not in LEFT_OUT]


@dataclass(frozen=True)
class Module:
    """What a pkg-config file says."""

    fields: dict[str, str]

    @classmethod
    def parse(cls, path: Path, prefix: str) -> Module:
        """Read `path`, which lies in `<prefix>/lib/pkgconfig`, as pkg-config does: variables, then fields that use them."""
        variables = {"pcfiledir": f"{prefix}/lib/pkgconfig"}
        fields: dict[str, str] = {}
        for line in path.read_text().splitlines():
            name, sign, value = re.match(r"([\w.]+)([=:]) ?(.*)|$", line).groups()  # type: ignore[union-attr] # matches anything
            value = re.sub(r"\$\{(\w+)\}", lambda found: variables[found[1]], value or "")
            if sign:
                (variables if sign == "=" else fields)[name] = value
        return cls(fields)

    @property
    def requires(self) -> list[str]:
        """The modules that must be known, too."""
        return self.fields.get("Requires", "").split()


@dataclass(frozen=True)
class Libraries:
    """The libraries of one platform, built."""

    libc: str
    project: Project
    names: tuple[str, ...]

    def tree(self, name: str) -> Path:
        """Where the tree of a recipe lies."""
        return self.project.result(f"{FOLDERS[self.libc].replace(':', '/')}{name}")

    def modules(self, name: str, prefix: str = "") -> dict[str, Module]:
        """What pkg-config would know, of the tree of `name`, if it were staged at `prefix`."""
        return {path.stem: Module.parse(path, prefix) for path in sorted((self.tree(name) / "lib/pkgconfig").iterdir())}


@pytest.fixture(scope="module")
def musl(tmp_path_factory: pytest.TempPathFactory) -> Libraries:
    return _build(tmp_path_factory, "musl")


@pytest.fixture(scope="module")
def glibc(tmp_path_factory: pytest.TempPathFactory) -> Libraries:
    return _build(tmp_path_factory, "glibc")


def _build(tmp_path_factory: pytest.TempPathFactory, libc: str) -> Libraries:
    """All libraries, in one build, and then all programs, in another."""
    project = Project(tmp_path_factory.mktemp(libc))
    project.write("staticbuild.bzl", "")
    names = [name for name in NAMES if _wanted(project, libc, name)]
    built = Libraries(libc, project, tuple(names))
    project.run("build", *(FOLDERS[libc] + name for name in names))

    config = ['load("@stdlib//build.bzl", "files", "run_action")']
    for name in names:
        project.write(f"{name}.c", (PROGRAMS / f"{name}.c").read_text())
        needed = _needed(built, name, names)
        flags = _flags(built, name, needed)
        inputs = {**TOOLCHAINS[libc], "src/": f":{name}.c", **{f"deps/{dep}": FOLDERS[libc] + dep for dep in needed}}
        script = f"toolchain/bin/cc -Wall -Wno-unused-parameter -Werror src/{name}.c {shlex.join(flags)} -o {name}"
        config.append(f"files(name = {name + '.c'!r}, srcs = [{name + '.c'!r}])")
        config.append(f"run_action(name = {name!r}, script = {script!r}, inputs = {inputs!r}, outputs = [{name!r}])")
    project.write("staticbuild.bzl", "\n".join(config))
    project.run("build", *(f":{name}" for name in names))
    return built


def _wanted(project: Project, libc: str, name: str) -> bool:
    if (libc, name) in LEFT_OUT:
        return False
    return name not in LARGE[libc] or project.costs_minutes(FOLDERS[libc] + name) is None


def _needed(built: Libraries, name: str, names: list[str]) -> list[str]:
    """The trees that the modules of `name` need, itself first: whose modules they require, and what those require."""
    owners = {module: owner for owner in names for module in built.modules(owner)}
    found = [name]
    for owner in found:
        required = {owners[key] for module in built.modules(owner).values() for key in module.requires}
        found += sorted(required.difference(found))
    return found


def _flags(built: Libraries, name: str, needed: list[str]) -> list[str]:
    """What `pkg-config --cflags --libs` prints for the modules of `name`."""
    modules = {key: module for tree in needed for key, module in built.modules(tree, f"deps/{tree}").items()}
    wanted = list(built.modules(name))
    for key in wanted:
        wanted += [required for required in modules[key].requires if required not in wanted]
    return [flag for field in ("Cflags", "Libs") for key in wanted for flag in shlex.split(modules[key].fields[field])]


@pytest.fixture
def built(request: pytest.FixtureRequest, libc: str, name: str) -> Libraries:
    libraries: Libraries = request.getfixturevalue(libc)
    if name not in libraries.names:
        pytest.skip("this library takes minutes; STATICBUILD_THOROUGH_TESTS=1 builds it")
    return libraries


@pytest.mark.parametrize(("libc", "name"), CASES)
def test_a_program_that_uses_it(built: Libraries, name: str) -> None:
    expected = re.match(r"/\* prints: (.*) \*/\n", (PROGRAMS / f"{name}.c").read_text())
    assert expected is not None
    executable = built.project.folder / "build" / TRIPLE / name / name
    assert run([executable], env={}).stdout == expected[1]


@pytest.mark.parametrize(("libc", "name"), CASES)
def test_what_it_says_of_itself(built: Libraries, name: str) -> None:
    tree = built.tree(name)
    description = json.loads((tree / "SOURCE.json").read_text())
    assert set(description) == {"name", "version", "license"}
    assert description["name"] == name.removesuffix("-dev")
    assert re.fullmatch(r"\d[\w.+-]*", description["version"])
    assert (tree / f"licenses/LICENSE.{description['name']}.txt").stat().st_size > 200

    modules = built.modules(name)
    assert modules
    archives = {path.name for path in (tree / "lib").glob("*.a")}
    for key, module in modules.items():
        assert {"Name", "Description", "Version", "Cflags", "Libs"} <= set(module.fields), key
        # Relative to the file itself, and nothing that plain `--libs` would leave out.
        assert not any(field.endswith(".private") for field in module.fields), key
        assert module.fields["Libs"].startswith("-L/lib/pkgconfig/../../lib"), key
        named = {flag[2:] for flag in shlex.split(module.fields["Libs"]) if flag.startswith("-l")} - OF_LIBC
        assert {f"lib{library}.a" for library in named} <= archives, key
        assert named or module.requires, key
        for flag in shlex.split(module.fields["Cflags"]):
            if flag.startswith("-I"):
                assert (tree / flag[2:].removeprefix("/lib/pkgconfig/../../")).is_dir(), key


# Starlark that is Python, too.
_TABLE: dict[str, Any] = {"struct": lambda **fields: fields}
exec((ROOT / "stdlib/packages.bzl").read_text(), _TABLE)
ROWS: dict[str, dict[str, Any]] = _TABLE["packages"]["rows"]


@pytest.mark.parametrize("package", ROWS)
def test_a_row_of_the_table(package: str) -> None:
    row = ROWS[package]
    assert package == canonicalize_name(package)
    assert row.keys() <= {attribute.name for attribute in PYTHON_PACKAGE.attributes}
    libraries = [label.removeprefix(FOLDERS["musl"]) for label in row.get("libraries", [])]
    assert set(libraries) <= set(NAMES), "a library has a program above"
    assert libraries == sorted(libraries)
    for value in row.get("env", {}).values():
        assert set(re.findall(r"\{(.*?)\}", value)) <= set(libraries)


def test_the_table_names_all_that_a_static_link_needs(musl: Libraries) -> None:
    names = list(musl.names)
    for package, row in ROWS.items():
        libraries = {label.removeprefix(FOLDERS["musl"]) for label in row.get("libraries", [])}
        for library in libraries & set(names):
            assert set(_needed(musl, library, names)) <= libraries, package
