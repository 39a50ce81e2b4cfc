"""A test passes, and one fails."""

import tempfile
from pathlib import Path

import pytest

with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "test_demo.py").write_text("def test_a(): assert 1 + 1 == 2\n")
    assert pytest.main(["-q", "-p", "no:cacheprovider", folder]) == 0
    (Path(folder) / "test_other.py").write_text("def test_b(): assert [1] == [2]\n")
    assert pytest.main(["-q", "-p", "no:cacheprovider", folder]) == 1
