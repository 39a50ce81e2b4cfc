"""How targets are named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import ConfigError
from staticbuild.graph.label import Label


@pytest.mark.parametrize(
    ("text", "whole", "short"),
    [
        ("app", "//pkg:app", "//pkg:app"),
        (":app", "//pkg:app", "//pkg:app"),
        ("//:app", "//:app", "app"),
        ("//tools:app", "//tools:app", "//tools:app"),
        ("//tools/app", "//tools/app:app", "//tools/app:app"),
        ("@stdlib//recipes:zlib", "@stdlib//recipes:zlib", "@stdlib//recipes:zlib"),
    ],
)
def test_labels(text: str, whole: Any, short: Any) -> None:
    label = Label.parse(text, package="pkg")
    assert (str(label), label.short) == (whole, short)


@pytest.mark.parametrize(
    "text", ["", ":", "//", "../x", "a/../b", "//../x:a", "/a", "a b", "@x", "//a:", "a:b", "//a//b:c", "a\n"]
)
def test_what_is_no_label(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a label"):
        Label.parse(text)


@given(st.text("ab/:@.-_ \n", max_size=12))
def test_any_text(text: str) -> None:
    try:
        label = Label.parse(text)
    except ConfigError:
        return
    assert Label.parse(str(label)) == label
    assert ".." not in f"{label.package}/{label.name}".split("/")
