"""The checks of an executable, each on one that fails it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from staticbuild.linking import elf, inspect, strip
from staticbuild.linking.elf import Elf
from staticbuild.toolchain.zig import link_static

START = "void _start(void) { __builtin_trap(); }\n"


class Linker:
    """Links one C file into an executable, well or badly."""

    def __init__(self, toolchain: Any, folder: Path) -> None:
        self.toolchain = toolchain
        self.folder = folder

    def link(self, source: str, flags: Sequence[str], *, suffix: str = ".c") -> Elf:
        made = self.toolchain.compile(source, self.folder / "x.o", "-fPIC", suffix=suffix)
        output = self.folder / "x"
        argv = (self.toolchain.toolchain.program, "ld.lld", "-o", str(output), *flags, str(made))
        self.toolchain.run(argv)
        return elf.parse(output.read_bytes())


@pytest.fixture
def linker(toolchain: Any, tmp_path: Path) -> Linker:
    return Linker(toolchain, tmp_path)


def messages(linked: Elf, machine: str = "x86_64") -> list[str]:
    return [finding.message for finding in inspect.check_structure(linked, machine)]


class TestStructure:
    def test_good(self, linker: Linker) -> None:
        assert messages(linker.link(START, ["-static", "-z", "noexecstack"])) == []

    def test_other_machine(self, linker: Linker) -> None:
        assert messages(linker.link(START, ["-static"]), "aarch64") == ["it is for x86_64 instead of aarch64"]

    def test_interpreter(self, linker: Linker) -> None:
        linked = linker.link(START, ["-pie", "--dynamic-linker=/lib/ld-musl-x86_64.so.1"])
        assert messages(linked) == ["it wants to be loaded by `/lib/ld-musl-x86_64.so.1`"]

    def test_shared_library(self, linker: Linker) -> None:
        linker.link("int f;", ["-shared", "-soname=libf.so"])
        library = (linker.folder / "x").rename(linker.folder / "libf.so")
        linked = linker.link(START, ["-pie", "--no-dynamic-linker", "--no-as-needed", str(library)])
        (finding,) = inspect.check_structure(linked, "x86_64")
        assert (finding.message, finding.places) == ("it needs shared libraries", ("libf.so",))

    def test_static_pie_is_good_too(self, linker: Linker) -> None:
        assert messages(linker.link(START, ["-pie", "--no-dynamic-linker"])) == []

    def test_executable_stack(self, linker: Linker) -> None:
        assert messages(linker.link(START, ["-static", "-z", "execstack"])) == ["its stack is executable"]

    def test_writable_code(self, linker: Linker) -> None:
        linked = linker.link(START, ["-static", "--omagic"])
        (finding,) = inspect.check_structure(linked, "x86_64")
        assert finding.message == "it has memory that is writable and executable"
        assert ".text" in finding.places[0]

    def test_entry_that_is_not_code(self, linker: Linker) -> None:
        linked = linker.link("int _start = 3;" + START.replace("_start", "other"), ["-static"])
        assert [message.split()[:4] for message in messages(linked)] == [["its", "entry", "point", hex(linked.entry)]]

    def test_object(self, toolchain: Any, tmp_path: Path) -> None:
        linked = elf.parse(toolchain.compile(START, tmp_path / "x.o").read_bytes())
        assert "it is not an executable" in messages(linked)


class TestSymbols:
    def test_missing_function(self, linker: Linker) -> None:
        linked = linker.link(START, ["-static"])
        (finding,) = inspect.check_symbols(linked, ("_start", "PyInit__ssl"))
        assert finding.message == "functions that must be inside are not"
        assert finding.places == ("PyInit__ssl",)

    def test_undefined_symbol(self, linker: Linker) -> None:
        source = "extern int a, b; void _start(void) { a = b; }"
        linked = linker.link(source, ["-static", "--unresolved-symbols=ignore-all"])
        (finding,) = inspect.check_symbols(linked, ())
        assert finding.message == "nothing defines some of its symbols"
        assert finding.places == ("a", "b")

    def test_weak_one_may_stay_undefined(self, linker: Linker) -> None:
        source = "extern int a __attribute__((weak)); int _start(void) { return &a ? a : 0; }"
        assert list(inspect.check_symbols(linker.link(source, ["-static"]), ())) == []


class TestSecrets:
    def linked(self, linker: Linker) -> Elf:
        return linker.link(
            'const char s[] = "built in /home/ada/src/x.c, I think";'
            '__attribute__((section(".sb_blob"))) const char b[] = "/home/ada/notes";' + START,
            ["-static"],
        )

    def test_place_and_excerpt(self, linker: Linker) -> None:
        (finding,) = inspect.check_secrets(self.linked(linker), [b"/home/ada/src"])
        assert finding.message == "the build path `/home/ada/src` is inside"
        (place,) = finding.places
        assert place.startswith(".rodata, at 0x")
        assert place.endswith(': "built in /home/ada/src/x.c, I think"')

    def test_blob(self, linker: Linker) -> None:
        (finding,) = inspect.check_secrets(self.linked(linker), [b"/home/ada/notes"])
        assert "relative file name" in finding.hint

    def test_outside_of_the_blob(self, linker: Linker) -> None:
        linked = self.linked(linker)
        (finding,) = inspect.check_secrets(linked, [], outside_of_blob=[b"/home/ada"])
        assert len(finding.places) == 1
        assert list(inspect.check_secrets(linked, [], outside_of_blob=[b"/home/ada/notes"])) == []

    def test_absent(self, linker: Linker) -> None:
        assert list(inspect.check_secrets(self.linked(linker), [b"/home/grace", b""])) == []


def test_strip_leaves_a_working_program(toolchain: Any, tmp_path: Path) -> None:
    toolchain.stage(tmp_path)
    source = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }'
    made = toolchain.compile(source, tmp_path / "x.o")
    output = tmp_path / "x"
    toolchain.run(link_static(toolchain.toolchain, str(output), [str(made)], []))
    linked = elf.parse(output.read_bytes())
    result = strip.strip(linked)
    data = result.header + linked.data[len(result.header) : result.kept] + result.tail
    stripped = elf.parse(data)
    assert len(data) < len(linked.data)
    assert stripped.segments == linked.segments
    assert [section.name for section in stripped.sections if section.flags & elf.ALLOC] == [
        section.name for section in linked.sections if section.flags & elf.ALLOC
    ]
    output.write_bytes(data)
    assert subprocess.run([output], capture_output=True, check=True).stdout == b"hello\n"
