"""A lock that is held is not given twice."""

import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "lock"
    with FileLock(path) as held:
        assert held.is_locked
        try:
            FileLock(path, timeout=0.01).acquire()
        except Timeout:
            pass
        else:
            raise AssertionError
