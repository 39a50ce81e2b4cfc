"""Which modules and files a tree of files is, as the import system would see it. Unaware of where the tree lies.

Names decide, by the rules of `importlib`'s path finder: a folder with `__init__.py` is a package and wins over a module
of that name, a module wins over a folder without one, and any other folder without a dot in its name is a namespace package
(PEP 420), also if it holds only data. Of several files for one module, a shared library comes first, then the source. What
cannot be imported is a file. A name need not be one that an `import` statement
can write: `sysconfig` itself imports `_sysconfigdata__linux_x86_64-linux-musl`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from staticbuild.errors import ConfigError, Problem
from staticbuild.packing.bytecode import Compiled, Mistake, Source, compile_all, from_pyc
from staticbuild.packing.native import is_extension
from staticbuild.packing.resource import File, Module, ModuleKind

_SOURCE = ".py"
_COMPILED = ".pyc"
_INIT = "__init__"


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


def collect_tree(  # noqa: PLR0913 - what a tree is, and how its sources are compiled
    found: Sequence[Found],
    *,
    prefix: str,
    strictness: Strictness,
    optimize: int,
    suffixes: Sequence[str] = (),
    compiler: Callable[..., Sequence[Compiled]] = compile_all,
) -> Collected:
    """The modules and files that `found` is when it lies at `prefix` in the executable's tree.

    A source that does not compile stays a module, without bytecode: importing it raises the SyntaxError that it raises
    everywhere; in an application's own sources it is fatal. Where no `import` statement can write the name, it is a template
    or the like, and a file. `suffixes` are those of extension modules, in Python's order; without them all shared libraries
    are files.
    """
    by_path = {item.path: item for item in sorted(found, key=lambda item: item.path)}
    extensions = extension_files(by_path.values(), suffixes)
    names = classify(by_path, extensions)
    sources = [item for item in by_path.values() if item.path in names and item.path.endswith(_SOURCE)]
    answers = compiler([Source(_below(prefix, item.path), item.data) for item in sources], optimize=optimize)
    compiled = {item.path: answer for item, answer in zip(sources, answers, strict=True)}
    modules = [_namespace(folder, prefix) for folder in namespace_folders(by_path, extensions)]
    files = []
    remarks: list[Remark] = []
    for item in by_path.values():
        if item.path not in names:
            files.append(File(_below(prefix, item.path), item.data, item.executable))
        elif item.path in extensions:
            modules.append(_extension(item, extensions[item.path], names[item.path], prefix))
        elif item.path in compiled and (compiled[item.path].code is not None or _is_plain(names[item.path])):
            answer = compiled[item.path]
            modules.append(_module(item, names[item.path], prefix, item.data, answer.code))
            remarks += _remarks(item, answer, strictness)
        elif item.path in compiled:
            files.append(File(_below(prefix, item.path), item.data, item.executable))
        elif code := from_pyc(item.data):
            modules.append(_module(item, names[item.path], prefix, None, code))
        else:
            files.append(File(_below(prefix, item.path), item.data, item.executable))
            remarks.append(Remark(item.shown, Mistake("made by another version of Python; kept as a data file"), fatal=False))
    return Collected(tuple(modules), tuple(files), tuple(remarks))


def classify(paths: Iterable[str], extensions: Mapping[str, str] | None = None) -> dict[str, str]:
    """The dotted names of those of `paths` that are modules or packages. `extensions` are as `extension_files` gives them."""
    chosen = _chosen(paths, extensions or {})
    importable = _Folders(chosen)
    names = {}
    for stem, path in chosen.items():
        folder, _, name = stem.rpartition("/")
        if not importable(folder):
            continue
        if name == _INIT and folder:
            names[path] = folder.replace("/", ".")
        elif name != _INIT and _is_name(name) and not _has_init(stem, chosen):
            names[path] = stem.replace("/", ".")
    return names


def namespace_folders(paths: Iterable[str], extensions: Mapping[str, str] | None = None) -> list[str]:
    """The folders among and above `paths` that are namespace packages."""
    paths = set(paths)
    chosen = _chosen(paths, extensions or {})
    importable = _Folders(chosen)
    folders = {folder for path in paths for folder in _folders_above(path)}
    return sorted(folder for folder in folders if importable(folder) and not _has_init(folder, chosen))


def extension_files(found: Iterable[Found], suffixes: Sequence[str]) -> dict[str, str]:
    """The paths of extension modules, each with its path up to the one of `suffixes` that it has.

    A shared library that has no module of its file's name is none, whatever its suffix: `libz.so` of a package is for `ctypes`.
    """
    extensions = {}
    for item in found:
        suffix = next(filter(item.path.endswith, suffixes), None)
        if suffix is None:
            continue
        stem = item.path.removesuffix(suffix)
        folder, _, name = stem.rpartition("/")
        if is_extension(item.data, folder.rpartition("/")[2] if name == _INIT else name):
            extensions[item.path] = stem
    return extensions


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
            problems.append(
                Problem(
                    f"`{other.shown}` and `{item.shown}` are different files for `{item.path}`",
                    hint="leave one of them out with `exclude`, or give it another `destination`",
                )
            )
    ConfigError.raise_all(problems)
    return list(united.values())


def _chosen(paths: Iterable[str], extensions: Mapping[str, str]) -> dict[str, str]:
    """Which file is taken for each path without suffix: in `importlib`'s order, extension, source, bytecode."""
    ranked: dict[str, tuple[int, int, str]] = {}
    for path in paths:
        stem, suffix = (extensions[path], "") if path in extensions else _split(path)
        if path in extensions or suffix in {_SOURCE, _COMPILED}:
            # Of the suffixes of extensions Python prefers the more special, which is longer.
            rank = (("", _SOURCE, _COMPILED).index(suffix), -len(path), path)
            ranked[stem] = min(ranked.get(stem, rank), rank)
    return {stem: path for stem, (_, _, path) in ranked.items()}


class _Folders:
    """Whether modules in a folder can be imported, remembered per folder."""

    def __init__(self, chosen: Container[str]) -> None:
        self._chosen = chosen
        self._known = {"": True}

    def __call__(self, folder: str) -> bool:
        # Not recursive: a path may have more folders than Python has stack frames.
        for prefix in (*reversed(list(_folders_above(folder))), folder):
            if prefix not in self._known:
                parent, _, name = prefix.rpartition("/")
                self._known[prefix] = self._known[parent] and _is_name(name) and self._is_package(prefix)
        return self._known[folder]

    def _is_package(self, folder: str) -> bool:
        return _has_init(folder, self._chosen) or folder not in self._chosen


def _is_name(part: str) -> bool:
    """Whether `importlib` can find a module of this name."""
    return bool(part) and "." not in part


def _is_plain(name: str) -> bool:
    """Whether an `import` statement can write the dotted `name`."""
    return all(part.isidentifier() for part in name.split("."))


def _has_init(folder: str, chosen: Container[str]) -> bool:
    return f"{folder}/{_INIT}" in chosen


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


def _extension(item: Found, stem: str, name: str, prefix: str) -> Module:
    path = _below(prefix, item.path)
    is_package = stem.rpartition("/")[2] == _INIT
    kind, portions = (ModuleKind.PACKAGE, (path.rpartition("/")[0],)) if is_package else (ModuleKind.MODULE, ())
    return Module(name, kind, path, item.data, None, portions, native=True)


def _remarks(item: Found, answer: Compiled, strictness: Strictness) -> Iterator[Remark]:
    if answer.mistake:
        yield Remark(item.shown, answer.mistake, strictness.broken_is_fatal)
    if strictness.tells_warnings:
        yield from (Remark(item.shown, warning, fatal=False) for warning in answer.warnings)
