"""What an executable is made of, of that which its resources require: the wheels that the lock pins, and those that are built.

Knows the lock and what is built of it; packing and linking are others' affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from staticbuild.errors import ConfigError, Problem
from staticbuild.graph.action import Artifact, Output
from staticbuild.graph.label import Label
from staticbuild.packing.compatibility import is_pure
from staticbuild.packing.lock import File, Lock, Package
from staticbuild.packing.package_index import Pin, Target
from staticbuild.packing.resolving import Choice
from staticbuild.rules.context import Context
from staticbuild.rules.locked_files import locked_file
from staticbuild.rules.native import Builder, built_wheel, known_packages
from staticbuild.rules.providers import PythonDistribution, PythonPackage, PythonResources


@dataclass(frozen=True, slots=True)
class Required:
    """A package that becomes a part: its wheel under its file name, and the tree that it was built in if it was built."""

    pin: Pin
    filename: str
    wheel: Artifact
    built: Output | None = None


def index_target(dist: PythonDistribution) -> Target:
    """What a package index is asked for."""
    return Target(python=dist.version, platform=dist.triple, glibc=dist.glibc)


def lock_group(label: Label) -> str:
    """The name that a resources target has in the lock file."""
    return str(label)


def choices(context: Context, resources: PythonResources) -> Mapping[str, Choice]:
    """What is known of packages that counts for a lock, by their normal names."""
    known = known_packages(context, resources.packages)
    return {name: Choice(package.policy, package.build_requires) for name, package in known.items()}


def required_packages(context: Context, dist: PythonDistribution, resources: PythonResources) -> tuple[Required, ...]:
    """What the lock file pins for `resources`, as files or as what is built of them.

    Raises ConfigError, at the place of the requirements, if the lock does not fit or some package cannot be used.
    """
    key = ("requirements", resources.label, dist.label)
    return context.shared(key, lambda: _required(context, dist, resources))


def _required(context: Context, dist: PythonDistribution, resources: PythonResources) -> tuple[Required, ...]:
    if resources.requirements is None:
        return ()
    lock, where = context.read_lock(), resources.requirements_location
    if lock is None:
        raise ConfigError(
            f"`{resources.label.short}` has requirements, and there is no `staticbuild.lock`",
            where=where,
            hint="run `staticbuild lock`, and commit the file that it writes",
        )
    target = index_target(dist)
    known = known_packages(context, resources.packages)
    try:
        packages = lock.packages_for(lock_group(resources.label), resources.requirements, target)
        found: list[Required] = []
        problems: list[Problem] = []
        for package in packages:
            try:
                found.append(_one(context, dist, resources, lock, package, known))
            except ConfigError as error:
                problems += error.problems
        ConfigError.raise_all(problems)
    except ConfigError as error:
        first, *more = error.problems
        raise ConfigError.of([replace(first, where=first.where or where), *more]) from error
    return tuple(found)


def _one(  # noqa: PLR0913, PLR0917 - all that the answer depends on
    context: Context,
    dist: PythonDistribution,
    resources: PythonResources,
    lock: Lock,
    package: Package,
    known: Mapping[str, PythonPackage],
) -> Required:
    target, pin = index_target(dist), package.pin
    how = known.get(pin.name, PythonPackage(pin.name))
    file = package.file_for(target, how.policy)
    if file.is_wheel:
        return Required(pin, file.filename, locked_file(context, pin, file))
    tools = lock.build_environment(pin, target, how.build_requires)
    environment = [(one.pin, _tool(one, target.builder)) for one in tools]

    crates = lock.crates_for(pin, target)

    def build() -> Output:
        return Builder(context, dist, resources.requirements_location).build(pin, file, environment, how, crates)

    built = context.shared(("built", pin, dist.label, how), build)
    filename, wheel = built_wheel(pin, built)
    return Required(pin, filename, wheel, built)


def _tool(package: Package, builder: Target) -> File:
    """The wheel that a build has installed: a pure one if there is one, since any interpreter takes that."""
    pure = tuple(file for file in package.files if is_pure(file.filename, builder))
    return replace(package, files=pure or package.files).file_for(builder)
