"""The actions that link an executable: runtime objects, selection of extensions, the link itself. Knows nothing of packing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from staticbuild.errors import Location
from staticbuild.graph.action import Action, Artifact, Content, Kind, Output, SourceFile
from staticbuild.graph.label import Label
from staticbuild.linking.plan import ALLOCATOR, CXX, DECOMPRESSOR, LIBC, BitcodePlan, LinkPlan, PreparePlan, RuntimePlan
from staticbuild.rules.context import Context
from staticbuild.rules.packs import Merged
from staticbuild.rules.providers import PythonDistribution
from staticbuild.rules.staging import PROGRAM_ENV, merged, program
from staticbuild.rules.toolchains import cxx_tree, toolchain_trees, tree

_COMMANDS = {RuntimePlan: "compile-runtime", PreparePlan: "prepare", LinkPlan: "link"}
_MNEMONICS = {RuntimePlan: "CompileRuntime", PreparePlan: "SelectExtensions", LinkPlan: "Link"}


@dataclass(frozen=True, slots=True)
class Linker:
    """Makes linking actions for one executable. `where` is the place of its declaration, for errors."""

    context: Context
    dist: PythonDistribution
    label: Label
    where: Location

    def link(self, plan: LinkPlan, prepare: PreparePlan, packed: Merged, packages: Mapping[str, Output]) -> Action:
        """The link: one executable and a report of what is in it. `packages` are built trees by where they are staged."""
        built: dict[str, Artifact] = {**packages}
        if packages:
            prepare = replace(prepare, packages=tuple(sorted(packages)))
            built[CXX] = cxx_tree(self.context, self.where, self.dist.glibc)
        if self.dist.may_be_bitcode:
            prepare = replace(prepare, native=BitcodePlan().output)
        runtime = self.context.shared(("runtime", self.dist.label), self._runtime)
        inputs = {
            plan.blob: packed.blob,
            plan.objects: runtime,
            plan.prepared: self._prepared(prepare, built),
            **self._native(),
        }
        inputs |= built
        if plan.allocator != LIBC:
            inputs[ALLOCATOR] = tree(self.context, Label("stdlib", "recipes", plan.allocator), self.where)
        if plan.decompress:
            folder = "recipes" if self.dist.glibc is None else "recipes/glibc"
            name = "unzstd" if self.dist.glibc is None else f"{self.dist.glibc}/unzstd"
            inputs[DECOMPRESSOR] = tree(self.context, Label("stdlib", folder, name), self.where)
        if plan.resources:
            inputs[plan.resources] = packed.report
        outputs: list[tuple[str, Kind]] = [(plan.output, "file")]
        if plan.report:
            outputs.append((plan.report, "file"))
        return self._action(self.label, plan, inputs, tuple(outputs))

    def _runtime(self) -> Output:
        folder = f"{self.context.own}/staticbuild/runtime"
        sources: dict[str, Artifact] = {
            f"runtime/{entry.name}": SourceFile(entry.path)
            for entry in self.context.host.scan(folder)
            if entry.name.endswith((".c", ".h", ".S"))
        }
        plan = RuntimePlan(target=self.dist.triple)
        return self._action(self.dist.label, plan, sources, ((plan.output, "tree"),)).output(plan.output)

    def _prepared(self, plan: PreparePlan, built: Mapping[str, Artifact]) -> Output:
        inputs = {**self._native(), **built}
        return self._action(self.label, plan, inputs, ((plan.output, "tree"),)).output(plan.output)

    def _native(self) -> dict[str, Artifact]:
        """The machine code of the distribution's bitcode objects, where plans expect it; made once for a distribution."""
        if not self.dist.may_be_bitcode:
            return {}
        plan = BitcodePlan(target=self.dist.triple)
        return {plan.output: self.context.shared(("native", self.dist.label), lambda: self._compile_bitcode(plan))}

    def _compile_bitcode(self, plan: BitcodePlan) -> Output:
        # Its inputs are few, because it takes minutes: neither the C library nor the rest of the link's program counts.
        zig = toolchain_trees(self.context, self.where)["zig"]
        staged: Mapping[str, Artifact] = {"dist": self.dist.tree, "zig": zig, "plan.json": Content(plan.to_json())}
        action = Action(
            label=self.dist.label,
            mnemonic="CompileBitcode",
            argv=("python3", "-m", "staticbuild.linking.bitcode", "plan.json"),
            inputs=merged([program(self.context, "bitcode"), staged], self.where),
            outputs=((plan.output, "tree"),),
            env=PROGRAM_ENV,
        )
        return action.output(plan.output)

    def _action(
        self,
        label: Label,
        plan: RuntimePlan | PreparePlan | LinkPlan,
        inputs: Mapping[str, Artifact],
        outputs: tuple[tuple[str, Kind], ...],
    ) -> Action:
        staged: Mapping[str, Artifact] = {"dist": self.dist.tree, "plan.json": Content(plan.to_json())}
        trees = toolchain_trees(self.context, self.where, self.dist.glibc)
        return Action(
            label=label,
            mnemonic=_MNEMONICS[type(plan)],
            argv=("python3", "-m", "staticbuild.linking", _COMMANDS[type(plan)], "plan.json"),
            inputs=merged([program(self.context, "linking"), trees, staged, inputs], self.where),
            outputs=outputs,
            env=PROGRAM_ENV,
        )
