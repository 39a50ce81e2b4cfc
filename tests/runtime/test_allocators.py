"""The allocators that an executable may choose: each takes over the whole family of malloc, and survives what programs do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from staticbuild.linking import ar, elf
from staticbuild.linking.plan import ALLOCATORS, LIBC
from staticbuild.toolchain.triple import DEFAULT, Triple
from staticbuild.toolchain.zig import Toolchain, compile_source, link_static
from tests.project import Project
from tests.runtime.programs import run

HERE = Path(__file__).parent
OTHERS = [name for name in ALLOCATORS if name != LIBC]

# What the C library offers. If one of them were the C library's, it would be asked about memory that is not its own.
FAMILY = {
    "malloc",
    "calloc",
    "realloc",
    "reallocarray",
    "free",
    "aligned_alloc",
    "posix_memalign",
    "memalign",
    "valloc",
    "malloc_usable_size",
}


@pytest.fixture(scope="session")
def recipe(example: Callable[[str], Project]) -> Callable[[str], Path]:
    """A function that builds a recipe of an allocator, and returns its tree."""

    def build(name: str) -> Path:
        hello = example("hello")
        hello.run("build", f"@stdlib//recipes:{name}")
        return hello.result(f"@stdlib/recipes/{name}")

    return build


def test_the_family_is_all_that_the_c_library_has(toolchain: Path) -> None:
    offered: set[str] = set()
    for library in ("libc.a", "libzigc.a"):
        for member in ar.members((toolchain / "sysroot/lib" / library).read_bytes()):
            offered |= elf.interface(elf.parse(member.data)).defined
    # Spelled as those that allocate are: nothing that another libc calls so is left out.
    known = FAMILY | {"cfree", "pvalloc", "malloc_trim", "mallinfo", "mallinfo2", "mallopt", "malloc_stats"}
    assert offered & known == FAMILY


@pytest.mark.parametrize("name", OTHERS)
def test_all_of_the_family_and_only_names_with_a_prefix(recipe: Callable[[str], Path], name: str) -> None:
    defined = elf.interface(elf.parse((recipe(name) / "lib/allocator.o").read_bytes())).defined
    assert defined >= FAMILY
    # jemalloc's own functions, documented in jemalloc(3), have no prefix of their own.
    public = {"mallctl", "mallctlbymib", "mallctlnametomib", "malloc_stats_print", "malloc_conf", "malloc_conf_2_conf_harder",
              "malloc_message", "mallocx", "nallocx", "rallocx", "xallocx", "sallocx", "sdallocx", "dallocx"}  # fmt: skip
    prefix = {"mimalloc": "sb_", "jemalloc": "je_"}[name]
    assert {other for other in defined - FAMILY - public if not other.startswith(prefix)} == set()


@pytest.mark.parametrize("name", ALLOCATORS)
def test_every_byte_under_stress(toolchain: Path, recipe: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    tools = Toolchain(Triple.parse(DEFAULT))
    compiled, program = str(tmp_path / "stress.o"), tmp_path / "stress"
    flags = ("-std=c11", "-O1", "-fno-builtin", "-Wall", "-Wextra", "-Werror")
    subprocess.run(compile_source(tools, str(HERE / "stress_allocator.c"), compiled, flags=flags), cwd=toolchain, check=True)
    allocator = [] if name == LIBC else [str(recipe(name) / "lib/allocator.o")]
    subprocess.run(link_static(tools, str(program), [compiled, *allocator], []), cwd=toolchain, check=True)
    # Nothing of the environment is an option to an allocator.
    environ = {"MIMALLOC_VERBOSE": "1", "MIMALLOC_SHOW_STATS": "1", "MALLOC_CONF": "abort_conf:true,no_such:option"}
    # A child that is forked while a thread allocates hung once with the C library's: its lock has no handler for fork. A known
    # defect of that choice, which is not the default.
    arguments = ["0", "no fork"] if name == LIBC else ["0"]
    done = run(program, *arguments, env=environ, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
