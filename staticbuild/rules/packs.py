"""The actions that pack an executable's modules, data and settings into its blob. Knows nothing of linking.

Three kinds of pack are made apart, so that each is redone only when its own inputs change: the standard library's (once for a
distribution), one for each wheel, and the application's; the merge of them all is quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from staticbuild.errors import ConfigError, Location
from staticbuild.graph.action import Action, Artifact, Content, Download, Output, Place, SourceFile, SourceTree
from staticbuild.graph.label import Label
from staticbuild.packing.lock import Package
from staticbuild.packing.package_index import Target as IndexTarget
from staticbuild.packing.plan import (
    ApplicationPlan,
    DataFile,
    MergePlan,
    Pack,
    Plan,
    Root,
    StandardLibraryPlan,
    ToolsPlan,
    WheelPlan,
)
from staticbuild.packing.policy import StandardLibraryPolicy
from staticbuild.rules.context import Context
from staticbuild.rules.providers import PythonDistribution, PythonResources
from staticbuild.rules.staging import merged, program


def index_target(dist: PythonDistribution) -> IndexTarget:
    """What a package index is asked for."""
    return IndexTarget(python=dist.version, platform=dist.triple)


def lock_group(label: Label) -> str:
    """The name that a resources target has in the lock file."""
    return str(label)


@dataclass(frozen=True, slots=True)
class Packer:
    """Makes packing actions for one executable. `where` is the place of its declaration, for errors."""

    context: Context
    dist: PythonDistribution
    optimize: int
    where: Location

    def standard_library(self, policy: StandardLibraryPolicy) -> Output:
        """The standard library's pack, with the runtime's own Python modules."""
        plan = StandardLibraryPlan(version=self.dist.version, policy=policy, support="support", optimize=self.optimize)
        folder = f"{self.context.own}/staticbuild/runtime/python"
        support: dict[str, Artifact] = {
            f"support/{entry.name}": SourceFile(entry.path)
            for entry in self.context.host.scan(folder)
            if entry.name.endswith(".py")
        }
        key = ("stdlib", self.dist.label, policy, self.optimize)
        return self.context.shared(key, partial(self._action, self.dist.label, "PackStandardLibrary", plan, support))

    def resources(self, resources: PythonResources, place: str) -> list[tuple[Pack, Artifact]]:
        """The packs of one resources target: the application's own, staged at `place`, and one for each wheel."""
        packs: list[tuple[Pack, Artifact]] = []
        if resources.roots or resources.files:
            key: tuple[object, ...] = ("application", resources.label, self.dist.label, self.optimize)
            pack = self.context.shared(key, partial(self._application, resources))
            packs.append((Pack(place, "application", resources.label.short), pack))
        for package in self._locked(resources):
            requirement = f"{package.pin.name}=={package.pin.version}"
            key = ("wheel", requirement, resources.exclude, self.dist.label, self.optimize)
            pack = self.context.shared(key, partial(self._wheel, package, requirement, resources.exclude))
            packs.append((Pack(f"packs/{requirement}", "requirement", requirement), pack))
        return packs

    def merge(self, label: Label, packs: Mapping[Pack, Artifact], settings: dict[str, str]) -> Output:
        """The blob of an executable."""
        plan = MergePlan(tuple(packs), settings=settings)
        return self._action(label, "Merge", plan, {pack.path: artifact for pack, artifact in packs.items()})

    def _application(self, resources: PythonResources) -> Output:
        roots, files, inputs = [], [], {}
        for index, (shown, members) in enumerate(resources.roots):
            roots.append(Root(f"roots/{index}", shown))
            inputs.update({f"roots/{index}/{path}": artifact for path, artifact in members.items()})
        for destination, artifact in resources.files.items():
            files.append(DataFile(f"files/{destination}", destination))
            inputs[f"files/{destination}"] = artifact
        plan = ApplicationPlan(tuple(roots), tuple(files), exclude=resources.exclude, optimize=self.optimize)
        return self._action(resources.label, "PackApplication", plan, inputs)

    def _wheel(self, package: Package, requirement: str, exclude: tuple[str, ...]) -> Output:
        wheel, pin = package.wheel(), package.pin
        download = Download(pin.name, pin.version, wheel.sha256, (Place("index:"),), wheel.filename)
        path = f"wheels/{wheel.filename}"
        plan = WheelPlan(path, requirement, exclude=exclude, version=self.dist.version, optimize=self.optimize)
        return self._action(Label("", "", pin.name), "PackWheel", plan, {path: download})

    def _locked(self, resources: PythonResources) -> tuple[Package, ...]:
        """What the lock file pins for these resources."""
        if resources.requirements is None:
            return ()
        lock = self.context.read_lock()
        where = resources.requirements_location
        if lock is None:
            raise ConfigError(
                f"`{resources.label.short}` has requirements, and there is no `staticbuild.lock`",
                where=where,
                hint="run `staticbuild lock`, and commit the file that it writes",
            )
        try:
            return lock.packages_for(lock_group(resources.label), resources.requirements, index_target(self.dist))
        except ConfigError as error:
            first, *more = error.problems
            raise ConfigError.of([replace(first, where=where), *more]) from error

    def _action(self, label: Label, mnemonic: str, plan: Plan, inputs: Mapping[str, Artifact]) -> Output:
        tools = self.context.shared(("tools", self.dist.label), self._tools)
        staged: Mapping[str, Artifact] = {"dist": self.dist.tree, "tools": tools, "plan.json": Content(plan.to_json())}
        action = Action(
            label=label,
            mnemonic=mnemonic,
            argv=self._argv(),
            inputs=merged([staged, inputs], self.where),
            outputs=((plan.output, "file"),),
            env=(("PYTHONPATH", "tools"),),
        )
        return action.output(plan.output)

    def _argv(self) -> tuple[str, ...]:
        # The distribution's own interpreter compiles the bytecode that the executable will run.
        interpreter = f"dist/python/install/bin/python{self.dist.version}"
        return (interpreter, "-P", "-S", "-B", "-m", "staticbuild.packing.pack", "plan.json")

    def _tools(self) -> Output:
        """Bytecode of the packing program and of all that it imports: without it each action compiled ninety modules."""
        plan = ToolsPlan()
        staged: Mapping[str, Artifact] = {
            "dist": self.dist.tree,
            "installer": self._installer(),
            "plan.json": Content(plan.to_json()),
        }
        action = Action(
            label=self.dist.label,
            mnemonic="CompileTools",
            argv=self._argv(),
            inputs=merged([program(self.context, "packing"), staged], self.where),
            outputs=((plan.output, "tree"),),
            env=(("PYTHONPATH", "tool:installer"),),
        )
        return action.output(plan.output)

    def _installer(self) -> SourceTree:
        root = self.context.host.package_folder("installer")
        return SourceTree(root.rpartition("/")[0], ("installer",), self.context.stamp(root))
