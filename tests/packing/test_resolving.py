"""A lock is made: with a real index on this machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from staticbuild.errors import ConfigError, Location
from staticbuild.host import Host
from staticbuild.packing.lock import Lock, Policy
from staticbuild.packing.package_index import PackageIndex, Pin, Target
from staticbuild.packing.requirements import Requirements, gather
from staticbuild.packing.resolving import Choice, resolve, unusable
from tests.packing.conftest import WheelMaker, requirements

if TYPE_CHECKING:
    from tests.packing.conftest import Index, SdistMaker

TARGET = Target()
GNU = Target("3.13", "x86_64-unknown-linux-gnu", "2.17")
DIGEST = "0123456789abcdef" * 4


def test_a_lock_names_files_but_no_places(their: Callable[..., PackageIndex], index: Index) -> None:
    asked = requirements("alpha", "both")
    lock = resolve(their, {("//:app", TARGET): asked})
    packages = lock.packages_for("//:app", asked, TARGET)
    assert [package.file_for(TARGET).filename for package in packages] == [
        "alpha-1.0-py3-none-any.whl",
        "beta-1.5-py3-none-any.whl",
        "both-1.0-py3-none-any.whl",
    ]
    assert packages[1].required_by == ("alpha",)
    assert packages[1].file_for(TARGET).size == (index.folder / "beta-1.5-py3-none-any.whl").stat().st_size
    assert "127.0.0.1" not in lock.to_text()
    assert "http" not in lock.to_text()


def test_twice_the_same_text_from_whatever_index(their: Callable[..., PackageIndex], index: Index, tmp_path: Path) -> None:
    """A web page, JSON, a folder, or several of them with the same files."""
    groups = {("//:app", TARGET): requirements("alpha")}
    expected = resolve(their, groups).to_text()
    links = {"UV_FIND_LINKS": str(index.folder)}
    texts = [resolve(partial(their, **links, **more), groups).to_text() for more in ({}, {"PIP_NO_INDEX": "1"})]
    index.says_digests = False
    fresh = {"UV_CACHE_DIR": str(tmp_path / "fresh")}
    texts.append(resolve(partial(their, **fresh), groups).to_text())
    assert texts == [expected] * 3


def test_versions_stay_until_asked(their: Callable[..., PackageIndex]) -> None:
    old = resolve(their, {("//:app", TARGET): requirements("alpha", constraints=("beta<1.2",))})
    groups = {("//:app", TARGET): requirements("alpha")}
    assert Pin("beta", "1.0") in resolve(their, groups, previous=old).groups[0].pins
    assert Pin("beta", "1.5") in resolve(their, groups, previous=old, upgrade=True).groups[0].pins


def test_groups_are_resolved_on_their_own(their: Callable[..., PackageIndex]) -> None:
    lock = resolve(their, {("//:b", TARGET): requirements("beta"), ("//:a", TARGET): requirements("beta<1.2")})
    assert [(group.name, group.pins) for group in lock.groups] == [
        ("//:a", (Pin("beta", "1.0"),)),
        ("//:b", (Pin("beta", "1.5"),)),
    ]
    assert Lock.parse(lock.to_text()) == lock


def test_hashes_of_the_requirements_decide(their: Callable[..., PackageIndex]) -> None:
    good = resolve(their, {("//:app", TARGET): requirements("beta")}).packages[0].files[0].sha256
    assert resolve(their, {("//:app", TARGET): requirements("beta==1.5", sha256=(DIGEST, good))}).packages
    with pytest.raises(ConfigError, match=r"no file of `beta==1.5` has a digest that the requirements allow"):
        resolve(their, {("//:app", TARGET): requirements("beta", sha256=(DIGEST,))})


def test_a_wheel_that_cannot_be_used_is_locked_and_said(their: Callable[..., PackageIndex]) -> None:
    lock = resolve(their, {("//:app", TARGET): requirements("native")})
    assert Lock.parse(lock.to_text()) == lock
    assert [problem.message.partition(":")[0] for problem in unusable(lock)] == ["`native==1.0` needs a C extension"]
    newer = Target("3.13", "x86_64-unknown-linux-gnu", "2.28")
    assert unusable(resolve(their, {("//:app", newer): requirements("native")})) == []


def test_no_requirements(their: Callable[..., PackageIndex]) -> None:
    assert resolve(their, {("//:app", TARGET): requirements()}).packages == ()


def test_files_that_a_target_can_use(their: Callable[..., PackageIndex], make_sdist: SdistMaker) -> None:
    make_sdist("both")
    static = resolve(their, {("//:app", TARGET): requirements("both")})
    assert [file.filename for file in static.packages[0].files] == ["both-1.0-py3-none-any.whl", "both-1.0.tar.gz"]
    dynamic = resolve(their, {("//:app", GNU): requirements("both")})
    assert [file.filename for file in dynamic.packages[0].files] == [
        "both-1.0-cp313-cp313-manylinux_2_17_x86_64.whl",
        "both-1.0-py3-none-any.whl",
        "both-1.0.tar.gz",
    ]


def test_versions_of_another_platform_stay(their: Callable[..., PackageIndex]) -> None:
    old = resolve(their, {("//:app", TARGET): requirements("beta<1.2")})
    assert resolve(their, {("//:app", GNU): requirements("beta")}, previous=old).groups[0].pins == (Pin("beta", "1.0"),)


class TestPlaces:
    """What is not of an index."""

    PROJECT = '[build-system]\nrequires = ["tool"]\nbuild-backend = "tool"\n[project]\nname = "my-project"\n'

    @pytest.fixture
    def project(self, index: Index, tmp_path: Path) -> Path:
        """A project in a folder beside the workspace; its build needs a `tool`."""
        WheelMaker(index.folder)("tool", "1.0")
        folder = tmp_path / "libs" / "my project"
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(self.PROJECT + 'version = "1.2.0"\ndependencies = ["alpha"]\n')
        return folder

    def gathered(self, tmp_path: Path, *entries: str) -> Requirements:
        return gather(Host({}), entries, str(tmp_path), Location("staticbuild.bzl", 1))

    def check(self, lock: Lock, *expected: str) -> None:
        found = [f"{package.pin} {file.place}" for package in lock.packages for file in package.files if file.place]
        assert found == list(expected)
        assert Lock.parse(lock.to_text()) == lock

    @pytest.mark.usefixtures("project")
    def test_a_project(self, their: Callable[..., PackageIndex], tmp_path: Path) -> None:
        key = ("//:app", TARGET)
        lock = resolve(their, {key: self.gathered(tmp_path, "./libs/my project")})
        self.check(lock, "my-project==1.2.0 libs/my project")
        assert [str(pin) for pin in lock.groups[0].pins] == ["alpha==1.0", "beta==1.5", "my-project==1.2.0"]
        assert lock.packages[0].required_by == ("my-project",)
        assert [package.pin.name for package in lock.build_environment(Pin("my-project", "1.2.0"), TARGET)] == ["tool"]
        assert resolve(their, {key: self.gathered(tmp_path, "./libs/my project")}, previous=lock) == lock
        assert str(tmp_path) not in lock.to_text()

    def test_a_project_without_a_version(self, their: Callable[..., PackageIndex], project: Path, tmp_path: Path) -> None:
        text = self.PROJECT.replace("requires = [", 'requires = ["backend", ').replace(
            'backend = "tool"', 'backend = "backend"'
        )
        (project / "pyproject.toml").write_text(text + 'dynamic = ["version"]\n')
        backend = b"""\
import pathlib
def prepare_metadata_for_build_wheel(folder, config_settings=None):
    info = pathlib.Path(folder, "my_project-3.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: my-project\\nVersion: 3\\n")
    return info.name
def build_wheel(*arguments):
    raise AssertionError
"""
        WheelMaker(tmp_path / "index")("backend", "1.0", {"backend.py": backend})
        self.check(
            resolve(their, {("//:app", TARGET): self.gathered(tmp_path, "./libs/my project")}),
            "my-project==0+local libs/my project",
        )

    def test_archives_of_this_host(self, their: Callable[..., PackageIndex], make_sdist: SdistMaker, tmp_path: Path) -> None:
        WheelMaker(tmp_path / "dist")("gamma", "2.0", requires=("beta<1.2",))
        make_sdist.folder = tmp_path / "dist"
        make_sdist("delta", pyproject='[build-system]\nrequires = []\nbuild-backend = "x"\nbackend-path = ["."]\n')
        asked = self.gathered(tmp_path, "dist/gamma-2.0-py3-none-any.whl", "./dist/delta-1.0.tar.gz")
        lock = resolve(their, {("//:app", TARGET): asked})
        self.check(lock, "delta==1.0 dist/delta-1.0.tar.gz", "gamma==2.0 dist/gamma-2.0-py3-none-any.whl")
        assert [str(pin) for pin in lock.groups[0].pins] == ["beta==1.0", "delta==1.0", "gamma==2.0"]
        assert lock.build_environment(Pin("delta", "1.0"), TARGET) == ()
        assert not make_sdist.ran

    def test_addresses(self, their: Callable[..., PackageIndex], index: Index, make_sdist: SdistMaker, tmp_path: Path) -> None:
        sdist = make_sdist("delta", pyproject="[build-system]\nrequires = []\n")
        sdist.rename(index.folder / "v1.tar.gz")
        digest = sha256((index.folder / "v1.tar.gz").read_bytes()).hexdigest()
        wheel, archive = f"{index.url}/files/beta-1.0-py3-none-any.whl", f"{index.url}/files/v1.tar.gz"
        asked = self.gathered(tmp_path, f"beta @ {wheel}", f"delta @ {archive}#sha256={digest}", "alpha")
        lock = resolve(their, {("//:app", TARGET): asked})
        self.check(lock, f"beta==1.0 {wheel}", f"delta==1.0 {archive}")
        assert [file.filename for file in lock.packages[2].files] == ["delta-1.0.tar.gz"]
        assert not make_sdist.ran

    def test_an_address_with_another_digest(self, their: Callable[..., PackageIndex], index: Index, tmp_path: Path) -> None:
        wheel = f"{index.url}/files/beta-1.0-py3-none-any.whl"
        asked = self.gathered(tmp_path, f"beta @ {wheel}#sha256={DIGEST}")
        with pytest.raises(ConfigError, match=r"no file of `beta==1.0` has a digest that the requirements allow"):
            resolve(their, {("//:app", TARGET): asked})

    @pytest.mark.usefixtures("project")
    def test_a_lock_of_uv(self, their: Callable[..., PackageIndex], index: Index, tmp_path: Path) -> None:
        """Its versions and digests are taken, though the index has newer ones."""
        (tmp_path / "pyproject.toml").write_text(
            '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["beta<1.2"]\n'
            '[project.optional-dependencies]\nweb = ["alpha"]\n[dependency-groups]\ndev = ["both"]\n'
        )
        host = their().host
        env = {**host.environ, "UV_PYTHON_DOWNLOADS": "never"}
        done = host.run([host.python, "-m", "uv", "lock", "--quiet", "--python", host.python], cwd=str(tmp_path), env=env)
        assert (done.returncode, done.stderr) == (0, b"")
        for entry, expected in {
            "uv.lock": ["beta==1.0"],
            "uv.lock[web]": ["alpha==1.0", "beta==1.0"],
            "uv.lock:dev": ["both==1.0"],
        }.items():
            lock = resolve(their, {("//:app", TARGET): self.gathered(tmp_path, entry)})
            assert [str(pin) for pin in lock.groups[0].pins] == expected
        make_beta = WheelMaker(index.folder)("beta", "1.0", {"beta.py": b"another file"})
        assert make_beta.exists()
        with pytest.raises(ConfigError, match=r"no file of `beta==1.0` has a digest that the requirements allow"):
            resolve(
                partial(their, UV_CACHE_DIR=str(tmp_path / "fresh")), {("//:app", TARGET): self.gathered(tmp_path, "uv.lock")}
            )


class TestBuilds:
    """What the builds of sdists need."""

    @pytest.fixture(autouse=True)
    def tools(self, their: Callable[..., PackageIndex], make_wheel: WheelMaker) -> None:  # noqa: ARG002 - it stocks the index
        make_wheel("setuptools", "69.0")
        make_wheel("setuptools", "80.0")
        make_wheel("wheel", "0.45")
        make_wheel("wheel", "0.46")
        make_wheel("ninja", "1.13", tag="py3-none-manylinux_2_17_x86_64")
        make_wheel("mesonpy", "1.0")

    def locked(self, their: Callable[..., PackageIndex], name: str, target: Target = TARGET, **more: Any) -> Lock:
        return resolve(their, {("//:app", target): requirements(name)}, **more)

    def environment(self, lock: Lock, name: str, target: Target = TARGET) -> list[str]:
        packages = lock.build_environment(Pin(name, "1.0"), target)
        return [package.file_for(target.builder, Policy.WHEEL).filename for package in packages]

    def test_without_a_pyproject(self, their: Callable[..., PackageIndex], make_sdist: SdistMaker) -> None:
        make_sdist("demo")
        lock = self.locked(their, "demo")
        assert self.environment(lock, "demo") == ["setuptools-80.0-py3-none-any.whl", "wheel-0.46-py3-none-any.whl"]
        assert Lock.parse(lock.to_text()) == lock
        assert not make_sdist.ran

    def test_what_a_backend_asks_for(self, their: Callable[..., PackageIndex], make_sdist: SdistMaker) -> None:
        make_sdist("demo", pyproject='[build-system]\nrequires = ["mesonpy"]\nbuild-backend = "mesonpy"\n')
        lock = self.locked(their, "demo")
        assert self.environment(lock, "demo") == [
            "mesonpy-1.0-py3-none-any.whl",
            "ninja-1.13-py3-none-manylinux_2_17_x86_64.whl",
        ]

    def test_what_an_old_setuptools_lacks(self, their: Callable[..., PackageIndex], make_sdist: SdistMaker) -> None:
        make_sdist("demo", pyproject='[build-system]\nrequires = ["setuptools<70"]\nbuild-backend = "setuptools.build_meta"\n')
        lock = self.locked(their, "demo")
        assert self.environment(lock, "demo") == ["setuptools-69.0-py3-none-any.whl", "wheel-0.45-py3-none-any.whl"]

    def test_what_the_config_adds(self, their: Callable[..., PackageIndex], make_sdist: SdistMaker) -> None:
        make_sdist("demo")
        choices = {("//:app", TARGET): {"demo": Choice(build_requires=("alpha",))}}
        lock = self.locked(their, "demo", choices=choices)
        found = lock.build_environment(Pin("demo", "1.0"), TARGET, also=["alpha"])
        assert [package.pin.name for package in found] == ["alpha", "beta", "setuptools", "wheel"]

    def test_only_where_the_sdist_is_used(self, their: Callable[..., PackageIndex], make_sdist: SdistMaker) -> None:
        make_sdist("native")
        assert [str(build.pin) for build in self.locked(their, "native").builds] == ["native==1.0"]
        dynamic = Target("3.13", "x86_64-unknown-linux-gnu", "2.28")
        assert self.locked(their, "native", dynamic).builds == ()
        choices = {("//:app", dynamic): {"native": Choice(Policy.SDIST)}}
        assert [str(build.pin) for build in self.locked(their, "native", dynamic, choices=choices).builds] == ["native==1.0"]

    def test_versions_stay_and_the_sdist_is_not_fetched_again(
        self, their: Callable[..., PackageIndex], make_sdist: SdistMaker, make_wheel: WheelMaker, index: Index
    ) -> None:
        # There is a wheel for uv to look at, so that nobody but us wants the sdist.
        make_sdist("native")
        old = self.locked(their, "native")
        assert "/files/native-1.0.tar.gz" in index.asked
        make_wheel("setuptools", "81.0")
        index.asked.clear()
        fresh = partial(their, UV_CACHE_DIR=str(index.folder.parent / "fresh"))
        assert self.locked(fresh, "native", previous=old) == old
        assert "/files/native-1.0.tar.gz" not in index.asked
        newer = self.locked(fresh, "native", previous=old, upgrade=True)
        assert "setuptools-81.0-py3-none-any.whl" in self.environment(newer, "native")

    def check_error(self, their: Callable[..., PackageIndex], name: str, *expected: str) -> None:
        with pytest.raises(ConfigError) as caught:
            self.locked(their, name)
        for words in expected:
            assert words in caught.value.message

    def test_tools_without_a_wheel(self, their: Callable[..., PackageIndex], make_sdist: SdistMaker) -> None:
        make_sdist("tool")
        make_sdist("demo", pyproject='[build-system]\nrequires = ["tool"]\n')
        self.check_error(their, "demo", "the build requirements of `demo==1.0` cannot be resolved", "`tool` has no file")
        assert not make_sdist.ran

    def test_an_sdist_that_is_none(self, their: Callable[..., PackageIndex], make_sdist: SdistMaker) -> None:
        make_sdist("native").write_bytes(b"no archive")
        self.check_error(their, "native", "`native==1.0`: `native-1.0.tar.gz` is no sound sdist: it is damaged, or no archive")
