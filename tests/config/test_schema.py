"""The types of attributes: what each takes, what it makes of it, and how it says no."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from staticbuild.config.schema import (
    BOOLEAN,
    INTEGER,
    LABEL,
    LABELS,
    REQUIRED,
    SHA256,
    STRING,
    STRING_DICT,
    STRINGS,
    Attribute,
    Foreign,
    Integer,
    MismatchError,
    Mistake,
    Plain,
    Rule,
    Scope,
    Type,
    check_call,
    dict_of,
    enum,
    list_of,
    starlark,
)
from staticbuild.graph.label import Label
from staticbuild.graph.target import Value
from tests.config.config_workspace import PLACE, RULES


def convert(kind: Type, value: Plain) -> Value:
    return kind.convert(value, Scope("", "tools"))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (STRING, "a", "a"),
        (INTEGER, 3, 3),
        (Integer(0, 2), 2, 2),
        (BOOLEAN, False, False),
        (enum("a", "b"), "b", "b"),
        (LABEL, ":x", Label("", "tools", "x")),
        (LABEL, "x", Label("", "tools", "x")),
        (LABEL, "//a/b", Label("", "a/b", "b")),
        (LABEL, "@stdlib//recipes:zlib", Label("stdlib", "recipes", "zlib")),
        (STRINGS, ["a", "b"], ("a", "b")),
        (LABELS, [], ()),
        (list_of(STRINGS), [["a"], []], (("a",), ())),
        (STRING_DICT, {"b": "1", "a": "2"}, {"b": "1", "a": "2"}),
        (dict_of(LABEL), {"x": ":y"}, {"x": Label("", "tools", "y")}),
        (SHA256, "0" * 64, "0" * 64),
        (PLACE, "https://example.org", "https://example.org"),
        (PLACE, {"place": "p"}, {"place": "p"}),
    ],
)
def test_what_is_taken(kind: Type, value: Plain, expected: Value) -> None:
    assert convert(kind, value) == expected


def test_the_order_of_a_dict_is_kept() -> None:
    assert list(convert(STRING_DICT, {"b": "1", "a": "2"})) == ["b", "a"]  # type: ignore[arg-type]


def test_values_cannot_be_changed() -> None:
    value = convert(STRING_DICT, {"a": "b"})
    assert isinstance(value, MappingProxyType)
    assert isinstance(convert(PLACE, {"place": "p"}), MappingProxyType)


@pytest.mark.parametrize(
    ("kind", "value", "wants"),
    [
        (STRING, 3, "a string"),
        (STRING, Foreign("function"), "a string"),
        (INTEGER, True, "an int"),
        (INTEGER, "3", "an int"),
        (Integer(0, 2), 3, "an int from 0 to 2"),
        (Integer(minimum=1), 0, "an int of at least 1"),
        (Integer(maximum=1), 2, "an int of at most 1"),
        (BOOLEAN, 1, "a bool"),
        (enum("a", "b"), "c", 'one of `"a"`, `"b"`'),
        (enum("a", "b"), 1, 'one of `"a"`, `"b"`'),
        (LABEL, "//", "a label"),
        (LABEL, "", "a label"),
        (LABEL, "../x", "a label"),
        (STRINGS, "a", "a list of strings"),
        (STRINGS, {"a": "b"}, "a list of strings"),
        (STRINGS, None, "a list of strings"),
        (STRING_DICT, ["a"], "a dict of strings to strings"),
        (SHA256, "0" * 63, "a sha256 (64 lower-case hex digits)"),
        (SHA256, "F" * 64, "a sha256 (64 lower-case hex digits)"),
        (SHA256, "0" * 64 + "\n", "a sha256 (64 lower-case hex digits)"),
    ],
)
def test_what_is_refused(kind: Type, value: Plain, wants: str) -> None:
    with pytest.raises(MismatchError) as caught:
        convert(kind, value)
    assert caught.value.wants == wants
    assert caught.value.path == ()


@pytest.mark.parametrize(
    ("kind", "value", "path"),
    [
        (STRINGS, ["a", 3], (1,)),
        (list_of(list_of(STRING)), [[], ["a", None]], (1, 1)),
        (dict_of(STRINGS), {"a": [], "b": [1]}, ("b", 0)),
        (list_of(PLACE), ["a", {"place": 3}], (1, "place")),
    ],
)
def test_the_path_leads_to_the_part_that_is_wrong(kind: Type, value: Plain, path: tuple[str | int, ...]) -> None:
    with pytest.raises(MismatchError) as caught:
        convert(kind, value)
    assert caught.value.path == path


def test_defaults_are_converted_for_the_declaring_package() -> None:
    rule = Rule("r", "", (Attribute("dist", LABEL, "", "", ":dist"), Attribute("other", STRING, "", "")), module="")
    checked = check_call(rule, {"name": "x"}, Scope("", "tools"))
    assert checked.name == "x"
    assert checked.mistakes == ()
    assert checked.attributes == {"dist": Label("", "tools", "dist"), "other": None}


def test_all_mistakes_of_a_call_are_found() -> None:
    rule = Rule("r", "", (Attribute("a", STRING, "", '"x"', REQUIRED), Attribute("b", INTEGER, "", "1")), module="")
    checked = check_call(rule, {"b": "1", "bb": 2}, Scope())
    assert [(mistake.message, mistake.path) for mistake in checked.mistakes] == [
        ("`r` has no attribute `bb`", ("bb",)),
        ("`r` needs a `name`", ()),
        ("`a` is required", ()),
        ('`b` wants an int, got string `"1"`', ("b",)),
    ]


def test_attributes_are_checked_together_only_if_each_is_right() -> None:
    rule = Rule("r", "", (Attribute("a", STRING, "", ""),), module="", check=lambda given: [Mistake(f"a is {given['a']}")])
    assert [mistake.message for mistake in check_call(rule, {"name": "x", "a": "y"}, Scope()).mistakes] == ["a is y"]
    assert [mistake.message for mistake in check_call(rule, {"name": "x", "a": 3}, Scope()).mistakes] == [
        "`a` wants a string, got int `3`"
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (-3, "-3"),
        ('a"b\\c\n', '"a\\"b\\\\c\\n"'),
        (["a", ("b",)], '["a", ["b"]]'),
        ({"a": 1}, '{"a": 1}'),
        (Foreign("function"), "<function>"),
    ],
)
def test_values_as_a_config_writes_them(value: Plain, text: str) -> None:
    assert starlark(value) == text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_defaults_are_of_the_type_that_they_stand_for(rule: Rule) -> None:
    for attribute in rule.attributes:
        if not attribute.required and attribute.default is not None:
            attribute.type.convert(attribute.default, Scope())  # type: ignore[arg-type] # REQUIRED is gone
