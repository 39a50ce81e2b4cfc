"""A requirement that needs a C extension says plainly that it does, and which."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

from staticbuild.packing.lock import Lock
from staticbuild.packing.package_index import Pin, Target
from tests.packing.conftest import SdistMaker
from tests.project import Project

CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")
python_resources(name = "app", requirements = ["speedy"])
python_executable(name = "fast", resources = [":app"], entry_point = "speedy:main")
"""


def write_wheel(folder: Path, name: str, tag: str, files: dict[str, bytes], requires: str = "") -> None:
    """A wheel with just what an installer looks at."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + (f"Requires-Dist: {requires}\n" if requires else "")
    everything = files | {
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: {str('any' in tag).lower()}\nTag: {tag}\n".encode(),
    }
    digests = {
        path: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode() for path, data in everything.items()
    }
    record = "".join(f"{path},sha256={digests[path]},{len(data)}\n" for path, data in everything.items()) + f"{info}/RECORD,,\n"
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as archive:
        for path, data in (everything | {f"{info}/RECORD": record.encode()}).items():
            archive.writestr(path, data)


def test_lock_and_build_name_it_and_who_wants_it(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    write_wheel(wheels, "speedy", "py3-none-any", {"speedy/__init__.py": b"def main(): pass\n"}, requires="inner_c")
    write_wheel(wheels, "inner_c", "cp313-cp313-manylinux_2_17_x86_64", {"inner_c.cpython-313-x86_64-linux-gnu.so": b"\x7fELF"})
    project = Project(tmp_path / "app", {"PIP_NO_INDEX": "1", "UV_FIND_LINKS": str(wheels), "PIP_FIND_LINKS": ""})
    project.write("staticbuild.bzl", CONFIG)
    plainly = "`inner-c==1.0` (required by `speedy`) needs a C extension"
    assert f"warning: {plainly}" in project.run("lock").stderr
    failed = project.run("build", code=2).stderr
    assert f"error: {plainly}" in failed
    assert "--> staticbuild.bzl:4:" in failed


def test_a_requirement_without_a_lock_says_what_to_run(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("staticbuild.bzl", CONFIG)
    done = project.run("build", code=2)
    assert "--> staticbuild.bzl:4:" in done.stderr
    assert "hint: run `staticbuild lock`" in done.stderr


def test_an_sdist_is_locked_with_what_its_build_needs(tmp_path: Path) -> None:
    make_sdist = SdistMaker(tmp_path / "files")
    make_sdist("speedy", pyproject='[build-system]\nrequires = ["tool"]\nbuild-backend = "tool"\n')
    write_wheel(make_sdist.folder, "tool", "py3-none-any", {"tool.py": b""})
    project = Project(tmp_path / "app", {"PIP_NO_INDEX": "1", "UV_FIND_LINKS": str(make_sdist.folder), "PIP_FIND_LINKS": ""})
    project.write("staticbuild.bzl", CONFIG)
    project.run("lock")
    lock = Lock.parse((project.folder / "staticbuild.lock").read_text())
    assert [str(package.pin) for package in lock.build_environment(Pin("speedy", "1.0"), Target())] == ["tool==1.0"]
    assert not make_sdist.ran


def test_a_local_file_that_was_changed_since(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""})
    project.write("staticbuild.bzl", CONFIG.replace('"speedy"', '"dist/speedy-1.0-py3-none-any.whl"'))
    write_wheel(project.folder / "dist", "speedy", "py3-none-any", {"speedy.py": b"def main(): pass\n"})
    project.run("lock")
    write_wheel(project.folder / "dist", "speedy", "py3-none-any", {"speedy.py": b"def main(): evil()\n"})
    failed = project.run("build", "--offline", code=1).stderr
    assert "dist/speedy-1.0-py3-none-any.whl: sha256 is" in failed
