"""What a built wheel is taken apart into."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from staticbuild.building.harvest import Harvest, harvest
from staticbuild.building.plan import BuildPlan, wheel_name
from staticbuild.errors import ActionError, FormatError
from staticbuild.linking import elf
from staticbuild.toolchain.triple import DEFAULT, Triple
from staticbuild.toolchain.zig import Toolchain, compile_source, link_static
from tests.building.conftest import Packer
from tests.project import run

Compile = Callable[..., bytes]


@pytest.fixture
def compiled(toolchain_folder: Path, tmp_path: Path) -> Compile:
    """A function that compiles C text into the bytes of an object, or of a static program."""
    toolchain = Toolchain(Triple.parse(DEFAULT))

    def make(source: str, *, program: bool = False) -> bytes:
        (tmp_path / "source.c").write_text(source)
        output = str(tmp_path / "object.o")
        run(compile_source(toolchain, str(tmp_path / "source.c"), output), cwd=toolchain_folder)
        if program:
            run(link_static(toolchain, f"{output}.program", [output], []), cwd=toolchain_folder)
            output += ".program"
        return Path(output).read_bytes()

    return make


def take(wheel: bytes, *excluded: str) -> Harvest:
    return harvest(wheel, "pkg==1.0", lambda path: path in excluded)


def names(wheel: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return [name for name in archive.namelist() if ".dist-info" not in name]


def test_extensions_become_objects(make_built_wheel: Packer, compiled: Compile) -> None:
    one = compiled("void *PyInit__one(void) { return 0; } int shared;")
    wheel = make_built_wheel(
        {
            "pkg/__init__.py": b"",
            "pkg/_one.cpython-313-x86_64-linux-musl.so": one,
            "pkg-1.0.data/platlib/pkg/sub/_one.abi3.so": one,
        }
    )
    result = take(wheel)
    assert names(result.wheel) == ["pkg/__init__.py"]
    assert [(item.name, item.object, item.path) for item in result.extensions] == [
        ("pkg._one", "extensions/pkg._one.o", "pkg/_one.cpython-313-x86_64-linux-musl.so"),
        ("pkg.sub._one", "extensions/pkg.sub._one.o", "pkg/sub/_one.abi3.so"),
    ]
    # All names are told apart, those of C identifiers, too.
    inits = [item.init for item in result.extensions]
    assert len({*inits}) == 2
    assert all(init.startswith("PyInit__one_sb_") and init.isidentifier() for init in inits)
    defined = [elf.interface(elf.parse(data)).defined for data in result.objects.values()]
    assert not defined[0] & defined[1]
    assert take(wheel) == result


def test_several_modules_in_one_object(make_built_wheel: Packer, compiled: Compile) -> None:
    both = compiled("void *PyInit_a(void) { return 0; } void *PyInit_b(void) { return 0; }")
    result = take(make_built_wheel({"pkg/b.so": both}))
    assert [(item.name, item.object) for item in result.extensions] == [
        ("pkg.a", "extensions/pkg.b.o"),
        ("pkg.b", "extensions/pkg.b.o"),
    ]


def test_a_module_whose_name_is_not_ascii(make_built_wheel: Packer, compiled: Compile) -> None:
    encoded = "größe".encode("punycode").decode().replace("-", "_")
    result = take(make_built_wheel({"größe.so": compiled(f"void *PyInitU_{encoded}(void) {{ return 0; }}")}))
    assert [item.name for item in result.extensions] == ["größe"]


def test_what_is_excluded(make_built_wheel: Packer) -> None:
    result = take(make_built_wheel({"pkg/a.txt": b"a", "pkg/b.txt": b"b"}), "pkg/a.txt")
    assert names(result.wheel) == ["pkg/b.txt"]
    with zipfile.ZipFile(io.BytesIO(result.wheel)) as archive:
        assert b"pkg/a.txt" not in archive.read("pkg-1.0.dist-info/RECORD")


def test_static_programs_are_data(make_built_wheel: Packer, compiled: Compile) -> None:
    program = compiled("int main(void) { return 0; }", program=True)
    assert names(take(make_built_wheel({"pkg/tool": program})).wheel) == ["pkg/tool"]


def test_libraries_are_refused(make_built_wheel: Packer, compiled: Compile) -> None:
    with pytest.raises(ActionError, match="which is no extension module: it does not define `PyInit_libx`"):
        take(make_built_wheel({"pkg/libx.so": compiled("int x;")}))
    shared = bytearray(compiled("int x;"))
    shared[16] = elf.SHARED
    with pytest.raises(ActionError, match=r"`pkg/libx\.so` is a shared library or program that was not built here"):
        take(make_built_wheel({"pkg/libx.so": bytes(shared)}))


@pytest.mark.parametrize("wheel", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)])
def test_no_wheel(wheel: bytes) -> None:
    with pytest.raises(FormatError):
        take(wheel)


def test_names_of_wheels() -> None:
    assert wheel_name("ruamel-yaml.clib==0.2") == "ruamel_yaml_clib-0.2-py3-none-any.whl"


def test_plans_are_read_as_written() -> None:
    plan = BuildPlan("a==1", "sdist/a.tar.gz", ("wheels/b.whl",), ("libraries/c",), {"A": "b"}, {"c": ("d", "e")}, ("x/*",))
    assert BuildPlan.parse(plan.to_json()) == plan
    with pytest.raises(FormatError):
        BuildPlan.parse(b"[]")
