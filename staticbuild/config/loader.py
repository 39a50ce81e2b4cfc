"""A workspace: its packages, evaluated on demand, and the targets that they declare. Knows no rule and touches no disk.

Every package is the `staticbuild.bzl` of a folder. Files that are loaded are evaluated first, in an order that is computed and
not recursed into, once each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from staticbuild.config.engine import PRELUDE_NAME, Engine, Frame, frames_of
from staticbuild.config.schema import Foreign, Mistake, Plain, Rule, Scope, check_call, did_you_mean
from staticbuild.config.source import SourceText
from staticbuild.errors import ConfigError, Location, Problem
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target

STDLIB = "stdlib"


class Files(Protocol):
    """The files of one repository; paths are relative to it, with `/` between their parts."""

    def read(self, path: str) -> str | None:
        """The text of a file, None if there is none. Raises ConfigError for bytes that are no text."""

    def glob(self, package: str, include: Sequence[str], exclude: Sequence[str]) -> list[str]:
        """The files below a folder that match, relative to it and sorted."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a config can see of the command line."""

    target: str
    variables: Mapping[str, str]
    config_name: str = "staticbuild.bzl"


@dataclass(slots=True)
class _Evaluation:
    """The package that is being evaluated."""

    repo: str
    package: str
    targets: dict[str, Target] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class Workspace:
    """The targets of `files[""]` and of the standard rules in `files["stdlib"]`."""

    def __init__(  # noqa: PLR0913 - the parts of a workspace
        self,
        files: Mapping[str, Files],
        rules: Sequence[Rule],
        settings: Settings,
        on_print: Callable[[Location, str], None],
        contain: Callable[[], AbstractContextManager[object]] = nullcontext,
        seconds: float = 60.0,
    ) -> None:
        self._files = files
        self._rules = {rule.name: rule for rule in rules}
        self._settings = settings
        self._on_print = on_print
        self._engine = Engine(contain, seconds)
        self._modules: dict[str, Any] = {}
        # What a file's `load` names (file, text of the load), as the name of a module.
        self._aliases: dict[tuple[str, str], str] = {}
        self._packages: dict[tuple[str, str], Mapping[str, Target]] = {}
        self._current: _Evaluation | None = None
        self._printed: list[tuple[Location, str]] = []

    # --- targets ----------------------------------------------------------------------------------------------------

    def target(self, label: Label) -> Target:
        """The target that `label` names. Raises ConfigError with a suggestion."""
        return self.resolve(label, None)

    def resolve(self, label: Label, where: Location | None) -> Target:
        """The same, with an error that points to where the label was written."""
        line = self._line(where)
        if label.repo not in self._files:
            raise ConfigError(f"there is no repository `@{label.repo}`", where=where, hint="there is `@stdlib`", source_line=line)
        if self._read(label.repo, self._config_path(label.repo, label.package)) is None:
            folder = f"//{label.package}" if label.package else "this workspace"
            raise ConfigError(
                f"`{label.short}`: {folder} has no `{self._settings.config_name}`", where=where, source_line=line
            )
        targets = self.package(label.repo, label.package)
        if label.name not in targets:
            known = ", ".join(f"`{name}`" for name in targets) or "none"
            hint = did_you_mean(label.name, targets) or f"the targets there: {known}"
            raise ConfigError(f"there is no target `{label.short}`", where=where, hint=hint, source_line=line)
        return targets[label.name]

    def targets(self) -> list[Target]:
        """Every target of the user's packages, those of the root first."""
        return [target for package in self.packages() for target in self.package("", package).values()]

    def packages(self) -> list[str]:
        """The folders with a config."""
        name = self._settings.config_name
        found = self._files[""].glob("", [f"**/{name}"], [])
        return sorted(path.removesuffix(name).rstrip("/") for path in found)

    def package(self, repo: str, package: str) -> Mapping[str, Target]:
        """The targets that a folder's config declares, in its order. Raises ConfigError with all that is wrong there."""
        key = (repo, package)
        if key not in self._packages:
            path = self._config_path(repo, package)
            evaluation = _Evaluation(repo, package)
            before, self._current = self._current, evaluation
            try:
                self._evaluate_with_loads(repo, path)
            finally:
                self._current = before
                for where, text in self._printed:
                    self._on_print(where, text)
                self._printed.clear()
            _raise_all(evaluation.problems)
            self._packages[key] = MappingProxyType(evaluation.targets)
        return self._packages[key]

    # --- files ------------------------------------------------------------------------------------------------------

    def _config_path(self, repo: str, package: str) -> str:
        name = self._settings.config_name if not repo and not package else "staticbuild.bzl"
        return f"{package}/{name}" if package else name

    def _read(self, repo: str, path: str) -> str | None:
        text = self._files[repo].read(path)
        return text.removeprefix("\ufeff").replace("\r\n", "\n") if text is not None else None

    def _source(self, repo: str, path: str, where: Location | None) -> SourceText:
        text = self._read(repo, path)
        shown = _shown(repo, path)
        if text is None:
            raise ConfigError(f"there is no file `{shown}`", where=where, source_line=self._line(where))
        return SourceText(shown, text)

    def _evaluate_with_loads(self, repo: str, path: str) -> None:
        """Evaluate a package's config and, before it, what it loads. A stack instead of recursion, so that no chain is too long."""
        name = _shown(repo, path)
        sources: dict[str, SourceText] = {}
        order: list[str] = []
        stack: list[tuple[str, Location | None, bool]] = [(name, None, False)]
        active: dict[str, None] = {}
        while stack:
            module, where, expanded = stack.pop()
            if expanded:
                del active[module]
                order.append(module)
                continue
            if module in order or (module in self._modules and module != name):
                continue
            if module in active:
                cycle = [*active][[*active].index(module) :]
                raise ConfigError(
                    f"these files load each other: {' -> '.join((*cycle, module))}", where=where, source_line=self._line(where)
                )
            active[module] = None
            module_repo, module_path = _split(module)
            sources[module] = self._source(module_repo, module_path, where)
            loads = self._engine.loads(sources[module])
            stack.append((module, where, True))
            for text, place in loads:
                resolved = self._resolve_load(text, module_repo, module_path, place)
                self._aliases[module, text] = resolved
                stack.append((resolved, place, False))
        for module in order:
            self._evaluate(sources[module], is_package=module == name)

    def _resolve_load(self, text: str, repo: str, path: str, where: Location) -> str:
        line = self._line(where)
        if text.startswith(("@", "//", ":")):
            package = path.rpartition("/")[0]
            target_repo, rest = repo, text
            if text.startswith("@"):
                target_repo, separator, rest = text.removeprefix("@").partition("//")
                rest = f"//{rest}" if separator else ""
            folder, _, name = rest.removeprefix("//").rpartition(":") if not rest.startswith(":") else (package, "", rest[1:])
            found = f"{folder}/{name}" if folder and name else (folder or name)
            parts = found.split("/")
            if target_repo in self._files and found.endswith(".bzl") and not {"", ".", ".."} & set(parts):
                return _shown(target_repo, found)
            if target_repo not in self._files:
                raise ConfigError(f"there is no repository `@{target_repo}`", where=where, hint="there is `@stdlib`", source_line=line)
        raise ConfigError(
            f"`{text}` cannot be loaded",
            where=where,
            hint='write `load("//folder:file.bzl", …)`, `load(":file.bzl", …)` or `load("@stdlib//python.bzl", …)`',
            source_line=line,
        )

    def _evaluate(self, source: SourceText, *, is_package: bool) -> None:
        in_stdlib = source.path.startswith(f"@{STDLIB}//")
        names = {"config": "config", "glob": "glob", "json": "encoder", "print": "print"}
        implicit = {PRELUDE_NAME: names | ({"native": "native"} if in_stdlib else {})}
        loaded = _Loaded(self, source.path)
        try:
            module = self._engine.evaluate(source, {}, implicit, loaded)
        except ConfigError as error:
            raise self._with_load_hint(error) from error
        if not is_package:
            self._modules[source.path] = module

    def _with_load_hint(self, error: ConfigError) -> ConfigError:
        """Somebody who uses a rule without loading it gets the line that is missing."""
        problem = error.problems[0]
        for name, rule in self._rules.items():
            if f"`{name}` not found" in problem.message:
                hint = f"add this line at the top: {rule.load_line}"
                return ConfigError(
                    f"`{name}` is not loaded", where=problem.where, hint=hint, source_line=problem.source_line, notes=problem.notes
                )
        return error

    def module(self, name: str) -> Any:  # noqa: ANN401 - the engine's frozen module
        """A module that has been evaluated."""
        if name == PRELUDE_NAME and name not in self._modules:
            natives = {"__declare": self._declare, "__glob": self._glob, "__print": self._print, "__var": self._var}
            source = SourceText(PRELUDE_NAME, _prelude(self._rules.values(), self._settings.target))
            self._modules[name] = self._engine.evaluate(source, natives, {}, {}, trusted=True)
        return self._modules[name]

    # --- what Starlark calls ----------------------------------------------------------------------------------------

    def _declare(self, rule_name: str, positional: int, arguments: Mapping[str, Any], stack: str) -> None:
        """A rule was called."""
        rule = self._rules[rule_name]
        frames = frames_of(stack)
        evaluation = self._current
        if evaluation is None or not frames or frames[0].file != _shown(
            evaluation.repo, self._config_path(evaluation.repo, evaluation.package)
        ):
            raise ConfigError(
                f"`{rule_name}` can only be called while a `{self._settings.config_name}` is evaluated",
                where=self._frame_location(frames[-1]) if frames else None,
                hint="put the call into a function, and call that from the package's config",
            )
        call = _Call(self, rule, frames)
        if positional:
            evaluation.problems.append(call.problem(Mistake(f"`{rule_name}` takes named arguments only", (), 'write `name = "…"`')))
            return
        plain = {name: _plain(value) for name, value in arguments.items()}
        checked = check_call(rule, plain, Scope(evaluation.repo, evaluation.package))
        if checked.mistakes:
            evaluation.problems += [call.problem(mistake) for mistake in checked.mistakes]
            return
        if (other := evaluation.targets.get(checked.name)) is not None:
            problem = call.problem(Mistake(f"there is a target `{checked.name}` already", ("name",)))
            evaluation.problems.append(
                Problem(problem.message, problem.where, problem.hint, problem.source_line, (f"the first one: {other.location}",))
            )
            return
        evaluation.targets[checked.name] = Target(
            label=Label(evaluation.repo, evaluation.package, checked.name),
            rule=rule_name,
            attributes=checked.attributes,
            location=call.location,
            attribute_locations=MappingProxyType({name: call.argument((name,)) for name in plain}),
        )

    def _glob(self, include: object, exclude: object, stack: str) -> list[str]:
        """`glob(include, exclude)`: files of the package that is evaluated."""
        frames = frames_of(stack)
        where = self._frame_location(frames[-1]) if frames else None
        if not _is_texts(include) or not _is_texts(exclude):
            raise ConfigError("`glob` wants lists of strings", where=where, hint='for example `glob(["src/**/*.py"])`', source_line=self._line(where))
        if self._current is None:
            raise ConfigError("`glob` can only be used by a package's config", where=where)
        try:
            return self._files[self._current.repo].glob(self._current.package, list(include), list(exclude))  # type: ignore[call-overload]
        except ConfigError as error:
            raise ConfigError(error.message, where=where, hint=error.problems[0].hint, source_line=self._line(where)) from error

    def _print(self, text: str, stack: str) -> None:
        frames = frames_of(stack)
        where = self._frame_location(frames[-1]) if frames else Location("?", 1)
        self._printed.append((where, text))

    def _var(self, name: str, default: object) -> object:
        return self._settings.variables.get(name, default)

    # --- places -----------------------------------------------------------------------------------------------------

    def source(self, path: str) -> SourceText | None:
        """The text of a file that was evaluated."""
        return self._engine.sources.get(path)

    def _line(self, where: Location | None) -> str | None:
        source = self.source(where.path) if where else None
        return source.line(where.line) if source and where else None

    def _frame_location(self, frame: Frame) -> Location:
        source = self.source(frame.file)
        call = source.call_at(frame.line, None) if source else None
        return source.location(call) if source and call else Location(frame.file, frame.line)


class _Loaded(dict[str, Any]):
    """What one file may load, under the names that it uses."""

    def __init__(self, workspace: Workspace, path: str) -> None:
        super().__init__()
        self._workspace = workspace
        self._path = path

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - the engine's frozen module
        return self._workspace.module(self._workspace._aliases.get((self._path, name), name))  # noqa: SLF001 - its other half


class _Call:
    """One call of a rule: the places of its arguments in the text that the user wrote."""

    def __init__(self, workspace: Workspace, rule: Rule, frames: Sequence[Frame]) -> None:
        # The innermost call that stands in the user's own text: rules may be called by functions of the standard library.
        own = [frame for frame in frames if not frame.file.startswith(f"@{STDLIB}//")] or list(frames)
        self._frame = own[-1]
        self._outer = own[:-1]
        self._source = workspace.source(self._frame.file)
        direct = self._frame is frames[-1]
        self._call = self._source.call_at(self._frame.line, rule.name if direct else None) if self._source else None
        self.location = (
            self._source.location(self._call) if self._source and self._call else Location(self._frame.file, self._frame.line)
        )

    def argument(self, path: tuple[str | int, ...], *, name_only: bool = False) -> Location:
        """Where an argument stands, or the call if it is not written out there."""
        if self._source is None or self._call is None:
            return self.location
        return self._source.argument(self._call, path, name_only=name_only) or self.location

    def problem(self, mistake: Mistake) -> Problem:
        """A mistake, with its place."""
        where = self.argument(mistake.path, name_only=mistake.about == "name") if mistake.path else self.location
        if self._call is not None and self._source is not None and not mistake.path:
            where = self._source.location(self._call.func)
        line = self._source.line(where.line) if self._source else None
        notes = tuple(f"called from {frame.file}:{frame.line}" for frame in reversed(self._outer))
        return Problem(mistake.message, where, mistake.hint, line, notes)


def _prelude(rules: Iterable[Rule], triple: str) -> str:
    """The Starlark text that turns calls into calls of ours. Its frames never show."""
    definitions = [
        f"def _{rule.name}(*args, **kwargs):\n"
        f'    _declare("{rule.name}", len(args), {{k: _value(v) for k, v in kwargs.items()}}, str(call_stack(strip_frames = 1)))\n'
        for rule in rules
    ]
    names = ", ".join(f"{rule.name} = _{rule.name}" for rule in rules)
    return (
        "_declare = __declare\n_globbed = __glob\n_printed = __print\n_variable = __var\n"
        # Functions and structs cannot leave Starlark: their type is told instead.
        "def _value(v):\n"
        "    t = type(v)\n"
        '    if t in ("string", "int", "bool", "NoneType"):\n        return v\n'
        '    if t in ("list", "tuple"):\n        return [_value(x) for x in v]\n'
        '    if t == "dict":\n'
        '        return {(k if type(k) == "string" else repr(k)): _value(x) for k, x in v.items()}\n'
        '    return {"\\0foreign": t}\n'
        "def glob(include = [], exclude = []):\n"
        "    return _globbed(_value(include), _value(exclude), str(call_stack(strip_frames = 1)))\n"
        "def print(*args):\n"
        '    _printed(" ".join([str(a) for a in args]), str(call_stack(strip_frames = 1)))\n'
        "def _var(name, default = None):\n    return _variable(name, default)\n"
        # What cannot leave Starlark has no JSON either, and a value without end is refused by the depth of calls.
        "def _encode(value):\n    return json.encode(_value(value))\n"
        "encoder = struct(encode = _encode)\n"
        f'config = struct(target = "{triple}", var = _var)\n' + "".join(definitions) + f"native = struct({names}, glob = glob)\n"
    )


def _plain(value: Any) -> Plain:  # noqa: ANN401 - what starlark-pyo3 makes of a value
    if isinstance(value, dict):
        if set(value) == {"\0foreign"}:
            return Foreign(str(value["\0foreign"]))
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else Foreign(type(value).__name__)


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _shown(repo: str, path: str) -> str:
    return f"@{repo}//{path}" if repo else path


def _split(module: str) -> tuple[str, str]:
    if module.startswith("@"):
        repo, _, path = module[1:].partition("//")
        return repo, path
    return "", module


def _raise_all(problems: Sequence[Problem]) -> None:
    if problems:
        first = problems[0]
        raise ConfigError(
            first.message,
            where=first.where,
            hint=first.hint,
            source_line=first.source_line,
            notes=first.notes,
            more=tuple(problems[1:]),
        )
