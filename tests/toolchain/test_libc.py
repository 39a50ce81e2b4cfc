"""The C library's routines for bytes and strings: each against a plain loop, and in the executables that we link."""

from __future__ import annotations

import subprocess
from pathlib import Path

from staticbuild.linking import ar, elf

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "stdlib/toolchain/libc"


def compile_and_link(toolchain: Path, source: Path, result: Path) -> Path:
    """As recipes do. Without its knowledge of these functions the compiler calls them, each time."""
    flags = ["-std=gnu11", "-O2", "-fno-builtin", "-Wall", "-Wextra", "-Werror"]
    command = [str(toolchain / "toolchain/bin/cc"), *flags, str(source), "-o", str(result)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return result


def test_every_length_and_place(toolchain_folder: Path, tmp_path: Path) -> None:
    """All levels that this processor has; the best of them is what the program began with."""
    program = compile_and_link(toolchain_folder, HERE / "libc.c", tmp_path / "program")
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    processor = {"avx2", "bmi1", "bmi2"} <= set(Path("/proc/cpuinfo").read_text().split())
    assert done.stdout.split() == ["sse2", "avx2"][: 1 + processor]


def test_ours_take_the_place_of_musls(toolchain_folder: Path) -> None:
    """One definition for each name, in a member that holds no other function and asks for nothing but the level."""
    library = (toolchain_folder / "sysroot/lib/libc.a").read_bytes()
    interfaces = [(member.name, elf.interface(elf.parse(member.data))) for member in ar.members(library)]
    for source in SOURCES.glob("*.c"):
        definitions = [(name, interface) for name, interface in interfaces if source.stem in interface.defined]
        assert [name for name, _ in definitions] == [f"own_{source.stem}.o"]
        ((_, interface),) = definitions
        assert interface.defined <= {source.stem, f"__{source.stem}"}
        assert interface.undefined <= {"__sb_level", "__sb_beyond_cache"}


def test_a_program_may_have_its_own(toolchain_folder: Path, tmp_path: Path) -> None:
    """musl's other functions then call the program's, as in any static program."""
    source = tmp_path / "own.c"
    source.write_text("""\
#include <stdio.h>
#include <string.h>
static int calls;
size_t strlen(const char *s) {
    size_t n = 0;
    for (calls++; s[n]; n++)
        ;
    return n;
}
void *memcpy(void *restrict to, const void *restrict from, size_t n) {
    for (size_t i = 0; i < n; i++)
        ((volatile char *)to)[i] = ((const char *)from)[i];
    return to;
}
int main(void) {
    char text[] = "text", *twice = strdup(text);
    memmove(text + 1, text, 3);
    printf("%s %s %d\\n", text, twice, calls);
}
""")
    program = compile_and_link(toolchain_folder, source, tmp_path / "program")
    assert subprocess.run([program], capture_output=True, text=True, check=True).stdout == "ttex text 1\n"
