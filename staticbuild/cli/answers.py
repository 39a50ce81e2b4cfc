"""Answers what a `pyoxidizer.bzl` asks while it is evaluated: builds what it needs to know, pins what it requires.

Such a config looks at the resources of packages while it runs. What it asks for is built by the same cached actions that the
executable is then made of, so that nothing is done twice; and what it requires is pinned in `staticbuild.lock` the first time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from staticbuild.config.pyoxidizer.facts import Contents, Item, ListFiles, Prompt, Question, ReadText, SourceText
from staticbuild.distribution import metadata
from staticbuild.errors import ConfigError, Location
from staticbuild.executor.events import Warned
from staticbuild.graph.action import Artifact, Member, Output
from staticbuild.graph.digest import FileState
from staticbuild.linking.packages import DESCRIPTION
from staticbuild.packing.lock import Lock, Package
from staticbuild.packing.package_index import PackageIndex, Pin
from staticbuild.packing.policy import StandardLibraryPolicy, matcher
from staticbuild.packing.reader import read
from staticbuild.packing.resolving import resolve
from staticbuild.packing.resource import ModuleKind, Resources
from staticbuild.rules.packs import Bytecode, Packer
from staticbuild.rules.providers import PythonDistribution, PythonResources
from staticbuild.rules.requirements import choices, index_target, lock_group, required_packages

if TYPE_CHECKING:
    from staticbuild.cli.session import Session

_NOWHERE = Location("pyoxidizer.bzl", 1)
_GLOB_SIGNS = "*?["
_MOST_NAMES = 3


class Answers:
    """Who answers for one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._packs: dict[Output, Resources] = {}

    def __call__(self, question: Question) -> Any:  # noqa: ANN401 - of the question's kind
        """The answer. Raises ConfigError for what is wrong with what is asked about."""
        match question:
            case Contents():
                return self._contents(question)
            case SourceText():
                return self._source(question)
            case Prompt():
                return self._prompt(question)
            case ReadText(path):
                return self._session.host.read_text(path)
            case ListFiles(patterns):
                return tuple(sorted({path for pattern in patterns for path in self._matching(pattern)}))

    # --- resources ---

    def _contents(self, question: Contents) -> tuple[Item, ...]:
        items: list[Item] = []
        packs = self._packs_of(question)
        names = self._extensions(question) if question.of == question.dist else self._built_extensions(question)
        items += [Item("extension", name, "") for name in names]
        for resources in packs:
            items += _items(resources)
        return tuple(items)

    def _source(self, question: SourceText) -> str:
        for resources in self._packs_of(question):
            for module in resources.modules:
                if module.path == question.path and module.source is not None:
                    return module.source.decode(errors="replace")
        return ""

    def _packs_of(self, question: Contents | SourceText) -> list[Resources]:
        """What the target that a question is about has, pack by pack."""
        context, where = self._declared(question)
        dist = self._dist(question)
        packer = Packer(context, dist, Bytecode(), where)
        if question.of == question.dist:
            packs = [packer.standard_library(StandardLibraryPolicy(include_test=question.include_test))]
        else:
            provider = context.provider(question.of, where)
            if not isinstance(provider, PythonResources):
                raise TypeError(provider)
            self._pin(provider, dist)
            packs = [output for _, output in packer.resources(provider, "packs/0")]
        missing = [pack for pack in packs if pack not in self._packs]
        for pack, data in zip(missing, self._built(missing), strict=True):
            self._packs[pack] = read(data)
        return [self._packs[pack] for pack in packs]

    def _declared(self, question: Contents | SourceText) -> tuple[Any, Location]:
        session = self._session
        session.workspace.declare(question.targets)
        places = (target.location for target in question.targets if target.label == question.of)
        return session.context, next(places, _NOWHERE)

    def _dist(self, question: Contents | SourceText) -> PythonDistribution:
        dist = self._session.context.provider(question.dist)
        if not isinstance(dist, PythonDistribution):
            raise TypeError(dist)
        return dist

    def _extensions(self, question: Contents) -> list[str]:
        """The extension modules of the distribution."""
        (description,) = self._built([Member(self._dist(question).tree, "python/PYTHON.json")])
        return sorted(metadata.parse(description).extensions)

    def _built_extensions(self, question: Contents) -> list[str]:
        """The extension modules of packages that are built from their sources."""
        provider = self._session.context.provider(question.of)
        assert isinstance(provider, PythonResources)  # noqa: S101
        required = required_packages(self._session.context, self._dist(question), provider)
        descriptions = [Member(each.built, DESCRIPTION) for each in required if each.built is not None]
        found = [json.loads(data)["extensions"] for data in self._built(descriptions)]
        return sorted(str(extension["name"]) for extensions in found for extension in extensions)

    def _built(self, wanted: list[Any]) -> list[bytes]:
        """What files hold that actions make, once they have run."""
        artifacts: list[Artifact] = wanted
        if not artifacts:
            return []
        with self._session.build() as build:
            states = build.make(artifacts)
            found = []
            for artifact in artifacts:
                state = states[artifact]
                assert isinstance(state, FileState)  # noqa: S101
                found.append(build.store.read(state.digest))
            return found

    def _pin(self, resources: PythonResources, dist: PythonDistribution) -> None:
        """Have the lock pin what `resources` require; what is pinned stays."""
        session, target = self._session, index_target(dist)
        if resources.requirements is None:
            return
        name = lock_group(resources.label)
        previous = session.read_lock()
        try:
            if previous is not None:
                previous.packages_for(name, resources.requirements, target)
                return
        except ConfigError:
            pass  # that is what is done now
        groups = {(name, target): resources.requirements}
        known = {(name, target): choices(session.context, resources)}
        new = resolve(lambda wanted: PackageIndex(session.host, session.root, wanted), groups, choices=known, previous=previous)
        session.write_lock(united(previous, new))
        texts = [f"`{item.text}`" for item in resources.requirements.required]
        shown = ", ".join(texts[:_MOST_NAMES]) + (f" and {len(texts) - _MOST_NAMES} more" if len(texts) > _MOST_NAMES else "")
        count = sum(len(group.pins) for group in new.groups)
        message = (
            f"{shown}: pinned in staticbuild.lock ({count} package{'' if count == 1 else 's'}); later builds take the same"
        )
        session.listener(Warned(message, "commit that file; `staticbuild lock --upgrade` takes newer versions"))

    # --- the rest of the world ---

    def _matching(self, pattern: str) -> Iterator[str]:
        """The files that an absolute glob matches."""
        host = self._session.host
        parts = pattern.split("/")
        first = next((index for index, part in enumerate(parts) if any(sign in part for sign in _GLOB_SIGNS)), None)
        if first is None:
            if host.fingerprint(pattern) is not None:
                yield pattern
            return
        root, wanted = "/".join(parts[:first]), matcher(["/".join(parts[first:])])
        pending = [root or "/"]
        while pending:
            folder = pending.pop()
            for entry in host.scan(folder) if host.is_dir(folder) else ():
                if entry.is_dir:
                    pending.append(entry.path)
                elif wanted(entry.path[len(root) + 1 :]):
                    yield entry.path

    def _prompt(self, question: Prompt) -> str | bool | None:
        host = self._session.host
        if question.kind == "possible":
            return host.has_terminal
        if not host.has_terminal:
            return None
        while True:
            if question.kind == "password":
                answer = host.ask(f"{question.text}: ", hidden=True)
                if not question.confirm or host.ask(f"{question.text} (again): ", hidden=True) == answer:
                    return answer
            elif question.kind == "input":
                return host.ask(f"{question.text}: ") or question.default or ""
            else:
                answer = host.ask(f"{question.text} [y/n]: ").lower()
                if not answer and question.default is not None:
                    return question.default
                if answer in _YES_AND_NO:
                    return _YES_AND_NO[answer]


_YES_AND_NO: Mapping[str, bool] = {"y": True, "yes": True, "n": False, "no": False}


def _items(resources: Resources) -> Iterator[Item]:
    """The resources that a config sees; the run time's own modules are none."""
    kinds: Mapping[ModuleKind, Literal["module", "package"]] = {ModuleKind.MODULE: "module", ModuleKind.PACKAGE: "package"}
    for module in resources.modules:
        if module.kind in kinds and not module.path.startswith("lib/_staticbuild"):
            yield Item(kinds[module.kind], module.name, module.path)
    for file in resources.files:
        yield Item("file", file.path, file.path)


def united(previous: Lock | None, new: Lock) -> Lock:
    """`previous` with the groups of `new` in the place of those of the same name and target; no package that nobody wants."""
    if previous is None:
        return new
    renewed = {(group.name, group.target) for group in new.groups}
    groups = (*(group for group in previous.groups if (group.name, group.target) not in renewed), *new.groups)
    known = {(build.pin, build.python): build for build in (*previous.builds, *new.builds)}
    wanted = {pin for group in groups for pin in group.pins}
    builds = tuple(build for (pin, _), build in known.items() if pin in wanted)
    wanted |= {pin for build in builds for pin in build.pins}
    packages: dict[Pin, Package] = {}
    for package in (*previous.packages, *new.packages):
        if package.pin in wanted:
            packages[package.pin] = _joined(packages.get(package.pin), package)
    return replace(previous, groups=groups, packages=tuple(packages[pin] for pin in sorted(packages)), builds=builds)


def _joined(one: Package | None, other: Package) -> Package:
    """All files of one version of a package, whoever wants it."""
    if one is None:
        return other
    files: Iterable[Any] = {*one.files, *other.files}
    return replace(other, required_by=tuple(sorted({*one.required_by, *other.required_by})), files=tuple(sorted(files)))
