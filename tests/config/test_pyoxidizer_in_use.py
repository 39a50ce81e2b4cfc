"""Configs of the shapes that public ones have, and the native configs that they become: each one is a golden file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from staticbuild.cli.migrate import new_names
from staticbuild.config.pyoxidizer.facts import Item
from staticbuild.config.writing import config_text
from staticbuild.rules.registry import RULES
from tests.config.dialect import Answers, package, run

FOLDER = Path(__file__).parent / "pyoxidizer_configs"
GOLDEN = Path(__file__).parent / "golden"
IN_USE = Path(__file__).parent / "data/pyoxidizer-in-use.txt"
CONFIGS = sorted(FOLDER.glob("*.bzl"))
ROOT = "/work/app"
VENV = ".venv/lib/python3.13/site-packages"
APP = (Item("package", "app", "app/__init__.py"), Item("file", "app/words.txt", "app/words.txt"))
PACKAGES = {
    "demo": package("demo", "core.py", "tests/__init__.py", "data.txt"),
    "other": package("other", "x.py"),
    "certs": package("certs", "cacert.pem"),
    "numbers_like": package("numbers_like", "core.py", "_fast.so"),
    ".": APP,
    "src": APP,
    VENV: APP,
}
FILES = {
    f"{ROOT}/{path}": text
    for path, text in {
        "README.md": "",
        "LICENSE": "",
        "docs/a.txt": "",
        "data/one.json": "{}",
        "data/two.json": "{}",
        "targets/x86_64-pc-windows-msvc/tool.exe": "",
        "targets/x86/tool.exe": "",
        "targets/x64/tool.exe": "",
        "targets/x86_64-apple-darwin/tool": "",
        "targets/aarch64-apple-darwin/tool": "",
        "targets/aarch64/tool": "",
        f"{VENV}/app/__init__.py": "",
        "modules.txt": "demo\njson\n",
        "lists/more.txt": "json.decoder\n",
    }.items()
}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_config(path: Path, request: pytest.FixtureRequest) -> None:
    outcome = run(path.read_text(), "*", answers=Answers(PACKAGES, files=FILES))
    declared = [target for target in outcome.targets.values() if target.rule != "pyoxidizer_target"]
    text = config_text(declared, {rule.name: rule for rule in RULES}, new_names(declared), outcome.said)
    golden = GOLDEN / path.name
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


def test_there_are_enough() -> None:
    assert len(CONFIGS) >= 40


def test_together_they_use_all_that_public_ones_use() -> None:
    whole = "".join(path.read_text() for path in CONFIGS)
    plain = re.sub(r" *= *(?!=)", "=", whole)
    wanted = [name for line in IN_USE.read_text().splitlines() if not line.startswith("#") for name in line.split()]
    assert [name for name in wanted if name not in plain] == []
