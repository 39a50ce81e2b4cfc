"""The user's index is asked through uv: a real one on this machine, and uv's answers as they were saved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from staticbuild.errors import ConfigError, SourceError, StaticbuildError, ToolchainError
from staticbuild.host import Host
from staticbuild.packing.package_index import (
    Offer,
    PackageIndex,
    Pin,
    Resolution,
    Target,
    parse_offers,
    parse_resolution,
    settings,
)

if TYPE_CHECKING:
    from tests.packing.conftest import Index, SdistMaker, WheelMaker

GNU = "cp313-cp313-manylinux_2_28_x86_64"


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., PackageIndex]:
    """An index as a user with these environment variables has it, and no settings but them."""

    def make(target: Target = Target(), **environ: str) -> PackageIndex:  # noqa: B008 - a frozen value
        usual = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null"}
        caches = {"UV_CACHE_DIR": str(tmp_path / "uv"), "STATICBUILD_CACHE": str(tmp_path / "cache")}
        return PackageIndex(Host({**usual, **caches, "UV_NO_CONFIG": "1", **environ}), str(tmp_path), target)

    return make


@pytest.fixture
def stocked(index: Index, make_wheel: WheelMaker) -> Index:
    """An index with a few packages."""
    make_wheel.folder = index.folder
    make_wheel("alpha", "1.0", requires=("beta>=1",))
    make_wheel("beta", "1.0")
    make_wheel("beta", "1.5")
    make_wheel("native", "1.0", tag=GNU)
    make_wheel("other_system", "1.0", tag="cp313-cp313-win_amd64")
    return index


def resolve(asked: PackageIndex, *required: str, previous: tuple[Pin, ...] = (), constraints: tuple[str, ...] = ()) -> str:
    found = asked.resolve(required, constraints, previous, "//:app")
    return " ".join(map(str, found.pins))


def check_error(kind: type[StaticbuildError], call: Callable[[], object], *expected: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    text = "\n".join(str(problem) for problem in caught.value.problems)
    for words in expected:
        assert words in text


class TestResolving:
    def test_dependencies(self, stocked: Index, asked: Callable[..., PackageIndex]) -> None:
        found = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple").resolve(["alpha"], [], [], "//:app")
        assert found == Resolution((Pin("alpha", "1.0"), Pin("beta", "1.5")), {"alpha": (), "beta": ("alpha",)})

    def test_for_the_target_not_for_this_host(self, stocked: Index, asked: Callable[..., PackageIndex]) -> None:
        theirs = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple")
        assert resolve(theirs, "native") == "native==1.0"
        assert resolve(theirs, "alpha; python_version == '3.13'", "gone; sys_platform == 'win32'") == "alpha==1.0 beta==1.5"

    def test_constraints_and_what_was_locked_before(self, stocked: Index, asked: Callable[..., PackageIndex]) -> None:
        theirs = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple")
        assert resolve(theirs, "alpha", constraints=("beta<1.2",)) == "alpha==1.0 beta==1.0"
        assert resolve(theirs, "alpha", previous=(Pin("beta", "1.0"),)) == "alpha==1.0 beta==1.0"
        assert resolve(theirs, "alpha", "beta>1", previous=(Pin("beta", "1.0"),)) == "alpha==1.0 beta==1.5"

    def test_nothing_is_left_behind(self, stocked: Index, asked: Callable[..., PackageIndex], tmp_path: Path) -> None:
        resolve(asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple"), "beta")
        assert list((tmp_path / "cache").iterdir()) == []

    def test_conflicts_are_explained(self, stocked: Index, asked: Callable[..., PackageIndex]) -> None:
        theirs = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple")
        check_error(
            ConfigError,
            lambda: resolve(theirs, "beta<1.2", "beta>1.4"),
            "`//:app` cannot be resolved",
            "beta<1.2 and beta>1.4",
        )
        check_error(ConfigError, lambda: resolve(theirs, "gone"), "gone was not found in the package registry")

    def test_only_for_another_platform(self, stocked: Index, asked: Callable[..., PackageIndex]) -> None:
        theirs = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple")
        check_error(ConfigError, lambda: resolve(theirs, "other-system"), "`other-system` has no file that this Python")

    @pytest.mark.parametrize(("glibc", "expected"), [("2.17", "1.0"), ("2.28", "2.0"), ("2.29", "2.0"), (None, "2.0")])
    def test_glibc(
        self, stocked: Index, make_wheel: WheelMaker, asked: Callable[..., PackageIndex], glibc: str, expected: str
    ) -> None:
        make_wheel("native", "2.0", tag="cp313-cp313-manylinux_2_28_x86_64")
        make_wheel("native", "1.0", tag="cp313-cp313-manylinux2014_x86_64")
        target = Target("3.13", "x86_64-unknown-linux-gnu", glibc)
        assert resolve(asked(target, UV_DEFAULT_INDEX=f"{stocked.url}/simple"), "native") == f"native=={expected}"

    def test_sdists_that_say_what_they_need_are_not_run(
        self, stocked: Index, make_sdist: SdistMaker, asked: Callable[..., PackageIndex]
    ) -> None:
        make_sdist.folder = stocked.folder
        make_sdist("evil", requires=("beta<1.2",))
        theirs = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple")
        assert resolve(theirs, "evil") == "beta==1.0 evil==1.0"
        assert not make_sdist.ran

    @pytest.mark.parametrize("variable", ["UV_BUILD_CONSTRAINT", "PIP_BUILD_CONSTRAINT"])
    def test_constraints_of_builds(
        self, stocked: Index, asked: Callable[..., PackageIndex], tmp_path: Path, variable: str
    ) -> None:
        (tmp_path / "limits.txt").write_text("beta<1.2\n")
        theirs = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple", **{variable: "limits.txt"})
        assert theirs.resolve(["beta"], [], [], "app==1.0", builds=False).pins == (Pin("beta", "1.0"),)
        assert resolve(theirs, "beta") == "beta==1.5"

    def test_no_sdists_where_nothing_may_be_built(
        self, stocked: Index, make_sdist: SdistMaker, asked: Callable[..., PackageIndex]
    ) -> None:
        make_sdist.folder = stocked.folder
        make_sdist("tool")
        theirs = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple")
        expected = "the build requirements of `app==1.0` cannot be resolved: `tool` has no file"
        check_error(ConfigError, lambda: theirs.resolve(["tool"], [], [], "app==1.0", builds=False), expected)

    def test_an_index_that_does_not_answer(self, asked: Callable[..., PackageIndex]) -> None:
        theirs = asked(UV_DEFAULT_INDEX="http://127.0.0.1:9/simple", UV_HTTP_RETRIES="0")
        check_error(SourceError, lambda: resolve(theirs, "beta"), "the package index could not be asked", "UV_DEFAULT_INDEX")


class TestOffers:
    def test_all_kinds_of_files_and_nothing_is_built(
        self, stocked: Index, make_sdist: SdistMaker, asked: Callable[..., PackageIndex]
    ) -> None:
        """Whatever the platform; also of an sdist that would have to be built to learn what it needs."""
        make_sdist.folder = stocked.folder
        make_sdist("native")
        make_sdist("old_style", files={"PKG-INFO": b"Metadata-Version: 1.0\nName: old_style\nVersion: 1.0\n"})
        pins = [Pin("native", "1.0"), Pin("old-style", "1.0"), Pin("other-system", "1.0")]
        offers = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple").offers(pins)
        assert {str(pin): sorted(offer.filename for offer in found) for pin, found in offers.items()} == {
            "native==1.0": [f"native-1.0-{GNU}.whl", "native-1.0.tar.gz"],
            "old-style==1.0": ["old_style-1.0.tar.gz"],
            "other-system==1.0": ["other_system-1.0-cp313-cp313-win_amd64.whl"],
        }
        assert not make_sdist.ran

    @pytest.mark.parametrize("as_json", [True, False])
    def test_addresses_and_digests(self, stocked: Index, asked: Callable[..., PackageIndex], *, as_json: bool) -> None:
        stocked.as_json = as_json
        pins = [Pin("beta", "1.0"), Pin("beta", "1.5"), Pin("alpha", "1.0")]
        offers = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple").offers(pins)
        assert set(offers) == set(pins)
        (offer,) = offers[Pin("beta", "1.0")]
        path = stocked.folder / "beta-1.0-py3-none-any.whl"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert (offer.filename, offer.address) == (path.name, f"{stocked.url}/files/{path.name}")
        assert (offer.sha256, offer.size) == (digest, path.stat().st_size if as_json else None)

    def test_each_missing_one_is_named(self, stocked: Index, asked: Callable[..., PackageIndex]) -> None:
        theirs = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple")
        pins = [Pin("beta", "1.0"), Pin("beta", "9"), Pin("gone", "1")]
        check_error(SourceError, lambda: theirs.offers(pins), "has no `beta==9`", "has no `gone==1`")

    def test_folders(self, stocked: Index, asked: Callable[..., PackageIndex], tmp_path: Path) -> None:
        folder = tmp_path / "with space"
        folder.mkdir()
        wheel = stocked.folder / "beta-1.0-py3-none-any.whl"
        (folder / wheel.name).write_bytes(wheel.read_bytes())
        theirs = asked(UV_FIND_LINKS=str(folder), PIP_NO_INDEX="1")
        (offer,) = theirs.offers([Pin("beta", "1.0")])[Pin("beta", "1.0")]
        assert offer.address == f"file://{folder}/{wheel.name}"
        size = wheel.stat().st_size
        assert theirs.measured(offer).size == size

    def test_an_index_without_digests(self, stocked: Index, asked: Callable[..., PackageIndex]) -> None:
        stocked.says_digests = False
        theirs = asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple")
        (offer,) = theirs.offers([Pin("beta", "1.0")])[Pin("beta", "1.0")]
        data = (stocked.folder / offer.filename).read_bytes()
        measured = theirs.measured(offer)
        assert (measured.sha256, measured.size) == (hashlib.sha256(data).hexdigest(), len(data))

    def test_a_file_that_cannot_be_measured(self, asked: Callable[..., PackageIndex]) -> None:
        offer = Offer("a.whl", "file:///nowhere/a.whl", None, None)
        check_error(SourceError, lambda: asked().measured(offer), "`a.whl` could not be fetched")


class TestPrivateIndexes:
    """Servers that want to know who asks, and proxies before them."""

    @pytest.fixture
    def private(self, stocked: Index) -> Index:
        """An index that answers to Ada only."""
        stocked.password = "ada:p@ss/word"
        return stocked

    def check(self, theirs: PackageIndex, stocked: Index) -> None:
        """The versions are found, and the file can be fetched."""
        assert resolve(theirs, "beta") == "beta==1.5"
        (offer,) = theirs.offers([Pin("beta", "1.5")])[Pin("beta", "1.5")]
        assert theirs.content(offer)[1] == (stocked.folder / "beta-1.5-py3-none-any.whl").read_bytes()

    def test_a_password_in_the_address(self, private: Index, asked: Callable[..., PackageIndex]) -> None:
        address = private.url.replace("://", "://ada:p%40ss%2Fword@") + "/simple"
        self.check(asked(UV_DEFAULT_INDEX=address), private)
        self.check(asked(PIP_INDEX_URL=address), private)

    def test_a_password_in_the_environment(self, private: Index, asked: Callable[..., PackageIndex]) -> None:
        named = {"UV_INDEX": f"our-own={private.url}/simple"}
        secrets = {"UV_INDEX_OUR_OWN_USERNAME": "ada", "UV_INDEX_OUR_OWN_PASSWORD": "p@ss/word"}
        self.check(asked(**named, **secrets, UV_DEFAULT_INDEX=f"{private.url}/other"), private)

    def test_a_netrc(
        self, private: Index, asked: Callable[..., PackageIndex], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login ada password p@ss/word\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        self.check(asked(UV_DEFAULT_INDEX=f"{private.url}/simple", NETRC=str(netrc)), private)

    def test_nobody(self, private: Index, asked: Callable[..., PackageIndex]) -> None:
        theirs = asked(UV_DEFAULT_INDEX=f"{private.url}/simple")
        check_error(StaticbuildError, lambda: resolve(theirs, "beta"), "401")

    @pytest.mark.parametrize("variable", ["PIP_PROXY", "ALL_PROXY"])
    def test_a_proxy(
        self, stocked: Index, asked: Callable[..., PackageIndex], variable: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if variable == "ALL_PROXY":
            monkeypatch.setenv(variable, stocked.url)
        address = stocked.url
        stocked.url = "http://packages.invalid"
        self.check(asked(UV_DEFAULT_INDEX="http://packages.invalid/simple", **{variable: address}), stocked)
        assert "http://packages.invalid/files/beta-1.5-py3-none-any.whl" in stocked.asked

    def test_offline(self, stocked: Index, asked: Callable[..., PackageIndex]) -> None:
        """A folder is no network; an index is."""
        folder = replace(asked(UV_FIND_LINKS=str(stocked.folder), PIP_NO_INDEX="1"), offline=True)
        self.check(folder, stocked)
        remote = replace(asked(UV_DEFAULT_INDEX=f"{stocked.url}/simple"), offline=True)
        check_error(SourceError, lambda: resolve(remote, "beta"), "the package index could not be asked")
        assert stocked.asked == []


class TestPipsSettings:
    """Those who configured pip need not configure uv."""

    def test_environment(self, tmp_path: Path) -> None:
        (tmp_path / "wheels").mkdir()
        env = settings(
            Host(
                {
                    "PIP_CONFIG_FILE": "/dev/null",
                    "PIP_INDEX_URL": "http://localhost/a",
                    "PIP_EXTRA_INDEX_URL": "http://localhost/b  http://localhost/c",
                    "PIP_FIND_LINKS": f"{tmp_path}/wheels {tmp_path}/gone http://localhost/d",
                    "PIP_NO_INDEX": "no",
                    "PIP_CERT": "/cert.pem",
                    "PIP_PROXY": "http://localhost:1",
                }
            )
        ).env
        assert env["UV_DEFAULT_INDEX"] == "http://localhost/a"
        assert env["UV_INDEX"] == "http://localhost/b http://localhost/c"
        assert env["UV_FIND_LINKS"] == f"{tmp_path}/wheels,http://localhost/d"
        assert (env["SSL_CERT_FILE"], env["ALL_PROXY"]) == ("/cert.pem", "http://localhost:1")

    def test_uvs_own_words_win(self) -> None:
        env = settings(Host({"PIP_CONFIG_FILE": "/dev/null", "PIP_INDEX_URL": "a", "UV_INDEX_URL": "b"})).env
        assert "UV_DEFAULT_INDEX" not in env

    def test_files(self, tmp_path: Path) -> None:
        (tmp_path / "pip.conf").write_text("[global]\nindex-url = http://localhost/a\n[install]\nno-index = yes\n")
        places = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "XDG_CONFIG_DIRS": str(tmp_path)}
        found = settings(Host({**places, "PIP_FIND_LINKS": "/gone"}))
        assert (found.env["UV_DEFAULT_INDEX"], found.arguments) == ("http://localhost/a", ("--no-index",))
        assert "UV_FIND_LINKS" not in found.env
        assert settings(Host({**places, "PIP_NO_INDEX": "0"})).arguments == ()

    @pytest.mark.parametrize("content", [b"\xff", b"no section", b"[global\n"])
    def test_files_that_are_none_are_passed_over(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "pip.conf").write_bytes(content)
        assert settings(Host({"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}))

    def test_they_reach_uv(self, stocked: Index, asked: Callable[..., PackageIndex]) -> None:
        assert resolve(asked(PIP_INDEX_URL=f"{stocked.url}/simple"), "beta") == "beta==1.5"
        assert resolve(asked(PIP_FIND_LINKS=str(stocked.folder), PIP_NO_INDEX="1"), "alpha") == "alpha==1.0 beta==1.5"


def test_a_host_without_uv(asked: Callable[..., PackageIndex], tmp_path: Path) -> None:
    (tmp_path / "uv.py").write_text("raise SystemExit('No module named uv')\n")
    theirs = asked(PYTHONPATH=str(tmp_path))
    check_error(ToolchainError, lambda: resolve(theirs, "a"), "`uv` is not installed", "install staticbuild again")


def test_answers_with_annotations() -> None:
    text = "# comment\nrequests==2.34.2          # via -r -, yt-dlp\nYT_dlp==2026.1            # via -r -\nplain==1\n"
    assert parse_resolution(text) == Resolution(
        (Pin("plain", "1"), Pin("requests", "2.34.2"), Pin("yt-dlp", "2026.1")),
        {"requests": ("yt-dlp",), "yt-dlp": (), "plain": ()},
    )


@pytest.mark.parametrize(
    "text",
    [
        "packages = 3",
        "[[packages]]\nname = 'x'",
        "x",
        "packages = [1]",
        "[[packages]]\nname='x'\nversion='1'\nwheels=3",
    ],
)
def test_answers_that_are_none(text: str) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        parse_offers(text)
