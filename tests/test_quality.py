"""The tools that are always on: format, lint and types of the whole project."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def check(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)


def test_format() -> None:
    check("ruff", "format", "--check", ".")


def test_lint() -> None:
    check("ruff", "check", ".")


def test_types() -> None:
    check("mypy")
