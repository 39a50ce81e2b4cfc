"""Sources become the same bytes, whoever compiles them."""

from __future__ import annotations

import marshal
import py_compile
import subprocess
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.packing import bytecode
from staticbuild.packing.bytecode import Compiled, Mistake, Source, compile_all, compile_one, dump, from_pyc

# What makes marshal's output depend on more than the code: sets, shared and interned constants, long strings, numbers.
RICH = b"""
'''A docstring, which is not interned.'''
import os.path
NAMES = frozenset({'b', 'a', 'c', 'not an identifier', 3.5, 10**9, (1, 2), b'x'})
def f(x, *, y=('not an identifier', 3.5)):
    '''Another docstring.'''
    return x in {'b', 'a', 'not an identifier', 1_000_000_007} or y == 1_000_000_007 or (1, (2, 'z'))
class A:
    def g(self): return lambda: [i for i in self.h if i == 'not an identifier']
"""


def compiled(source: bytes, path: str = "pkg/mod.py", optimize: int = 0) -> Compiled:
    return compile_one(Source(path, source), optimize=optimize)


def check_mistake(source: bytes, message: str, line: int, column: int) -> None:
    answer = compiled(source)
    assert answer.code is None
    assert answer.mistake is not None
    assert message in answer.mistake.message
    assert (answer.mistake.line, answer.mistake.column) == (line, column)


class TestSameBytes:
    def test_references_from_outside_do_not_matter(self) -> None:
        first = compile(RICH, "pkg/mod.py", "exec", dont_inherit=True)
        plain = dump(first)
        held = list(_parts(first))
        assert dump(first) == plain
        assert held
        assert compiled(RICH).code == plain

    @pytest.mark.parametrize("seed", ["0", "1", "4242"])
    def test_hash_seed_order_and_company_do_not_matter(self, seed: str) -> None:
        """Another process, with another seed, after compiling and keeping other things."""
        program = (
            "import sys; from staticbuild.packing.bytecode import *; rich = sys.stdin.buffer.read()\n"
            "kept = [compile(rich.replace(b'f(', b'k('), 'x', 'exec'), sys.intern('not an identifier')]\n"
            "other = [Source(f'o{i}.py', b'x = (\\'not an identifier\\', %d)' % i) for i in range(50)]\n"
            "answers = compile_all([*other, Source('pkg/mod.py', rich)], optimize=0, jobs=1)\n"
            "sys.stdout.buffer.write(answers[-1].code)"
        )
        argv = [sys.executable, "-c", program]
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(bytecode.__file__).parents[2])}
        done = subprocess.run(argv, input=RICH, env=env, check=True, capture_output=True)
        assert done.stdout == compiled(RICH).code

    def test_the_standard_library_in_any_order_and_number_of_processes(self) -> None:
        folder = Path(subprocess.__file__).parent
        sources = [Source(path.name, path.read_bytes()) for path in sorted(folder.glob("[a-h]*.py"))]
        assert len(sources) > 30
        one = compile_all(sources, optimize=0, jobs=1)
        backwards = compile_all(sources[::-1], optimize=0, jobs=1)[::-1]
        assert one == backwards
        assert bytecode._compile_in_processes(sources, 0, 3) == one

    def test_the_code_is_that_of_py_compile(self, tmp_path: Path) -> None:
        (tmp_path / "mod.py").write_bytes(RICH)
        pyc = tmp_path / "mod.pyc"
        py_compile.compile(str(tmp_path / "mod.py"), str(pyc), dfile="pkg/mod.py", doraise=True)
        code = compiled(RICH).code
        assert code is not None
        assert marshal.loads(code) == marshal.loads(pyc.read_bytes()[16:])
        assert from_pyc(pyc.read_bytes()) == code


class TestSources:
    def test_the_path_is_the_file_name_of_all_code(self) -> None:
        code = compiled(RICH, "a/b.py").code
        assert code is not None
        parts = [part for part in _parts(marshal.loads(code)) if isinstance(part, CodeType)]
        assert {part.co_filename for part in parts} == {"a/b.py"}

    @pytest.mark.parametrize(("optimize", "holds"), [(0, [b"why", b"doc"]), (1, [b"doc"]), (2, [])])
    def test_optimisation(self, optimize: int, holds: list[bytes]) -> None:
        code = compiled(b'"""doc"""\nassert x, "why"\n', optimize=optimize).code
        assert code is not None
        assert [word for word in (b"why", b"doc") if word in code] == holds

    @pytest.mark.parametrize(
        "source",
        [
            b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
            b"\xef\xbb\xbfx = '\xc3\xa9'\n",
            b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\xe9'",
            b"x = '\xc3\xa9'\r\n",
        ],
    )
    def test_encodings(self, source: bytes) -> None:
        """PEP 263: the encoding is what the first two lines or a mark say."""
        code = compiled(source).code
        assert code is not None
        names: dict[str, str] = {}
        exec(marshal.loads(code), names)
        assert names["x"] == "\xe9"

    def test_empty(self) -> None:
        assert compiled(b"").code

    def test_warnings_are_told_not_raised(self) -> None:
        answer = compiled(b"x = 1\ny = '\\d'\n")
        assert answer.code
        assert [(note.line, "invalid escape sequence" in note.message) for note in answer.warnings] == [(2, True)]


class TestMistakes:
    def test_syntax(self) -> None:
        check_mistake(b"x = 1\ndef f(:\n", "invalid syntax", 2, 7)

    def test_unknown_encoding(self) -> None:
        check_mistake(b"# coding: klingon\n", "klingon", 0, 0)

    def test_wrong_encoding(self) -> None:
        mistake = compiled(b"x = 1\ny = '\xe9'\n").mistake
        assert mistake is not None
        assert "utf-8" in mistake.message
        assert mistake.line == 2

    def test_null_bytes(self) -> None:
        assert compiled(b"x = \0").code is None

    def test_nested_too_deeply(self) -> None:
        assert compiled(b"x = " + b"(" * 5000 + b")" * 5000).code is None

    @given(st.binary(max_size=200))
    def test_any_bytes_compile_or_are_a_mistake(self, data: bytes) -> None:
        answer = compiled(data)
        assert (answer.code is None) == isinstance(answer.mistake, Mistake)

    def test_a_process_that_dies_is_not_silent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bytecode, "_pack", lambda _answer: 1 / 0)
        with pytest.raises(ChildProcessError, match="status"):
            bytecode._compile_in_processes([Source("a", b""), Source("b", b"")], 0, 2)


@pytest.mark.parametrize("data", [b"", b"\0" * 20, MAGIC_NUMBER, MAGIC_NUMBER + b"\0" * 12 + b"N", MAGIC_NUMBER + b"\0" * 12])
def test_what_is_no_pyc_of_this_python_has_no_code(data: bytes) -> None:
    assert from_pyc(data) is None


def _parts(value: object) -> list[object]:
    """`value` and all that it is made of."""
    inner: tuple[object, ...] = ()
    if isinstance(value, CodeType):
        inner = (*value.co_consts, *value.co_names, value.co_filename)
    elif isinstance(value, tuple | frozenset):
        inner = tuple(value)
    return [value, *(part for item in inner for part in _parts(item))]


class TestWithoutDocstrings:
    def run(self, source: str) -> dict[str, object]:
        names: dict[str, object] = {"__name__": "m"}
        answer = compile_one(Source("m.py", source.encode()), optimize=0, docstrings=False)
        assert answer.code is not None
        exec(marshal.loads(answer.code), names)
        return names

    def test_they_are_gone_and_nothing_else(self) -> None:
        names = self.run(
            '"""Module."""\nfrom __future__ import annotations\n\ndef f():\n    """Function."""\n\n'
            'class C:\n    """Class."""\n    async def g(self):\n        "g"\n        return "kept"\n    x: int = 1\n'
        )
        assert names.get("__doc__") is None
        function, cls = names["f"], names["C"]
        assert getattr(function, "__doc__", "") is None
        assert (cls.__doc__, cls.g.__doc__, cls.x) == (None, None, 1)  # type: ignore[attr-defined]

    def test_a_second_string_takes_no_place(self) -> None:
        names = self.run('def f():\n    """One."""\n    """Two."""\n    return 3\n')
        assert names["f"].__doc__ is None
        assert names["f"]() == 3  # type: ignore[operator]

    def test_assertions_stay(self) -> None:
        with pytest.raises(AssertionError):
            self.run('"""Doc."""\nassert False\n')

    def test_mistakes_are_the_same(self) -> None:
        for text in (b"x = (\n", b"return 1\n", b"# coding: nonsense\n", b"x = 1\0"):
            with_them, without = (
                compile_one(Source("m.py", text), optimize=0, docstrings=docstrings) for docstrings in (True, False)
            )
            assert with_them == without
