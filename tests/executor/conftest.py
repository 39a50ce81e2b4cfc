"""Each test has a workspace and a cache of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.executor.workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)
