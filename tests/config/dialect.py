"""Evaluates a `pyoxidizer.bzl` with answers that a test gives; nothing is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from staticbuild.cli.diagnostics import draw
from staticbuild.config.engine import Limits
from staticbuild.config.pyoxidizer.evaluation import World
from staticbuild.config.pyoxidizer.evaluator import Text, evaluate
from staticbuild.config.pyoxidizer.facts import Contents, Item, ListFiles, Prompt, Question, ReadText, SourceText
from staticbuild.errors import ConfigError
from staticbuild.graph.target import Target
from staticbuild.rules.registry import RULES

MUSL = "x86_64-unknown-linux-musl"
GNU = "x86_64-unknown-linux-gnu"
SITE = "lib/python3.13/site-packages"


def package(name: str, *members: str) -> tuple[Item, ...]:
    """The items of an installed package: modules by their names in it, files by theirs."""
    items = [Item("package", name, f"{SITE}/{name}/__init__.py")]
    for member in members:
        path = f"{SITE}/{name}/{member}"
        if member.endswith(".py"):
            items.append(Item("module", f"{name}.{member[:-3].replace('/', '.')}", path))
        else:
            items.append(Item("file", path, path))
    return (*items, Item("file", f"{SITE}/{name}-1.0.dist-info/METADATA", f"{SITE}/{name}-1.0.dist-info/METADATA"))


STANDARD = (
    Item("extension", "_ssl", ""),
    Item("package", "json", "lib/python3.13/json/__init__.py"),
    Item("module", "json.decoder", "lib/python3.13/json/decoder.py"),
    Item("module", "antigravity", "lib/python3.13/antigravity.py"),
    Item("file", "lib/python3.13/json/data.txt", "lib/python3.13/json/data.txt"),
)


@dataclass
class Answers:
    """What a config is told. `packages` has the items of requirements, and of roots, by their names."""

    packages: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    standard: tuple[Item, ...] = STANDARD
    files: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, str | bool] | None = None
    asked: list[Question] = field(default_factory=list)

    def __call__(self, question: Question) -> Any:
        self.asked.append(question)
        match question:
            case Contents(targets, of, dist):
                return self.standard if of == dist else self._items(next(each for each in targets if each.label == of))
            case SourceText(path=path):
                return f"# {path}\n"
            case Prompt(kind, text):
                if self.prompts is None:
                    return False if kind == "possible" else None
                return True if kind == "possible" else self.prompts.get(text)
            case ReadText(path):
                return self.files.get(path)
            case ListFiles(patterns):
                return tuple(sorted(path for path in self.files if any(_matches(path, each) for each in patterns)))

    def _items(self, target: Target) -> tuple[Item, ...]:
        names = [*target.attributes["requirements"], *target.attributes["package_roots"]]  # type: ignore[misc] # tuples of text
        if target.attributes["contents"]:
            raise AssertionError("nobody asks about what the config says itself")
        return tuple(item for name in names for item in self.packages.get(str(name), ()))


def _matches(path: str, pattern: str) -> bool:
    import fnmatch

    return path == pattern or fnmatch.fnmatch(path, pattern.replace("**", "*"))


@dataclass
class Outcome:
    """What an evaluation brought."""

    targets: Mapping[str, Target]
    said: Sequence[str]
    answers: Answers

    def attributes(self, name: str) -> Mapping[str, Any]:
        """Those of a target that are not at nothing."""
        return {key: value for key, value in self.targets[name].attributes.items() if value not in (None, (), {}, False, "")}


def run(
    text: str,
    *wanted: str,
    triple: str = MUSL,
    variables: Mapping[str, str | None] | None = None,
    answers: Answers | None = None,
) -> Outcome:
    """Evaluate; raises ConfigError."""
    answers = answers or Answers()
    said: list[str] = []
    world = World(
        folder="/work/app",
        path="pyoxidizer.bzl",
        triple=triple,
        variables=variables or {},
        wanted=wanted or None,
        rules={rule.name: rule for rule in RULES},
        ask=answers,
        on_print=lambda where, message: said.append(f"{where.line}:{where.column}: {message}"),
    )
    package = evaluate(Text("pyoxidizer.bzl", text), world, Limits(), None)
    return Outcome(package.targets, said, answers)


def error(text: str, *wanted: str, **settings: Any) -> str:
    """What a person reads of a config that is wrong."""
    try:
        run(text, *wanted, **settings)
    except ConfigError as wrong:
        return "\n".join(draw(problem).plain for problem in wrong.problems)
    raise AssertionError("this was taken")
