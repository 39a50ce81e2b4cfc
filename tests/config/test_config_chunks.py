"""Runs the chunked files in `chunks/`: each chunk evaluates, or fails just on the lines that end in `### "expected error"`.

A line `--- title` starts a chunk and `=== path` a further file of it. The expected text is a part of `column: message; hint`.
Problems without an expectation fail the test, and the other way around.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.config.config_workspace import make_workspace, one_line, problems_of

CHUNKS = Path(__file__).parent / "chunks"
MARK = '### "'


def _chunks() -> list[Any]:
    found = []
    for path in sorted(CHUNKS.glob("*.bzl")):
        for chunk in re.split(r"^--- ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            title, _, text = chunk.partition("\n")
            found.append(pytest.param(text, id=f"{path.stem}: {title.strip()}"))
    return found


def _expectations(text: str) -> dict[int, list[str]]:
    """What is expected by line. A line may have several: `### "one" and "another"`."""
    return {
        number: line.partition(MARK)[2].rstrip().removesuffix('"').split('" and "')
        for number, line in enumerate(text.split("\n"), 1)
        if MARK in line
    }


@pytest.mark.parametrize("chunk", _chunks())
def test_chunk(chunk: str) -> None:
    first, *others = re.split(r"^=== ", chunk, flags=re.MULTILINE)
    files = {"staticbuild.bzl": first}
    files |= {path.strip(): text for path, _, text in (other.partition("\n") for other in others)}
    found: dict[tuple[str, int], list[str]] = {}
    for problem in problems_of(make_workspace(files)):
        assert problem.where is not None, problem
        assert problem.source_line == files[problem.where.path].split("\n")[problem.where.line - 1]
        found.setdefault((problem.where.path, problem.where.line), []).append(one_line(problem).split(":", 2)[2])
    expected = {(path, line): texts for path, text in files.items() for line, texts in _expectations(text).items()}
    assert {place: len(texts) for place, texts in found.items()} == {place: len(t) for place, t in expected.items()}, found
    for place, texts in expected.items():
        for text, actual in zip(texts, found[place], strict=True):
            assert text in actual
