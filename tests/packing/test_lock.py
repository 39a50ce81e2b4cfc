"""The lock file: what it says, how it is checked, and where its files are found."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import ConfigError, Location, SourceError
from staticbuild.host import Host
from staticbuild.packing.lock import Addresses, File, Group, Lock, Package, addresses_for, resolve
from staticbuild.packing.package_index import PackageIndex, Pin, Target
from staticbuild.packing.requirements import Required, Requirements

if TYPE_CHECKING:
    from tests.packing.conftest import Index, WheelMaker

TARGET = Target()
DIGEST = "0123456789abcdef" * 4
PURE = "demo-1.0-py3-none-any.whl"

TEXT = f"""\
# Written by `staticbuild lock`, which renews it. Commit this file; do not edit it.
version = 1

[[group]]
name = "//:app"
python = "3.13"
platform = "x86_64-unknown-linux-musl"
requirements = "{DIGEST}"
packages = [
    "demo==1.0",
    "yt-dlp==2026.1.1",
]

[[package]]
name = "demo"
version = "1.0"
required-by = ["yt-dlp"]
files = [
    {{ name = "{PURE}", sha256 = "{DIGEST}", size = 12 }},
]

[[package]]
name = "yt-dlp"
version = "2026.1.1"
files = [
    {{ name = "yt_dlp-2026.1.1-py3-none-any.whl", sha256 = "{DIGEST}" }},
]
"""


def requirements(*texts: str, constraints: tuple[str, ...] = (), sha256: tuple[str, ...] = ()) -> Requirements:
    where = Location("staticbuild.bzl", 1)
    limits = tuple(Required(text, (), where) for text in constraints)
    return Requirements(tuple(Required(text, sha256, where) for text in texts), limits, ())


class TestText:
    def test_reads_and_writes(self) -> None:
        lock = Lock.parse(TEXT)
        assert lock.groups == (Group("//:app", TARGET, DIGEST, (Pin("demo", "1.0"), Pin("yt-dlp", "2026.1.1"))),)
        assert lock.packages[0] == Package(Pin("demo", "1.0"), ("yt-dlp",), (File(PURE, DIGEST, 12),))
        assert lock.to_text() == TEXT

    def test_order_does_not_matter(self) -> None:
        lock = Lock.parse(TEXT)
        assert replace(lock, packages=lock.packages[::-1]).to_text() == TEXT

    def test_empty(self) -> None:
        assert Lock.parse(Lock().to_text()) == Lock()

    @given(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        st.lists(st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True), unique=True, max_size=4),
    )
    def test_round_trip(self, name: str, packages: list[str]) -> None:
        pins = tuple(Pin(package, "1.0+x") for package in sorted(packages))
        files = {pin: (File(f"{pin.name}-1.0+x-py3-none-any.whl", DIGEST, 0),) for pin in pins}
        lock = Lock((Group(name, TARGET, DIGEST, pins),), tuple(Package(pin, (name,), files[pin]) for pin in pins))
        assert Lock.parse(lock.to_text()) == lock


def check_parse_error(text: str, *expected: str) -> None:
    """Each of `expected` is `line: message`."""
    with pytest.raises(ConfigError) as caught:
        Lock.parse(text)
    found = [f"{problem.where.line}: {problem.message}" for problem in caught.value.problems if problem.where]
    assert len(found) == len(expected)
    for message, start in zip(found, expected, strict=True):
        assert message.startswith(start)


class TestParseErrors:
    def test_no_toml(self) -> None:
        check_parse_error(TEXT + "x = \n", "28: the lock is no TOML: Invalid value")
        check_parse_error("x" + "[" * 100_000, "1: the lock is no TOML")
        check_parse_error("x=" + "[" * 100_000, "1: the lock is no TOML")
        check_parse_error("x=" + "1" * 10_000, "1: the lock is no TOML")

    def test_other_versions(self) -> None:
        check_parse_error(TEXT.replace("version = 1\n", "version = 2\n", 1), "2: `staticbuild.lock` is of version 2")
        check_parse_error("", "1: `staticbuild.lock` is of version None")
        check_parse_error("version = true", "1: `staticbuild.lock` is of version True")

    def test_wrong_types(self) -> None:
        check_parse_error("version = 1\npackage = 3", "2: `package` must be a list of tables")
        check_parse_error("version = 1\ngroup = [1]", "2: `group` must be a list of tables")
        check_parse_error(
            TEXT.replace('name = "demo"', "name = 3"), "14: `name` is missing, or no text", "4: `demo==1.0` has no"
        )
        check_parse_error(TEXT.replace("packages = [", "packages = [3,"), "4: `packages` must be")
        check_parse_error(TEXT.replace("size = 12", "size = -1"), "14: file 1 of `demo==1.0` has a size")
        check_parse_error(TEXT.replace("size = 12", "size = true"), "14: file 1 of `demo==1.0` has a size")

    def test_what_is_not_part_of_it(self) -> None:
        check_parse_error(TEXT + "[extra]\n", "28: `extra` is not part of a lock")
        check_parse_error(TEXT.replace("python =", "pypy = 1\npython ="), "4: `pypy` is not part of a lock")

    def test_files_of_other_packages(self) -> None:
        for name in ("other-1.0-py3-none-any.whl", "../demo-1.0-py3-none-any.whl", "demo.whl", ""):
            check_parse_error(TEXT.replace(PURE, name), "14: file 1 of `demo==1.0` has a name")

    def test_digests(self) -> None:
        check_parse_error(TEXT.replace(f'{PURE}", sha256 = "{DIGEST}', f'{PURE}", sha256 = "{DIGEST[1:]}'), "14: file 1")
        check_parse_error(
            TEXT.replace(f'requirements = "{DIGEST}"', 'requirements = "x"'), "4: `requirements` must be a sha256"
        )

    def test_names_that_are_none(self) -> None:
        check_parse_error(TEXT.replace('version = "1.0"', 'version = "1.0 ; x"'), "14: the package is not", "4: `demo==1.0`")
        check_parse_error(TEXT.replace('"demo==1.0"', '"Demo==1.0"'), "4: `packages` must be")

    def test_not_whole(self) -> None:
        head, _, _ = TEXT.rpartition("[[package]]")
        check_parse_error(head, "4: `yt-dlp==2026.1.1` has no [[package]]")
        package = TEXT[TEXT.index("[[package]]") :]
        check_parse_error(TEXT + package, "14: a package is there twice")

    @given(st.text())
    def test_any_text(self, text: str) -> None:
        with pytest.raises(ConfigError):
            Lock.parse(text)

    @given(st.data())
    def test_any_damage(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(TEXT)))
        changed = TEXT[:place] + data.draw(st.text(max_size=5)) + TEXT[place + data.draw(st.integers(0, 20)) :]
        with contextlib.suppress(ConfigError):
            assert Lock.parse(Lock.parse(changed).to_text())


class TestChoosing:
    def package(self, *names: str) -> Package:
        return Package(Pin("demo", "1.0"), ("app", "web"), tuple(File(name, DIGEST) for name in names))

    @pytest.mark.parametrize(
        "names",
        [
            [PURE],
            ["demo-1.0-py2.py3-none-any.whl", "demo-1.0-cp313-cp313-musllinux_1_2_x86_64.whl"],
            ["demo-1.0-cp313-none-any.whl", "demo-1.0-py313-none-any.whl", PURE],
            ["demo-1.0-py313-none-any.whl", PURE, "demo-1.0.tar.gz"],
        ],
    )
    def test_the_most_specific_pure_wheel(self, names: list[str]) -> None:
        assert self.package(*names).wheel().filename == names[0]
        assert self.package(*names[::-1]).wheel().filename == names[0]

    def check_none(self, expected: str, *names: str) -> None:
        with pytest.raises(ConfigError) as caught:
            self.package(*names).wheel()
        assert caught.value.message == expected
        assert caught.value.problems[0].notes == tuple(f"there is {name}" for name in names)

    def test_c_extensions(self) -> None:
        self.check_none(
            "`demo==1.0` (required by `app`, `web`) needs a C extension: all its wheels are for single platforms, none is pure",
            "demo-1.0-cp313-cp313-musllinux_1_2_x86_64.whl",
            "demo-1.0-cp37-abi3-musllinux_1_2_x86_64.whl",
            "demo-1.0-py3-none-musllinux_1_2_x86_64.whl",
        )

    def test_sdists(self) -> None:
        self.check_none(
            "`demo==1.0` (required by `app`, `web`) has no wheel: it would have to be built from its sources",
            "demo-1.0.tar.gz",
        )

    def test_python_2_alone_is_no_use(self) -> None:
        with pytest.raises(ConfigError, match="needs a C extension"):
            self.package("demo-1.0-py2-none-any.whl").wheel()


class TestPackagesFor:
    def lock(self, asked: Requirements) -> Lock:
        return Lock.parse(TEXT.replace(f'requirements = "{DIGEST}"', f'requirements = "{asked.digest}"'))

    def test_all_in_order(self) -> None:
        asked = requirements("yt-dlp")
        packages = self.lock(asked).packages_for("//:app", asked, TARGET)
        assert [str(package.pin) for package in packages] == ["demo==1.0", "yt-dlp==2026.1.1"]

    def check_error(self, expected: str, *arguments: object, hint: str = "run `staticbuild lock`") -> None:
        with pytest.raises(ConfigError) as caught:
            self.lock(requirements("yt-dlp")).packages_for(*arguments)  # type: ignore[arg-type]
        assert expected in caught.value.message
        assert caught.value.problems[0].hint == hint

    def test_changed_requirements(self) -> None:
        self.check_error("the requirements of `//:app` are not those", "//:app", requirements("yt-dlp>1"), TARGET)

    def test_unknown_group_or_target(self) -> None:
        asked = requirements("yt-dlp")
        self.check_error("has nothing for `//:other`", "//:other", asked, TARGET)
        self.check_error("with Python 3.14", "//:app", asked, Target(python="3.14"))

    def test_all_that_need_extensions_at_once(self) -> None:
        asked = requirements("yt-dlp")
        text = self.lock(asked).to_text().replace("py3-none-any", "cp313-cp313-linux_x86_64")
        with pytest.raises(ConfigError) as caught:
            Lock.parse(text).packages_for("//:app", asked, TARGET)
        assert [problem.message.split()[0] for problem in caught.value.problems] == [
            "`demo==1.0`",
            "`yt-dlp==2026.1.1`",
        ]


@pytest.fixture
def their(index: Index, make_wheel: WheelMaker, tmp_path: Path) -> Callable[..., PackageIndex]:
    """The index of a user, with a few packages."""
    make_wheel.folder = index.folder
    make_wheel("alpha", "1.0", requires=("beta>=1",))
    make_wheel("beta", "1.0")
    make_wheel("beta", "1.5")
    make_wheel("native", "1.0", tag="cp313-cp313-musllinux_1_2_x86_64")
    make_wheel("both", "1.0")
    make_wheel("both", "1.0", tag="cp313-cp313-musllinux_1_2_x86_64")

    def make(target: Target = TARGET, **environ: str) -> PackageIndex:
        caches = {"UV_CACHE_DIR": str(tmp_path / "uv"), "STATICBUILD_CACHE": str(tmp_path / "cache")}
        settings = {"HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null", "UV_NO_CONFIG": "1", "PATH": "/usr/bin:/bin"}
        where = {"UV_DEFAULT_INDEX": f"{index.url}/simple"}
        return PackageIndex(Host({**settings, **caches, **where, **environ}), str(tmp_path), target)

    return make


class TestResolving:
    """With a real index on this machine."""

    def test_a_lock_names_files_but_no_places(self, their: Callable[..., PackageIndex], index: Index) -> None:
        asked = requirements("alpha", "both")
        lock = resolve(their, {("//:app", TARGET): asked})
        packages = lock.packages_for("//:app", asked, TARGET)
        assert [package.wheel().filename for package in packages] == [
            "alpha-1.0-py3-none-any.whl",
            "beta-1.5-py3-none-any.whl",
            "both-1.0-py3-none-any.whl",
        ]
        assert packages[1].required_by == ("alpha",)
        assert packages[1].wheel().size == (index.folder / "beta-1.5-py3-none-any.whl").stat().st_size
        assert "127.0.0.1" not in lock.to_text()
        assert "http" not in lock.to_text()

    def test_twice_the_same_text_from_whatever_index(
        self, their: Callable[..., PackageIndex], index: Index, tmp_path: Path
    ) -> None:
        """A web page, JSON, a folder, or several of them with the same files."""
        groups = {("//:app", TARGET): requirements("alpha")}
        expected = resolve(their, groups).to_text()
        links = {"UV_FIND_LINKS": str(index.folder)}
        texts = [resolve(partial(their, **links, **more), groups).to_text() for more in ({}, {"PIP_NO_INDEX": "1"})]
        index.says_digests = False
        fresh = {"UV_CACHE_DIR": str(tmp_path / "fresh")}
        texts.append(resolve(partial(their, **fresh), groups).to_text())
        assert texts == [expected] * 3

    def test_versions_stay_until_asked(self, their: Callable[..., PackageIndex]) -> None:
        old = resolve(their, {("//:app", TARGET): requirements("alpha", constraints=("beta<1.2",))})
        groups = {("//:app", TARGET): requirements("alpha")}
        assert Pin("beta", "1.0") in resolve(their, groups, previous=old).groups[0].pins
        assert Pin("beta", "1.5") in resolve(their, groups, previous=old, upgrade=True).groups[0].pins

    def test_groups_are_resolved_on_their_own(self, their: Callable[..., PackageIndex]) -> None:
        lock = resolve(their, {("//:b", TARGET): requirements("beta"), ("//:a", TARGET): requirements("beta<1.2")})
        assert [(group.name, group.pins) for group in lock.groups] == [
            ("//:a", (Pin("beta", "1.0"),)),
            ("//:b", (Pin("beta", "1.5"),)),
        ]
        assert Lock.parse(lock.to_text()) == lock

    def test_hashes_of_the_requirements_decide(self, their: Callable[..., PackageIndex]) -> None:
        good = resolve(their, {("//:app", TARGET): requirements("beta")}).packages[0].files[0].sha256
        assert resolve(their, {("//:app", TARGET): requirements("beta==1.5", sha256=(DIGEST, good))}).packages
        with pytest.raises(ConfigError, match=r"no file of `beta==1.5` has a digest that the requirements allow"):
            resolve(their, {("//:app", TARGET): requirements("beta", sha256=(DIGEST,))})

    def test_a_c_extension_is_locked_and_refused(self, their: Callable[..., PackageIndex]) -> None:
        asked = requirements("native")
        lock = resolve(their, {("//:app", TARGET): asked})
        assert Lock.parse(lock.to_text()) == lock
        with pytest.raises(ConfigError, match=r"`native==1.0` needs a C extension"):
            lock.packages_for("//:app", asked, TARGET)

    def test_no_requirements(self, their: Callable[..., PackageIndex]) -> None:
        assert resolve(their, {("//:app", TARGET): requirements()}).packages == ()


class TestAddresses:
    def files(self, their: Callable[..., PackageIndex], *names: str) -> list[tuple[Pin, File]]:
        lock = resolve(their, {("//:app", TARGET): requirements(*names)})
        return [(package.pin, package.wheel()) for package in lock.packages]

    def test_found(self, their: Callable[..., PackageIndex], index: Index) -> None:
        files = self.files(their, "alpha")
        assert addresses_for(their(), files) == {file.sha256: (f"{index.url}/files/{file.filename}",) for _, file in files}

    def test_folders_and_indexes(self, their: Callable[..., PackageIndex], index: Index) -> None:
        files = self.files(their, "beta")
        found = addresses_for(their(UV_FIND_LINKS=str(index.folder)), files)
        name = files[0][1].filename
        assert sorted(found[files[0][1].sha256]) == [f"file://{index.folder}/{name}", f"{index.url}/files/{name}"]

    def test_another_file_under_the_same_name(self, their: Callable[..., PackageIndex]) -> None:
        pin, file = self.files(their, "beta")[0]
        with pytest.raises(SourceError, match=r"another `beta-1.5-py3-none-any.whl` than the one that is locked") as caught:
            addresses_for(their(), [(pin, replace(file, sha256=DIGEST))])
        assert caught.value.problems[0].notes == (f"locked: sha256 {DIGEST}", f"index: sha256 {file.sha256}")

    def test_gone(self, their: Callable[..., PackageIndex], index: Index, tmp_path: Path) -> None:
        files = self.files(their, "alpha")
        (index.folder / "beta-1.5-py3-none-any.whl").unlink()
        fresh = their(UV_CACHE_DIR=str(tmp_path / "fresh"))
        with pytest.raises(SourceError, match=r"the package index has no `beta==1.5`"):
            addresses_for(fresh, files)

    def test_all_at_once_when_the_first_is_wanted(self, their: Callable[..., PackageIndex], index: Index) -> None:
        files = self.files(their, "alpha")
        index.asked.clear()
        addresses = Addresses(their(), files)
        assert index.asked == []
        for pin, file in files:
            assert addresses.of(pin, file) == (f"{index.url}/files/{file.filename}",)
        assert addresses.of(*files[0])

    def test_one_that_is_missing_does_not_hide_the_others(self, their: Callable[..., PackageIndex]) -> None:
        good = self.files(their, "beta")[0]
        bad = (Pin("gone", "1.0"), File("gone-1.0-py3-none-any.whl", DIGEST))
        addresses = Addresses(their(), [bad, good])
        assert addresses.of(*good)
        with pytest.raises(SourceError, match=r"no `gone==1.0`"):
            addresses.of(*bad)
