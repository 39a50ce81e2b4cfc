"""Target triples, known and not."""

from __future__ import annotations

import pytest

from staticbuild.errors import ConfigError
from staticbuild.toolchain.triple import DEFAULT, KNOWN, Triple


def check_error(text: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Triple.parse(text)
    assert caught.value.message == f"unknown target `{text}`"
    assert hint in str(caught.value.problems[0].hint)


@pytest.mark.parametrize("text", KNOWN)
def test_known(text: str) -> None:
    assert str(Triple.parse(text)) == text


def test_default_is_static() -> None:
    triple = Triple.parse(DEFAULT)
    assert (triple.architecture, triple.level, triple.system, triple.abi) == ("x86_64", 1, "linux", "musl")
    assert triple.is_static
    assert triple.clang == "x86_64-linux-musl"
    assert triple.cpu_flags == ()


def test_level_of_the_processor() -> None:
    triple = Triple.parse("x86_64_v3-unknown-linux-musl")
    assert (triple.architecture, triple.clang) == ("x86_64", "x86_64-linux-musl")
    assert triple.cpu_flags == ("-march=x86-64-v3",)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("x86_64-linux-musl", "x86_64-unknown-linux-musl"),
        ("linux-arm64", "aarch64-unknown-linux-musl"),
        ("amd64-linux", "x86_64-unknown-linux-musl"),
        ("x86_64-unknown-linux-msul", "x86_64-unknown-linux-musl"),
        ("x86_64-pc-windows-msvc", "x86_64-pc-windows-gnu"),
        ("arm64-macos", "aarch64-apple-darwin"),
        ("linux", "x86_64-unknown-linux-musl"),
    ],
)
def test_suggestion(text: str, suggestion: str) -> None:
    check_error(text, f"did you mean `{suggestion}`?")


@pytest.mark.parametrize("text", ["", "vax", "🐍"])
def test_no_suggestion(text: str) -> None:
    check_error(text, "known targets: x86_64-unknown-linux-musl, ")


def test_the_same_machine_with_another_c_library() -> None:
    triple = Triple.parse(DEFAULT).with_abi("gnu")
    assert (str(triple), triple.interpreter) == ("x86_64-unknown-linux-gnu", "/lib64/ld-linux-x86-64.so.2")
    assert triple.with_abi("musl").interpreter is None
    with pytest.raises(ConfigError):
        Triple.parse("x86_64_v3-unknown-linux-musl").with_abi("gnu")
