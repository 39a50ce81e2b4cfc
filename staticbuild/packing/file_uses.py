"""Finds where a source makes paths out of where modules lie, and what becomes of the paths. Unaware of what is packed.

One module is read at a time, without running it. A *place* is what an expression is worth when it is a path that comes
from `__file__` and its like: which module's, and the steps from its file. Places are followed through assignments,
arguments and results of the module's own functions, and through `os.path` and `pathlib`, until they reach something that
looks at files (a *certain* use) or leave what can be seen here: a public variable, a result, an unknown function.

This is one abstract interpreter, and long for it: a method for each kind of expression and statement. It knows neither
order nor conditions: a name is worth all that is ever assigned to it. So it finds too much rather than too little, and
`locations` decides, with the files at hand, what of it counts.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from staticbuild.packing import file_calls as calls

_PASSES: Final = 6
_MOST_STEPS: Final = 12
_MOST_PLACES: Final = 16
_LONGEST: Final = 80
_TESTS: Final = frozenset({"tests", "test", "conftest", "_tests", "testsuite"})


@dataclass(frozen=True, slots=True)
class FileUse:
    """A place in the source `shown` where something is done with a path.

    `subject` is the module (or something in it) that the path starts from. `reach` leads from that module's file to the
    path: `../data.txt`; unless `exact`, more follows that is not known. `certain` says that
    files are looked at, not just that the path goes where it cannot be followed.
    """

    shown: str
    line: int
    column: int
    expression: str
    reason: str
    subject: str
    reach: str
    exact: bool
    certain: bool


def file_uses(source: bytes, *, module: str, is_package: bool, shown: str, runs_as_main: bool = True) -> list[FileUse]:
    """The uses in one source, in the order of its lines; none in what does not parse. Test modules have none, either.

    `runs_as_main`: whether what stands below `if __name__ == "__main__"` counts.
    """
    parts = module.split(".")
    if _TESTS.intersection(parts) or parts[-1].startswith("test_") or not calls.may_use_files(source):
        return []
    try:
        tree = ast.parse(source)
        reader = _Reader(module, is_package=is_package, runs_as_main=runs_as_main)
        for _ in range(_PASSES):
            before = reader.size
            reader.block(tree.body, reader.top)
            if reader.size == before:
                break
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [
        FileUse(
            shown,
            use.node.lineno,
            use.node.col_offset + 1,
            _shortened(ast.unparse(use.node)),
            use.reason,
            use.place.subject,
            "/".join(use.place.steps),
            use.place.exact,
            use.certain,
        )
        for use in sorted(reader.uses.values(), key=lambda use: (use.node.lineno, use.node.col_offset, use.reason))
    ]


@dataclass(frozen=True, slots=True)
class _Place:
    """A path: steps from the file of the module `subject`. `resource` is a Traversable, which needs no file."""

    subject: str
    steps: tuple[str, ...] = ()
    exact: bool = True
    resource: bool = False

    def below(self, text: str) -> _Place:
        """A path below this one, or beside it with `..`."""
        steps = list(self.steps)
        if not self.exact:
            return self
        for part in text.replace("\\", "/").split("/"):
            if any(character in part for character in "*?["):
                return replace(self, steps=tuple(steps), exact=False)
            if part == ".." and steps and steps[-1] != "..":
                steps.pop()
            elif part not in {"", "."}:
                steps.append(part)
        return replace(self, steps=tuple(steps)) if len(steps) <= _MOST_STEPS else self.open_ended()

    def parent(self) -> _Place:
        """The folder that this is in."""
        return self.below("..")

    def open_ended(self) -> _Place:
        """This, with something behind it that is not known."""
        return replace(self, exact=False)


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something that knows a path: a module, its spec or its loader."""

    kind: str
    subject: str


_Value = _Place | _Thing
_Values = frozenset[_Value]
_NOTHING: Final[_Values] = frozenset()


@dataclass(frozen=True, slots=True)
class _Use:
    node: ast.expr
    place: _Place
    reason: str
    certain: bool


@dataclass(slots=True)
class _Scope:
    """The names of a function, a class or the module. `function` is where `return` belongs."""

    above: _Scope | None
    is_class: bool = False
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    names: dict[str, _Values] = field(default_factory=dict)

    def find(self, name: str) -> _Values | None:
        """What a name is worth here; None if it is nobody's."""
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names and (scope is self or not scope.is_class):
                return scope.names[name]
            scope = scope.above
        return None


class _Reader:
    """Reads a module again and again, until nothing new turns up."""

    def __init__(self, module: str, *, is_package: bool, runs_as_main: bool) -> None:
        self.top = _Scope(None)
        self.uses: dict[tuple[int, int, str, str], _Use] = {}
        self.size = 0
        self._module = module
        self._package = module if is_package else module.rpartition(".")[0]
        self._runs_as_main = runs_as_main
        self._imports: dict[str, str] = {}
        self._scopes: dict[int, _Scope] = {}
        self._functions: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = {}
        self._classes: set[str] = set()
        self._results: dict[int, _Values] = {}
        self._attributes: dict[str, _Values] = {}

    # Statements

    def block(self, body: Sequence[ast.stmt], scope: _Scope) -> None:
        """Read statements in their order."""
        for statement in body:
            self._statement(statement, scope)

    def _statement(self, node: ast.stmt, scope: _Scope) -> None:  # noqa: C901, PLR0912 - one arm for each statement
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, scope)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Assign(targets=targets, value=value):
                values = self.value(value, scope)
                for target in targets:
                    self._assign(target, values, scope, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._assign(target, self.value(value, scope), scope, value)
            case ast.AugAssign(target=target, value=value):
                self._assign(target, self.value(value, scope), scope, value)
            case ast.Return(value=value) if value is not None:
                self._result(value, scope)
            case ast.For() | ast.AsyncFor():
                self._assign(node.target, _open(self.value(node.iter, scope)), scope, None)
                self.block([*node.body, *node.orelse], scope)
            case ast.If(test=test) if _is_main(test) and not self._runs_as_main:
                self.block(node.orelse, scope)
            case ast.Raise(exc=ast.Call(args=arguments)) | ast.Assert(msg=ast.Call(args=arguments)):
                for argument in arguments:
                    self.value(argument, scope)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    values = self.value(item.context_expr, scope)
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, values, scope, None)
                self.block(node.body, scope)
            case _:
                self._inside(node, scope)

    def _inside(self, node: ast.AST, scope: _Scope) -> None:
        """Read whatever is in a statement of no interest itself."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self._statement(child, scope)
            elif isinstance(child, ast.expr):
                self.value(child, scope)
            else:
                self._inside(child, scope)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> None:
        # Methods have a dot before their name, so that a function that is imported is not taken for one of them.
        known = self._functions.setdefault(f".{node.name}" if scope.is_class else node.name, [])
        if node not in known:
            known.append(node)
            self.size += 1
        inner = self._scope(node, scope)
        inner.function = node
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args]
        defaults = [*zip(named[len(named) - len(arguments.defaults) :], arguments.defaults, strict=True)]
        defaults += [(name, value) for name, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value]
        for argument in (*named, *arguments.kwonlyargs):
            inner.names.setdefault(argument.arg, _NOTHING)
        for argument, default in defaults:
            self._bind(inner, argument.arg, self.value(default, scope))
        for decorator in node.decorator_list:
            self.value(decorator, scope)
        self.block(node.body, inner)

    def _class(self, node: ast.ClassDef, scope: _Scope) -> None:
        self._classes.add(node.name)
        for base in node.bases:
            self.value(base, scope)
            if self._dotted(base, scope) in calls.BESIDE_CLASSES:
                name = self._dotted(base, scope)
                self._use(base, _Place(self._module, ("..",), exact=False), f"`{name}` looks for files beside", certain=False)
        self.block(node.body, self._scope(node, scope, is_class=True))

    def _scope(self, node: ast.AST, above: _Scope, *, is_class: bool = False) -> _Scope:
        return self._scopes.setdefault(id(node), _Scope(above, is_class, above.function))

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                self._imports[name] = alias.name if alias.asname else name
            return
        base = node.module or ""
        if node.level:
            parts = self._package.split(".") if self._package else []
            above = parts[: len(parts) - (node.level - 1)]
            base = ".".join([*above, *([base] if base else [])])
        for alias in node.names:
            self._imports[alias.asname or alias.name] = f"{base}.{alias.name}"

    def _assign(self, target: ast.expr, values: _Values, scope: _Scope, source: ast.expr | None) -> None:
        match target:
            case ast.Name(id=name):
                self._bind(scope, name, values)
                if scope is self.top:
                    self._keep(name, values, source)
                elif scope.is_class:
                    self._attribute(name, values, source)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for item in targets:
                    self._assign(item, values, scope, source)
            case ast.Starred(value=inner):
                self._assign(inner, values, scope, source)
            case ast.Attribute() | ast.Subscript() if ast.unparse(target).startswith("sys.path"):
                pass  # our own finder serves it
            case ast.Attribute(value=base, attr=name):
                self.value(base, scope)
                self._attribute(name, values, source)
            case ast.Subscript(value=base):
                self.value(base, scope)
                self._keep(ast.unparse(base), values, source)
            case _:
                self.value(target, scope)

    def _bind(self, scope: _Scope, name: str, values: _Values) -> None:
        self._grow(scope.names, name, values)

    def _grow(self, table: dict[str, _Values] | dict[int, _Values], key: str | int, values: _Values) -> None:
        """Add to what is known; what has too many values has none that is exact."""
        old = table.get(key, _NOTHING)  # type: ignore[arg-type]
        new = old | values
        if len(new) > _MOST_PLACES:
            return
        if new != old or key not in table:
            table[key] = new  # type: ignore[index]
            self.size += 1

    def _attribute(self, name: str, values: _Values, source: ast.expr | None) -> None:
        self._grow(self._attributes, name, values)
        self._keep(name, values, source)

    def _keep(self, name: str, values: _Values, source: ast.expr | None) -> None:
        """A variable or attribute: others can see it, unless its name is private."""
        if source is not None and not name.startswith("_"):
            for place in _paths(values):
                self._use(source, place, f"is kept in `{name}`", certain=False)

    def _result(self, node: ast.expr, scope: _Scope) -> None:
        values = self.value(node, scope)
        if scope.function is None:
            return
        self._grow(self._results, id(scope.function), values)
        if not scope.function.name.startswith("_"):
            for place in _paths(values):
                self._use(node, place, f"is what `{scope.function.name}` returns", certain=False)

    def _use(self, node: ast.expr, place: _Place, reason: str, *, certain: bool) -> None:
        key = (node.lineno, node.col_offset, reason, f"{place}")
        # Of a module that cannot be named from here, nobody can say whether its files are wanted.
        if place.subject and key not in self.uses:
            self.uses[key] = _Use(node, place, reason, certain)
            self.size += 1

    # Expressions

    def value(self, node: ast.expr, scope: _Scope) -> _Values:  # noqa: C901, PLR0911, PLR0912 - one arm for each expression
        """What an expression is worth; what happens in it is noted."""
        match node:
            case ast.Name(id=name):
                return self._name(name, scope)
            case ast.Attribute():
                return self._get(node, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.BinOp():
                return self._operation(node, scope)
            case ast.JoinedStr(values=pieces):
                return self._text(pieces, scope)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.value(test, scope)
                return self.value(body, scope) | self.value(orelse, scope)
            case ast.BoolOp(values=items) | ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                return _NOTHING.union(*(self.value(item, scope) for item in items))
            case ast.Dict(keys=keys, values=items):
                for key in keys:
                    if key is not None:
                        self.value(key, scope)
                return _NOTHING.union(*(self.value(item, scope) for item in items))
            case ast.NamedExpr(target=target, value=inner):
                values = self.value(inner, scope)
                self._assign(target, values, scope, None)
                return values
            case ast.Starred(value=inner) | ast.Await(value=inner):
                return self.value(inner, scope)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, scope)
            case ast.Yield(value=inner) | ast.YieldFrom(value=inner) if inner is not None:
                self._result(inner, scope)
                return _NOTHING
            case ast.Lambda(body=body):
                self.value(body, self._scope(node, scope))
                return _NOTHING
            case ast.Constant():
                return _NOTHING
            case _:
                self._inside(node, scope)
                return _NOTHING

    def _name(self, name: str, scope: _Scope) -> _Values:
        known = scope.find(name)
        own: dict[str, _Value] = {
            "__file__": _Place(self._module),
            "__path__": _Place(self._module, ("..",)),
            "__spec__": _Thing("spec", self._module),
            "__loader__": _Thing("loader", self._module),
        }
        if name in own:
            return (known or _NOTHING) | {own[name]}
        if known is not None:
            return known
        if name in self._imports:
            return frozenset({_Thing("module", self._imports[name])})
        return _NOTHING

    def _get(self, node: ast.Attribute, scope: _Scope) -> _Values:
        name = node.attr
        if isinstance(node.value, ast.Name) and (node.value.id in {"self", "cls"} or node.value.id in self._classes):
            return self._attributes.get(name, _NOTHING)
        found: set[_Value] = set()
        values = self.value(node.value, scope)
        for value in values:
            if isinstance(value, _Thing):
                if (of := _of_thing(value, name)) is not None:
                    found.add(of)
            elif name in {"parent", "parents"}:
                found.add(value.parent() if name == "parent" else value.parent().open_ended())
        if name == "co_filename" and _is_own_frame(node, self._dotted, scope):
            found.add(_Place(self._module))
        return frozenset(found)

    def _subscript(self, node: ast.Subscript, scope: _Scope) -> _Values:
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(node.value, ast.Attribute) and node.value.attr == "parents" and isinstance(index, int) and index >= 0:
            return _each(self.value(node.value.value, scope), lambda place: place.below("../" * (index + 1)))
        dotted = self._dotted(node.value, scope)
        if dotted == "sys.modules":
            return frozenset({_Thing("module", self._named_module(node.slice, scope))})
        if isinstance(node.value, ast.Call) and self._dotted(node.value.func, scope) in calls.SPLIT and node.value.args:
            inner = self.value(node.value.args[0], scope)
            if index != 0:
                return _NOTHING
            is_split = self._dotted(node.value.func, scope) == "os.path.split"
            return _each(inner, lambda place: place.parent() if is_split else place.parent().open_ended())
        values = self.value(node.value, scope)
        self.value(node.slice, scope)
        return values

    def _operation(self, node: ast.BinOp, scope: _Scope) -> _Values:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if isinstance(node.op, ast.Div):
            return self._joined(left, [node.right])
        if isinstance(node.op, ast.Add):
            if isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
                return _NOTHING if _is_sentence(node.left.value) else _open(right)
            if isinstance(node.right, ast.Constant) and isinstance(node.right.value, str):
                return self._joined(left, [node.right]) if node.right.value.startswith("/") else _suffixed(left)
            return _open(left | right) if not _is_joined_text(node.right) else _NOTHING
        if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
            return _NOTHING if _is_sentence(node.left.value) else _open(right)
        return _NOTHING

    def _text(self, pieces: Sequence[ast.expr], scope: _Scope) -> _Values:
        """An f-string: a path, or a sentence that has one in it."""
        inner = [piece.value for piece in pieces if isinstance(piece, ast.FormattedValue)]
        values = [self.value(piece, scope) for piece in inner]
        constants = [str(piece.value) for piece in pieces if isinstance(piece, ast.Constant)]
        if any(map(_is_sentence, constants)):
            return _NOTHING
        first = len(pieces) == 2 and isinstance(pieces[0], ast.FormattedValue) and len(constants) == 1  # noqa: PLR2004 - a pair
        if first and constants[0].startswith("/"):
            return self._joined(values[0], [pieces[1]])
        return _open(_NOTHING.union(*values))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: _Scope) -> _Values:
        inner = self._scope(node, scope)
        inner.function = None
        for generator in node.generators:
            self._assign(generator.target, _open(self.value(generator.iter, inner)), inner, None)
            for condition in generator.ifs:
                self.value(condition, inner)
        if isinstance(node, ast.DictComp):
            self.value(node.key, inner)
            return self.value(node.value, inner)
        return self.value(node.elt, inner)

    # Calls

    def _call(self, node: ast.Call, scope: _Scope) -> _Values:  # noqa: C901, PLR0911, PLR0912 - one branch for each kind of call
        name = self._dotted(node.func, scope)
        last = node.func.attr if isinstance(node.func, ast.Attribute) else name.rpartition(".")[2]
        if isinstance(node.func, ast.Attribute) and (places := _all_paths(self.value(node.func.value, scope))):
            return self._method(node, node.func.attr, places, scope)
        if (source := self._source(node, name, scope)) is not None:
            return source
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        values = [self.value(argument, scope) for argument in arguments]
        if name in calls.PARENT and values:
            return _each(values[0], _Place.parent)
        if name in calls.JOIN and values:
            return self._joined(values[0], node.args[1:])
        if name in calls.SAME or last == "Path":
            found = _NOTHING.union(*values)
            joined = self._joined(values[0], node.args[1:]) if last == "Path" and values else found
            # What was a resource is a path of the system from here on.
            return _each(joined, lambda place: replace(place, resource=False)) if last in {"str", "Path", "fspath"} else joined
        if name in calls.SPLIT:
            return _open(_NOTHING.union(*values))
        if (
            name in calls.HARMLESS
            or name.startswith("__path__.")
            or (isinstance(node.func, ast.Attribute) and node.func.attr in calls.TELLING | calls.COMPARING)
        ):
            return _NOTHING
        if name in calls.NOT_FILES:
            return self._passed(node, arguments, values, certain=False)
        if name in calls.FILE_CALLS or name.rpartition(".")[0] in calls.FILE_MODULES or last in calls.FILE_NAMES:
            return self._passed(node, arguments, values, certain=True)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            return _open(_NOTHING.union(*values))  # `os.sep.join(…)`, `"/".join(…)`
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant):
            text = node.func.value.value
            is_path = node.func.attr == "format" and isinstance(text, str) and not _is_sentence(text)
            return _open(_NOTHING.union(*values)) if is_path else _NOTHING
        if (functions := self._own_functions(node.func)) is not None:
            return self._own_call(node, functions, scope)
        if any(_all_paths(value) for value in values):
            return self._passed(node, arguments, values, certain=False)
        return _NOTHING

    def _method(self, node: ast.Call, method: str, places: Iterable[_Place], scope: _Scope) -> _Values:
        """A method of a path, or of a container of paths."""
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        for argument in arguments:
            self.value(argument, scope)
        values: _Values = frozenset(places)
        if method == "joinpath":
            return self._joined(values, node.args)
        if method == "with_name":
            return self._joined(_each(values, _Place.parent), node.args)
        if method in {"with_suffix", "with_stem"}:
            return _each(values, lambda place: place.parent().open_ended())
        if method in calls.FILE_METHODS:
            for place in places:
                if not place.resource:
                    self._use(node, place, f"is looked at with `{method}`", certain=True)
            return _open(values) if method in {"iterdir", "glob", "rglob", "walk", "readlink"} else _NOTHING
        if method in {"resolve", "absolute", "expanduser"}:
            return values
        return _open(values) if method in calls.PATH_METHODS else _NOTHING

    def _source(self, node: ast.Call, name: str, scope: _Scope) -> _Values | None:  # noqa: C901, PLR0911 - as above
        """What a call is worth that asks for a path, a module, or something that knows one; None if it does not."""
        first = node.args[0] if node.args else None
        last = node.func.attr if isinstance(node.func, ast.Attribute) else name.rpartition(".")[2]
        if name in calls.FIND_SPEC or name in calls.GET_LOADER or name in calls.GET_MODULE:
            kind = "spec" if name in calls.FIND_SPEC else "loader" if name in calls.GET_LOADER else "module"
            return frozenset({_Thing(kind, self._named_module(first, scope))})
        if name in calls.GET_FILE:
            return frozenset({_Place(self._module_of(first, scope))})
        if name == "inspect.getmodule":
            return frozenset({_Thing("module", self._module_of(first, scope))})
        if name in calls.FILES:
            subject = self._package_of(first, scope)
            return frozenset({_Place(subject, ("..",), resource=True)})
        if name in calls.RESOURCE_FILENAME:
            place = _Place(self._package_of(first, scope), ("..",))
            return self._joined(frozenset({place}), node.args[1:])
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get_filename":
            loaders = [value for value in self.value(node.func.value, scope) if isinstance(value, _Thing)]
            if loaders:
                return frozenset(_Place(loader.subject) for loader in loaders if loader.kind == "loader")
        if last in calls.BESIDE_MODULE:
            which, default, other, certain = calls.BESIDE_MODULE[last]
            if len(node.args) > which and (subject := self._named_module(node.args[which], scope)):
                place = _Place(subject, ("..",))
                below = node.args[other : other + 1] if other >= 0 else []
                places = self._joined(frozenset({place}), below) if below else frozenset({place.below(default)})
                for found in _all_paths(places):
                    self._use(
                        node, found if certain else found.open_ended(), f"`{last}` looks for files there", certain=certain
                    )
                for argument in node.keywords:
                    self.value(argument.value, scope)
                return _NOTHING
        return None

    def _own_functions(self, node: ast.expr) -> list[ast.FunctionDef | ast.AsyncFunctionDef] | None:
        """The functions of this module that a call may mean; None if it is none of them."""
        match node:
            case ast.Name(id=name):
                return self._functions.get(".__init__" if name in self._classes else name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                return self._functions.get(f".{name}")
        return None

    def _own_call(self, node: ast.Call, functions: Iterable[ast.FunctionDef | ast.AsyncFunctionDef], scope: _Scope) -> _Values:
        """Hand the arguments to the module's own functions; the call is worth what they return."""
        result = _NOTHING
        for function in functions:
            inner = self._scopes.get(id(function))
            if inner is None:
                continue
            names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
            if names and names[0] in {"self", "cls"}:
                names = names[1:]
            for name, argument in zip(names, node.args, strict=False):
                self._bind(inner, name, self.value(argument, scope))
            for keyword in node.keywords:
                if keyword.arg is not None:
                    self._bind(inner, keyword.arg, self.value(keyword.value, scope))
            if function.args.vararg is not None:
                rest = _NOTHING.union(*(self.value(argument, scope) for argument in node.args[len(names) :]))
                self._bind(inner, function.args.vararg.arg, rest)
            result |= self._results.get(id(function), _NOTHING)
        return result

    def _passed(self, node: ast.Call, arguments: Sequence[ast.expr], values: Sequence[_Values], *, certain: bool) -> _Values:
        reason = f"is passed to `{_shortened(ast.unparse(node.func))}`"
        # Programs are run in the package's folder to ask git for a version; where that folder is not, they do without.
        folders = {id(keyword.value) for keyword in node.keywords if keyword.arg == "cwd"}
        for argument, value in zip(arguments, values, strict=True):
            for place in _all_paths(value):
                # A Traversable is read by those who take one; only what wants a name of the system needs a file.
                if not place.resource or certain:
                    self._use(argument, place, reason, certain=certain and id(argument) not in folders)
        return _NOTHING

    def _joined(self, values: _Values, pieces: Sequence[ast.expr]) -> _Values:
        """Paths with constants, or something unknown, behind them."""
        for piece in pieces:
            if isinstance(piece, ast.Constant) and isinstance(piece.value, str):
                text = piece.value
                values = _each(values, lambda place, text=text: place.below(text))  # type: ignore[misc]
            else:
                return _open(values)
        return values

    # Names

    def _dotted(self, node: ast.expr, scope: _Scope) -> str:
        """The dotted name that an expression resolves to by the module's imports; "" when it has none."""
        if isinstance(node, ast.Name):
            known = scope.find(node.id)
            name = "" if known is not None else self._imports.get(node.id, node.id)
        elif isinstance(node, ast.Attribute):
            base = self._dotted(node.value, scope)
            name = f"{base}.{node.attr}" if base else ""
        else:
            name = ""
        for alias, real in calls.ALIASES.items():
            if name == alias or name.startswith(f"{alias}."):
                return real + name[len(alias) :]
        return name

    def _named_module(self, node: ast.expr | None, scope: _Scope) -> str:  # noqa: PLR0911 - one for each spelling
        """The module that a name in an expression means; "" if that cannot be seen."""
        match node:
            case ast.Constant(value=str(name)):
                return name.lstrip(".") if not name.startswith(".") else ""
            case ast.Name(id="__name__"):
                return self._module
            case ast.Name(id="__package__") | ast.Attribute(value=ast.Name(id="__spec__"), attr="parent"):
                return self._package
            case ast.Attribute(value=base, attr="__name__"):
                return self._module_of(base, scope)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr="__module__"):
                return self._module
            case ast.Call(func=ast.Attribute(value=ast.Name(id="__name__"), attr="split" | "partition" | "rpartition")):
                return self._module
            case ast.Subscript(value=inner):
                return self._named_module(inner, scope)
        return ""

    def _module_of(self, node: ast.expr | None, scope: _Scope) -> str:  # noqa: PLR0911 - one for each spelling
        """The module that an object comes from; "" if that cannot be seen."""
        match node:
            case ast.Name(id=name) if name in self._classes or name in self._functions or name in {"cls", "self"}:
                return self._module
            case ast.Call(func=ast.Name(id="type"), args=[ast.Name(id="self")]):
                return self._module
            case ast.Attribute(value=ast.Name(id="self"), attr="__class__") | ast.Lambda():
                return self._module
            case ast.Call(func=function) if self._dotted(function, scope) in calls.FRAMES:
                return self._module
            case None:
                return ""
        for value in self.value(node, scope):
            if isinstance(value, _Thing):
                return value.subject
        dotted = self._dotted(node, scope)
        return dotted if "." in dotted or dotted in self._imports.values() else ""

    def _package_of(self, node: ast.expr | None, scope: _Scope) -> str:
        """The package that `files(…)` is asked for: by name, as a module, or by default the caller's own."""
        if node is None:
            return self._module
        return self._named_module(node, scope) or self._module_of(node, scope)


def _of_thing(thing: _Thing, name: str) -> _Value | None:
    """An attribute of a module, a spec or a loader."""
    match thing.kind, name:
        case ("module", "__file__") | ("spec", "origin") | ("loader", "path"):
            return _Place(thing.subject)
        case ("module", "__path__") | ("spec", "submodule_search_locations"):
            return _Place(thing.subject, ("..",))
        case ("module", "__spec__"):
            return _Thing("spec", thing.subject)
        case ("module", "__loader__") | ("spec", "loader"):
            return _Thing("loader", thing.subject)
        case ("module", _) if not name.startswith("__"):
            return _Thing("module", f"{thing.subject}.{name}" if thing.subject else "")
    return None


def _each(values: _Values, change: Callable[[_Place], _Place]) -> _Values:
    return frozenset(change(value) for value in values if isinstance(value, _Place))


def _open(values: _Values) -> _Values:
    return _each(values, _Place.open_ended)


def _suffixed(values: _Values) -> _Values:
    """Paths with something behind their last part: a file beside."""
    return _each(values, lambda place: place.parent().open_ended() if place.steps[-1:] != ("..",) else place.open_ended())


def _all_paths(values: _Values) -> list[_Place]:
    return [value for value in values if isinstance(value, _Place)]


def _paths(values: _Values) -> Iterator[_Place]:
    """Paths of the system: a Traversable can be kept and returned without a file."""
    return (place for place in _all_paths(values) if not place.resource)


def _is_sentence(text: str) -> bool:
    """Whether a constant around a path makes it part of a message."""
    return any(character.isspace() for character in text)


def _is_joined_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_sentence(node.value)


def _is_main(test: ast.expr) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
    return False


def _is_own_frame(node: ast.Attribute, dotted: Callable[[ast.expr, _Scope], str], scope: _Scope) -> bool:
    """`currentframe().f_code.co_filename`, without an argument."""
    match node.value:
        case ast.Attribute(value=ast.Call(func=function, args=[]), attr="f_code"):
            return dotted(function, scope) in calls.FRAMES
    return False


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
