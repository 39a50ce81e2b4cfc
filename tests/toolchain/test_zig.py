"""The argument lists for compiler, archiver and linker, as goldens, and beside the recipes' drivers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from staticbuild.toolchain import zig
from staticbuild.toolchain.triple import Triple
from staticbuild.toolchain.zig import Toolchain

STATIC = ["x86_64-unknown-linux-musl", "x86_64_v3-unknown-linux-musl", "aarch64-unknown-linux-musl"]
DYNAMIC = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]
NAMED_BY_PROGRAMS = {f"lib{name}.so" for name in ("m", "pthread", "dl", "rt", "util")}
DRIVERS = Path(__file__).parents[2] / "stdlib/toolchain"


@pytest.mark.parametrize("target", [*STATIC, *DYNAMIC])
def test_command_lines(target: str, request: pytest.FixtureRequest) -> None:
    toolchain = Toolchain(Triple.parse(target))
    commands = [
        zig.compile_source(toolchain, "runtime/main.c", "objects/main.o", includes=["runtime"], flags=["-O2", "-std=c11"]),
        zig.archive(toolchain, "libx.a", ["a.o", "b.o"]),
        zig.merge_objects(toolchain, "all.o", ["a.o", "b.o"]),
        zig.link_static(toolchain, "hello", ["a.o", "b.o"], ["libx.a"], stack_size=1 << 20, flags=["--strip-debug"])
        if target in STATIC
        else zig.link_dynamic(toolchain, "hello", ["a.o", "b.o"], ["libx.a"], exports="exports.txt", flags=["--strip-debug"]),
    ]
    text = "\n".join(" ".join(command) for command in commands) + "\n"
    golden = Path(__file__).parent / "golden" / f"{target}.txt"
    if request.config.getoption("--update-golden", default=False):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize(
    ("target", "driver", "headers"),
    [
        ("x86_64-unknown-linux-musl", "bin/cc", ("musl", "linux", "clang")),
        ("x86_64-unknown-linux-gnu", "glibc/bin/cc", ("clang", "glibc", "linux")),
    ],
)
def test_same_flags_as_the_driver_of_the_recipes(target: str, driver: str, headers: tuple[str, ...]) -> None:
    """Objects of the distribution and of the runtime end up in one executable."""
    text = (DRIVERS / driver).read_text()
    toolchain = Toolchain(Triple.parse(target))
    for flag in (*toolchain.code_flags, f"--target={toolchain.triple.clang}", "-nostdinc"):
        assert f" {flag}" in text, flag
    # Folders and libraries in the same order, under the names of the driver's variables.
    assert toolchain.headers == tuple(toolchain.include(name) for name in headers)
    included = [text.index(f'-isystem "$include/{name}"') for name in headers]
    # What a program that configure tries wants beside libc, it names.
    libraries = [name for path in toolchain.base_libraries if (name := Path(path).name) not in NAMED_BY_PROGRAMS]
    linked = [text.index(f'"$lib/{name}"') for name in libraries]
    assert included == sorted(included)
    assert linked == sorted(linked)
    if toolchain.triple.interpreter:
        assert f"--dynamic-linker={toolchain.triple.interpreter}" in text
        assert "-z,now" in text
        assert "-z,nocopyreloc" in text
    else:
        assert f"stack-size={zig.DEFAULT_STACK_SIZE}" in text


@pytest.mark.parametrize("libc", ["musl", "glibc"])
def test_packages_are_built_with_the_same_flags(libc: str) -> None:
    toolchain = Toolchain(Triple.parse(DYNAMIC[0] if libc == "glibc" else STATIC[0]))
    text = (DRIVERS / f"native/{libc}.sh").read_text()
    said = dict(re.findall(r"(\w+)=(\"[^\"]*\"|\S+)", text))
    code = [flag for flag in toolchain.code_flags if not flag.startswith("-fdebug-compilation-dir")]
    assert sorted(said["code"].strip(chr(34)).split()) == sorted(code)
    assert said["target"] == toolchain.triple.clang
    assert toolchain.headers == tuple(toolchain.include(said[name]) for name in ("first", "second", "third"))
    assert said["libc"].strip('"').split() == [Path(path).name for path in toolchain.base_libraries]
