"""What a statically linked program lacks without help: a dynamic loader, and threads with a stack worth the name."""

from __future__ import annotations

import pytest

from tests.runtime.programs import Maker, Program


def test_ctypes_types_and_callbacks(zoo: Program) -> None:
    done = zoo.run(
        """
from ctypes import *
import ctypes
class Point(Structure):
    _fields_ = [('x', c_int), ('y', c_double)]
class Either(Union):
    _fields_ = [('a', c_uint32), ('b', c_uint8 * 4)]
p = Point(3, 0.5)
print(p.x, p.y, sizeof(Point), Either(a=1).b[0], string_at(b'abc'), create_string_buffer(b'hi').value)
compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))(lambda a, b: a[0] - b[0])
print(compare(c_int(5), c_int(3)), cast(pointer(c_int(7)), POINTER(c_int))[0])
print(py_object([1]).value, addressof(p) > 0, memmove(create_string_buffer(4), b'xyz', 3) > 0)
"""
    )
    assert done.stdout == "3 0.5 16 1 b'abc' b'hi'\n2 7\n[1] True True\n", done.stderr


def test_ctypes_pythonapi_by_name(zoo: Program) -> None:
    done = zoo.run(
        "from ctypes import pythonapi, py_object; f = pythonapi.PyTuple_Size; f.argtypes = [py_object]; print(f((1, 2)))"
    )
    assert done.stdout == "2\n", done.stderr


@pytest.mark.parametrize("name", ["None", "sys.executable", "'libc.so.6'", "'libc.musl-x86_64.so.1'"])
def test_ctypes_opens_the_program_by_its_names(zoo: Program, name: str) -> None:
    """The C library is a part of it, so its usual names are."""
    done = zoo.run(f"import ctypes, sys; print(ctypes.CDLL({name}).Py_IsInitialized())")
    assert done.stdout == "1\n", done.stderr


def test_what_is_frozen_is_what_importlib_takes_for_frozen(zoo: Program) -> None:
    done = zoo.run(
        "import _imp, os, zipimport; print(_imp.is_frozen('os'), os.__spec__.origin == os.__file__, zipimport.__spec__.origin)"
    )
    assert done.stdout == "False True frozen\n", done.stderr


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "ctypes.CDLL('libfoo.so.1')",
            "OSError: libfoo.so.1: this program is linked statically and cannot load shared libraries",
        ),
        (
            "ctypes.pythonapi.Py_NoSuchThing",
            "Py_NoSuchThing: this statically linked program has no such symbol; link code that uses it in",
        ),
    ],
)
def test_what_cannot_be_is_said_plainly(zoo: Program, code: str, message: str) -> None:
    assert message in zoo.run(f"import ctypes; {code}").stderr


RECURSE = """
import sys, threading
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)
class Node:
    def __init__(self, n): self.n = n
    def __repr__(self): return 'x' if self.n == 0 else repr(Node(self.n - 1))
def work():
    sys.setrecursionlimit(30000)
    print(deep(20000))
    print(repr(Node(1000)))
    try:
        repr(Node(20000))
    except RecursionError:
        print('limited')
thread = threading.Thread(target=work); thread.start(); thread.join()
"""


def test_threads_have_a_deep_stack(zoo: Program) -> None:
    done = zoo.run(RECURSE)
    assert (done.returncode, done.stdout) == (0, "20000\nx\nlimited\n"), done.stderr


def test_a_program_may_choose_the_stack(make: Maker) -> None:
    code = "import threading\nprint(threading.stack_size(), open('/proc/self/status').read().count('Vm') > 0)\n"
    program = make({"main.py": code}, entry_point="main", thread_stack_size=1 << 20)
    assert program.run().stdout == "0 True\n"
