"""The lock file: what it says, how it is checked, and which files of it are used."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import ConfigError
from staticbuild.packing.lock import BuildGroup, File, Group, Lock, Package, Policy
from staticbuild.packing.package_index import Pin, Target
from staticbuild.packing.requirements import Requirements
from tests.packing.conftest import requirements

TARGET = Target()
DIGEST = "0123456789abcdef" * 4
PURE = "demo-1.0-py3-none-any.whl"

TEXT = f"""\
# Written by `staticbuild lock`, which renews it. Commit this file; do not edit it.
version = 2

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

# What an sdist adds.
SDIST = "demo-1.0.tar.gz"
BUILT = TEXT.replace(PURE, SDIST).replace(
    "[[package]]",
    f"""\
[[build]]
name = "demo"
version = "1.0"
python = "3.13"
sdist = "{DIGEST}"
backend = "setuptools.build_meta"
requires = ["setuptools>=40", "wheel"]
also = ["cython"]
packages = [
    "yt-dlp==2026.1.1",
]

[[package]]""",
    1,
)


class TestText:
    def test_reads_and_writes(self) -> None:
        lock = Lock.parse(TEXT)
        assert lock.groups == (Group("//:app", TARGET, DIGEST, (Pin("demo", "1.0"), Pin("yt-dlp", "2026.1.1"))),)
        assert lock.packages[0] == Package(Pin("demo", "1.0"), ("yt-dlp",), (File(PURE, DIGEST, 12),))
        assert lock.to_text() == TEXT

    def test_builds(self) -> None:
        lock = Lock.parse(BUILT)
        requires = ("setuptools>=40", "wheel")
        pins = (Pin("yt-dlp", "2026.1.1"),)
        assert lock.builds == (
            BuildGroup(Pin("demo", "1.0"), "3.13", DIGEST, requires, ("cython",), pins, "setuptools.build_meta"),
        )
        assert lock.to_text() == BUILT

    def test_glibc(self) -> None:
        text = TEXT.replace('-musl"\n', '-gnu"\nglibc = "2.17"\n')
        assert Lock.parse(text).groups[0].target == Target("3.13", "x86_64-unknown-linux-gnu", "2.17")
        assert Lock.parse(text).to_text() == text

    @pytest.mark.parametrize(
        ("fields", "file"),
        [
            (f'sha256 = "{DIGEST}", url = "https://localhost/x"', File(SDIST, DIGEST, None, "https://localhost/x")),
            (f'sha256 = "{DIGEST}", size = 3, path = "../x"', File(SDIST, DIGEST, 3, "../x")),
            ('path = "lib"', File(SDIST, "", None, "lib")),
        ],
    )
    def test_places(self, fields: str, file: File) -> None:
        text = BUILT.replace(f'sha256 = "{DIGEST}", size = 12', fields)
        lock = Lock.parse(text)
        assert lock.packages[0].files == (file,)
        assert lock.to_text() == text
        assert (file.path, file.is_project) == (None if "url" in fields else file.place, "sha256" not in fields)
        # A project is built, whatever the policy.
        assert lock.packages[0].file_for(TARGET, Policy.SDIST) == file

    def test_an_older_version_is_read_to_renew_it_only(self) -> None:
        text = TEXT.replace("version = 2\n", "version = 1\n", 1)
        assert Lock.parse(text, older=True) == Lock.parse(TEXT)
        with pytest.raises(ConfigError, match="is of version 1, and this staticbuild knows 2") as caught:
            Lock.parse(text)
        assert caught.value.problems[0].hint == "run `staticbuild lock`, which keeps the versions"

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
        check_parse_error(TEXT.replace("version = 2\n", "version = 1\n", 1), "2: `staticbuild.lock` is of version 1")
        check_parse_error(TEXT.replace("version = 2\n", "version = 3\n", 1), "2: `staticbuild.lock` is of version 3")
        check_parse_error("", "1: `staticbuild.lock` is of version None")
        check_parse_error("version = true", "1: `staticbuild.lock` is of version True")

    def test_wrong_types(self) -> None:
        check_parse_error("version = 2\npackage = 3", "2: `package` must be a list of tables")
        check_parse_error("version = 2\ngroup = [1]", "2: `group` must be a list of tables")
        check_parse_error(
            TEXT.replace('name = "demo"', "name = 3"), "14: `name` is missing, or no text", "4: `demo==1.0` has no"
        )
        check_parse_error(TEXT.replace("packages = [", "packages = [3,"), "4: `packages` must be")
        check_parse_error(TEXT.replace('python = "3.13"', 'python = "x"'), "4: `python` and `glibc` must be versions")
        check_parse_error(TEXT.replace("requirements", "glibc = 2.17\nrequirements", 1), "4: `python` and `glibc` must be")
        check_parse_error(TEXT.replace("size = 12", "size = -1"), "14: file 1 of `demo==1.0` has a size")
        check_parse_error(TEXT.replace("size = 12", "size = true"), "14: file 1 of `demo==1.0` has a size")

    def test_wrong_builds(self) -> None:
        check_parse_error(BUILT.replace('sdist = "0', 'sdist = "x'), "14: `sdist` must be a sha256")
        check_parse_error(BUILT.replace('requires = ["', 'requires = [3, "'), "14: the build is not described")
        check_parse_error(BUILT.replace('also = ["cython"]', 'also = "cython"'), "14: the build is not described")
        check_parse_error(BUILT.replace('backend = "setuptools.build_meta"\n', ""), "14: `backend` is missing")
        build = BUILT[BUILT.index("[[build]]") : BUILT.index("[[package]]")]
        check_parse_error(BUILT.replace("[[package]]", f"{build}[[package]]", 1), "14: a build is there twice")
        check_parse_error(BUILT.replace('"yt-dlp==2026.1.1",\n]\n\n[[p', '"gone==1",\n]\n\n[[p'), "14: `gone==1` has no")

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

    def test_places_that_are_none(self) -> None:
        for more, expected in {
            'url = "ftp://x"': "has a `url` that is none",
            "url = 3": "has a `url` that is none",
            'path = ""': "has a `path` that is none",
            'path = "https://localhost/x"': "has a `path` that is none",
            'path = "x", url = "https://localhost/x"': "has `url` and `path`",
        }.items():
            check_parse_error(TEXT.replace("size = 12", more), f"14: file 1 of `demo==1.0` {expected}")
        check_parse_error(TEXT.replace(f', sha256 = "{DIGEST}", size = 12', ""), "14: file 1 of `demo==1.0` has no sha256")

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


GNU = Target("3.13", "x86_64-unknown-linux-gnu", "2.28")
MANYLINUX = "demo-1.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
NEWER = "demo-1.0-cp313-cp313-manylinux_2_34_x86_64.whl"
ABI3 = "demo-1.0-cp37-abi3-manylinux_2_28_x86_64.whl"
MUSLLINUX = "demo-1.0-cp313-cp313-musllinux_1_2_x86_64.whl"


class TestChoosing:
    def package(self, *names: str) -> Package:
        return Package(Pin("demo", "1.0"), ("app", "web"), tuple(File(name, DIGEST) for name in names))

    @pytest.mark.parametrize(
        "names",
        [
            [PURE],
            ["demo-1.0-py2.py3-none-any.whl", MUSLLINUX],
            ["demo-1.0-cp313-none-any.whl", "demo-1.0-py313-none-any.whl", PURE],
            ["demo-1.0-py313-none-any.whl", PURE, SDIST],
            [PURE, "demo-1.0-py312-none-any.whl", "demo-1.0-py314-none-any.whl"],
            # Without a pure wheel, a static program is made of the sdist: it loads no shared libraries.
            [SDIST, MUSLLINUX, MANYLINUX],
        ],
    )
    def test_static(self, names: list[str]) -> None:
        """The most specific pure wheel, else the sdist."""
        assert self.package(*names).file_for(TARGET).filename == names[0]
        assert self.package(*names[::-1]).file_for(TARGET).filename == names[0]

    @pytest.mark.parametrize(
        "names",
        [
            [MANYLINUX, PURE],
            [PURE, MUSLLINUX, SDIST],
            [MANYLINUX, ABI3, NEWER, MUSLLINUX, SDIST],
            [ABI3, NEWER, "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl", SDIST],
            ["demo-1.0-py3-none-manylinux_2_17_x86_64.whl", SDIST],
            [SDIST, NEWER, "demo-1.0-cp313-cp313-manylinux_2_17_aarch64.whl"],
        ],
    )
    def test_dynamic(self, names: list[str]) -> None:
        """The wheel that an installer would take on a host with this glibc, else the sdist."""
        assert self.package(*names).file_for(GNU).filename == names[0]
        assert self.package(*names[::-1]).file_for(GNU).filename == names[0]

    def test_policies(self) -> None:
        package = self.package(PURE, MANYLINUX, SDIST)
        assert package.file_for(GNU, Policy.WHEEL).filename == MANYLINUX
        assert package.file_for(TARGET, Policy.WHEEL).filename == PURE
        assert package.file_for(GNU, Policy.NATIVE).filename == MANYLINUX
        assert package.file_for(TARGET, Policy.NATIVE).filename == SDIST
        assert self.package(PURE).file_for(TARGET, Policy.NATIVE).filename == PURE
        assert package.file_for(GNU, Policy.SDIST).filename == package.file_for(TARGET, Policy.SDIST).filename == SDIST

    def check_none(self, expected: str, *names: str, target: Target = TARGET, policy: Policy = Policy.AUTO) -> None:
        with pytest.raises(ConfigError) as caught:
            self.package(*names).file_for(target, policy)
        assert caught.value.message == f"`demo==1.0` (required by `app`, `web`) {expected}"
        assert caught.value.problems[0].notes == tuple(f"there is {name}" for name in names)

    def test_c_extensions(self) -> None:
        self.check_none(
            "needs a C extension: all its wheels are for single platforms, and it has no sdist to build",
            "demo-1.0-cp313-cp313-musllinux_1_2_x86_64.whl",
            "demo-1.0-cp37-abi3-musllinux_1_2_x86_64.whl",
            "demo-1.0-py3-none-musllinux_1_2_x86_64.whl",
        )

    def test_no_wheel_for_this_glibc(self) -> None:
        self.check_none("has no wheel for glibc 2.28 and Python 3.13, and no sdist to build", NEWER, MUSLLINUX, target=GNU)

    def test_what_the_policy_forbids(self) -> None:
        self.check_none("has no sdist that it could be built from", PURE, policy=Policy.SDIST)
        self.check_none("has an sdist, but no wheel that can be used", MANYLINUX, SDIST, policy=Policy.WHEEL)

    def test_nothing_at_all(self) -> None:
        self.check_none("has no file that could be used")

    def test_python_2_alone_is_no_use(self) -> None:
        with pytest.raises(ConfigError, match="needs a C extension"):
            self.package("demo-1.0-py2-none-any.whl").file_for(TARGET)


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

    def test_another_glibc(self) -> None:
        self.check_error("(glibc 2.28) with Python 3.13", "//:app", requirements("yt-dlp"), GNU)


class TestBuildEnvironment:
    def test_what_is_installed(self) -> None:
        (package,) = Lock.parse(BUILT).build_environment(Pin("demo", "1.0"), TARGET, also=["cython"])
        assert package.file_for(TARGET.builder, Policy.WHEEL).filename == "yt_dlp-2026.1.1-py3-none-any.whl"

    @pytest.mark.parametrize(
        ("pin", "python", "also", "expected"),
        [
            (Pin("demo", "2.0"), "3.13", (), "does not say what the build of `demo==2.0` needs with Python 3.13"),
            (Pin("demo", "1.0"), "3.14", (), "does not say what the build of `demo==1.0` needs with Python 3.14"),
            (Pin("demo", "1.0"), "3.13", ("cffi",), "was made when the build of `demo==1.0` needed other things"),
        ],
    )
    def test_what_the_lock_does_not_have(self, pin: Pin, python: str, also: tuple[str, ...], expected: str) -> None:
        with pytest.raises(ConfigError) as caught:
            Lock.parse(BUILT).build_environment(pin, Target(python), also)
        assert expected in caught.value.message
        assert caught.value.problems[0].hint == "run `staticbuild lock`"


def test_files_by_python() -> None:
    lock = Lock.parse(BUILT.replace('python = "3.13"\nplatform', 'python = "3.14"\nplatform'))
    assert {python: [str(pin) for pin, _ in files] for python, files in lock.files_by_python().items()} == {
        "3.13": ["yt-dlp==2026.1.1"],
        "3.14": ["demo==1.0", "yt-dlp==2026.1.1"],
    }
