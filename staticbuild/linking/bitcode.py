"""Compiles the bitcode objects of a distribution to machine code, once, so that links are as quick as with any other.

The linker could do so itself, at each link and for minutes. Instead, ThinLTO is taken apart as for a build cluster: LLD reads
all objects and writes for each what is to be inlined into it from others, then clang compiles each on its own. The results
stand for the objects they were made of, so selection, symbol tables and licences work as ever. Nothing is known to be the
whole program then (an executable may select any of the extensions), so every global symbol stays.

Bitcode of the older, undivided kind of LTO has no index, and is compiled object by object.

A program of actions: `python3 -m staticbuild.linking.bitcode PLAN`. It is apart from the link's program, because it takes
minutes and must not run again when only that one changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from staticbuild.distribution.metadata import Distribution
from staticbuild.errors import ActionError
from staticbuild.linking.files import read_distribution, read_part, run
from staticbuild.linking.plan import BitcodePlan
from staticbuild.program import run as run_program
from staticbuild.toolchain.triple import Triple
from staticbuild.toolchain.zig import Toolchain, compile_bitcode, index_bitcode

MAGIC: Final = b"BC\xc0\xde"
_WRAPPED: Final = b"\xde\xc0\x17\x0b"
"""Bitcode behind a header of its own, as Apple's tools write it (LLVM's bitcode documentation, "Bitcode Wrapper Format")."""


def is_bitcode(data: bytes) -> bool:
    """Whether an object is LLVM bitcode."""
    return data.startswith((MAGIC, _WRAPPED))


def compile_all(plan: BitcodePlan) -> None:
    """Write the machine code of each bitcode object of the distribution to the same path below the plan's output."""
    toolchain = Toolchain(Triple.parse(plan.target))
    distribution = read_distribution(plan.distribution, plan.target)
    objects = [path for path in _objects(distribution) if is_bitcode(read_part(Path(plan.distribution, path)))]
    output = Path(plan.output)
    output.mkdir(parents=True, exist_ok=True)
    # Nothing of what the runtime replaces may be inlined into others, or the old code would run beside the new.
    together = [path for path in objects if path not in plan.replaced]
    for path in objects:
        (output / path).parent.mkdir(parents=True, exist_ok=True)
    if together:
        _index(toolchain, plan, together)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(_compile, toolchain, plan, path, indexed=path in together) for path in objects]:
            done.result()


def _objects(distribution: Distribution) -> list[str]:
    extensions = (distribution.extension(name) for name in sorted(distribution.extensions))
    return list(dict.fromkeys((*distribution.core_objects, *(path for one in extensions for path in one.objects))))


def _index(toolchain: Toolchain, plan: BitcodePlan, paths: Sequence[str]) -> None:
    """Have LLD write the index of each object."""
    for path in paths:
        Path(plan.index, path).parent.mkdir(parents=True, exist_ok=True)
    # Five hundred paths are more than some systems take as arguments.
    listing = Path(f"{plan.index}.rsp")
    listing.write_text("".join(f'"{plan.distribution}/{path}"\n' for path in paths))
    run(index_bitcode(toolchain, str(listing), f"{plan.distribution}/", f"{plan.index}/"))


def _compile(toolchain: Toolchain, plan: BitcodePlan, path: str, *, indexed: bool) -> None:
    index = Path(plan.index, f"{path}.thinlto.bc")
    # An empty one belongs to bitcode without a summary.
    usable = indexed and index.is_file() and index.stat().st_size > 0
    try:
        run(
            compile_bitcode(
                toolchain, f"{plan.distribution}/{path}", f"{plan.output}/{path}", index=str(index) if usable else None
            )
        )
    except ActionError as error:
        problem = error.problems[0]
        raise ActionError(f"`{path}` of the distribution: {problem.message}", notes=problem.notes, hint=problem.hint) from error


def main(arguments: list[str]) -> int:
    """Do what the plan says. The exit code is 1 for problems, which go to stderr."""
    (plan,) = arguments
    return run_program(lambda: compile_all(BitcodePlan.parse(Path(plan).read_bytes())), sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
