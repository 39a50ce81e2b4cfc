"""The text of one config file: what may not stand in it, and where things stand. Knows nothing of evaluation.

Python's own parser reads the file first. Starlark is very nearly a subset of Python's grammar, so the tree serves three ends:
it gives columns to calls and their arguments (the evaluator tells only lines); it refuses nesting that would overflow the C
stack of the evaluator; and it refuses the two constructs that the evaluator computes or prints wrongly:

* `1 << 31` gives -2147483648 in starlark-rust of 2025 (32-bit operands wrap). A shift of constants whose result fits is kept.
* `str(123456789012.0)` gives "1.234568e+11". Nothing that a build declares is a float, and `python_version = 3.10` is always a
  mistake, so the native dialect has none: no literals and no `/`. `float()` and `json.decode` are covered by the prelude.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from staticbuild.errors import ConfigError, Location, Problem

MAX_TEXT: Final = 16_000_000  # characters; a hundred thousand targets fit
MAX_WRONG_TEXT: Final = 1_000_000  # the same for text with a syntax error, whose nesting is not known
MAX_DEPTH: Final = 400  # nested expressions; the evaluator crashes at about 1,000 on a stack of 8 MB
_INT32_MAX: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Source:
    """One file that Python's parser takes. `path` is how messages call it.

    `calls` has every call by the line it starts on, `suspects` whatever might compute with floats or shift.
    """

    path: str
    text: str
    lines: Sequence[str]
    tree: ast.Module
    calls: Mapping[int, Sequence[ast.Call]]
    suspects: Sequence[ast.AST]

    def line(self, number: int) -> str:
        """The text of line `number`, counted from 1; empty past the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def location(self, node: ast.expr | ast.stmt | ast.keyword) -> Location:
        """Where `node` stands."""
        end_line = node.end_lineno or node.lineno
        return Location(
            self.path,
            node.lineno,
            self._column(node.lineno, node.col_offset),
            end_line,
            self._column(end_line, node.end_col_offset or 0),
        )

    def location_of_line(self, number: int) -> Location:
        """The whole of line `number` without its indentation."""
        text = self.line(number)
        start = len(text) - len(text.lstrip()) + 1
        return Location(self.path, number, start, number, max(start, len(text.rstrip())) + 1)

    def problem(self, message: str, where: Location, *, hint: str | None = None, notes: tuple[str, ...] = ()) -> Problem:
        """A problem of this file, with the line that it is about."""
        return Problem(message, where, hint, self.line(where.line), notes)

    def _column(self, line: int, byte: int) -> int:
        """Python counts a column in bytes of UTF-8 from 0; people count characters from 1."""
        text = self.line(line)
        return byte + 1 if text.isascii() else len(text.encode()[:byte].decode(errors="ignore")) + 1


class NotPythonError(Exception):
    """Python's parser does not take the text; the evaluator's parser shall say what is wrong with it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def normalise(path: str, text: str) -> str:
    """`text` without a byte order mark and with plain newlines. Raises ConfigError for what no config file may hold."""
    if len(text) > MAX_TEXT:
        message = f"this file has {len(text):,} characters, of which at most {MAX_TEXT:,} are read"
        raise ConfigError(message, where=Location(path, 1))
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    stray = _STRAY.search(text)
    if stray:
        line = text.count("\n", 0, stray.start()) + 1
        start = text.rfind("\n", 0, stray.start()) + 1
        column = stray.start() - start + 1
        raise ConfigError(
            f"the character U+{ord(stray[0]):04X} cannot stand in a config file",
            where=Location(path, line, column, line, column + 1),
            source_line=text[start:].partition("\n")[0][:_LONG],
            hint="the file must be UTF-8 text" if stray[0] >= "\ud800" else "inside a string, write an escape such as `\\n`",
        )
    return text


# Control characters other than tab and newline, and the halves of surrogate pairs, which stand for bytes that are no UTF-8.
_STRAY: Final = re.compile("[\0-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_LONG: Final = 1000


def read(path: str, text: str) -> Source:
    """The tree of `text`, which has been normalised. Raises NotPythonError, or ConfigError if it is nested absurdly deep."""
    lines = text.split("\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            tree = ast.parse(text, path)
    except (RecursionError, MemoryError):  # these do not say where; the longest line is the likeliest
        longest = max(range(len(lines)), key=lambda index: len(lines[index]))
        where, line = Location(path, longest + 1), lines[longest][:_LONG]
        raise ConfigError(_TOO_DEEP, where=where, source_line=line, hint=_TOO_DEEP_HINT) from None
    except (SyntaxError, ValueError) as error:
        problem = _syntax_problem(path, lines, error)
        if problem.message.startswith("too many"):
            raise ConfigError(_TOO_DEEP, where=problem.where, source_line=problem.source_line, hint=_TOO_DEEP_HINT) from None
        raise NotPythonError(problem) from None
    calls: dict[int, list[ast.Call]] = {}
    suspects: list[ast.AST] = []
    for node, depth in _walk(tree):
        if depth > MAX_DEPTH:
            where = Location(path, getattr(node, "lineno", 1))
            raise ConfigError(_TOO_DEEP, where=where, source_line=lines[where.line - 1][:_LONG], hint=_TOO_DEEP_HINT)
        if isinstance(node, ast.Call):
            calls.setdefault(node.lineno, []).append(node)
        elif isinstance(node, _SUSPICIOUS):
            suspects.append(node)
    return Source(path, text, lines, tree, calls, suspects)


_SUSPICIOUS: Final = (ast.Constant, ast.BinOp, ast.AugAssign)
_TOO_DEEP: Final = "this is nested too deeply"
_TOO_DEEP_HINT: Final = f"at most {MAX_DEPTH} levels of brackets, operators or `elif` can be evaluated"


def _syntax_problem(path: str, lines: Sequence[str], error: SyntaxError | ValueError) -> Problem:
    """What Python says of the text. Its columns count characters already."""
    if not isinstance(error, SyntaxError):
        return Problem(str(error), Location(path, 1))
    line = min(max(error.lineno or 1, 1), len(lines))
    column = max(error.offset or 1, 1)
    return Problem(error.msg, Location(path, line, column, line, column + 1), None, lines[line - 1][:_LONG])


def _walk(tree: ast.AST) -> Iterator[tuple[ast.AST, int]]:
    """Every node with its depth, without recursion. `a or b or c` is flat for Python but nested for the evaluator."""
    stack = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        depth += 1
        if isinstance(node, ast.BoolOp):
            depth += len(node.values)
        elif isinstance(node, ast.Compare):
            depth += len(node.ops)
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                if value._fields:
                    stack.append((value, depth))
            elif isinstance(value, list):
                stack.extend((item, depth) for item in value if isinstance(item, ast.AST))


def forbidden(source: Source) -> list[Problem]:
    """What the native dialect has not: floats, and shifts that might overflow. In the order of the file."""
    found = [problem for node in source.suspects if (problem := _forbidden(source, node))]
    return sorted(found, key=lambda problem: (problem.where.line, problem.where.column) if problem.where else (0, 0))


def _forbidden(source: Source, node: ast.AST) -> Problem | None:
    match node:
        case ast.Constant(value=float() | complex()):
            where = source.location(node)
            text = source.line(where.line)[where.column - 1 : (where.end_column or 1) - 1]
            hint = f'put it in quotes: `"{text}"`'
            return source.problem(f"`{text}` is no whole number: config files have no floats", where, hint=hint)
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            where = source.location(node)
            return source.problem("`/` gives a float, which config files have not", where, hint="divide with `//`")
        case ast.BinOp(op=ast.LShift()) | ast.AugAssign(op=ast.LShift()):
            return _forbidden_shift(source, node)
    return None


def _forbidden_shift(source: Source, node: ast.BinOp | ast.AugAssign) -> Problem | None:
    hint = "multiply by a power of two instead, e.g. `n * 1024`"
    if isinstance(node, ast.BinOp):
        match node.left, node.right:
            case ast.Constant(value=int(left)), ast.Constant(value=int(right)) if right < _BIG_SHIFT:
                if left << right <= _INT32_MAX:
                    return None
                hint = f"write `{left << right}`"
    return source.problem("`<<` is only for constants whose result is below 2147483648", source.location(node), hint=hint)


_BIG_SHIFT: Final = 128


def find_call(source: Source, line: int, callee: str, keywords: Sequence[str] | None = None) -> ast.Call | None:
    """The call that starts on `line`: of `callee` if there is one, and with just these `keywords` if several are left."""
    calls = source.calls.get(line, ())
    named = [call for call in calls if callee_name(call) == callee] or list(calls)
    fitting = [call for call in named if {keyword.arg for keyword in call.keywords} == set(keywords or ())]
    candidates = fitting or named
    return min(candidates, key=lambda call: call.col_offset) if candidates else None


def callee_name(call: ast.Call) -> str:
    """`f` for `f(…)` and for `x.f(…)`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def find_argument(call: ast.Call, path: Sequence[str | int], parameters: Sequence[str] = ()) -> ast.expr | None:
    """What `path` leads to, as far as it is written out: an argument, an item of its list, a value of its dict.

    `parameters` are the names of the arguments that may be given by position.
    """
    node = _argument(call, str(path[0]), parameters) if path else None
    for key in path[1:] if node is not None else ():
        part = _part(node, key) if node is not None else None
        if part is None:
            break
        node = part
    return node


def find_keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """The argument `name = …` of `call`, if it is written so."""
    return next((keyword for keyword in call.keywords if keyword.arg == name), None)


def _argument(call: ast.Call, name: str, parameters: Sequence[str]) -> ast.expr | None:
    keyword = find_keyword(call, name)
    if keyword is not None:
        return keyword.value
    index = parameters.index(name) if name in parameters else len(call.args)
    if any(isinstance(argument, ast.Starred) for argument in call.args[: index + 1]):
        return None
    return call.args[index] if index < len(call.args) else None


def _part(node: ast.expr, key: str | int) -> ast.expr | None:
    match node, key:
        case ((ast.List(elts=items) | ast.Tuple(elts=items)), int(index)):
            plain = not any(isinstance(item, ast.Starred) for item in items)
            return items[index] if plain and index < len(items) else None
        case ast.Dict(keys=keys, values=values), str():
            return next((v for k, v in zip(keys, values, strict=True) if isinstance(k, ast.Constant) and k.value == key), None)
    return None


def name_location(source: Source, keyword: ast.keyword) -> Location:
    """Where the name of a keyword argument stands, without its value."""
    whole = source.location(keyword)
    return Location(whole.path, whole.line, whole.column, whole.line, whole.column + len(keyword.arg or ""))


def bindings(source: Source) -> frozenset[str]:
    """The names that the file binds for itself, outside of functions: all that another file could load."""
    names: set[str] = set()
    waiting: list[ast.AST] = list(source.tree.body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.ListComp() | ast.DictComp() | ast.Lambda() | ast.Call() | ast.Constant():
                pass
            case _:
                waiting.extend(ast.iter_child_nodes(node))
    return frozenset(names)


def find_operation(source: Source, line: int, name: str) -> ast.Attribute | ast.Name | None:
    """The use of the attribute or function `name` that a statement which starts on or spans `line` makes."""
    found: list[ast.Attribute | ast.Name] = []
    for node in ast.walk(source.tree):
        match node:
            case ast.Attribute(attr=attr, lineno=first, end_lineno=last) if attr == name and first <= line <= (last or first):
                found.append(node)
            case ast.Name(id=identifier, lineno=first) if identifier == name and first == line:
                found.append(node)
    return min(found, key=lambda node: ((node.end_lineno or 0) != line, node.lineno, node.col_offset)) if found else None


def find_call_of(source: Source, node: ast.expr) -> ast.Call | None:
    """The call whose function is `node`."""
    return next((call for calls in source.calls.values() for call in calls if call.func is node), None)


def operation_location(source: Source, node: ast.Attribute | ast.Name) -> Location:
    """Where the name of the attribute or function stands, without what it is an attribute of."""
    whole = source.location(node)
    if isinstance(node, ast.Name) or whole.end_line is None or whole.end_column is None:
        return whole
    return Location(whole.path, whole.end_line, whole.end_column - len(node.attr), whole.end_line, whole.end_column)
