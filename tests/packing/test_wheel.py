"""Wheels are read as an installer would install them, or refused with a reason."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from staticbuild.errors import ConfigError, FormatError, StaticbuildError
from staticbuild.packing.wheel import Wheel, read_wheel
from tests.packing.elves import elf

ELF = b"\x7fELF\x02\x01\x01"


def read(path: Path, *exclude: str) -> Wheel:
    return read_wheel(path, requirement="demo==1.0", exclude=exclude)


def paths(wheel: Wheel) -> list[str]:
    return [item.path for item in wheel.found]


def check_error(kind: type[StaticbuildError], path: Path, *messages: str) -> None:
    with pytest.raises(kind) as caught:
        read(path)
    for message in messages:
        assert message in str(caught.value.problems[0])
    assert "demo==1.0" in caught.value.message


def test_modules_data_and_metadata(make_wheel: Callable[..., Path]) -> None:
    wheel = read(make_wheel(files={"demo/__init__.py": b"x", "demo/a.txt": b""}, metadata={"entry_points.txt": b"[x]"}))
    info = [f"demo-1.0.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")]
    assert paths(wheel) == [*info, "demo/__init__.py", "demo/a.txt"]
    assert wheel.warnings == ()


def test_pip_agrees(make_wheel: Callable[..., Path], tmp_path: Path) -> None:
    """What pip installs below `site-packages`, but for what pip itself adds there."""
    files = {
        "demo/__init__.py": b"x = 1",
        "demo-1.0.data/purelib/demo/pure.py": b"",
        "demo-1.0.data/platlib/demo/plat.py": b"",
        "six.py": b"",
    }
    path = make_wheel(files=files)
    argv = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-compile"]
    subprocess.run([*argv, "--target", str(tmp_path / "target"), str(path)], check=True, capture_output=True)
    installed = {
        str(item.relative_to(tmp_path / "target")): item.read_bytes()
        for item in (tmp_path / "target").rglob("*")
        if item.is_file() and item.name not in {"INSTALLER", "REQUESTED", "direct_url.json", "RECORD"}
    }
    ours = {item.path: item.data for item in read(path).found}
    record = ours.pop("demo-1.0.dist-info/RECORD").decode()
    assert ours == installed
    assert sorted(line.split(",")[0] for line in record.split()) == sorted([*installed, "demo-1.0.dist-info/RECORD"])


def test_what_has_no_place_in_an_executable_stays_in_the_data_folder(make_wheel: Callable[..., Path]) -> None:
    """So that RECORD, and with it `importlib.metadata.files()`, tells the truth."""
    wheel = read(make_wheel(files={"demo-1.0.data/data/share/man/x.1": b"", "demo-1.0.data/scripts/run": b"#!python"}))
    assert paths(wheel)[:2] == ["demo-1.0.data/data/share/man/x.1", "demo-1.0.data/scripts/run"]


def test_exclude(make_wheel: Callable[..., Path]) -> None:
    wheel = read(make_wheel(files={"demo/a.py": b"", "tests/a.py": b"", "demo/_x.so": ELF}), "tests/**", "**/*.so")
    assert "demo/a.py" in paths(wheel)
    assert len(wheel.found) == 4


def test_start_up_files_are_warned_of(make_wheel: Callable[..., Path]) -> None:
    wheel = read(make_wheel(files={"demo.pth": b"import demo", "demo-nspkg.pth": b"", "demo/x.pth": b""}))
    assert [warning.split(":")[0] for warning in wheel.warnings] == ["`demo.pth` is not run"]


def test_programs_for_windows_are_data(make_wheel: Callable[..., Path]) -> None:
    assert "demo/cli.exe" in paths(read(make_wheel(files={"demo/cli.exe": b"MZ", "demo/lib.dll": b"MZ"})))


class TestMachineCode:
    def test_extension_modules(self, make_wheel: Callable[..., Path]) -> None:
        names = [f"demo/_{letter}.abi3.so" for letter in "abcdefg"]
        path = make_wheel(files=dict.fromkeys(names, ELF), tag="cp313-cp313-musllinux_1_2_x86_64")
        check_error(ConfigError, path, "machine code", "`demo/_a.abi3.so`", "and 2 more", "`standalone_static` cannot load")
        check_error(ConfigError, path, "built from its sdist", 'make_dist(flavor = "standalone_dynamic")', "`exclude`")

    def test_executables_that_load_shared_libraries_take_them(self, make_wheel: Callable[..., Path]) -> None:
        path = make_wheel(files={"demo/_a.abi3.so": ELF, "demo/tool": ELF})
        assert {"demo/_a.abi3.so", "demo/tool"} <= {
            item.path for item in read_wheel(path, requirement="demo", loads=True).found
        }

    def test_static_programs_need_no_loader(self, make_wheel: Callable[..., Path]) -> None:
        static = elf(kind=2, dynamic=False)
        assert "demo/tool" in paths(read(make_wheel(files={"demo/tool": static})))
        check_error(ConfigError, make_wheel("b", files={"b/a": static, "b/b": elf(kind=2, interpreter=True)}), ": `b/b`")

    def test_programs(self, make_wheel: Callable[..., Path]) -> None:
        check_error(ConfigError, make_wheel(files={"demo-1.0.data/scripts/tool": ELF}), "`demo-1.0.data/scripts/tool`")


class TestNoWheel:
    def test_no_archive(self, tmp_path: Path) -> None:
        path = tmp_path / "demo-1.0-py3-none-any.whl"
        path.write_bytes(b"PK\x03\x04 but not really")
        check_error(FormatError, path, "no sound wheel", "not a zip file")

    def test_no_wheel_name(self, make_wheel: Callable[..., Path]) -> None:
        path = make_wheel()
        check_error(FormatError, path.rename(path.with_name("demo.whl")), "Not a valid wheel filename")

    def test_cut_off_in_the_middle(self, make_wheel: Callable[..., Path]) -> None:
        path = make_wheel(files={"demo/big.txt": bytes(range(256)) * 400})
        path.write_bytes(path.read_bytes()[:-30])
        check_error(FormatError, path, "no sound wheel")

    def test_damaged(self, make_wheel: Callable[..., Path]) -> None:
        path = make_wheel(files={"demo/big.txt": bytes(range(256)) * 400})
        data = bytearray(path.read_bytes())
        data[60:70] = bytes(10)
        path.write_bytes(data)
        check_error(FormatError, path, "no sound wheel")

    def test_record_that_lies(self, make_wheel: Callable[..., Path]) -> None:
        lies = {"demo/__init__.py": f"demo/__init__.py,sha256={'A' * 43},10"}
        check_error(FormatError, make_wheel(lies=lies), "RECORD has other digests or sizes for `demo/__init__.py`")

    def test_record_with_nonsense(self, make_wheel: Callable[..., Path]) -> None:
        lies = {"demo/__init__.py": "demo/__init__.py,klingon,many"}
        check_error(FormatError, make_wheel(lies=lies), "RECORD says nonsense of `demo/__init__.py`")

    def test_record_that_is_silent_is_doubted(self, make_wheel: Callable[..., Path]) -> None:
        wheel = read(make_wheel(lies={"demo/__init__.py": "other.py,,"}))
        assert wheel.warnings == ("`demo/__init__.py` has no digest in RECORD",)

    def test_no_record(self, make_wheel: Callable[..., Path]) -> None:
        path = make_wheel(name="other")
        check_error(FormatError, path.rename(path.with_name("demo-1.0-py3-none-any.whl")), "doesn't match")

    @pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "a/../../evil.py", "a\\b.py", "./a.py", "a//b.py"])
    def test_members_that_point_outside(self, make_wheel: Callable[..., Path], name: str) -> None:
        check_error(FormatError, make_wheel(files={name: b""}), "points outside")

    def test_two_files_for_one_path(self, make_wheel: Callable[..., Path]) -> None:
        files = {"demo/a.py": b"1", "demo-1.0.data/purelib/demo/a.py": b"2"}
        check_error(FormatError, make_wheel(files=files), "two different files for `demo/a.py`")

    def test_newer_format(self, make_wheel: Callable[..., Path]) -> None:
        check_error(FormatError, make_wheel(metadata={"WHEEL": b"Wheel-Version: 2.0\n"}), "Wheel-Version is `2.0`")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_damage_is_a_sentence(make_wheel: Callable[..., Path], changes: list[tuple[float, int]]) -> None:
    path = make_wheel(files={"demo/__init__.py": b"x = 1\n" * 20, "demo-1.0.data/purelib/a.py": b""})
    data = bytearray(path.read_bytes())
    for place, value in changes:
        data[int(place * len(data))] = value
    path.write_bytes(data)
    with contextlib.suppress(FormatError, ConfigError):
        read(path)
