"""Looks at the text of one config file before Starlark sees it, and finds places in it again. Evaluates nothing.

Starlark's syntax is, for what is needed here, a part of Python's, so that Python's own parser serves. What it is for:

* refusing what the engine would compute wrongly or crash on (see `check`), with the exact place;
* finding an argument of a call by the line on which the call stands, for errors about that argument.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from staticbuild.errors import ConfigError, Location, Problem

# The largest config that anybody wrote by hand is a hundredth of this.
_MOST_BYTES = 1 << 20
# starlark-rust recurses over the syntax tree; measured to be safe far beyond this on the stack that it is given.
_MOST_DEPTH = 300
_MOST_BRACKETS = 150
_INT32_BITS = 31


@dataclass(frozen=True)
class SourceText:
    """The text of the file `path`, as it is shown in messages."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines, without their ends."""
        return self.text.split("\n")

    @cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree, None for what Python cannot parse. Raises ConfigError for absurd nesting."""
        try:
            return ast.parse(self.text)
        except SyntaxError as error:
            if "nested" in str(error.msg) or "too complex" in str(error.msg) or "overflow" in str(error.msg):
                raise self._too_deep(error.lineno or 1) from None
            return None
        except (RecursionError, MemoryError):
            raise self._too_deep(1) from None
        except ValueError:
            return None

    def line(self, number: int) -> str | None:
        """The line with this number, from 1."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else None

    def problem(self, message: str, node: ast.expr | ast.stmt, hint: str | None = None) -> Problem:
        """Something that is wrong with `node`."""
        where = self.location(node)
        return Problem(message, where, hint, self.line(where.line))

    def location(self, node: ast.expr | ast.stmt | ast.keyword) -> Location:
        """Where `node` stands; columns in characters, where the syntax tree counts bytes."""
        line, end_line = node.lineno, node.end_lineno or node.lineno
        column = self._character(line, node.col_offset)
        end = self._character(end_line, node.end_col_offset or node.col_offset)
        return Location(self.path, line, column + 1, end_line, end + 1)

    def _character(self, line: int, offset: int) -> int:
        text = self.line(line) or ""
        return len(text.encode()[:offset].decode(errors="ignore"))

    def check(self) -> None:
        """Refuse what must not reach the engine. Raises ConfigError with all problems."""
        if "\0" in self.text:
            line = self.text.count("\n", 0, self.text.index("\0")) + 1
            raise ConfigError("this file holds a null byte", where=Location(self.path, line), hint="is it a text file?")
        if len(self.text) > _MOST_BYTES:
            raise ConfigError(f"this file has more than {_MOST_BYTES:,} characters", where=Location(self.path, 1))
        self._check_brackets()
        if self.tree is None:
            return
        problems = list(self._problems(self.tree))
        if problems:
            first = problems[0]
            raise ConfigError(
                first.message, where=first.where, hint=first.hint, source_line=first.source_line, more=tuple(problems[1:])
            )

    def _check_brackets(self) -> None:
        """Brackets first: they can be counted without a parser, which itself would recurse."""
        depth = 0
        try:
            for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
                if token.type == tokenize.OP:
                    depth += (token.string in "([{") - (token.string in ")]}")
                    if depth > _MOST_BRACKETS:
                        raise self._too_deep(token.start[0])
        except (tokenize.TokenError, IndentationError, SyntaxError):
            return  # the engine says better what is wrong

    def _too_deep(self, line: int) -> ConfigError:
        return ConfigError(
            "this is nested too deeply",
            where=Location(self.path, line),
            hint="put parts of it into variables or functions",
            source_line=(self.line(line) or "")[:200],
        )

    def _problems(self, tree: ast.Module) -> Iterator[Problem]:
        pending: list[tuple[ast.AST, int]] = [(tree, 0)]
        while pending:
            node, depth = pending.pop()
            if isinstance(node, ast.expr | ast.stmt):
                if depth > _MOST_DEPTH:
                    error = self._too_deep(node.lineno)
                    yield error.problems[0]
                    return
                if (problem := self._trap(node)) is not None:
                    yield problem
            depth += 1
            if isinstance(node, ast.BoolOp):
                depth += len(node.values)
            elif isinstance(node, ast.Compare):
                depth += len(node.ops)
            pending += [(child, depth) for child in ast.iter_child_nodes(node)]

    def _trap(self, node: ast.AST) -> Problem | None:
        """What the engine would compute wrongly."""
        match node:
            case ast.BinOp(op=ast.LShift()) if not _is_small_shift(node):
                return self.problem(
                    "shifts can only be used where both numbers are written out and the result is below 2**31",
                    node,
                    "multiply by a power of two instead",
                )
            case ast.AugAssign(op=ast.LShift()):
                return self.problem("`<<=` cannot be used here", node, "multiply by a power of two instead")
            case ast.Constant(value=float()):
                return self.problem("there are no floats in a config", node, "use a whole number, or a string")
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                return self.problem("`/` would make a float, and there are none in a config", node, "use `//`")
            case ast.Call(func=ast.Name(id="float")):
                return self.problem("there are no floats in a config", node, "use a whole number, or a string")
            case _:
                return None

    # --- finding arguments ------------------------------------------------------------------------------------------

    def call_at(self, line: int, function: str | None) -> ast.Call | None:
        """The call that begins on `line`; of several, the one whose function has this name."""
        if self.tree is None:
            return None
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call) and node.lineno == line]
        named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == function]
        return (named or calls or [None])[0]

    def argument(self, call: ast.Call, path: tuple[str | int, ...], *, name_only: bool = False) -> Location | None:
        """Where the part of an argument stands that `path` leads to, or the nearest part around it."""
        keyword = next((keyword for keyword in call.keywords if path and keyword.arg == path[0]), None)
        if keyword is None:
            return None
        if name_only:
            where = self.location(keyword)
            return Location(where.path, where.line, where.column, where.line, where.column + len(str(keyword.arg)))
        node: ast.expr = keyword.value
        for key in path[1:]:
            inner = _child(node, key)
            if inner is None:
                break
            node = inner
        return self.location(node)


def _child(node: ast.expr, key: str | int) -> ast.expr | None:
    if isinstance(node, ast.List | ast.Tuple) and isinstance(key, int) and key < len(node.elts):
        return node.elts[key]
    if isinstance(node, ast.Dict):
        for name, value in zip(node.keys, node.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                return value
    return None


def _is_small_shift(node: ast.BinOp) -> bool:
    left, right = node.left, node.right
    if not (isinstance(left, ast.Constant) and isinstance(right, ast.Constant)):
        return False
    if not (isinstance(left.value, int) and isinstance(right.value, int)):
        return False
    return 0 <= right.value < _INT32_BITS and left.value << right.value < 1 << _INT32_BITS
