"""Compiles sources to marshalled code, the same bytes each time. Unaware of where sources are and where code goes.

`marshal` writes a flag on every object that had more than one reference at that moment, whoever held it, so equal code
can have unequal bytes. Loading and dumping once more settles that: the copy's parts are referenced by the copy alone.
"""

from __future__ import annotations

import marshal
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import MAGIC_NUMBER
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

# Below this many bytes of source a second process costs more than it saves.
_WORTH_A_PROCESS = 1_500_000
_PYC_HEADER = 16


@dataclass(frozen=True, slots=True)
class Source:
    """A module's source and the path in the executable's tree that its tracebacks will show."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a source does not compile, or what the compiler warns of. Lines and columns count from 1; 0 is unknown."""

    message: str
    line: int = 0
    column: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The marshalled code of a source, or the mistake that it has instead."""

    code: bytes | None
    mistake: Mistake | None = None
    warnings: tuple[Mistake, ...] = ()


def compile_all(
    sources: Sequence[Source], *, optimize: int, docstrings: bool = True, jobs: int | None = None
) -> list[Compiled]:
    """Each source compiled, in the order given; in several processes if there is much to do."""
    size = sum(len(source.data) for source in sources)
    wanted = min(jobs or len(os.sched_getaffinity(0)), 1 + size // _WORTH_A_PROCESS)
    if wanted <= 1:
        return [compile_one(source, optimize=optimize, docstrings=docstrings) for source in sources]
    return _compile_in_processes(sources, optimize, wanted, docstrings=docstrings)


def compile_one(source: Source, *, optimize: int, docstrings: bool = True) -> Compiled:
    """One source compiled. The encoding is the one that PEP 263 finds in the bytes.

    Without `docstrings`, they are left out as by `python -OO`, and assertions are not touched.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            text = source.data if docstrings else _without_docstrings(source)
            code = compile(text, source.path, "exec", dont_inherit=True, optimize=optimize)
        except SyntaxError as error:
            return Compiled(None, _mistake(error))
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            return Compiled(None, Mistake(str(error) or type(error).__name__))
    notes = tuple(Mistake(str(item.message), item.lineno) for item in caught)
    return Compiled(dump(code), None, notes)


def _without_docstrings(source: Source) -> ast.Module:
    """The syntax tree of `source` without the strings that begin modules, classes and functions."""
    import ast  # noqa: PLC0415 - most actions do without

    tree = ast.parse(source.data, source.path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # A second string would become the docstring in its place.
            while node.body and isinstance(first := node.body[0], ast.Expr) and _is_string(first.value):
                node.body = node.body[1:] if node.body[1:] or isinstance(node, ast.Module) else [_pass(first)]
    return tree


def _is_string(node: ast.expr) -> bool:
    return isinstance(getattr(node, "value", None), str) and type(node).__name__ == "Constant"


def _pass(place: ast.stmt) -> ast.Pass:
    import ast  # noqa: PLC0415 - as above

    return ast.copy_location(ast.Pass(), place)


def dump(code: CodeType) -> bytes:
    """The bytes of `code`, which depend on nothing else."""
    return marshal.dumps(marshal.loads(marshal.dumps(code)))  # noqa: S302 - our own bytes of a moment ago


def from_pyc(data: bytes) -> bytes | None:
    """The marshalled code in a `.pyc` file, or None if another Python made it."""
    if len(data) < _PYC_HEADER or data[:4] != MAGIC_NUMBER:
        return None
    try:
        code = marshal.loads(data[_PYC_HEADER:])  # noqa: S302 - what the import system would do with it
    except (ValueError, EOFError, TypeError):
        return None
    return dump(code) if isinstance(code, CodeType) else None


def _compile_in_processes(sources: Sequence[Source], optimize: int, jobs: int, *, docstrings: bool = True) -> list[Compiled]:
    compiler = partial(compile_one, optimize=optimize, docstrings=docstrings)
    # Not multiprocessing: to import it and its pool takes as long as to compile a small application.
    shares = [range(first, len(sources), jobs) for first in range(jobs)]
    children = [_fork(sources, share, compiler) for share in shares[1:]]
    compiled: dict[int, Compiled] = {index: compiler(sources[index]) for index in shares[0]}
    for (pid, pipe), share in zip(children, shares[1:], strict=True):
        with os.fdopen(pipe, "rb") as reading:
            answer = reading.read()
        _, status = os.waitpid(pid, 0)
        if status:
            raise ChildProcessError(f"a compiling process ended with status {status}")
        answers = marshal.loads(answer)  # noqa: S302 - our own process wrote it
        compiled.update(zip(share, map(_unpack, answers), strict=True))
    return [compiled[index] for index in range(len(sources))]


def _fork(sources: Sequence[Source], share: Iterable[int], compiler: Callable[[Source], Compiled]) -> tuple[int, int]:
    """Start a process that compiles `share` of the sources and writes the answers to the pipe that is returned."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    status = 1
    try:
        os.close(reading)
        answers = [_pack(compiler(sources[index])) for index in share]
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(marshal.dumps(answers))
        status = 0
    finally:
        # Not sys.exit: the copy must not flush or clean up what belongs to its parent.
        os._exit(status)


_Packed = tuple[bytes | None, tuple[str, int, int, str] | None, list[tuple[str, int]]]


def _pack(compiled: Compiled) -> _Packed:
    mistake = compiled.mistake
    return (
        compiled.code,
        None if mistake is None else (mistake.message, mistake.line, mistake.column, mistake.text),
        [(warning.message, warning.line) for warning in compiled.warnings],
    )


def _unpack(packed: _Packed) -> Compiled:
    code, mistake, notes = packed
    return Compiled(code, None if mistake is None else Mistake(*mistake), tuple(Mistake(*note) for note in notes))


def _mistake(error: SyntaxError) -> Mistake:
    text = (error.text or "").rstrip("\n") if isinstance(error.text, str) else ""
    return Mistake(error.msg or str(error), max(error.lineno or 0, 0), max(error.offset or 0, 0), text)
