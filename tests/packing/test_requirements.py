"""Requirements files as pip reads them, with everything that is wrong at once."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import ConfigError, Location
from staticbuild.packing.requirements import Requirements, gather

HERE = Location("staticbuild.bzl", 7, 5)
HASH = "a" * 64


class Files:
    """A host that has a few text files."""

    def __init__(self, **files: str | bytes) -> None:
        self.files = {name.replace("_", "/", name.count("_") - 1).replace("_", "."): text for name, text in files.items()}

    def read_text(self, path: str) -> str | None:
        text = self.files.get(path.removeprefix("/root/"))
        return text.decode() if isinstance(text, bytes) else text

    def exists(self, path: str) -> bool:
        name = path.removeprefix("/root/")
        return name in self.files or self.is_dir(path)

    def is_dir(self, path: str) -> bool:
        return any(f"/root/{name}".startswith(f"{path.rstrip('/')}/") for name in self.files)


def read(text: str, **more: str | bytes) -> Requirements:
    return gather(Files(requirements_txt=text, **more), ["requirements.txt"], "/root", HERE)


def check(text: str, *expected: str, **more: str | bytes) -> None:
    found = read(text, **more)
    lines = [*(item.text for item in found.required), *(f"-c {item.text}" for item in found.constraints)]
    assert lines == list(expected)


def check_error(text: str, *expected: str, **more: str | bytes) -> None:
    """Each of `expected` is `line: message`."""
    with pytest.raises(ConfigError) as caught:
        read(text, **more)
    problems = [
        f"{problem.where.path.partition('.')[0]}:{problem.where.line}: {problem.message}"
        for problem in caught.value.problems
        if problem.where
    ]
    assert len(problems) == len(expected)
    for message, start in zip(problems, expected, strict=True):
        assert message.startswith(start)


class TestReading:
    def test_normal_form(self) -> None:
        check("Requests [Socks,security] >= 2.0 , <3\n", "requests[security,socks]<3,>=2.0")

    def test_markers(self) -> None:
        check("a; python_version < '3.8'\n", 'a ; python_version < "3.8"')

    def test_comments_and_blank_lines(self) -> None:
        check("# all\n\na  # why\nb>=1 #x\r\n\t\n", "a", "b>=1")

    def test_continued_lines(self) -> None:
        check("a \\\n  >=1 \\\n  --hash=sha256:" + HASH + "\nb\\\n", "a>=1", "b")

    def test_hashes(self) -> None:
        (item,) = read(f"a==1 --hash=sha256:{HASH} --hash sha256:{'B' * 64} --hash=sha512:00\n").required
        assert item.sha256 == (HASH, "b" * 64)

    def test_byte_order_mark(self) -> None:
        check("\ufeffa\n", "a")

    def test_other_files(self) -> None:
        check("-r more.txt\n--requirement=sub/x.in\n-c limits.txt\na\n", "a", "b", "c", "-c d<2",
              more_txt="b", sub_x_in="-r ../more.txt\nc", limits_txt="d<2")  # fmt: skip

    def test_circles(self) -> None:
        check("-r requirements.txt\na\n", "a")

    def test_requirements_inside_constraints_are_constraints(self) -> None:
        check("-c limits.txt\n", "-c d<2", limits_txt="-r more.txt", more_txt="d<2")

    def test_specifiers_in_the_config(self) -> None:
        found = gather(Files(), ["requests>=2", "x[y]"], "/root", HERE)
        assert [(item.text, item.where) for item in found.required] == [("requests>=2", HERE), ("x[y]", HERE)]
        assert found.files == ()

    def test_files_are_named(self) -> None:
        assert read("-r more.txt\n", more_txt="").files == ("/root/more.txt", "/root/requirements.txt")


class TestErrors:
    def test_all_at_once_with_their_lines(self) -> None:
        check_error(
            "a b\nok\n\n-e ./gone\nx==\n",
            "requirements:1: `a b` is no",
            "requirements:4: there is no `./gone`",
            "requirements:5: `x==`",
        )

    def test_index_options(self) -> None:
        check_error("--index-url=https://example.org/simple\n", "requirements:1: the option `--index-url` has no meaning")

    def test_addresses(self) -> None:
        check_error("a @ git+https://localhost/a\n", "requirements:1: `a` is required from `git+https`, which cannot be pinned")
        check_error(
            "https://localhost/a.tar.gz\n", "requirements:1: `https://localhost/a.tar.gz` does not say of which package"
        )

    def test_passwords(self) -> None:
        check_error("a @ https://ada:secret@localhost/a.zip\n", "requirements:1: `a` is required from an address with a user")

    def test_paths(self) -> None:
        check_error("./project\n", "requirements:1: there is no `./project`")
        check_error("./project\n", "requirements:1: the folder `./project` is no project", project_main_py="")
        check_error("./project\n", "requirements:1: `./project` does not say of which package", project_setup_py="")
        check_error("./project\n", "requirements:1: `./project/pyproject.toml` is no TOML", project_pyproject_toml="x")
        check_error("a @ ./gone-1.0.tar.gz\n", "requirements:1: there is no `./gone-1.0.tar.gz`")
        check_error("a.whl\n", "requirements:1: there is no `a.whl`")

    def test_weak_hashes(self) -> None:
        check_error("a==1 --hash=md5:00\n", "requirements:1: `a` has no sha256")

    def test_missing_files(self) -> None:
        check_error("\n-r gone.txt\n", "requirements:2: there is no requirements file `gone.txt`")
        with pytest.raises(ConfigError, match=r"there is no requirements file `x.txt`") as caught:
            gather(Files(), ["x.txt"], "/root", HERE)
        assert caught.value.problems[0].where == HERE

    def test_not_utf8(self) -> None:
        check_error("-r more.txt\n", "requirements:1: the requirements file `more.txt` is not UTF-8", more_txt=b"\xff")

    @given(st.text() | st.lists(st.sampled_from([*"./a@[];:#-= ", "file:", "https://", ".whl", "-e", "-1"])).map("".join))
    def test_any_text(self, text: str) -> None:
        with contextlib.suppress(ConfigError):
            assert read(text, a_pyproject_toml="[project]\nname = 'a'\n").digest


PROJECT = """\
[build-system]
requires = ["hatchling"]
[project]
name = "My.Project"
version = "1.2"
dependencies = ["idna>=3"]
[project.optional-dependencies]
Web = ["flask", "my-project[db]"]
db = ["sqlalchemy"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
lint = ["ruff"]
"""


class TestPlaces:
    """Local projects, archives, and addresses."""

    @pytest.mark.parametrize("line", ["./sub", "-e ./sub", "--editable=./sub", "sub/", "file:sub", "My_Project @ ./sub"])
    def test_projects(self, line: str) -> None:
        (item,) = read(line, sub_pyproject_toml=PROJECT).required
        assert (item.text, item.path) == ("my-project @ ./sub", "/root/sub")
        assert item.argument == "my-project @ file:///root/sub"

    def test_extras_and_markers(self) -> None:
        (item,) = read("./sub[web] ; python_version < '4'", sub_pyproject_toml=PROJECT).required
        assert item.text == 'my-project[web] @ ./sub ; python_version < "4"'
        assert item.argument == 'my-project[web] @ file:///root/sub ; python_version < "4"'

    def test_paths_are_relative_to_the_file(self) -> None:
        check("-r sub/more.txt", "my-project @ ./sub", sub_more_txt=".", sub_pyproject_toml=PROJECT)
        check("-r sub/more.txt", "my-project @ ./sub", sub_more_txt="-e ../sub", sub_pyproject_toml=PROJECT)

    def test_what_a_project_requires_counts_its_version_does_not(self) -> None:
        before = read("./sub", sub_pyproject_toml=PROJECT).digest
        assert read("./sub", sub_pyproject_toml=PROJECT.replace("1.2", "1.3")).digest == before
        assert read("./sub", sub_pyproject_toml=PROJECT.replace("idna>=3", "idna>=4")).digest != before
        assert read("./sub", sub_pyproject_toml=PROJECT.replace("hatchling", "flit-core")).digest != before

    def test_archives(self) -> None:
        files = Files()
        files.files["dist/My_Project-1.0.tar.gz"] = files.files["a b-1-py3-none-any.whl"] = files.files[
            "a-1-py3-none-any.whl"
        ] = ""
        found = gather(files, ["dist/My_Project-1.0.tar.gz", "a-1-py3-none-any.whl[x]"], "/root", HERE)
        assert [item.argument for item in found.required] == [
            "my-project @ file:///root/dist/My_Project-1.0.tar.gz",
            "a[x] @ file:///root/a-1-py3-none-any.whl",
        ]

    @pytest.mark.parametrize(
        ("line", "text", "digests"),
        [
            ("a @ https://localhost/x.zip", "a @ https://localhost/x.zip", ()),
            (
                f"A[b] @ https://localhost/x.zip#sha256={HASH} ; os_name=='posix'",
                'a[b] @ https://localhost/x.zip ; os_name == "posix"',
                (HASH,),
            ),
            (
                "https://localhost/a%2Bb/my_a-1.0-py3-none-any.whl",
                "my-a @ https://localhost/a%2Bb/my_a-1.0-py3-none-any.whl",
                (),
            ),
            (f"a @ http://localhost/x.zip --hash=sha256:{HASH}", "a @ http://localhost/x.zip", (HASH,)),
        ],
    )
    def test_addresses(self, line: str, text: str, digests: tuple[str, ...]) -> None:
        (item,) = read(line).required
        assert (item.text, item.sha256, item.argument) == (text, digests, text)


class TestProjectFiles:
    def check(self, entry: str, *expected: str, **files: str | bytes) -> None:
        found = gather(Files(**files), [entry], "/root", HERE)
        assert [item.text for item in found.required] == list(expected)

    def test_pyproject(self) -> None:
        self.check("pyproject.toml", "idna>=3", pyproject_toml=PROJECT)
        self.check("sub/pyproject.toml[web]", "idna>=3", "flask", "sqlalchemy", sub_pyproject_toml=PROJECT)
        self.check("pyproject.toml:dev", "pytest", "ruff", pyproject_toml=PROJECT)

    def test_where_uv_takes_packages_from(self) -> None:
        sources = """
            [tool.uv.sources]
            Sub = { path = "libs/sub", editable = true }
            other = { url = "https://localhost/other-1.0.zip" }
            third = { index = "mine" }
            """
        text = PROJECT.replace('"idna>=3"', '"sub[x]>=1; os_name==\'posix\'", "other", "third"') + sources
        self.check(
            "pyproject.toml",
            'sub[x] @ ./libs/sub ; os_name == "posix"',
            "other @ https://localhost/other-1.0.zip",
            "third",
            pyproject_toml=text,
            libs_sub_pyproject_toml="",
        )

    def test_pylock(self) -> None:
        text = f"""\
            lock-version = "1.0"
            [[packages]]
            name = "Idna"
            version = "3.1"
            marker = "python_version > '3'"
            wheels = [{{ url = "https://localhost/a.whl", hashes = {{ sha256 = "{HASH}" }} }}]
            sdist = {{ url = "https://localhost/a.tar.gz", hashes = {{ sha256 = "{"B" * 64}", md5 = "x" }} }}
            [[packages]]
            name = "a"
            archive = {{ url = "https://localhost/a.zip", hashes = {{ sha256 = "{HASH}" }} }}
            [[packages]]
            name = "my-project"
            directory = {{ path = "sub", editable = true }}
        """
        found = gather(Files(pylock_toml=text, sub_pyproject_toml=PROJECT), ["pylock.toml"], "/root", HERE).required
        assert [(item.text, item.sha256) for item in found] == [
            ('idna==3.1 ; python_version > "3"', (HASH, "b" * 64)),
            ("a @ https://localhost/a.zip", (HASH,)),
            ("my-project @ ./sub", ()),
        ]

    def test_uv_lock_is_left_to_uv(self) -> None:
        before, other = (
            gather(Files(uv_lock=text), ["uv.lock[web]"], "/root", HERE) for text in ("version = 1", "version = 2")
        )
        (export,) = before.exports
        assert (export.path, export.part.extras, export.where) == ("/root/uv.lock", ("web",), HERE)
        assert before.digest != other.digest

    @pytest.mark.parametrize(
        ("entry", "text", "expected"),
        [
            ("pyproject.toml", None, "there is no file `pyproject.toml`"),
            ("pyproject.toml", "x", "`pyproject.toml` is no TOML"),
            ("pyproject.toml", "[tool]", "`pyproject.toml` has no table `project`"),
            ("pyproject.toml", "[project]\ndynamic = ['dependencies']", "leaves `project.dependencies` to its build"),
            ("pyproject.toml", "[project]\ndependencies = 3", "has no list of texts as `project.dependencies`"),
            ("pyproject.toml", "[project]\ndependencies = ['a b']", "`a b` is no requirement"),
            ("pyproject.toml[gone]", PROJECT, "has no extra `gone`"),
            ("pyproject.toml:gone", PROJECT, "has no dependency group `gone`"),
            (
                "pyproject.toml:a",
                "[dependency-groups]\na = [3]",
                "something in the dependency group `a` that is no requirement",
            ),
            (
                "pyproject.toml",
                PROJECT + "[tool.uv.sources]\nidna = { workspace = true }\n",
                "`pyproject.toml` takes `idna` from a place in `tool.uv.sources` that only uv knows",
            ),
            ("pylock.toml", "packages = 3", "has no list `packages`"),
            ("pylock.toml", "[[packages]]\nname = 'a'", "does not say which version and files of `a`"),
            ("pylock.toml", "[[packages]]\nname = 'a'\nversion = '1'\nwheels = [{}]", "has a file of `a` without a sha256"),
            ("pylock.dev.toml", "[[packages]]\nname = 'a'\nvcs = {}", "has `a` from version control"),
            ("pylock.toml", "[[packages]]\nname = 'a'\nmarker = \"'x' in extras\"", "depends on extras or groups"),
        ],
    )
    def test_wrong(self, entry: str, text: str | None, expected: str) -> None:
        files = Files()
        if text is not None:
            files.files[entry.partition("[")[0].partition(":")[0]] = text
        with pytest.raises(ConfigError) as caught:
            gather(files, [entry], "/root", HERE)
        assert expected in caught.value.message

    @given(st.text() | st.recursive(st.sampled_from([1, "x", []]), st.lists).map(lambda v: f"packages = {v}\nproject = {v}"))
    def test_any_text(self, text: str) -> None:
        for name in ("pyproject.toml", "pyproject.toml:x", "pyproject.toml[x]", "pylock.toml", "./"):
            files = Files()
            files.files["pyproject.toml"] = files.files["pylock.toml"] = text
            with contextlib.suppress(ConfigError):
                assert gather(files, [name], "/root", HERE).digest


class TestDigest:
    def test_the_meaning_counts_not_the_writing(self) -> None:
        assert read("A >= 1,<2 # x\nb\n").digest == read("\nb\n-r more.txt\n", more_txt="a<2,>=1").digest

    @pytest.mark.parametrize(
        "other",
        ["a>=2", "a>=1\nb", "-c more.txt\na>=1", f"a>=1 --hash=sha256:{HASH}", "a[x]>=1", "a>=1;python_version>'3'"],
    )
    def test_every_difference_counts(self, other: str) -> None:
        assert read("a>=1").digest != read(other, more_txt="b<1").digest
