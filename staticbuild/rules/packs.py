"""The actions that pack an executable's modules, data and settings into its blob. Knows nothing of linking.

Three kinds of pack are made apart, so that each is redone only when its own inputs change: the standard library's (once for a
distribution), one for each wheel, and the application's; the merge of them all is quick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from staticbuild.errors import Location
from staticbuild.graph.action import Action, Artifact, Content, Kind, Output, SourceFile, SourceTree
from staticbuild.graph.label import Label
from staticbuild.packing.plan import (
    BESIDE_FOLDER,
    CERTIFICATES,
    ApplicationPlan,
    CompressPlan,
    DataFile,
    DataKind,
    ExtractPlan,
    MergePlan,
    NoticesPlan,
    Pack,
    Plan,
    Root,
    StandardLibraryPlan,
    ToolsPlan,
    WheelPlan,
)
from staticbuild.packing.policy import StandardLibraryPolicy
from staticbuild.packing.resource import LocationKind
from staticbuild.rules.context import Context
from staticbuild.rules.providers import PythonDistribution, PythonResources
from staticbuild.rules.requirements import Required, required_packages
from staticbuild.rules.staging import merged, program

# Beside the pack of an action: where the sources use paths that come from where they are.
_USES = "uses.json"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge made: the blob, a report of what is in it, and the folder that belongs beside the executable."""

    blob: Output
    report: Output
    beside: Output | None


@dataclass(frozen=True, slots=True)
class Bytecode:
    """How sources are compiled: for which level of optimisation, and whose docstrings are kept."""

    optimize: int = 0
    docstrings: Literal["all", "application", "none"] = "all"


@dataclass(frozen=True, slots=True)
class Packer:
    """Makes packing actions for one executable. `where` is the place of its declaration, for errors."""

    context: Context
    dist: PythonDistribution
    bytecode: Bytecode
    where: Location

    def standard_library(self, policy: StandardLibraryPolicy) -> Output:
        """The standard library's pack, with the runtime's own Python modules."""
        plan = StandardLibraryPlan(
            version=self.dist.version,
            policy=policy,
            support="support",
            optimize=self.bytecode.optimize,
            docstrings=self.bytecode.docstrings == "all",
        )
        folder = f"{self.context.own}/staticbuild/runtime/python"
        support: dict[str, Artifact] = {
            f"support/{entry.name}": SourceFile(entry.path)
            for entry in self.context.host.scan(folder)
            if entry.name.endswith(".py")
        }
        key = ("stdlib", self.dist.label, policy, self.bytecode)
        return self.context.shared(key, partial(self._action, self.dist.label, "PackStandardLibrary", plan, support))

    def resources(self, resources: PythonResources, place: str) -> list[tuple[Pack, Output]]:
        """The packs of one resources target: the application's own, staged at `place`, and one for each wheel."""
        packs: list[tuple[Pack, Output]] = []
        if resources.roots or resources.files:
            key: tuple[object, ...] = ("application", resources.label, self.dist.label, self.bytecode)
            pack = self.context.shared(key, partial(self._application, resources))
            packs.append((Pack(place, "application", resources.label.short, uses=f"{place}.{_USES}"), pack))
        for required in required_packages(self.context, self.dist, resources):
            key = ("wheel", required, resources.exclude, self.dist.label, self.bytecode)
            pack = self.context.shared(key, partial(self._wheel, required, resources.exclude))
            place = f"packs/{required.pin}"
            whole = required.built is not None
            packs.append((Pack(place, "requirement", str(required.pin), uses=f"{place}.{_USES}", whole=whole), pack))
        return packs

    def extracted(self, resources: PythonResources, paths: tuple[str, ...], label: Label) -> Output:
        """The tree of those files of `resources` whose paths are named, as they would be installed."""
        packs = [output for _, output in self.resources(resources, "packs/own")]
        plan = ExtractPlan(tuple(f"packs/{index}" for index in range(len(packs))), paths)
        return self._action(label, "ExtractFiles", plan, {f"packs/{index}": output for index, output in enumerate(packs)})

    def notices(self, resources: Iterable[PythonResources], label: Label) -> Output:
        """The file with the licences of the distribution and of all packages that `resources` bring."""
        packs = [
            output for one in resources for pack, output in self.resources(one, "packs/own") if pack.layer == "requirement"
        ]
        plan = NoticesPlan(tuple(f"packs/{index}" for index in range(len(packs))), self.dist.version)
        return self._action(label, "Notices", plan, {f"packs/{index}": output for index, output in enumerate(packs)})

    def certificates(self, file: SourceFile, label: Label) -> Output:
        """The pack of a file with certificate authorities."""
        plan = ApplicationPlan(files=(DataFile("certificates", CERTIFICATES),))
        return self._action(label, "PackApplication", plan, {"certificates": file})

    def merge(
        self, label: Label, packs: Mapping[Pack, Output], wanted: MergePlan, recorded: SourceFile | None = None
    ) -> Merged:
        """The blob of an executable. `wanted` says what the config does, and nothing of packs and files.

        `recorded` has names of modules that a trimmed executable keeps.
        """
        plan = replace(
            wanted,
            packs=tuple(packs),
            application=label.name.rpartition("/")[2],
            beside=(wanted.beside or BESIDE_FOLDER) if LocationKind.BESIDE.value in wanted.locations.values() else None,
            recorded=None if recorded is None else "recorded.txt",
            report="resources.json",
        )
        inputs: dict[str, Artifact] = {} if recorded is None else {"recorded.txt": recorded}
        for pack, output in packs.items():
            inputs[pack.path] = output
            if pack.uses is not None:
                inputs[pack.uses] = output.action.output(_USES)
        blob = self._action(label, "Merge", plan, inputs)
        return Merged(
            blob,
            report=blob.action.output(str(plan.report)),
            beside=None if plan.beside is None else blob.action.output(plan.beside),
        )

    def compress(self, label: Label, merged_blob: Merged, kinds: tuple[DataKind, ...]) -> Merged:
        """The same blob with data of `kinds` compressed. By this machine's Python: the distribution's may know no zstd."""
        plan = CompressPlan(kinds)
        package = self.context.host.package_folder("zstandard")
        staged: Mapping[str, Artifact] = {
            "plan.json": Content(plan.to_json()),
            "compressor": SourceTree(package.rpartition("/")[0], ("zstandard",), self.context.stamp(package)),
            plan.blob: merged_blob.blob,
            plan.merged: merged_blob.report,
        }
        action = Action(
            label=label,
            mnemonic="Compress",
            argv=("python3", "-m", "staticbuild.packing.pack", "plan.json"),
            inputs=merged([program(self.context, "packing"), staged], self.where),
            outputs=((plan.output, "file"), (plan.report, "file")),
            env=(("PYTHONPATH", "tool:compressor"),),
        )
        return replace(merged_blob, blob=action.output(plan.output), report=action.output(plan.report))

    def _application(self, resources: PythonResources) -> Output:
        roots, files, inputs = [], [], {}
        for index, (shown, members) in enumerate(resources.roots):
            roots.append(Root(f"roots/{index}", shown))
            inputs.update({f"roots/{index}/{path}": artifact for path, artifact in members.items()})
        for destination, artifact in resources.files.items():
            files.append(DataFile(f"files/{destination}", destination))
            inputs[f"files/{destination}"] = artifact
        plan = ApplicationPlan(
            tuple(roots),
            tuple(files),
            exclude=resources.exclude,
            loads=self.dist.glibc is not None,
            optimize=self.bytecode.optimize,
            docstrings=self.bytecode.docstrings != "none",
            uses=_USES,
        )
        return self._action(resources.label, "PackApplication", plan, inputs)

    def _wheel(self, required: Required, exclude: tuple[str, ...]) -> Output:
        path = f"wheels/{required.filename}"
        plan = WheelPlan(
            path,
            str(required.pin),
            exclude=exclude,
            loads=self.dist.glibc is not None,
            version=self.dist.version,
            optimize=self.bytecode.optimize,
            docstrings=self.bytecode.docstrings == "all",
            uses=_USES,
        )
        return self._action(Label("", "", required.pin.name), "PackWheel", plan, {path: required.wheel})

    def _action(self, label: Label, mnemonic: str, plan: Plan, inputs: Mapping[str, Artifact]) -> Output:
        tools = self.context.shared(("tools", self.dist.label), self._tools)
        staged: Mapping[str, Artifact] = {"dist": self.dist.tree, "tools": tools, "plan.json": Content(plan.to_json())}
        outputs: list[tuple[str, Kind]] = [(plan.output, "tree" if isinstance(plan, ExtractPlan) else "file")]
        if isinstance(plan, ApplicationPlan | WheelPlan) and plan.uses:
            outputs.append((plan.uses, "file"))
        if isinstance(plan, MergePlan) and plan.beside:
            outputs.append((plan.beside, "tree"))
        if isinstance(plan, MergePlan) and plan.report:
            outputs.append((plan.report, "file"))
        action = Action(
            label=label,
            mnemonic=mnemonic,
            argv=self._argv(),
            inputs=merged([staged, inputs], self.where),
            outputs=tuple(outputs),
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
