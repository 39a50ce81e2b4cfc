"""Where resources come from, and how the items of a place become resources of the dialect. Knows no executable."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from staticbuild.config.pyoxidizer.facts import Ask, Contents, Item
from staticbuild.config.pyoxidizer.model import Request
from staticbuild.config.pyoxidizer.policy import (
    File,
    PythonExtensionModule,
    PythonModuleSource,
    PythonPackageDistributionResource,
    PythonPackageResource,
    PythonPackagingPolicy,
    Resource,
    add_values,
)
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.evaluation import Evaluation

_METADATA: Final = (".dist-info", ".egg-info")


@dataclass(slots=True)
class Origin:
    """A target with resources, seen for one distribution; for the standard library it is the distribution itself."""

    of: Label
    dist: Label
    kind: Literal["stdlib", "packages", "root", "source"]
    run: Evaluation = field(repr=False)
    include_test: bool = False
    items: tuple[Item, ...] = ()
    _packages: frozenset[str] | None = None

    @property
    def ask(self) -> Ask:
        """How to ask about it."""
        return self.run.world.ask

    def known(self) -> tuple[Target, ...]:
        """The targets that a question about it needs."""
        return tuple(self.run.targets.values())

    def packages(self) -> frozenset[str]:
        """The names of the packages among its items."""
        if self._packages is None:
            self._packages = frozenset(item.name for item in self.items if item.kind == "package")
        return self._packages

    def load(self) -> tuple[Item, ...]:
        """What it holds, which is asked for once."""
        if not self.items:
            key = (self.of, self.dist, self.include_test)
            if key not in self.run.known:
                self.run.known[key] = self.ask(Contents(self.known(), self.of, self.dist, self.include_test))
            self.items = self.run.known[key]
        return self.items


def resources_of(
    origin: Origin, items: Iterable[Item], policy: PythonPackagingPolicy
) -> Generator[Request, object, list[Resource]]:
    """The resources that `items` are under `policy`, after the policy's callbacks, which are requested."""
    made = list(_made(origin, items, policy))
    if policy.callbacks and made:
        yield Request(tuple(policy.callbacks), tuple((policy, resource) for resource in made))
    return made


def _made(origin: Origin, items: Iterable[Item], policy: PythonPackagingPolicy) -> Iterator[Resource]:
    is_standard = origin.kind == "stdlib"
    if is_standard or policy.value("file_scanner_classify_files") or origin.kind == "source":
        adds = add_values(policy, is_standard=is_standard)
        items = list(items)
        packages = {item.name for item in items if item.kind == "package"}
        data = policy.value("include_distribution_resources") if is_standard else adds["add_include"]
        for item in items:
            resource = _typed(origin, item, adds, packages, data=data)
            if resource is not None:
                yield resource
    if not is_standard and policy.value("file_scanner_emit_files"):
        adds = {**add_values(policy, is_standard=False), "add_include": policy.value("include_file_resources")}
        for item in items:
            yield File(origin, item, path=installed_path(item), **adds)


def _typed(origin: Origin, item: Item, adds: dict[str, object], packages: set[str], *, data: object) -> Resource | None:
    is_standard = origin.kind == "stdlib"
    if item.kind in {"module", "package"}:
        is_package = item.kind == "package"
        return PythonModuleSource(origin, item, name=item.name, is_package=is_package, is_stdlib=is_standard, **adds)
    if item.kind == "extension":
        return PythonExtensionModule(
            origin, item, **{**adds, "name": item.name, "is_stdlib": is_standard, "add_include": False}
        )
    path = installed_path(item)
    top, _, rest = path.partition("/")
    if top.endswith(_METADATA) and rest:
        project = top.rpartition(".")[0].partition("-")[0]
        return PythonPackageDistributionResource(origin, item, package=project, name=rest, **adds)
    folders = path.split("/")[:-1]
    for size in range(len(folders), 0, -1):
        package = ".".join(folders[:size])
        if package in packages:
            name = "/".join(path.split("/")[size:])
            values = {**adds, "package": package, "name": name, "is_stdlib": is_standard, "add_include": data}
            return PythonPackageResource(origin, item, **values)
    return None


def installed_path(item: Item) -> str:
    """The item's path below the folder where packages are installed."""
    _, marker, inner = item.path.partition("/site-packages/")
    if marker:
        return inner
    head, _, rest = item.path.partition("/")
    version, _, inner = rest.partition("/")
    return inner if head == "lib" and version.startswith("python3.") and inner else item.path
