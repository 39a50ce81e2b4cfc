"""Which archives are taken, and what is said of the others. The archives are small: PYTHON.json and empty files."""

from __future__ import annotations

import copy
import io
import json
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from staticbuild.distribution.accept import Wanted, accept, main
from staticbuild.errors import FormatError
from tests.distribution.test_metadata import DOCUMENT

WANTED = Wanted("x86_64-unknown-linux-musl", "3.11", 22, "20241205")
NAME = "cpython-3.11.16+20241205-x86_64-unknown-linux-musl-noopt+static-full.tar.zst"

Document = dict[str, Any]


def archive(folder: Path, document: Document | None, *, without: Iterable[str] = (), more: str = "") -> Path:
    """An archive of `document` and of the files that it lists, but `without` one, and with one `more`."""
    paths = [more] if more else []
    if document is not None:
        build = document["build_info"]
        entries = [entry for variants in build["extensions"].values() for entry in variants]
        paths += [document["python_exe"], *build["core"]["objs"]]
        paths += [path for entry in entries for path in entry["objs"]]
        paths += [link["path_static"] for entry in entries for link in entry["links"] if "path_static" in link]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        if document is not None:
            data = json.dumps(document).encode()
            info = tarfile.TarInfo("python/PYTHON.json")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for path in sorted(set(paths) - set(without)):
            tar.addfile(tarfile.TarInfo(f"python/{path}"))
    target = folder / NAME
    target.write_bytes(zstandard.ZstdCompressor(level=1).compress(buffer.getvalue()))
    return target


def changed(**fields: object) -> Document:
    """The document with top-level fields or, behind `build__`, fields of `build_info` replaced."""
    document = copy.deepcopy(DOCUMENT)
    for name, value in fields.items():
        place = document["build_info"] if name.startswith("build__") else document
        place[name.removeprefix("build__")] = value
    return document


def check_refused(tmp_path: Path, path: Path, message: str, hint: str, wanted: Wanted = WANTED) -> None:
    with pytest.raises(FormatError) as caught:
        accept(path, tmp_path / "out", wanted)
    problem = caught.value.problems[0]
    assert problem.message.startswith((f"cannot use `{NAME}`: ", f"cannot unpack `{NAME}`: "))
    assert message in problem.message
    assert hint in str(problem.hint)


class TestTaken:
    @pytest.mark.parametrize("version", ["7", "8"])
    def test_formats(self, tmp_path: Path, version: str) -> None:
        accept(archive(tmp_path, changed(version=version)), tmp_path / "out", WANTED)
        assert (tmp_path / "out/python/build/lib/libssl.a").is_file()

    @pytest.mark.parametrize("options", ["noopt+static", "lto+static", "debug+static"])
    def test_options(self, tmp_path: Path, options: str) -> None:
        objects = "llvm-bitcode:%22.1.3" if "lto" in options else "elf"
        accept(archive(tmp_path, changed(build_options=options, build__object_file_format=objects)), tmp_path / "out", WANTED)

    def test_interpreter_of_a_debug_build_gets_the_plain_name(self, tmp_path: Path) -> None:
        document = changed(python_exe="install/bin/python3.11d", python_abi_tag="d")
        accept(archive(tmp_path, document), tmp_path / "out", WANTED)
        plain = tmp_path / "out/python/install/bin/python3.11"
        assert plain.is_symlink()
        assert plain.readlink() == Path("python3.11d")

    def test_texts_of_licences_that_are_not_there(self, tmp_path: Path) -> None:
        document = changed(license_path="licenses/LICENSE.gone.txt")
        accept(archive(tmp_path, document), tmp_path / "out", WANTED)


class TestRefused:
    @pytest.mark.parametrize(
        ("fields", "message", "hint"),
        [
            ({"version": "6"}, "is of format '6'", "archive of 2021 or later"),
            ({"version": "9"}, "is of format '9'", "update staticbuild"),
            ({"target_triple": "aarch64-unknown-linux-musl"}, "it is for `aarch64-unknown-linux-musl`", "--target aarch64"),
            ({"target_triple": "x86_64_v3-unknown-linux-musl"}, "and the build is for `x86_64-unknown-linux-musl`", "--target"),
            ({"python_version": "3.13.5"}, "it is Python 3.13.5, and Python 3.11 is wanted", "`python_version`"),
            ({"crt_features": ["musl-dynamic", "musl-version:1.2.2"]}, "it is a dynamic build", "`+static-full.tar.zst`"),
            ({"python_abi_tag": "t"}, "it is a free-threaded build", "without `freethreaded`"),
            ({"python_extension_module_loading": ["shared-library"]}, "shared libraries only", "`static`"),
            ({"build__object_file_format": "llvm-bitcode:%23.1.0"}, "bitcode of LLVM 23", "newer `ziglang`"),
            ({"build__object_file_format": "coff"}, "its objects are `coff`", "`+static-full.tar.zst`"),
        ],
    )
    def test_another_one(self, tmp_path: Path, fields: dict[str, Any], message: str, hint: str) -> None:
        check_refused(tmp_path, archive(tmp_path, changed(**fields)), message, hint)

    def test_release_that_lacks_objects(self, tmp_path: Path) -> None:
        wanted = replace(WANTED, release="20241016")
        check_refused(tmp_path, archive(tmp_path, DOCUMENT), "release 20241016 lacks objects", "newer release", wanted)

    def test_objects_that_some_releases_lack(self, tmp_path: Path) -> None:
        document = changed()
        document["build_info"]["core"]["objs"].remove("build/Python/deepfreeze/deepfreeze.o")
        wanted = replace(WANTED, release=None)
        check_refused(tmp_path, archive(tmp_path, document), "no objects in `build/Python/deepfreeze/`", "newer", wanted)

    @pytest.mark.parametrize(
        "path", ["build/Objects/abstract.o", "build/Modules/_ssl.o", "build/lib/libssl.a", "install/bin/python3.11"]
    )
    def test_listed_file_that_is_missing(self, tmp_path: Path, path: str) -> None:
        message = f"it lists files that it does not have: `{path}`"
        check_refused(tmp_path, archive(tmp_path, DOCUMENT, without=[path]), message, "another release")

    def test_many_that_are_missing(self, tmp_path: Path) -> None:
        document = changed()
        many = [f"build/{number}.o" for number in range(9)]
        document["build_info"]["core"]["objs"] += many
        check_refused(tmp_path, archive(tmp_path, document, without=many), "`build/4.o` and 4 more", "another release")

    def test_not_a_full_archive(self, tmp_path: Path) -> None:
        path = archive(tmp_path, None, more="bin/python3")
        check_refused(tmp_path, path, "it has no `python/PYTHON.json`, so it is no *full* archive", "`+static-full.tar.zst`")

    def test_description_of_absurd_size(self, tmp_path: Path) -> None:
        path = archive(tmp_path, changed(python_config_vars={"X": " " * (17 << 20)}))
        check_refused(tmp_path, path, "bytes, more than any real one", "")

    @pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda _: b"<!DOCTYPE html>", lambda _: b""])
    def test_not_an_archive(self, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
        path = archive(tmp_path, DOCUMENT)
        path.write_bytes(damage(path.read_bytes()))
        check_refused(tmp_path, path, "it is damaged", "")


class TestGlibc:
    """Archives for the flavor `standalone_dynamic`."""

    WANTED = replace(WANTED, triple="x86_64-unknown-linux-gnu", glibc="2.17")

    def document(self, *features: str) -> Document:
        return changed(target_triple="x86_64-unknown-linux-gnu", build_options="noopt", crt_features=list(features))

    @pytest.mark.parametrize("built_for", ["2.17", "2.5"])
    def test_taken(self, tmp_path: Path, built_for: str) -> None:
        document = self.document("glibc-dynamic", f"glibc-max-symbol-version:{built_for}")
        accept(archive(tmp_path, document), tmp_path / "out", self.WANTED)
        assert (tmp_path / "out/python/build/lib/libssl.a").is_file()

    @pytest.mark.parametrize(
        ("features", "message", "hint"),
        [
            (["static"], "it is a static build, whose objects load no shared libraries", "standalone_static"),
            (["glibc-dynamic"], "it does not say which glibc it was built for", "another release"),
            (["glibc-max-symbol-version:2.28"], "it was built for glibc 2.28, and glibc 2.17 is wanted", '`glibc = "2.28"`'),
        ],
    )
    def test_refused(self, tmp_path: Path, features: list[str], message: str, hint: str) -> None:
        check_refused(tmp_path, archive(tmp_path, self.document(*features)), message, hint, self.WANTED)

    def test_command_line(self, tmp_path: Path) -> None:
        path = archive(tmp_path, self.document("glibc-dynamic", "glibc-max-symbol-version:2.28"))
        words = [str(path), str(tmp_path / "a"), "--target", self.WANTED.triple, "--python", "3.11", "--llvm", "22"]
        assert main([*words, "--glibc", "2.28"]) == 0
        assert main([*words, "--glibc", "2.27"]) == 1


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--target", WANTED.triple, "--python", "3.11", "--llvm", "22"]
    assert main([str(archive(tmp_path, DOCUMENT)), str(tmp_path / "a"), *words]) == 0
    assert main([str(archive(tmp_path, changed(crt_features=[]))), str(tmp_path / "b"), *words]) == 1
    assert capsys.readouterr().err.startswith(f"error: cannot use `{NAME}`: it is a dynamic build")
