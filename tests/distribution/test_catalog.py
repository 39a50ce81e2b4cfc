"""The catalog of pinned archives: what is taken of a release's checksums, and what is found in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.distribution.catalog import OWN, Archive, Catalog, release_of
from staticbuild.errors import ConfigError
from tests.project import ROOT

A, B, C = (letter * 64 for letter in "abc")
MUSL = "x86_64-unknown-linux-musl"


def name(options: str, *, version: str = "3.13.9", release: str = "20260814", triple: str = MUSL) -> str:
    return f"cpython-{version}+{release}-{triple}-{options}-full.tar.zst"


SUMS = f"""\
{A}  {name("noopt+static")}
{B}  {name("lto+static")}
{A}  {name("lto+static", triple="aarch64-unknown-linux-musl")}
{C}  {name("lto")}
{C}  {name("freethreaded+lto")}
{C}  {name("pgo+lto", triple="x86_64-unknown-linux-gnu")}
{C}  cpython-3.13.9+20260814-{MUSL}-install_only.tar.gz
{C}  SHA256SUMS.txt
{C} *{name("noopt+static", version="3.14.0rc2")}
"""


def read(text: str = SUMS) -> Catalog:
    return Catalog.of_release(text, "SHA256SUMS")


def check_error(message: str, text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        Catalog.parse(text, "staticbuild.catalog")
    assert message in str([(str(problem.where), problem.message) for problem in caught.value.problems])
    return caught.value


def test_a_release() -> None:
    assert [(archive.version, archive.triple, archive.options, archive.sha256) for archive in read().archives] == [
        ("3.13.9", "aarch64-unknown-linux-musl", "lto+static", A),
        ("3.13.9", MUSL, "lto+static", B),
        ("3.13.9", MUSL, "noopt+static", A),
        ("3.14.0rc2", MUSL, "noopt+static", C),
    ]


def test_what_was_written_is_read() -> None:
    catalog = read()
    assert Catalog.parse(catalog.to_text(), "x") == catalog
    # `sha256sum --check` reads the same file.
    assert f"\n{A}  {name('noopt+static')}\n" in catalog.to_text()


@pytest.mark.parametrize(("release", "options"), [("20250212", "noopt+static"), ("20250311", None)])
def test_static_builds_were_once_called_otherwise(release: str, options: str | None) -> None:
    archive = Archive.parse(name("noopt", release=release), A)
    assert (archive.options if archive else None) == options


def test_places() -> None:
    places = Catalog.of_release(SUMS, "x").find("3.13", MUSL, "noopt+static", None).places
    assert places[0] == (
        "https://github.com/astral-sh/python-build-standalone/releases/download/20260814/"
        f"cpython-3.13.9%2B20260814-{MUSL}-noopt%2Bstatic-full.tar.zst"
    )


class TestFinding:
    BOTH = read().merged(read(f"{C}  {name('lto+static', release='20270101', version='3.13.10')}"), "x")

    def test_newest(self) -> None:
        assert self.BOTH.find("3.13", MUSL, "lto+static", None).version == "3.13.10"

    def test_release(self) -> None:
        assert self.BOTH.find("3.13", MUSL, "lto+static", "20260814").version == "3.13.9"

    @pytest.mark.parametrize(
        ("version", "triple", "options", "release", "message"),
        [
            ("3.12", MUSL, "noopt+static", None, "the catalog has no Python 3.12 for"),
            ("3.13", "aarch64-unknown-linux-musl", "noopt+static", None, "with `noopt+static`"),
            ("3.13", MUSL, "noopt+static", "20270101", "of release 20270101"),
        ],
    )
    def test_nothing(self, version: str, triple: str, options: str, release: str | None, message: str) -> None:
        with pytest.raises(ConfigError) as caught:
            self.BOTH.find(version, triple, options, release)
        problem = caught.value.problems[0]
        assert message in problem.message
        assert "`staticbuild dist catalog import SHA256SUMS`" in str(problem.hint)
        # What there is of this Python for this target.
        assert bool(problem.notes) == (version == "3.13")


class TestMerging:
    def test_the_same_again(self) -> None:
        assert read().merged(read(), "x") == read()

    def test_another_digest(self) -> None:
        with pytest.raises(ConfigError, match="is pinned with another digest") as caught:
            read().merged(read(f"{C}  {name('noopt+static')}"), "SHA256SUMS")
        assert caught.value.problems[0].notes == (f"pinned: {A}", f"in `SHA256SUMS`: {C}")


class TestMistakes:
    def test_all_lines_are_told_at_once(self) -> None:
        text = f"{A}  {name('noopt+static')}\n{B}  {name('noopt+static')}\n{C}  {name('pgo')}\n"
        check_error("staticbuild.catalog:2:1', '`cpython", text)
        assert len(check_error("is not an archive of a static build", text).problems) == 2

    @pytest.mark.parametrize(
        "line", ["<html>", A, f"{A} {name('noopt+static')}", f"{A[1:]}  {name('noopt+static')}", "x" * 10000, f"{A}  a b"]
    )
    def test_line(self, line: str) -> None:
        check_error("('staticbuild.catalog:2:1', 'this is not a line of a checksum file')", f"# comment\n{line}\n")

    def test_release_without_static_builds(self) -> None:
        with pytest.raises(ConfigError, match="`SHA256SUMS` lists no archive of a static build"):
            read(f"{C}  {name('lto')}\n")

    @given(st.text() | st.from_regex(r"[0-9a-f]{64}  .*\n"))
    def test_any_text(self, text: str) -> None:
        try:
            catalog = Catalog.parse(text, "x")
        except ConfigError:
            return
        assert Catalog.parse(catalog.to_text(), "x") == catalog


def test_our_own() -> None:
    own = Catalog.parse((ROOT / "staticbuild" / OWN).read_text(), OWN)
    assert own.find("3.14", MUSL, "noopt+static", "20260623").version == "3.14.6"


def test_release_of() -> None:
    assert release_of(name("noopt+static")) == "20260814"
    assert release_of("cpython-full.tar.zst") is None
