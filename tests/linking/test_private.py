"""Objects whose symbols are made their own, as our ELF reader, pyelftools and the linker see them."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import FormatError
from staticbuild.linking import elf
from staticbuild.linking.private import privatise
from staticbuild.toolchain.zig import link_static

SOURCE = """
extern int wanted(int);
int given = 3;
static int local(int x) { return x + given; }
__attribute__((weak)) int weak_one(int x) { return wanted(x) + local(x); }
int strong(int x) { return weak_one(x) + 1; }
"""


@pytest.fixture(scope="module")
def compiled(toolchain: Any, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The object of SOURCE."""
    return Path(toolchain.compile(SOURCE, tmp_path_factory.mktemp("private") / "one.o")).read_bytes()


def names(data: bytes) -> set[str]:
    return {symbol.name for symbol in elf.symbols(elf.parse(data)) if symbol.name and symbol.binding != elf.LOCAL}


def test_what_is_defined_is_renamed(compiled: bytes) -> None:
    result = privatise(compiled, lambda name: f"{name}.mine")
    assert result.renamed == {name: f"{name}.mine" for name in ("given", "strong", "weak_one")}
    assert names(result.data) == {"given.mine", "strong.mine", "weak_one.mine", "wanted"}


def test_pyelftools_agrees(compiled: bytes) -> None:
    result = privatise(compiled, lambda name: f"{name}.mine")
    before, after = (ELFFile(io.BytesIO(data)) for data in (compiled, result.data))
    assert [section.name for section in after.iter_sections()] == [section.name for section in before.iter_sections()]
    for old, new in zip(before.iter_sections(), after.iter_sections(), strict=True):
        if isinstance(new, SymbolTableSection):
            assert {"given.mine", "strong.mine", "weak_one.mine", "wanted"} <= {symbol.name for symbol in new.iter_symbols()}
        elif old.name != ".strtab":
            assert new.data() == old.data()


def renamed(symbol: str, *, keep: str, mark: str) -> str:
    return symbol if symbol == keep else symbol + mark


def test_two_objects_with_the_same_names_run_as_one_program(toolchain: Any, tmp_path: Path) -> None:
    helper = "int count; int helper(void) {{ return count += {step}; }} int start_{name}(void) {{ helper(); return helper(); }}"
    objects = []
    for name, step in (("a", 1), ("b", 10)):
        compiled = toolchain.compile(helper.format(name=name, step=step), tmp_path / f"{name}.o")
        changed = privatise(compiled.read_bytes(), partial(renamed, keep=f"start_{name}", mark=name))
        compiled.write_bytes(changed.data)
        objects.append(str(compiled))
    main = "int start_a(void); int start_b(void); int main(void) { return start_a() * 10 + start_b() - 40; }"
    objects.append(str(toolchain.compile(main, tmp_path / "main.o")))
    toolchain.run(link_static(toolchain.toolchain, str(tmp_path / "program"), objects, []))
    toolchain.run([str(tmp_path / "program")])


@given(place=st.integers(0, 4000), value=st.integers(0, 255))
def test_any_damage_is_an_error_or_an_object(compiled: bytes, place: int, value: int) -> None:
    data = bytearray(compiled)
    data[place % len(data)] = value
    try:
        result = privatise(bytes(data), lambda name: name + "x")
    except FormatError:
        return
    elf.parse(result.data)


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"PK\x03\x04" * 40])
def test_no_object(data: bytes) -> None:
    with pytest.raises(FormatError):
        privatise(data, lambda name: name)


def test_an_executable_is_refused(toolchain: Any, tmp_path: Path) -> None:
    main: Callable[..., Path] = toolchain.compile
    compiled = main("int main(void) { return 0; }", tmp_path / "main.o")
    data = bytearray(compiled.read_bytes())
    data[16] = elf.EXECUTABLE
    with pytest.raises(FormatError, match="not a relocatable object"):
        privatise(bytes(data), lambda name: name)
