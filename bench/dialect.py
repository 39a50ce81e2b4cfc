"""What evaluating a `pyoxidizer.bzl` costs: the default template, and ten thousand resources in a callback. Prints nothing.

Nothing is built: the answers to what the configs ask are made up here. What counts is the time that keeps a processor busy.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.measure import Sample
from bench.table import Figure
from staticbuild.cli.init_config_file import template
from staticbuild.config.engine import Limits
from staticbuild.config.pyoxidizer.evaluation import World
from staticbuild.config.pyoxidizer.evaluator import Text, evaluate
from staticbuild.config.pyoxidizer.facts import Contents, Item, Question
from staticbuild.rules.registry import RULES

if TYPE_CHECKING:
    from bench.figures import Bench

RESOURCES = 10_000
_SITE = "lib/python3.13/site-packages"

# Seven operations on each resource, and three in the loop.
CALLBACK = """
def callback(policy, resource):
    if type(resource) == "PythonModuleSource" and resource.name != "nothing" and not resource.is_stdlib:
        resource.add_include = True
        resource.add_source = resource.is_package
        resource.add_location = "in-memory"

def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    exe = dist.to_python_executable("app", policy)
    policy.register_resource_callback(callback)
    exe = dist.to_python_executable("app", policy)
    for resource in exe.pip_install(["large"]):
        if type(resource) == "PythonModuleSource" and resource.name:
            exe.add_python_resource(resource)
    return exe

register_target("exe", make_exe)
resolve_targets()
"""


def dialect(bench: Bench) -> list[Figure]:
    """The template, and the callback."""
    items = tuple(Item("module", f"large.m{number}", f"{_SITE}/large/m{number}.py") for number in range(RESOURCES - 1))
    items = (Item("package", "large", f"{_SITE}/large/__init__.py"), *items)

    def answer(question: Question) -> Any:  # noqa: ANN401 - of the question's kind
        return items if isinstance(question, Contents) and question.of != question.dist else ()

    bench.say("evaluating configs in PyOxidizer's dialect")
    return [
        _figure(bench, "the default template", template("app"), answer, limit=0.1),
        _figure(bench, f"{RESOURCES:,} resources through a callback", CALLBACK, answer, limit=1.0),
    ]


def _figure(bench: Bench, what: str, text: str, answer: Callable[[Question], Any], *, limit: float) -> Figure:
    rules = {rule.name: rule for rule in RULES}
    world = World("/work", "pyoxidizer.bzl", "x86_64-unknown-linux-musl", {}, None, rules, answer, lambda _where, _text: None)
    times = []
    for _ in range(max(bench.runs // 2, 1)):
        before = time.process_time()
        evaluate(Text("pyoxidizer.bzl", text), world, Limits(), None)
        times.append(time.process_time() - before)
    return Figure("pyoxidizer", f"evaluating {what}", "ms", Sample(tuple(times)), limit=limit)
