"""What an sdist says of its build, and what its backend would ask for."""

from __future__ import annotations

import contextlib
import tarfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import FormatError
from staticbuild.packing.sdist import BACKENDS, BuildSystem, asked_beside, parse_build_system, read_build_system
from tests.packing.conftest import tarred, zipped

TEXT = '[build-system]\nrequires = ["hatchling>=1"]\nbuild-backend = "hatchling.build"\n'
HATCHLING = BuildSystem(("hatchling>=1",), "hatchling.build")
GOOD = {"demo-1.0/PKG-INFO": b"x", "demo-1.0/pyproject.toml": TEXT.encode(), "demo-1.0/demo.py": b"x"}


class TestReading:
    @pytest.mark.parametrize("archive", [tarred(GOOD), zipped(GOOD)])
    def test_what_it_says(self, archive: bytes) -> None:
        assert read_build_system(archive, "demo-1.0.tar.gz") == HATCHLING

    def test_without_a_pyproject(self) -> None:
        """PEP 518: "If the pyproject.toml file is absent … tools should assume" setuptools and wheel."""
        files = {"demo-1.0/setup.py": b"x", "demo-1.0/inner/pyproject.toml": TEXT.encode()}
        assert read_build_system(tarred(files), "demo-1.0.tar.gz") == BuildSystem()
        assert read_build_system(tarred({**files, "demo-1.0/pyproject.toml": b"[tool.x]\n"}), "demo") == BuildSystem()

    def test_only_requirements(self) -> None:
        found = parse_build_system('[build-system]\nrequires = ["cython"]\n')
        assert found == BuildSystem(("cython",), "setuptools.build_meta:__legacy__")

    def check_error(self, data: bytes, expected: str) -> None:
        with pytest.raises(FormatError) as caught:
            read_build_system(data, "demo-1.0.tar.gz")
        assert caught.value.message.startswith("`demo-1.0.tar.gz` is no sound sdist: ")
        assert expected in caught.value.message

    @pytest.mark.parametrize(
        "text", ["x", "build-system = 3", "[build-system]\nrequires = 3", "[build-system]\nrequires = [3]"]
    )
    def test_nonsense(self, text: str) -> None:
        self.check_error(tarred({"demo-1.0/pyproject.toml": text.encode()}), "pyproject.toml")

    def test_no_requirement(self) -> None:
        text = b'[build-system]\nrequires = ["a b"]\n'
        self.check_error(tarred({"demo-1.0/pyproject.toml": text}), "`a b` in its `build-system.requires` is no requirement")

    @pytest.mark.parametrize("name", ["/etc/pyproject.toml", "../pyproject.toml", "demo-1.0/../pyproject.toml"])
    def test_outside(self, name: str) -> None:
        for archive in (tarred({name: b""}), zipped({name: b""})):
            self.check_error(archive, f"its member `{name}` points outside")

    def test_no_archive(self) -> None:
        self.check_error(b"", "damaged, or no archive")
        self.check_error(tarred(GOOD)[:100], "damaged, or no archive")

    def test_too_large(self) -> None:
        self.check_error(tarred({"demo-1.0/pyproject.toml": b" " * (1 << 20) + b" "}), "larger than 1 MiB")
        bomb = tarfile.TarInfo("demo-1.0/zeros")
        bomb.size = 1 << 40
        self.check_error(bomb.tobuf(), "hold more than")
        header = tarfile.TarInfo("demo-1.0/long")
        header.type, header.size = tarfile.XHDTYPE, 1 << 30
        self.check_error(header.tobuf(), "header of")

    def test_links_are_not_followed(self) -> None:
        data = BytesIO()
        with tarfile.open(fileobj=data, mode="w") as archive:
            link = tarfile.TarInfo("demo-1.0/pyproject.toml")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(link)
        assert read_build_system(data.getvalue(), "demo") == BuildSystem()

    @given(st.data())
    def test_any_damage_is_a_sentence(self, data: st.DataObject) -> None:
        whole = data.draw(st.sampled_from([tarred(GOOD), zipped(GOOD)]))
        place = data.draw(st.integers(0, len(whole) - 1))
        changed = whole[:place] + data.draw(st.binary(max_size=8)) + whole[place + data.draw(st.integers(0, 8)) :]
        with contextlib.suppress(FormatError):
            assert read_build_system(changed, "demo") in (HATCHLING, BuildSystem())

    @given(st.binary())
    def test_any_bytes(self, data: bytes) -> None:
        with contextlib.suppress(FormatError):
            assert isinstance(read_build_system(data, "demo"), BuildSystem)


class TestBackends:
    @pytest.mark.parametrize(
        ("backend", "versions", "expected"),
        [
            ("mesonpy", {"meson-python": "0.17"}, ["ninja>=1.8.2"]),
            ("mesonpy", {"meson-python": "0.17", "ninja": "1.13"}, []),
            ("mesonpy", {"ninja": "1.7"}, ["ninja>=1.8.2"]),
            ("scikit_build_core.build", {"ninja": "1.13"}, ["cmake>=3.15"]),
            ("setuptools.build_meta", {"setuptools": "80"}, []),
            ("setuptools.build_meta", {"setuptools": "70.1"}, []),
            ("setuptools.build_meta", {"setuptools": "70.0.3"}, ["wheel<0.46"]),
            ("setuptools.build_meta", {"setuptools": "60", "wheel": "0.45"}, []),
            ("setuptools.build_meta", {"setuptools": "60", "wheel": "0.46"}, ["wheel<0.46"]),
            ("_own_backend", {"setuptools": "60"}, ["wheel<0.46"]),
            ("flit_core.buildapi", {"flit-core": "3"}, []),
            ("mesonpy_like", {}, []),
        ],
    )
    def test_asked_beside(self, backend: str, versions: dict[str, str], expected: list[str]) -> None:
        assert list(asked_beside(BuildSystem((), backend), versions)) == expected

    def test_what_is_met_is_not_asked_again(self) -> None:
        for row in BACKENDS:
            met = {"setuptools": "1", "ninja": "99", "cmake": "99", "wheel": "0.1"}
            assert asked_beside(BuildSystem((), row.backend), met) == ()
