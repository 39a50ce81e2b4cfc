"""The reference of the config language is made of the schemas, and docs/reference.md is what they make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from staticbuild.config.loader import Settings, Workspace
from staticbuild.config.natives import BUILTINS, Builtin
from staticbuild.config.reference import render
from staticbuild.config.schema import STRINGS, Attribute, Rule, Scope
from staticbuild.rules.registry import RULES as REAL_RULES
from tests.config.config_workspace import RULES, Texts, make_workspace, one_line, problems_of

REFERENCE = Path(__file__).parents[2] / "docs" / "reference.md"
STDLIB = Path(__file__).parents[2] / "stdlib"


def test_every_rule_and_attribute_is_in_the_reference() -> None:
    text = render(RULES)
    for rule in RULES:
        assert f"\n## {rule.name}\n" in text
        assert rule.load_line in text
        for attribute in rule.attributes:
            assert f"\n### {rule.name}: `{attribute.name}`\n" in text
            assert f"\n{attribute.name} = {attribute.example}\n" in text
    assert "*An int from 0 to 2*; default `0`." in text
    assert '| `name` | a string | `"dist"` |' in text
    assert "*A string*; required." in text


def test_rules_of_the_library_alone_are_left_out() -> None:
    assert "inner" not in render([Rule("inner", "", (), module="")])


def test_each_rule_is_in_the_one_file_that_its_schema_names() -> None:
    exported = {(name, f"@stdlib//{path.name}") for path in STDLIB.glob("*.bzl") for name in exports(path.read_text())}
    assert exported == {(rule.name, rule.module) for rule in REAL_RULES if rule.module}


def exports(text: str) -> list[str]:
    """The rules that a file of the library passes on."""
    return re.findall(r"^(\w+) = native\.\1$", text, re.MULTILINE)


def test_bars_and_backticks_do_not_break_the_page() -> None:
    rule = Rule("r", "", (Attribute("a", STRINGS, "", '["```"]', ["a|b", "``"]),), module="@stdlib//x.bzl")
    text = render([rule])
    assert '| [`a`](#r-a) | a list of strings | ```["a\\|b", "``"]``` |' in text
    assert '````starlark\na = ["```"]\n````' in text


def test_the_reference_is_up_to_date() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == render(REAL_RULES), "run `python docs/generate.py --write`"


def _evaluate(text: str) -> list[str]:
    """What is wrong with `text` under the real rules and the real `stdlib/`."""
    stdlib = {path.name: path.read_text(encoding="utf-8") for path in STDLIB.glob("*.bzl")}
    workspace = Workspace(
        {"": Texts({"staticbuild.bzl": text}), "stdlib": Texts(stdlib)}, REAL_RULES, Settings("x86_64-linux-musl")
    )
    return [one_line(problem) for problem in problems_of(workspace)]


PUBLIC_RULES = [rule for rule in REAL_RULES if rule.module]


@pytest.mark.parametrize("rule", PUBLIC_RULES, ids=lambda rule: rule.name)
def test_the_examples_of_rules_can_be_evaluated(rule: Rule) -> None:
    assert rule.example
    assert _evaluate(f"{rule.load_line}\n{rule.example}") == []


@pytest.mark.parametrize("rule", PUBLIC_RULES, ids=lambda rule: rule.name)
def test_the_examples_of_attributes_are_right(rule: Rule) -> None:
    for attribute in rule.attributes:
        assert attribute.doc.strip().endswith((".", "```")), f"{rule.name}.{attribute.name}"
        if "…" in attribute.example:  # a digest that is cut short, for the eye
            continue
        found = _evaluate(f'{rule.load_line}\n{rule.name}(name = "x",\n    {attribute.name} = {attribute.example})')
        assert [problem for problem in found if f": `{attribute.name}" in problem and " wants " in problem] == []


@pytest.mark.parametrize("rule", PUBLIC_RULES, ids=lambda rule: rule.name)
def test_defaults_are_of_their_type(rule: Rule) -> None:
    for attribute in rule.attributes:
        if not attribute.required and attribute.default is not None:
            attribute.type.convert(attribute.default, Scope())  # type: ignore[arg-type] # REQUIRED is gone


@pytest.mark.parametrize("builtin", BUILTINS, ids=lambda builtin: builtin.name)
def test_the_examples_of_builtins_can_be_evaluated(builtin: Builtin) -> None:
    texts = {
        "staticbuild.bzl": "flavor = 1\ndef _join(): pass\ndef _split(): pass\n" + builtin.example,
        "tools/defs.bzl": "greeting = 1\nlist_of_words = []\n",
    }
    expected = ["staticbuild.bzl:4:1: no such flavor: 1"] if builtin.name == "fail" else []
    assert [one_line(problem) for problem in problems_of(make_workspace(texts))] == expected
