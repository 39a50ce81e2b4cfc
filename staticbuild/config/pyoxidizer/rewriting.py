"""Rewrites attribute operations of a config into calls of the prelude's helpers. Knows Starlark's grammar, not what is meant.

The library gives values of Python no attributes. So `x.a` becomes `__g(x,"a")`, `x.m(1)` becomes `__c(x,"m",1)`, `x.a = v`
becomes `__s(x,"a",v)` and `x.a += v` becomes `__a(x,"a","+",v)`; the helpers hand values of Starlark's own on to `getattr`.
Edits stay within lines, so that lines keep their numbers, and each is remembered, so that columns can be mapped back.
"""

from __future__ import annotations

import ast
import bisect
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from staticbuild.config.syntax import Source
from staticbuild.errors import ConfigError

# Methods of Starlark's own values, which need no helper.
NATIVE: Final = frozenset(
    (
        *("append", "clear", "extend", "index", "insert", "pop", "get", "items", "keys", "popitem", "setdefault", "update"),
        *("values", "capitalize", "count", "elems", "endswith", "find", "format", "isalnum", "isalpha", "isdigit", "islower"),
        *("isspace", "istitle", "isupper", "join", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace"),
        *("rfind", "rindex", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "title", "upper"),
    )
)

# Builtins that must know our values; as long as the file binds no such name itself.
BUILTINS: Final = ("type", "hasattr", "getattr", "dir", "str", "repr")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text after rewriting. `columns` maps a line to pairs of a column in `text` and the one before, both from 0."""

    text: str
    columns: Mapping[int, Sequence[tuple[int, int]]] = field(repr=False)

    def column(self, line: int, column: int) -> int:
        """Where `column` of the rewritten `line` stood before; columns count from 1."""
        pairs = self.columns.get(line)
        if not pairs:
            return column
        index = bisect.bisect_right(pairs, (column - 1, 1 << 60)) - 1
        new, old = pairs[max(index, 0)]
        mapped = old + (column - 1 - new)
        if index + 1 < len(pairs):
            mapped = min(mapped, pairs[index + 1][1])
        return mapped + 1


def rewrite(source: Source, native: Collection[str], bound: Collection[str]) -> Rewritten:
    """`source` rewritten. `native` are attributes that stay, `bound` the names that the file binds itself.

    Raises ConfigError for the few forms that cannot be rewritten.
    """
    rewriter = _Rewriter(source, frozenset(native), frozenset(BUILTINS) - frozenset(bound))
    for statement in source.tree.body:
        rewriter.statement(statement)
    return rewriter.applied()


class _Rewriter:
    """Gathers edits in the order of the text, which is why children are visited between their parents' edits."""

    def __init__(self, source: Source, native: frozenset[str], builtins: frozenset[str]) -> None:
        self._source = source
        self._native = native
        self._builtins = builtins
        self._text = source.text
        self._starts = [0]
        for line in source.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._edits: list[tuple[int, int, str]] = []
        self._temporaries = 0

    def statement(self, node: ast.stmt) -> None:
        """Take up one statement, with those inside of it."""
        match node:
            case ast.Assign(targets=[ast.Attribute() as target]) if self._wants(target):
                self._assignment(node, target, "__s(", "")
            case ast.AugAssign(target=ast.Attribute() as target) if self._wants(target):
                self._assignment(node, target, "__a(", self._operator(node, target))
            case ast.Assign(targets=[ast.Tuple() | ast.List() as target]):
                self._unpacking(node, target)
            case ast.Expr(value=ast.Call(func=ast.Name(id="load"))):
                pass
            case ast.FunctionDef():
                for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
                    self._visit(default)
                for inner in node.body:
                    self.statement(inner)
            case _:
                self._visit(node)

    def applied(self) -> Rewritten:
        """The text with all edits, and how its columns map back."""
        pieces: list[str] = []
        columns: dict[int, list[tuple[int, int]]] = {}
        position, line, new, old = 0, 1, 0, 0
        for start, end, text in sorted(self._edits, key=lambda edit: edit[0]):  # stable: edits at one place keep their order
            kept = self._text[position:start]
            pieces += (kept, text)
            if "\n" in kept:
                line += kept.count("\n")
                new = old = len(kept) - kept.rfind("\n") - 1
            else:
                new, old = new + len(kept), old + len(kept)
            pairs = columns.setdefault(line, [(0, 0)])
            pairs.append((new, old))
            new, old = new + len(text), old + (end - start)
            pairs.append((new, old))
            position = end
        pieces.append(self._text[position:])
        return Rewritten("".join(pieces), columns)

    # --- statements ---

    def _assignment(self, node: ast.Assign | ast.AugAssign, target: ast.Attribute, helper: str, operator: str) -> None:
        """`x.a = v` and `x.a += v`."""
        self._edit(self._start(target), self._start(target), helper)
        self._visit(target.value)
        self._name(target)
        sign = self._text.index("=", self._end(target))
        between = self._text[self._end(target) : sign]
        if ")" in between or "\\" in between:
            raise self._refused(target, "an attribute that is assigned to cannot stand in brackets")
        self._edit(self._end(target), sign + 1, f',"{operator}",' if operator else ",")
        bare = isinstance(node.value, ast.Tuple) and self._text[self._start(node.value)] != "("
        if bare:
            self._edit(self._start(node.value), self._start(node.value), "(")
        self._visit(node.value)
        self._edit(self._end(node), self._end(node), "))" if bare else ")")

    def _operator(self, node: ast.AugAssign, target: ast.Attribute) -> str:
        sign = self._text.index("=", self._end(target))
        del node
        return self._text[self._end(target) : sign].strip()

    def _unpacking(self, node: ast.Assign, target: ast.Tuple | ast.List) -> None:
        """`x.a, y = v` becomes `__t0, y = v; __s(x,"a",__t0)`."""
        later: list[str] = []
        for element in target.elts:
            if isinstance(element, ast.Attribute) and self._wants(element):
                name = f"__t{self._temporaries}"
                self._temporaries += 1
                owner = ast.unparse(element.value)
                if not isinstance(element.value, ast.Name):
                    raise self._refused(element, "several values can be assigned to attributes of plain names only")
                later.append(f'__s({owner},"{element.attr}",{name})')
                self._edit(self._start(element), self._end(element), name)
            else:
                self._visit(element)
        self._visit(node.value)
        if later:
            self._edit(self._end(node), self._end(node), "; " + "; ".join(later))

    # --- expressions ---

    def _visit(self, node: ast.AST) -> None:
        match node:
            case ast.Attribute(ctx=ast.Load()) if self._wants(node):
                self._edit(self._start(node), self._start(node), "__g(")
                self._visit(node.value)
                self._name(node)
                self._edit(self._end(node), self._end(node), ")")
            case ast.Attribute(ctx=ast.Store()) if self._wants(node):
                raise self._refused(node, "an attribute can be assigned to in a statement of its own only")
            case ast.Call(func=ast.Attribute() as method) if self._wants(method) and self._is_called_plainly(method):
                self._edit(self._start(node), self._start(node), "__c(")
                self._visit(method.value)
                self._name(method)
                bracket = self._text.index("(", self._end(method))
                self._edit(bracket, bracket + 1, "," if node.args or node.keywords else "")
                self._arguments(node)
            case ast.Call(func=ast.Name(id=name) as function) if name in self._builtins:
                self._edit(self._start(function), self._end(function), f"__{name}")
                self._arguments(node)
            case ast.Call():
                self._visit(node.func)
                self._arguments(node)
            case ast.stmt():
                for child in _in_order(node):
                    if isinstance(child, ast.stmt):
                        self.statement(child)
                    else:
                        self._visit(child)
            case _:
                for child in _in_order(node):
                    self._visit(child)

    def _arguments(self, call: ast.Call) -> None:
        given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        for argument in sorted(given, key=lambda each: (each.lineno, each.col_offset)):
            self._visit(argument)

    def _wants(self, node: ast.Attribute) -> bool:
        plain = (ast.Constant, ast.List, ast.Dict, ast.Tuple, ast.ListComp, ast.DictComp, ast.JoinedStr)
        return node.attr not in self._native and not isinstance(node.value, plain)

    def _is_called_plainly(self, method: ast.Attribute) -> bool:
        """Whether the bracket that follows belongs to the call: not in `(x.m)(1)`."""
        return not self._text[self._end(method) :].lstrip().startswith(")")

    def _name(self, node: ast.Attribute) -> None:
        """Edit `.name` into `,"name"`."""
        end = self._end(node)
        start = end - len(node.attr)
        dot = self._text.rindex(".", self._end(node.value), start)
        self._edit(dot, dot + 1, ",")
        self._edit(start, end, f'"{node.attr}"')

    # --- places ---

    def _edit(self, start: int, end: int, text: str) -> None:
        self._edits.append((start, end, text))

    def _start(self, node: ast.expr | ast.stmt) -> int:
        return self._offset(node.lineno, node.col_offset)

    def _end(self, node: ast.expr | ast.stmt) -> int:
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def _offset(self, line: int, byte: int) -> int:
        text = self._source.line(line)
        return self._starts[line - 1] + (byte if text.isascii() else len(text.encode()[:byte].decode(errors="ignore")))

    def _refused(self, node: ast.expr, message: str) -> ConfigError:
        return ConfigError.of([self._source.problem(message, self._source.location(node), hint="write two statements")])


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of `node` in the order of the text, which for a conditional or a comprehension is not that of its fields."""
    children = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.stmt | ast.keyword)]
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.comprehension):
            children += (child.target, child.iter, *child.ifs)
    return iter(sorted(children, key=lambda child: (child.lineno, child.col_offset)))
