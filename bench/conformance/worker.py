"""Runs one worker of the regression suite in an executable: `WORKER -u -m test.libregrtest.worker JSON`.

The suite's tests of `ctypes` open the shared library that `_ctypes_test` is elsewhere. Here that module is a part of the
program, and the program is what they must open.
"""

import _ctypes_test  # type: ignore[import-not-found]
import runpy
import sys

_ctypes_test.__file__ = sys.executable
sys.argv[:] = sys.argv[sys.argv.index("-m") + 1 :]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
