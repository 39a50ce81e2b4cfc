"""Runs one worker of the regression suite in an executable: `WORKER -u -m test.libregrtest.worker JSON`.

The suite's tests of `ctypes` open the shared library that `_ctypes_test` is elsewhere. Here that module is a part of the
program, and the program is what they must open. Other tests look for their own files on `sys.path`, where elsewhere the whole
standard library is.
"""

import _ctypes_test  # type: ignore[import-not-found]
import os
import runpy
import sys

import test  # type: ignore[import-not-found]

# As `python -m` has it, in place of the folder of this script.
sys.path[0] = os.getcwd()
sys.path.append(os.path.dirname(os.path.dirname(test.__file__)))
_ctypes_test.__file__ = sys.executable
sys.argv[:] = sys.argv[sys.argv.index("-m") + 1 :]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
