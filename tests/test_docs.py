"""The documentation says what is so: generated pages are fresh, links lead somewhere, configs evaluate, commands exist."""

from __future__ import annotations

import argparse
import importlib.util
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from staticbuild.cli.main import parser
from staticbuild.config.loader import Settings, Workspace
from staticbuild.errors import StaticbuildError
from staticbuild.rules.registry import RULES

ROOT = Path(__file__).parent.parent
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md"])
WRITTEN = [page for page in PAGES if not page.read_text(encoding="utf-8").startswith(("<!-- Generated", "<!-- generated"))]


def name_of(page: Path) -> str:
    return page.name


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_fresh() -> None:
    stale = [path for path, text in generator().generated().items() if (ROOT / path).read_text(encoding="utf-8") != text]
    assert stale == [], "run `python docs/generate.py --write`, and read the diff"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_anchors_are_there(page: Path) -> None:
    for file, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        text = (page.parent / file if file else page).read_text(encoding="utf-8")
        headings = {
            re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-")
            for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        }
        assert anchor in headings | set(re.findall(r'<a id="([^"]+)"', text)), f"{file}#{anchor}"


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [
        page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md" and f"({page.name}" not in index
    ] == []


def blocks(page: Path, language: str) -> Iterator[str]:
    yield from re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


class Texts:
    """A repository in memory, in which `glob` finds nothing."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def read(self, path: str) -> str | None:
        return self.files.get(path)

    def exists(self, path: str) -> bool:
        return path in self.files

    def packages(self, name: str) -> list[str]:
        return [path.removesuffix(name).rstrip("/") for path in self.files if path.rpartition("/")[2] == name]

    def glob(self, package: str, include: object, exclude: object) -> list[str]:  # noqa: ARG002 - part of Files
        return []


STDLIB = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "stdlib").glob("*.bzl")}
CONFIGS = [pytest.param(text, id=page.name) for page in WRITTEN for text in blocks(page, "starlark") if "load(" in text]


@pytest.mark.parametrize("text", CONFIGS)
def test_whole_configs_evaluate(text: str) -> None:
    repositories = {"": Texts({"staticbuild.bzl": text}), "stdlib": Texts(STDLIB)}
    workspace = Workspace(repositories, RULES, Settings("x86_64-unknown-linux-musl"))
    try:
        assert workspace.targets()
    except StaticbuildError as error:
        pytest.fail("\n".join(f"{problem.where}: {problem.message}" for problem in error.problems))


def command_lines() -> Iterator[tuple[str, str]]:
    for page in WRITTEN:
        for language in ("console", "sh"):
            for block in blocks(page, language):
                for line in block.replace("\\\n", " ").splitlines():
                    text = line.removeprefix("$ ") if language == "console" and line.startswith("$ ") else line
                    if language == "sh" or line.startswith("$ "):
                        for part in re.split(r"&&|\|\||;|\|", text.partition("  #")[0]):
                            yield page.name, part.strip()


COMMANDS = [
    pytest.param(text, id=f"{page}: {text}") for page, text in command_lines() if re.search(r"(^|\s)staticbuild [a-z-]", text)
]


@pytest.mark.parametrize("text", COMMANDS)
def test_commands_are_understood(text: str) -> None:
    words = shlex.split(text)
    words = words[words.index("staticbuild") + 1 :]
    words = words[: words.index("--")] if "--" in words else words
    if words[0] == "--version" or any(">" in word for word in words):
        words = [word for word in words if word != "--version"][
            : next((i for i, w in enumerate(words) if ">" in w), len(words))
        ]
    try:
        arguments = parser().parse_args([word for word in words if "…" not in word])
    except SystemExit as end:
        pytest.fail(f"exit code {end.code}")
    assert isinstance(arguments, argparse.Namespace)
