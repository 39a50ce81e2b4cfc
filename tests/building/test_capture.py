"""What the links of build systems become, as they were seen in real builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from staticbuild.building.capture import Capture, Input, Library, Switch, parse
from staticbuild.building.driver import expanded


def check(command: str, *inputs: Input | Library | Switch, output: str = "m.so", folders: tuple[str, ...] = ()) -> Capture:
    captured = parse(command.split())
    assert captured.inputs == inputs
    assert (captured.output, captured.folders) == (output, folders)
    return captured


def test_setuptools() -> None:
    check(
        "-shared -fPIC build/temp/m.o -Llib -L/elsewhere -lyaml -o m.so",
        *(Input("build/temp/m.o"), Library("yaml")),
        folders=("lib", "/elsewhere"),
    )


def test_meson() -> None:
    check(
        "-o m.so a.o b.o -Wl,--as-needed -Wl,--no-undefined -Wl,-O1 -shared -fPIC -Wl,--start-group -Wl,-soname,m.so "
        "sub/libhelp.a -lm -Wl,--end-group -Wl,-rpath,/somewhere -Wl,-rpath-link,/there",
        *(Input("a.o"), Input("b.o"), Input("sub/libhelp.a")),
    )


def test_cmake() -> None:
    check(
        "-fPIC -O3 -DNDEBUG -Wl,--dependency-file=CMakeFiles/m.dir/link.d -shared -o m.so CMakeFiles/m.o -Wl,-Bstatic libz.a",
        *(Input("CMakeFiles/m.o"), Input("libz.a")),
    )


def test_rust() -> None:
    check(
        "-Wl,--version-script=/tmp/list -Wl,--no-undefined-version -m64 a.rcgu.o -Wl,--as-needed -Wl,-Bstatic libstd.rlib "
        "-Wl,-Bdynamic -lgcc_s -lc -Wl,--eh-frame-hdr -Wl,-z,noexecstack -L /rust/lib -o m.so -Wl,--gc-sections -shared "
        "-Wl,-z,relro,-z,now -nodefaultlibs",
        *(Input("a.rcgu.o"), Input("libstd.rlib")),
        folders=("/rust/lib",),
    )


def test_whole_archives() -> None:
    check(
        "-shared -Wl,--whole-archive -lall -Wl,--no-whole-archive,-lsome -l:exact.a -o m.so",
        *(Switch("--whole-archive"), Library("all"), Switch("--no-whole-archive"), Library("some")),
        Library("exact.a", is_file=True),
    )


def test_a_source_on_the_line_of_the_link() -> None:
    captured = check("-shared -I include -DX=1 -O2 m.c -om.so", Input("m.c"))
    assert captured.inputs == (Input("m.c"),)
    assert captured.compile_flags == ("-I", "include", "-DX=1", "-O2")
    assert Input("m.c").is_source
    assert not Input("m.o").is_source


@pytest.mark.parametrize("library", ["c", "m", "pthread", "dl", "stdc++", "gcc_s", "util"])
def test_what_every_executable_has(library: str) -> None:
    check(f"-shared m.o -l{library} -o m.so", Input("m.o"))


def test_response_files(tmp_path: Path) -> None:
    (tmp_path / "inner").write_text("c.o 'with space.o'")
    (tmp_path / "outer").write_text(f"b.o @{tmp_path}/inner")
    words = ["-shared", f"@{tmp_path}/outer", "@missing"]
    assert list(expanded(words)) == ["-shared", "b.o", "c.o", "with space.o", "@missing"]
