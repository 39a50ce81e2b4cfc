"""The argument lists for compiler, archiver and linker, as goldens, and beside the recipes' drivers."""

from __future__ import annotations

from pathlib import Path

import pytest

from staticbuild.toolchain import zig
from staticbuild.toolchain.triple import Triple
from staticbuild.toolchain.zig import Toolchain

STATIC = ["x86_64-unknown-linux-musl", "x86_64_v3-unknown-linux-musl", "aarch64-unknown-linux-musl"]
DRIVER = Path(__file__).parents[2] / "stdlib/toolchain/bin/cc"


@pytest.mark.parametrize("target", STATIC)
def test_command_lines(target: str, request: pytest.FixtureRequest) -> None:
    toolchain = Toolchain(Triple.parse(target))
    commands = [
        zig.compile_source(toolchain, "runtime/main.c", "objects/main.o", includes=["runtime"], flags=["-O2", "-std=c11"]),
        zig.archive(toolchain, "libx.a", ["a.o", "b.o"]),
        zig.merge_objects(toolchain, "all.o", ["a.o", "b.o"]),
        zig.link_static(toolchain, "hello", ["a.o", "b.o"], ["libx.a"], stack_size=1 << 20, flags=["--strip-debug"]),
    ]
    text = "\n".join(" ".join(command) for command in commands) + "\n"
    golden = Path(__file__).parent / "golden" / f"{target}.txt"
    if request.config.getoption("--update-golden", default=False):
        golden.write_text(text)
    assert text == golden.read_text()


def test_same_flags_as_the_driver_of_the_recipes() -> None:
    """Objects of the distribution and of the runtime end up in one executable."""
    driver = DRIVER.read_text()
    toolchain = Toolchain(Triple.parse("x86_64-unknown-linux-musl"))
    for flag in (*zig.CODE_FLAGS, f"--target={toolchain.triple.clang}", "-nostdinc"):
        assert f" {flag}" in driver, flag
    # Folders and libraries in the same order, under the names of the driver's variables.
    headers = [driver.index(f'-isystem "$include/{name}"') for name in ("musl", "linux", "clang")]
    libraries = [driver.index(f'"$lib/{Path(path).name}"') for path in toolchain.base_libraries]
    assert headers == sorted(headers)
    assert libraries == sorted(libraries)
    assert f"stack-size={zig.DEFAULT_STACK_SIZE}" in driver
