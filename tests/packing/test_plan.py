"""Plans survive the way through their parameter file; anything else is an error that names the place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import FormatError
from staticbuild.packing.plan import (
    ApplicationPlan,
    DataFile,
    MergePlan,
    Pack,
    Plan,
    Root,
    StandardLibraryPlan,
    ToolsPlan,
    WheelPlan,
    parse,
)
from staticbuild.packing.policy import StandardLibraryPolicy

PLANS: list[Plan] = [
    StandardLibraryPlan(policy=StandardLibraryPolicy(include_test=True, include_tkinter=False), support="s", optimize=2),
    ApplicationPlan((Root("roots/0", "src"),), (DataFile("f/0", "a/b", executable=True),), ("tests/**",), report="r"),
    WheelPlan("wheels/demo-1.0-py3-none-any.whl", "demo==1.0"),
    MergePlan((Pack("a", "application", ":app"), Pack("b", "stdlib", "python")), {"entry_point": "grün:main"}),
    ToolsPlan("t"),
]


@pytest.mark.parametrize("plan", PLANS)
def test_round_trip(plan: Plan) -> None:
    assert parse(plan.to_json()) == plan
    assert parse(plan.to_json()).to_json() == plan.to_json()


def check_error(message: str, **changes: Any) -> None:
    values = {**json.loads(PLANS[1].to_json()), **changes}
    with pytest.raises(FormatError, match=message):
        parse(json.dumps(values).encode())


def test_what_is_wrong_is_named() -> None:
    check_error("`plan.optimize` of the plan has the wrong type", optimize="0")
    check_error("`plan.optimize` of the plan has the wrong type", optimize=True)
    check_error("has no `colour`", colour="red")
    check_error(r"`plan.roots\[0\]` of the plan is not whole", roots=[{"path": "x"}])
    check_error(r"`plan.roots\[1\]` of the plan must be an object", roots=[{"path": "x", "shown": "y"}, "z"])
    check_error(r"`plan.exclude\[0\]` of the plan has the wrong type", exclude=[1])
    check_error("of no known kind", plan="cake")
    check_error("of no known kind", plan=None)


@given(
    st.binary()
    | st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(FormatError):
        parse(data)
