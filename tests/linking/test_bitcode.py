"""Distributions whose objects are bitcode: what is compiled, and that no link is any different afterwards."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from staticbuild.errors import ActionError
from staticbuild.linking import bitcode, elf, tool
from staticbuild.linking.plan import BitcodePlan, LinkPlan, Prepared, PreparePlan, RuntimePlan

MAIN = """\
#include "Python.h"
#include <stdio.h>
extern int replaced_by_the_runtime(void);
extern int hash_md5(void);
extern int atexit_call(void);
extern struct _inittab _PyImport_Inittab[];
extern const unsigned char sb_blob_start[], sb_blob_end[];
int main(void) {
    for (struct _inittab *m = _PyImport_Inittab; m->name; m++)
        printf("%s ", m->name);
    fwrite(sb_blob_start, 1, (size_t)(sb_blob_end - sb_blob_start), stdout);
    printf("%d %d\\n", replaced_by_the_runtime(), hash_md5());
    return atexit_call();
}
"""
MD5 = """\
#include "Python.h"
static int state = 4;
int hash_md5(void) { return ++state; }
PyObject *PyInit__md5(void) { return NULL; }
"""
GETPATH = "int replaced_by_the_runtime(void) { return 1; }"


@pytest.fixture
def own_python(action_folder: Path) -> Path:
    """The tiny distribution as a copy that a test may change; the current folder is that of an action."""
    folder = action_folder / "dist/python"
    original = folder.resolve()
    folder.unlink()
    shutil.copytree(original, folder, symlinks=True)
    return folder


def put(toolchain: Any, python: Path, flag: str = "-flto=thin", **sources: str) -> None:
    """Compile objects of the distribution anew, to bitcode."""
    for name, source in sources.items():
        path = python / f"build/Modules/{name}.o"
        toolchain.compile(source, path, flag, "-O2", includes=[str(python / "install/include/python3.13")])
        assert bitcode.is_bitcode(path.read_bytes())


def build() -> str:
    """What an executable prints that is linked after the bitcode was compiled."""
    bitcode.compile_all(BitcodePlan())
    tool.compile_runtime(RuntimePlan())
    tool.prepare(PreparePlan(native="native", modules=("_md5",)))
    tool.link(LinkPlan("hello"))
    return subprocess.run(["./hello"], check=True, capture_output=True, text=True, env={}).stdout


def interface(name: str) -> elf.Interface:
    return elf.interface(elf.parse(Path(f"native/build/Modules/{name}.o").read_bytes()))


@pytest.mark.parametrize("flag", ["-flto=thin", "-flto=full"])
def test_linked_as_machine_code_is(toolchain: Any, own_python: Path, flag: str) -> None:
    put(toolchain, own_python, flag, main=MAIN, _md5module=MD5, getpath=GETPATH)
    # 2 is what the runtime says in the place of getpath.o.
    assert build() == "_md5 _staticbuild atexit sys the blob\n2 5\n"
    prepared = Prepared.parse(Path("prepared/selection.json").read_bytes())
    assert "native/build/Modules/_md5module.o" in prepared.objects
    assert "dist/python/build/Modules/atexitmodule.o" in prepared.objects
    assert dict(prepared.owners)["native/build/Modules/main.o"] == "CPython's core"
    assert dict(prepared.reasons)["_md5"].startswith("`build/Modules/main.o` of the core refers to `")


def test_inlined_across_objects_but_not_what_the_runtime_replaces(toolchain: Any, own_python: Path) -> None:
    put(toolchain, own_python, main=MAIN, _md5module=MD5, getpath=GETPATH)
    bitcode.compile_all(BitcodePlan())
    wanted = interface("main").undefined
    assert "hash_md5" not in wanted
    assert "replaced_by_the_runtime" in wanted
    # Others may still call what was inlined here.
    assert {"hash_md5", "PyInit__md5"} <= interface("_md5module").defined


def test_only_bitcode_is_compiled(toolchain: Any, own_python: Path) -> None:
    put(toolchain, own_python, _md5module=MD5)
    bitcode.compile_all(BitcodePlan())
    assert [path.name for path in Path("native").rglob("*.o")] == ["_md5module.o"]


def test_nothing_to_compile(own_python: Path) -> None:
    assert own_python.is_dir()
    bitcode.compile_all(BitcodePlan())
    assert list(Path("native").iterdir()) == []


def test_same_inputs_same_bytes(toolchain: Any, own_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(toolchain, own_python, main=MAIN, _md5module=MD5)
    bitcode.compile_all(BitcodePlan())
    first = {path.name: path.read_bytes() for path in Path("native").rglob("*.o")}
    elsewhere = tmp_path / "a longer path" / "elsewhere"
    elsewhere.mkdir(parents=True)
    for name in ("zig", "sysroot", "dist"):
        (elsewhere / name).symlink_to(Path(name).resolve())
    monkeypatch.chdir(elsewhere)
    bitcode.compile_all(BitcodePlan())
    assert {path.name: path.read_bytes() for path in Path("native").rglob("*.o")} == first


def test_command_line(toolchain: Any, own_python: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(toolchain, own_python, _md5module=MD5)
    Path("plan.json").write_bytes(BitcodePlan().to_json())
    assert bitcode.main(["plan.json"]) == 0
    assert Path("native/build/Modules/_md5module.o").is_file()
    (own_python / "PYTHON.json").unlink()
    assert bitcode.main(["plan.json"]) == 1
    assert capsys.readouterr().err.startswith("error: the distribution is not complete: cannot read `dist/python/PYTHON.json`")


@pytest.mark.parametrize("data", [bitcode.MAGIC, bitcode.MAGIC + b"\x35\x14\x00\x00" * 9])
def test_damaged(own_python: Path, data: bytes) -> None:
    (own_python / "build/Modules/main.o").write_bytes(data)
    with pytest.raises(ActionError) as caught:
        bitcode.compile_all(BitcodePlan())
    assert "build/Modules/main.o" in str(caught.value.problems)
