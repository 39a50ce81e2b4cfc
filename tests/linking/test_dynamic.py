"""Executables for glibc: what they need of the host, and the checks, each on one that fails it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection, GNUVerSymSection
from elftools.elf.sections import SymbolTableSection

from staticbuild.errors import ActionError
from staticbuild.linking import ar, elf, inspect, tool, undefine, versions
from staticbuild.linking.elf import Elf
from staticbuild.linking.inspect import Finding, Host
from staticbuild.linking.plan import LinkPlan, PreparePlan, RuntimePlan
from staticbuild.linking.versions import Wanted
from staticbuild.rules.flavors import GLIBC_VERSIONS
from staticbuild.toolchain.zig import link_dynamic
from tests.linking.conftest import Compiler, make_tiny_python, stage_action
from tests.project import ROOT

HOST = Host("/lib64/ld-linux-x86-64.so.2", "2.17")
TARGET = "x86_64-unknown-linux-gnu"
PROGRAM = """\
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
extern char **environ;
int main(int argc, char **argv) { printf("%g %s\\n", pow(argc + 1, 10), environ[0]); return 0; }
"""


class Linker:
    """Links one C file into an executable for glibc, well or badly."""

    def __init__(self, compiler: Compiler, folder: Path) -> None:
        self.compiler = compiler
        self.folder = folder

    def link(self, source: str, *more: str | Path, flags: Sequence[str] = ()) -> Elf:
        made = self.compiler.compile(source, self.folder / "x.o")
        objects = [str(made), *(str(path) for path in more)]
        self.compiler.run(link_dynamic(self.compiler.toolchain, str(self.folder / "x"), objects, [], flags=flags))
        return elf.parse((self.folder / "x").read_bytes())

    def library(self, name: str, script: str, source: str) -> Path:
        """A shared library whose symbols have versions; `script` says which."""
        made = self.compiler.compile(source, self.folder / f"{name}.o", "-fPIC")
        (self.folder / "script").write_text(script)
        output = self.folder / "made" / name
        output.parent.mkdir(exist_ok=True)
        words = ("-shared", f"-soname={name}", "--version-script", str(self.folder / "script"), str(made), "-o", str(output))
        self.compiler.run((self.compiler.toolchain.program, "ld.lld", *words))
        return output


@pytest.fixture
def linker(glibc_toolchain: Compiler, tmp_path: Path) -> Linker:
    return Linker(glibc_toolchain, tmp_path)


def findings(linked: Elf, host: Host = HOST) -> list[Finding]:
    return list(inspect.check_structure(linked, "x86_64", host))


class TestProgram:
    def test_runs_and_needs_only_glibc(self, linker: Linker) -> None:
        linked = linker.link(PROGRAM)
        assert findings(linked) == []
        assert list(inspect.check_symbols(linked, ("main",))) == []
        assert set(elf.needed(linked)) == {"libc.so.6", "libm.so.6"}
        assert inspect.newest_glibc(linked) == "2.2.5"
        done = subprocess.run([linker.folder / "x"], check=True, capture_output=True, text=True, env={"A": "variable"})
        assert done.stdout == "1024 A=variable\n"

    def test_variables_of_libc_are_not_copied(self, linker: Linker) -> None:
        """R_X86_64_COPY has the number 5; the stubs do not tell which names are one variable."""
        linked = linker.link(PROGRAM)
        relocations = b"".join(linked.content(section) for section in linked.sections if section.name.startswith(".rela"))
        kinds = {int.from_bytes(relocations[at + 8 : at + 12], "little") for at in range(0, len(relocations), 24)}
        assert kinds
        assert 5 not in kinds

    def test_another_loader(self, linker: Linker) -> None:
        (finding,) = inspect.check_structure(linker.link(PROGRAM), "x86_64", Host("/lib/ld-other.so", "2.17"))
        assert finding.message == "it wants to be loaded by `/lib64/ld-linux-x86-64.so.2`, not by `/lib/ld-other.so`"

    def test_a_static_flavor_has_no_loader(self, linker: Linker) -> None:
        messages = [finding.message for finding in inspect.check_structure(linker.link(PROGRAM), "x86_64")]
        assert messages == ["it wants to be loaded by `/lib64/ld-linux-x86-64.so.2`", "it needs shared libraries"]


def test_newer_glibc(glibc_toolchain: Compiler, newer_glibc_toolchain_folder: Path, tmp_path: Path) -> None:
    linker = Linker(Compiler(newer_glibc_toolchain_folder, glibc_toolchain.toolchain), tmp_path)
    threads = """\
        #include <pthread.h>
        static void *run(void *argument) { return argument; }
        int main(void) { pthread_t thread; return pthread_create(&thread, NULL, run, NULL); }
    """
    linked = linker.link(threads)
    assert findings(linked, Host(HOST.interpreter, "2.34")) == []
    assert elf.needed(linked) == ("libc.so.6",)
    assert inspect.newest_glibc(linked) == "2.34"
    (finding,) = findings(linked)
    assert finding.message == "it needs more than glibc 2.17 has"
    assert any("`pthread_create`" in place for place in finding.places)


class TestBuiltins:
    """The compiler's own library has functions that glibc has, in one object with what glibc lacks."""

    SOURCE = """\
        #include <math.h>
        #include <string.h>
        int main(int argc, char **argv) {
            volatile unsigned __int128 wide = 3, narrow = argc;
            char copy[100];
            memcpy(copy, argv[0], argc * 3), memset(copy + argc, 0, argc * 2);
            return !(wide / narrow == 3 && memcmp(copy, argv[0], argc) >= 0 && log2(argc * 1e-308) == -1023.1538532253076);
        }
    """
    SHARED = frozenset({"memcpy", "memset", "memcmp", "log2"})

    def names(self, linked: Elf, table: int) -> dict[str, bool]:
        return {symbol.name: symbol.is_defined for symbol in elf.symbols(linked, table)}

    def test_what_would_be_linked(self, linker: Linker) -> None:
        """The reason for the others: when zig's library ceases to do this, they and the code can go."""
        assert not self.SHARED & self.names(linker.link(self.SOURCE), elf.DYNAMIC_SYMBOLS).keys()

    @pytest.mark.parametrize("version", ["2.17", "2.34"])
    def test_glibc_has_the_first_word(self, linker: Linker, request: pytest.FixtureRequest, version: str) -> None:
        folder = request.getfixturevalue({"2.17": "glibc_toolchain_folder", "2.34": "newer_glibc_toolchain_folder"}[version])
        compiler = Compiler(folder, linker.compiler.toolchain)
        library = (folder / "sysroot/lib/libcompiler_rt.a").read_bytes()
        stubs = [folder / f"sysroot/lib/{name}.so" for name in ("libc", "libm")]
        cleaned = undefine.undefine(library, frozenset[str]().union(*(undefine.offered(stub.read_bytes()) for stub in stubs)))
        assert len(cleaned) == len(library)
        (linker.folder / "builtins.a").write_bytes(cleaned)
        linked = Linker(compiler, linker.folder).link(self.SOURCE, linker.folder / "builtins.a")
        shared = self.names(linked, elf.DYNAMIC_SYMBOLS)
        assert [name for name in self.SHARED if shared.get(name, True)] == []
        own = self.names(linked, elf.SYMBOL_TABLE)
        assert own["__udivti3"]
        assert findings(linked, Host(HOST.interpreter, version)) == []
        if version == HOST.glibc:
            subprocess.run([linker.folder / "x"], check=True, env={})

    def test_other_names_stay(self, linker: Linker) -> None:
        made = linker.compiler.compile(
            "int one(void) { return 1; }\nint two(void) { return one() + 1; }", linker.folder / "a.o"
        )
        command = (linker.compiler.toolchain.program, "ar", "rcsD", str(linker.folder / "lib.a"), str(made))
        linker.compiler.run(command)
        (member,) = ar.members(undefine.undefine((linker.folder / "lib.a").read_bytes(), {"one", "three"}))
        assert {symbol.name: symbol.is_defined for symbol in elf.symbols(elf.parse(member.data)) if symbol.binding} == {
            "one": False,
            "two": True,
        }


class TestRefused:
    def test_newer_symbol(self, linker: Linker) -> None:
        library = linker.library(
            "libm.so.6",
            "GLIBC_2.2.5 { old; }; GLIBC_2.17 { seventeen; };GLIBC_2.25 { getrandom; getentropy; }; GLIBC_PRIVATE { secret; };",
            "int old, seventeen, secret, getrandom, getentropy;",
        )
        source = """\
            extern int old, seventeen, secret, getrandom, getentropy;
            int main(void) { return old + seventeen + secret + getrandom + getentropy; }
        """
        linked = linker.link(source, library)
        (finding,) = findings(linked)
        assert finding.message == "it needs more than glibc 2.17 has"
        places = sorted(" ".join(sorted(place.replace(",", "").split())) for place in finding.places)
        assert places == ["(libm.so.6 GLIBC_2.25) `getentropy` `getrandom`", "(libm.so.6 GLIBC_PRIVATE) `secret`"]
        assert inspect.newest_glibc(linked) == "2.25"
        (finding,) = findings(linked, Host(HOST.interpreter, "2.25"))
        assert finding.places == ("`secret` (libm.so.6, GLIBC_PRIVATE)",)

    def test_what_the_stubs_do_not_have_does_not_link(self, linker: Linker) -> None:
        with pytest.raises(subprocess.CalledProcessError):
            linker.link("extern long getrandom(void *, unsigned long, unsigned); int main(void) { return getrandom(0, 0, 0); }")

    def test_other_library(self, linker: Linker) -> None:
        library = linker.library("libssl.so.3", "{ global: *; };", "int open_it(void) { return 1; }")
        (finding,) = findings(linker.link("extern int open_it(void); int main(void) { return open_it(); }", library))
        assert (finding.message, finding.places) == ("it needs shared libraries that are not glibc's", ("libssl.so.3",))

    @pytest.mark.parametrize("flags", [["-rpath", "/opt/lib"], ["-rpath", "/opt/lib", "--disable-new-dtags"]])
    def test_search_path(self, linker: Linker, flags: list[str]) -> None:
        (finding,) = findings(linker.link(PROGRAM, flags=flags))
        assert (finding.message, finding.places) == ("it has libraries searched in folders of its own", ("/opt/lib",))

    def test_static_program(self, toolchain: Any, tmp_path: Path) -> None:
        made = toolchain.compile("void _start(void) { __builtin_trap(); }", tmp_path / "x.o")
        toolchain.run((toolchain.toolchain.program, "ld.lld", "-static", "-o", str(tmp_path / "x"), str(made)))
        (finding,) = findings(elf.parse((tmp_path / "x").read_bytes()))
        assert finding.message == f"it does not want to be loaded by `{HOST.interpreter}`"


class TestVersions:
    def check(self, path: Path) -> None:
        ours = versions.wanted(elf.parse(path.read_bytes()))
        with path.open("rb") as file:
            parsed = ELFFile(file)
            table = parsed.get_section_by_name(".dynsym")
            assert isinstance(table, SymbolTableSection)
            symbols = list(table.iter_symbols())
            numbers = next(section for section in parsed.iter_sections() if isinstance(section, GNUVerSymSection))
            needed = next(section for section in parsed.iter_sections() if isinstance(section, GNUVerNeedSection))
            indices = [entry["ndx"] for entry in numbers.iter_symbols()]
            theirs = [
                Wanted(
                    str(library.name),
                    str(version.name),
                    tuple(
                        symbol.name
                        for symbol, index in zip(symbols, indices, strict=True)
                        if index == version["vna_other"] and symbol["st_shndx"] == "SHN_UNDEF"
                    ),
                )
                for library, entries in needed.iter_versions()
                for version in entries
            ]
        assert list(ours) == theirs
        assert ours

    @pytest.mark.parametrize("path", ["/bin/sh", "/proc/self/exe"])
    def test_pyelftools_agrees(self, path: str) -> None:
        self.check(Path(path))

    def test_pyelftools_agrees_on_ours(self, linker: Linker) -> None:
        linker.link(PROGRAM)
        self.check(linker.folder / "x")

    def test_none(self, toolchain: Any) -> None:
        assert versions.wanted(elf.parse((toolchain.folder / "zig/zig").read_bytes())) == ()


def test_zig_knows_the_versions_that_make_dist_takes(glibc_toolchain: Compiler) -> None:
    """glibc/abilists begins with the names of the libraries, then the versions: three bytes each (zig's src/libs/glibc.zig)."""
    data = (glibc_toolchain.folder / "zig/lib/libc/glibc/abilists").read_bytes()
    at = 1
    for _ in range(data[0]):
        at = data.index(0, at) + 1
    rows = data[at + 1 : at + 1 + 3 * data[at]]
    known = [f"{rows[row]}.{rows[row + 1]}" for row in range(0, len(rows), 3) if rows[row + 2] == 0]
    assert known[-len(GLIBC_VERSIONS) :] == list(GLIBC_VERSIONS)
    first, last = re.findall(r"range\((\d+), (\d+)\)", (ROOT / "stdlib/platforms.bzl").read_text())[0]
    assert [f"2.{minor}" for minor in range(int(first), int(last))] == list(GLIBC_VERSIONS)


@pytest.fixture(scope="module")
def python(glibc_toolchain: Compiler, tmp_path_factory: pytest.TempPathFactory) -> Path:
    features = ["glibc-dynamic", "glibc-max-symbol-version:2.17"]
    return make_tiny_python(
        glibc_toolchain, tmp_path_factory.mktemp("dist") / "python", target_triple=TARGET, crt_features=features
    )


class TestLink:
    """The link's three actions, on a distribution of a few C files."""

    @pytest.fixture(autouse=True)
    def folder(self, glibc_toolchain: Compiler, python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = stage_action(tmp_path / "private" / "folder", glibc_toolchain, python)
        monkeypatch.chdir(folder)
        return folder

    def build(self, prepare: PreparePlan, **options: Any) -> Elf:
        tool.compile_runtime(RuntimePlan(target=TARGET))
        tool.prepare(prepare)
        tool.link(LinkPlan(**{"output": "out/hello", "target": TARGET, "glibc": "2.17", **options}))
        return elf.parse(Path("out/hello").read_bytes())

    def exported(self, linked: Elf) -> set[str]:
        return {symbol.name for symbol in elf.symbols(linked, elf.DYNAMIC_SYMBOLS) if symbol.is_defined}

    def test_runs_exports_the_c_api_and_nothing_of_the_libraries(self) -> None:
        linked = self.build(PreparePlan(target=TARGET), report="report.json")
        done = subprocess.run(["out/hello"], check=True, capture_output=True, text=True, env={})
        assert done.stdout.endswith("zlib yes\nthe blob\n")
        assert "PyFoo_Size" in self.exported(linked)
        assert not {"hash_md5", "inflate_it", "atexit_call", "main"} & self.exported(linked)
        host = json.loads(Path("report.json").read_text())["host"]
        assert host == {"interpreter": HOST.interpreter, "libraries": ["libc.so.6"], "glibc": "2.2.5"}

    def test_without_the_c_api(self) -> None:
        assert "PyFoo_Size" not in self.exported(self.build(PreparePlan(target=TARGET, symbols=False)))

    def test_a_newer_symbol_is_named_and_nothing_is_left(self, folder: Path) -> None:
        with pytest.raises(ActionError) as caught:
            self.build(PreparePlan(target=TARGET), glibc="2.1")
        (problem,) = caught.value.problems
        assert problem.message == "`out/hello`: it needs more than glibc 2.1 has"
        assert any("`__libc_start_main`" in note and "(libc.so.6, GLIBC_2.2.5)" in note for note in problem.notes)
        assert not list(folder.glob("out/*"))
