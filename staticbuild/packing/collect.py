"""Which modules and files a tree of files is, as the import system would see it. Unaware of where the tree lies.

Names decide, by the rules of `importlib`'s path finder: a folder with `__init__.py` is a package and wins over a module
of that name, a module wins over a folder without one, and any other folder with a proper name is a namespace package
(PEP 420), also if it holds only data. What cannot be imported is a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from staticbuild.errors import ConfigError, Problem, StaticbuildError
from staticbuild.packing.bytecode import Compiled, Mistake, Source, compile_all, from_pyc
from staticbuild.packing.policy import is_wanted, is_wanted_folder, matcher
from staticbuild.packing.resource import File, Module, ModuleKind

_SOURCE = ".py"
_COMPILED = ".pyc"
_INIT = "__init__"
_MOST_LINKS = 40
_NAMES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Found:
    """One file of a tree: its path there, what it holds, and how messages call it."""

    path: str
    data: bytes
    executable: bool = False
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one file that a person should know; `fatal` when nothing can be packed because of it."""

    shown: str
    mistake: Mistake
    fatal: bool


@dataclass(frozen=True, slots=True)
class Collected:
    """What a tree became, and what there is to say about it."""

    modules: tuple[Module, ...]
    files: tuple[File, ...]
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Strictness:
    """What is said of sources that do not compile, and of those that compile with a warning."""

    broken_is_fatal: bool
    tells_warnings: bool


APPLICATION = Strictness(broken_is_fatal=True, tells_warnings=True)
FOREIGN = Strictness(broken_is_fatal=False, tells_warnings=False)


def collect_tree(
    found: Sequence[Found],
    *,
    prefix: str,
    strictness: Strictness,
    optimize: int,
    compiler: Callable[..., Sequence[Compiled]] = compile_all,
) -> Collected:
    """The modules and files that `found` is when it lies at `prefix` in the executable's tree.

    A source that does not compile stays a module, without bytecode: importing it raises the SyntaxError that it raises
    everywhere; in an application's own sources it is fatal.
    """
    by_path = {item.path: item for item in sorted(found, key=lambda item: item.path)}
    names = classify(by_path)
    sources = [item for item in by_path.values() if item.path in names and item.path.endswith(_SOURCE)]
    answers = compiler([Source(_below(prefix, item.path), item.data) for item in sources], optimize=optimize)
    compiled = {item.path: answer for item, answer in zip(sources, answers, strict=True)}
    modules = [_namespace(folder, prefix) for folder in namespace_folders(by_path)]
    files = []
    remarks: list[Remark] = []
    for item in by_path.values():
        if item.path not in names:
            files.append(File(_below(prefix, item.path), item.data, item.executable))
        elif item.path in compiled:
            answer = compiled[item.path]
            modules.append(_module(item, names[item.path], prefix, item.data, answer.code))
            remarks += _remarks(item, answer, strictness)
        elif code := from_pyc(item.data):
            modules.append(_module(item, names[item.path], prefix, None, code))
        else:
            files.append(File(_below(prefix, item.path), item.data, item.executable))
            remarks.append(Remark(item.shown, Mistake("made by another version of Python; kept as a data file"), fatal=False))
    return Collected(tuple(modules), tuple(files), tuple(remarks))


def classify(paths: Iterable[str]) -> dict[str, str]:
    """The dotted names of those of `paths` that are modules or packages."""
    taken = set(paths)
    importable = _Folders(taken)
    names = {}
    for path in taken:
        stem, suffix = _split(path)
        if suffix not in {_SOURCE, _COMPILED} or (suffix == _COMPILED and stem + _SOURCE in taken):
            continue
        folder, _, name = stem.rpartition("/")
        if not importable(folder):
            continue
        if name == _INIT and folder:
            names[path] = folder.replace("/", ".")
        elif name != _INIT and name.isidentifier() and not _has_init(stem, taken):
            names[path] = stem.replace("/", ".")
    return names


def namespace_folders(paths: Iterable[str]) -> list[str]:
    """The folders among and above `paths` that are namespace packages."""
    taken = set(paths)
    importable = _Folders(taken)
    folders = {folder for path in taken for folder in _folders_above(path)}
    return sorted(folder for folder in folders if importable(folder) and not _has_init(folder, taken))


def native_files(found: Iterable[Found]) -> list[str]:
    """The paths of machine code for Linux among `found`: extension modules, shared libraries and programs."""
    return sorted(item.path for item in found if item.data.startswith(b"\x7fELF") or item.path.endswith(".so"))


def unite(roots: Iterable[Iterable[Found]]) -> list[Found]:
    """The files of several roots as one tree. Raises ConfigError where two differ in what they hold at one path."""
    united: dict[str, Found] = {}
    problems = []
    for item in (item for root in roots for item in root):
        other = united.setdefault(item.path, item)
        if other.data != item.data:
            problems.append(Problem(f"`{other.shown}` and `{item.shown}` are different files for `{item.path}`"))
    if problems:
        raise ConfigError(
            problems[0].message,
            hint="leave one of them out with `exclude`, or give it another `destination`",
            more=tuple(problems[1:]),
        )
    return list(united.values())


class _Folders:
    """Whether modules in a folder can be imported, remembered per folder."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._known = {"": True}

    def __call__(self, folder: str) -> bool:
        # Not recursive: a path may have more folders than Python has stack frames.
        for prefix in (*reversed(list(_folders_above(folder))), folder):
            if prefix not in self._known:
                parent, _, name = prefix.rpartition("/")
                self._known[prefix] = self._known[parent] and name.isidentifier() and self._is_package(prefix)
        return self._known[folder]

    def _is_package(self, folder: str) -> bool:
        return _has_init(folder, self._taken) or not self._taken.intersection({folder + _SOURCE, folder + _COMPILED})


def _has_init(folder: str, taken: set[str]) -> bool:
    return f"{folder}/{_INIT}{_SOURCE}" in taken or f"{folder}/{_INIT}{_COMPILED}" in taken


def _split(path: str) -> tuple[str, str]:
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    return (folder + slash + stem, dot + suffix) if dot else (path, "")


def _folders_above(path: str) -> Iterator[str]:
    """The folders that hold `path`, innermost first, without the root."""
    while (cut := path.rfind("/")) >= 0:
        path = path[:cut]
        yield path


def _below(prefix: str, path: str) -> str:
    return f"{prefix}/{path}" if prefix else path


def _namespace(folder: str, prefix: str) -> Module:
    return Module(folder.replace("/", "."), ModuleKind.NAMESPACE, portions=(_below(prefix, folder),))


def _module(item: Found, name: str, prefix: str, source: bytes | None, code: bytes | None) -> Module:
    path = _below(prefix, item.path)
    if _split(item.path)[0].rpartition("/")[2] == _INIT:
        return Module(name, ModuleKind.PACKAGE, path, source, code, (path.rpartition("/")[0],))
    return Module(name, ModuleKind.MODULE, path, source, code)


def _remarks(item: Found, answer: Compiled, strictness: Strictness) -> Iterator[Remark]:
    if answer.mistake:
        yield Remark(item.shown, answer.mistake, strictness.broken_is_fatal)
    if strictness.tells_warnings:
        yield from (Remark(item.shown, warning, fatal=False) for warning in answer.warnings)


# --- on the host: which files of a package root are inputs of the action ----------------------------------------------


class Entry(Protocol):
    """One name in a folder, as `host.Host.scan` gives it."""

    @property
    def name(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def is_dir(self) -> bool: ...
    @property
    def target(self) -> str | None: ...


class Scanner(Protocol):
    """What `walk` needs of the host."""

    def scan(self, folder: str) -> Sequence[Entry]:
        """What a folder holds; symlinks are not followed."""


@dataclass(frozen=True, slots=True)
class Staged:
    """One file to stage: its path below the root, and the real file that has the content."""

    path: str
    source: str


def walk(host: Scanner, folder: str, *, exclude: Iterable[str] = ()) -> tuple[Staged, ...]:
    """The files below `folder` that belong to it as a package root, sorted by path.

    Symlinks are followed where they lead to something below `folder`, so that a build never depends on what was not declared.
    Raises ConfigError for links that lead out or in circles, and for names that are not UTF-8.
    """
    excluded = matcher(exclude)
    tree = dict(_scan(host, folder, ""))
    staged: list[Staged] = []
    problems: list[Problem] = []
    pending = [(path, path, frozenset[str]()) for path in tree if "/" not in path]
    while pending:
        shown, real, above = pending.pop()
        if excluded(shown):
            continue
        try:
            real = _resolve(tree, folder, real)
            if real in above:
                raise _broken_link(folder, shown, "leads in a circle")  # noqa: TRY301 - the same answer as for the others
        except StaticbuildError as error:
            problems += error.problems
            continue
        if tree[real].is_dir:
            inner = [path for path in tree if path.rpartition("/")[0] == real] if real in tree else []
            pending += [(f"{shown}/{path.rpartition('/')[2]}", path, above | {real}) for path in inner]
        elif is_wanted(shown):
            staged.append(Staged(shown, f"{folder}/{real}"))
    problems += [_not_text(folder, item.path) for item in staged if not _is_text(item.path)]
    if problems:
        first = problems[0]
        raise ConfigError(first.message, hint=first.hint, more=tuple(problems[1:]))
    return tuple(sorted(staged, key=lambda item: item.path))


def _scan(host: Scanner, folder: str, path: str) -> Iterator[tuple[str, Entry]]:
    pending = [path]
    while pending:
        path = pending.pop()
        entries = host.scan(_below(folder, path) if path else folder)
        if any(entry.name == "pyvenv.cfg" for entry in entries):
            continue  # a virtual environment is no part of anybody's sources
        for entry in entries:
            inner = _below(path, entry.name)
            if entry.is_dir and not is_wanted_folder(entry.name):
                continue
            yield inner, entry
            if entry.is_dir:
                pending.append(inner)


def _resolve(tree: Mapping[str, Entry], folder: str, path: str) -> str:
    """Where `path` leads below `folder` when every symlink on the way is followed."""
    done: list[str] = []
    todo = path.split("/")
    links = 0
    while todo:
        part = todo.pop(0)
        if part in {"", "."}:
            continue
        if part == "..":
            if not done:
                raise _broken_link(folder, path, "leads out of the folder")
            done.pop()
            continue
        here = "/".join([*done, part])
        entry = tree.get(here)
        if entry is None:
            raise _broken_link(folder, path, "leads to nothing that belongs to the folder")
        if entry.target is None:
            done.append(part)
            continue
        links += 1
        if links > _MOST_LINKS:
            raise _broken_link(folder, path, "leads in a circle")
        if entry.target.startswith("/"):
            if not entry.target.startswith(folder + "/"):
                raise _broken_link(folder, path, f"leads out of the folder, to `{entry.target}`")
            done, todo = [], [*entry.target[len(folder) + 1 :].split("/"), *todo]
        else:
            todo = [*entry.target.split("/"), *todo]
    return "/".join(done)


def _broken_link(folder: str, path: str, why: str) -> ConfigError:
    return ConfigError(
        f"the symlink `{folder}/{path}` {why}",
        hint="replace it with a file, or leave it out with `exclude`",
    )


def _not_text(folder: str, path: str) -> Problem:
    shown = f"{folder}/{path}".encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Problem(f"the file name `{shown}` is not UTF-8", hint="rename the file, or leave it out with `exclude`")


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def with_shown(found: Iterable[Found], shown: str) -> list[Found]:
    """`found` with names for messages that begin with the folder `shown`."""
    return [replace(item, shown=_below(shown.rstrip("/"), item.path)) for item in found]
