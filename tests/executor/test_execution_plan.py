"""The plan over any graph: everything after what it needs, and failures block exactly what needs them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from staticbuild.executor.plan import Plan, State, closure, producers
from staticbuild.graph.action import Action, Member
from staticbuild.graph.label import Label


@st.composite
def graphs(draw: Any) -> Any:
    """Some actions, each of which needs some of those before it."""
    actions: list[Action] = []
    for number in range(draw(st.integers(1, 12))):
        needs = draw(st.lists(st.sampled_from(actions), unique=True, max_size=3)) if actions else []
        inputs = tuple(
            (str(index), Member(needed.output("out"), "x") if draw(st.booleans()) else needed.output("out"))
            for index, needed in enumerate(needs)
        )
        weight = draw(st.integers(1, 3))
        actions.append(Action(Label("", "", str(number)), "Run", ("x",), inputs, (("out", "tree"),), weight=weight))
    return draw(st.lists(st.sampled_from(actions), unique=True, min_size=1))


def needs_of(action: Any) -> Any:
    return set(closure([action])) - {action}


@given(graphs())
def test_the_closure_is_in_order(wanted: Any) -> None:
    seen: set[Action] = set()
    for action in closure(wanted):
        assert set(producers(action)) <= seen
        seen.add(action)
    assert set(wanted) <= seen


@given(graphs(), st.data())
def test_any_course_of_a_build(wanted: Any, data: Any) -> None:
    plan = Plan(wanted)
    failed, losses = set(), 0
    while True:
        ready, taken = plan.ready(), [action for action in plan.actions if plan.states[action] is State.TAKEN]
        for action in ready:
            assert all(plan.states[needed] is State.DONE for needed in producers(action))
        if not ready and not taken:
            break
        if ready and (not taken or data.draw(st.booleans())):
            plan.take(data.draw(st.sampled_from(ready)))
            continue
        action = data.draw(st.sampled_from(taken))
        what = data.draw(st.sampled_from(["done", "done", "fail", "lost"]))
        if what == "fail":
            plan.fail(action)
            failed.add(action)
        elif what == "lost" and losses < 5:
            losses += 1
            mine = producers(action)
            plan.lost(action, data.draw(st.lists(st.sampled_from(mine), unique=True)) if mine else [])
        else:
            plan.done(action)
    for action in plan.actions:
        blocked = bool(needs_of(action) & failed)
        expected = State.FAILED if action in failed else State.BLOCKED if blocked else State.DONE
        # What ran before its producer was lost, and then failed the second time, has its result all the same.
        assert plan.states[action] is expected or (losses and plan.states[action] is State.DONE)


@given(graphs())
def test_the_longest_chain_first(wanted: Any) -> None:
    plan = Plan(wanted)
    for action in plan.actions:
        for needed in producers(action):
            assert plan.urgency(needed) >= plan.urgency(action) + needed.weight


def test_a_long_chain() -> None:
    action = Action(Label("", "", "0"), "Run", ("x",), (), (("out", "file"),))
    for number in range(1, 3000):
        action = Action(Label("", "", str(number)), "Run", ("x",), (("in", action.output("out")),), (("out", "file"),))
    plan = Plan([action])
    assert [one.label.name for one in plan.ready()] == ["0"]
