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
            "a b\nok\n\n-e .\nx==\n",
            "requirements:1: `a b` is no",
            "requirements:4: the option `-e`",
            "requirements:5: `x==`",
        )

    def test_index_options(self) -> None:
        check_error("--index-url=https://example.org/simple\n", "requirements:1: the option `--index-url` has no meaning")

    def test_addresses(self) -> None:
        check_error("a @ https://example.org/a.whl\n", "requirements:1: `a` is required from an address")

    def test_paths(self) -> None:
        check_error("./project\n", "requirements:1: `./project` is no requirement")

    def test_weak_hashes(self) -> None:
        check_error("a==1 --hash=md5:00\n", "requirements:1: `a` has no sha256")

    def test_missing_files(self) -> None:
        check_error("\n-r gone.txt\n", "requirements:2: there is no requirements file `gone.txt`")
        with pytest.raises(ConfigError, match=r"there is no requirements file `x.txt`") as caught:
            gather(Files(), ["x.txt"], "/root", HERE)
        assert caught.value.problems[0].where == HERE

    def test_not_utf8(self) -> None:
        check_error("-r more.txt\n", "requirements:1: the requirements file `more.txt` is not UTF-8", more_txt=b"\xff")

    def test_formats_of_later(self) -> None:
        with pytest.raises(ConfigError, match=r"not read from `uv.lock` yet"):
            gather(Files(), ["uv.lock"], "/root", HERE)

    @given(st.text())
    def test_any_text(self, text: str) -> None:
        with contextlib.suppress(ConfigError):
            assert read(text).digest


class TestDigest:
    def test_the_meaning_counts_not_the_writing(self) -> None:
        assert read("A >= 1,<2 # x\nb\n").digest == read("\nb\n-r more.txt\n", more_txt="a<2,>=1").digest

    @pytest.mark.parametrize(
        "other",
        ["a>=2", "a>=1\nb", "-c more.txt\na>=1", f"a>=1 --hash=sha256:{HASH}", "a[x]>=1", "a>=1;python_version>'3'"],
    )
    def test_every_difference_counts(self, other: str) -> None:
        assert read("a>=1").digest != read(other, more_txt="b<1").digest
