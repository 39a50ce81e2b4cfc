"""The link's three actions, on a distribution of a few C files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from staticbuild.errors import ActionError, ConfigError, FormatError, StaticbuildError
from staticbuild.linking import elf, tool
from staticbuild.linking.__main__ import main
from staticbuild.linking.packages import CXX_LIBRARIES
from staticbuild.linking.plan import LinkPlan, Prepared, PreparePlan, RuntimePlan


def build(prepare: PreparePlan = PreparePlan(), **options: Any) -> str:  # noqa: B008 - frozen
    """What the executable of these plans prints."""
    tool.compile_runtime(RuntimePlan())
    tool.prepare(prepare)
    tool.link(LinkPlan(**{"output": "out/hello", **options}))
    return subprocess.run(["out/hello"], check=True, capture_output=True, text=True, env={}).stdout


def built_package(toolchain: Any, name: str, source: str, init: str) -> None:
    """The folder `package`, as a build of a package with the one extension `name` leaves it, and the C++ library."""
    toolchain.compile(source, Path("package/extensions", f"{name}.o").absolute())
    extension = {"name": name, "init": init, "object": f"extensions/{name}.o"}
    Path("package/extensions.json").write_text(json.dumps({"requirement": "pkg==1", "extensions": [extension]}))
    Path("cxx/lib").mkdir(parents=True)
    for library in CXX_LIBRARIES:
        Path(library).write_bytes(b"!<arch>\n")


@pytest.fixture
def own_python(action_folder: Path) -> Path:
    """The tiny distribution as a copy that a test may change."""
    folder = action_folder / "dist/python"
    original = folder.resolve()
    folder.unlink()
    shutil.copytree(original, folder)
    return folder


def prepared() -> Prepared:
    return Prepared.parse(Path("prepared/selection.json").read_bytes())


def check_error(kind: type[StaticbuildError], message: str, prepare: PreparePlan, **options: Any) -> StaticbuildError:
    with pytest.raises(kind) as caught:
        build(prepare, **options)
    assert message in str([problem.message for problem in caught.value.problems])
    assert not Path("out/hello").exists()
    assert not list(Path().glob("out/*"))
    return caught.value


@pytest.mark.usefixtures("action_folder")
class TestBuilding:
    def test_all_extensions(self) -> None:
        printed = build()
        assert printed == ("_hmac yes\n_md5 yes\n_staticbuild yes\natexit yes\nposix yes\nsys no\nzlib yes\nthe blob\n")

    def test_selected_and_needed_extensions_only(self) -> None:
        printed = build(PreparePlan(modules=("_hmac",)))
        assert [line.split()[0] for line in printed.splitlines()] == [
            "_hmac",
            "_staticbuild",
            "atexit",
            "posix",
            "sys",
            "the",
        ]
        assert dict(prepared().reasons) == {
            "_hmac": "selected",
            "atexit": "`build/Modules/main.o` of the core refers to `atexit_call`",
            "posix": "`os` imports it when CPython starts",
            "sys": "part of the core",
        }
        assert dict(prepared().left_out) == {"_md5": "not selected", "zlib": "not selected"}
        assert prepared().borrowed == (("build/Modules/_md5module.o", "hash_md5", "build/Modules/_hmacmodule.o"),)

    def test_result_is_bare(self) -> None:
        build()
        linked = elf.parse(Path("out/hello").read_bytes())
        assert Path("out/hello").stat().st_mode & 0o777 == 0o755
        assert not list(elf.symbols(linked))
        assert {section.name for section in linked.sections if not section.flags & elf.ALLOC} == {"", ".shstrtab"}

    def test_same_inputs_same_bytes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        build()
        first = Path("out/hello").read_bytes()
        elsewhere = tmp_path / "elsewhere" / "with a longer name"
        elsewhere.mkdir(parents=True)
        for name in ("zig", "sysroot", "dist", "runtime", "blob"):
            (elsewhere / name).symlink_to(Path(name).resolve())
        monkeypatch.chdir(elsewhere)
        build()
        assert Path("out/hello").read_bytes() == first

    def test_report(self) -> None:
        build(report="report.json")
        report = json.loads(Path("report.json").read_text())
        assert report["size"] == Path("out/hello").stat().st_size
        assert report["sections"][".sb_blob"] == report["blob"] == len("the blob\n")
        assert report["archives"] == ["dist/python/build/lib/libz.a"]

    def test_another_allocator(self, toolchain: Any) -> None:
        build(report="report.json")
        assert json.loads(Path("report.json").read_text())["allocator"] == {"name": "libc"}
        Path("allocator/lib").mkdir(parents=True)
        toolchain.compile(
            """
            #include <stdio.h>
            __attribute__((constructor)) static void show(void) { puts("another"); }
            """,
            Path("allocator/lib/allocator.o").absolute(),
        )
        Path("allocator/SOURCE.json").write_text('{"name": "mimalloc", "version": "2.0.9", "license": "MIT"}\n')
        assert build(allocator="mimalloc", report="report.json").startswith("another\n")
        described = {"name": "mimalloc", "version": "2.0.9", "license": "MIT"}
        assert json.loads(Path("report.json").read_text())["allocator"] == described

    def test_table_of_symbols(self) -> None:
        Path("runtime/table.c").write_text(
            """
            #include <stdio.h>
            #include <stdlib.h>
            struct sb_symbol { const char *name; const void *address; };
            extern const struct sb_symbol sb_symbols[];
            extern const size_t sb_symbols_count;
            __attribute__((constructor)) static void show(void) {
                for (size_t i = 0; i < sb_symbols_count; i++) if (sb_symbols[i].name[2] == 'F')
                    printf("%s=%d\\n", sb_symbols[i].name, ((int (*)(void))sb_symbols[i].address)());
            }
            """
        )
        assert build(PreparePlan(symbols=True)).startswith("PyFoo_Size=1\n_hmac yes")
        assert build(PreparePlan(symbols=False)).startswith("_hmac yes")

    def test_extension_of_a_package(self, toolchain: Any) -> None:
        built_package(toolchain, "markupsafe._speedups", "void *speedups_init(void) { return 0; }", "speedups_init")
        plan = PreparePlan.parse(PreparePlan(modules=(), packages=("package",)).to_json())
        assert "markupsafe._speedups yes" in build(plan)

    def test_extension_that_gives_its_name_without_its_package(self, toolchain: Any) -> None:
        """CPython keeps the full name while a module of single-phase initialisation is made."""
        source = """
            #include <stdio.h>
            extern const char *_Py_PackageContext;
            void *mod_init(void) { printf("made as %s\\n", _Py_PackageContext); return 0; }
            """
        built_package(toolchain, "pkg.sub._mod", source, "mod_init")
        assert "made as pkg.sub._mod\n" in build(PreparePlan(modules=(), packages=("package",)))

    def test_built_package_that_is_damaged(self) -> None:
        Path("package").mkdir()
        Path("package/extensions.json").write_text('{"extensions": [{"name": "a"}]}')
        check_error(FormatError, "does not say which extensions there are", PreparePlan(packages=("package",)))


@pytest.mark.usefixtures("action_folder")
class TestFailing:
    def test_object_that_is_replaced_and_not_there(self) -> None:
        plan = PreparePlan(replaced=("build/Modules/other.o",))
        check_error(FormatError, "has no object `build/Modules/other.o`", plan)

    def test_object_that_is_not_replaced(self) -> None:
        check_error(ActionError, "`replaced_by_the_runtime` is defined twice", PreparePlan(replaced=()))

    def test_symbol_that_nothing_defines(self, toolchain: Any) -> None:
        built_package(
            toolchain, "pkg.s", "int lost_function(void); void *s_init(void) { lost_function(); return 0; }", "s_init"
        )
        error = check_error(ActionError, "nothing defines `lost_function`", PreparePlan(packages=("package",)))
        assert error.problems[0].notes == ("wanted by `pkg.s.o` of the extension `pkg.s` of `pkg==1`",)

    def test_symbol_that_two_define(self, toolchain: Any) -> None:
        built_package(toolchain, "pkg.s", "int hash_md5(void) { return 0; } void *s_init(void) { return 0; }", "s_init")
        error = check_error(ActionError, "`hash_md5` is defined twice", PreparePlan(packages=("package",)))
        assert error.problems[0].notes == (
            "defined by `_md5module.o` of the extension `_md5`",
            "defined by `pkg.s.o` of the extension `pkg.s` of `pkg==1`",
        )

    def test_init_function_that_is_missing(self) -> None:
        plan = PreparePlan(builtins=(("_staticbuild", "PyInit_gone"),))
        error = check_error(ActionError, "nothing defines `PyInit_gone`", plan)
        assert "the init table names it" in str(error.problems[0].hint)

    def test_build_path_inside(self, action_folder: Path) -> None:
        Path("blob").write_bytes(b"x" * 5000 + str(action_folder).encode() + b"/secret.py")
        error = check_error(ActionError, f"`out/hello`: the build path `{action_folder}` is inside", PreparePlan())
        place = error.problems[-1].notes[0]
        assert place.startswith(".sb_blob, at 0x")
        assert place.endswith(f'{action_folder}/secret.py"')

    def test_home_may_be_spoken_of_in_the_users_own_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_dir=str(tmp_path)))
        Path("blob").write_text(f"see {tmp_path}/notes")
        assert build().endswith(f"see {tmp_path}/notes")
        Path("runtime/leak.c").write_text(
            f'__attribute__((retain, used)) const char *leak(void) {{ return "{tmp_path}/x.c"; }}'
        )
        error = check_error(ActionError, f"the build path `{tmp_path}/` is inside", PreparePlan())
        assert error.problems[0].notes[0].startswith(".rodata")

    def test_forbidden_text_inside(self) -> None:
        check_error(ActionError, "the build path `the bl` is inside", PreparePlan(), forbidden=("the bl",))

    def test_unknown_extension(self) -> None:
        error = check_error(ConfigError, "has no extension `md5`", PreparePlan(modules=("md5",)))
        assert error.problems[0].hint == "did you mean `_md5`?"

    @pytest.mark.parametrize("name", ["posix", "atexit"])
    def test_extension_that_is_needed(self, name: str) -> None:
        check_error(ConfigError, f"the extension `{name}` cannot be left out", PreparePlan(exclude=(name,)))

    def test_distribution_for_another_target(self) -> None:
        target = "aarch64-unknown-linux-musl"
        check_error(ConfigError, "the distribution is for `x86_64-unknown-linux-musl`", PreparePlan(target=target))

    @pytest.mark.parametrize("path", ["build/Modules/main.o", "build/lib/libz.a", "PYTHON.json"])
    def test_file_that_is_missing(self, own_python: Path, path: str) -> None:
        (own_python / path).unlink()
        with pytest.raises(FormatError, match=f"is not complete: cannot read `dist/python/{re.escape(path)}`"):
            tool.prepare(PreparePlan())

    @pytest.mark.parametrize(
        ("path", "data", "message"),
        [
            ("build/Modules/main.o", b"MZ", "`build/Modules/main.o` of the distribution: not an ELF file"),
            ("build/lib/libz.a", b"!<thin>\n", "`build/lib/libz.a` of the distribution: a thin archive"),
            ("PYTHON.json", b"{", "`PYTHON.json` is not JSON"),
        ],
    )
    def test_file_that_is_damaged(self, own_python: Path, path: str, data: bytes, message: str) -> None:
        (own_python / path).write_bytes(data)
        with pytest.raises(FormatError, match=re.escape(message)):
            tool.prepare(PreparePlan())

    def test_object_for_another_machine(self, own_python: Path) -> None:
        path = own_python / "build/Modules/main.o"
        data = bytearray(path.read_bytes())
        data[18] = 183
        path.write_bytes(data)
        with pytest.raises(FormatError, match=r"`build/Modules/main.o` of the distribution is not for x86_64"):
            tool.prepare(PreparePlan())

    @pytest.mark.parametrize(
        ("break_it", "message"),
        [
            (lambda python: (python / "install/bin/python3").unlink(), "`dist/python/install/bin/python3` does not run"),
            (lambda python: (python / "install/lib/python3.13/os.py").write_text("?"), "cannot find out what"),
        ],
    )
    def test_start_that_cannot_be_looked_into(self, own_python: Path, break_it: Callable[[Path], None], message: str) -> None:
        break_it(own_python)
        check_error(FormatError, message, PreparePlan(modules="minimal"))

    def test_source_that_does_not_compile(self) -> None:
        Path("runtime/bad.c").write_text("int x = y;\n")
        error = check_error(ActionError, "the compiler failed with exit code 1", PreparePlan())
        assert any("runtime/bad.c:1:9: error: use of undeclared identifier 'y'" in note for note in error.problems[0].notes)


@pytest.mark.usefixtures("action_folder")
class TestCommandLine:
    def test_problem(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("plan.json").write_bytes(PreparePlan(modules=("md5",)).to_json())
        assert main(["prepare", "plan.json"]) == 1
        shown = capsys.readouterr().err
        assert shown == (
            "error: Python 3.10.0 for x86_64-unknown-linux-musl has no extension `md5`\nhint: did you mean `_md5`?\n"
        )

    def test_usage(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([]) == 2
        assert "usage: python3 -m staticbuild.linking" in capsys.readouterr().err

    def test_steps(self) -> None:
        for step, plan in (("compile-runtime", RuntimePlan()), ("prepare", PreparePlan()), ("link", LinkPlan("hello"))):
            Path(f"{step}.json").write_bytes(plan.to_json())
            assert main([step, f"{step}.json"]) == 0
        assert Path("hello").exists()


@pytest.mark.parametrize("data", [b"", b"[]", b'{"colour": 1}', b'{"linked": [1]}'])
def test_plan_that_is_none(data: bytes) -> None:
    with pytest.raises(FormatError):
        PreparePlan.parse(data)
