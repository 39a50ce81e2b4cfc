"""Leaves out of an executable what its program does not reach, and says what and why. Knows resources, reads no file.

Modules go one by one. A data file goes with the package that it lies in, metadata with the modules of its project; what
belongs to no package stays.
"""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from staticbuild.errors import ConfigError, Problem
from staticbuild.packing.imports import Imports, scan
from staticbuild.packing.reach import Reason, Start, World, reach
from staticbuild.packing.resource import File, Module, ModuleKind, Resources, sort_key

# Where a running program finds the names of what is missing: outermost packages, and modules of packages that are there.
TRIMMED_NAMES = "lib/_staticbuild_trimmed.txt"
_METADATA = (".dist-info", ".egg-info")
_OWN_SCRIPTS = frozenset({"console_scripts", "gui_scripts"})


@dataclass(frozen=True, slots=True)
class Dropped:
    """What of one outermost package, or module, is left out."""

    name: str
    modules: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What is left, what is not, and why each module is there."""

    resources: Resources
    dropped: tuple[Dropped, ...]
    files: int
    bytes: int
    reasons: Mapping[str, Reason]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is kept beside what is reached: globs of names, names of a recorded run, and packages that are taken whole."""

    keep: Sequence[str] = ()
    recorded: Sequence[str] = ()
    whole: AbstractSet[str] = frozenset()


def read_names(data: bytes) -> tuple[str, ...]:
    """The names of modules in the file of a recorded run: one in a line, as `record_modules` writes them."""
    lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
    return tuple(sorted({line for line in lines if line and not line.startswith("#")}))


def trim(resources: Resources, wishes: Wishes) -> Trimmed:
    """`resources` with what the program of their settings reaches. Raises ConfigError for wishes that nothing fulfils."""
    modules = {module.name: module for module in resources.modules}
    world = World(
        modules,
        frozenset(name for name, module in modules.items() if not _is_standard(module)),
        wishes.whole,
        _entry_points(resources.files),
    )
    reasons = reach(world, _start(resources, modules, wishes))
    owners = _Owners(resources.modules)
    deciding = {module.name: owners.of_module(module.name) for module in resources.modules}
    alive = {"", *reasons}
    kept = [module for module in resources.modules if module.name in alive or deciding[module.name] in alive]
    names = {module.name for module in kept}
    gone = [module for module in resources.modules if module.name not in names]
    files = _files(resources, owners, names)
    dropped = _dropped(gone)
    lost = {file.path for file in resources.files} - {file.path for file in files}
    size = sum(item.bytes for item in dropped) + sum(len(file.data) for file in resources.files if file.path in lost)
    if gone:
        files.append(File(TRIMMED_NAMES, "\n".join(_outermost(gone, names)).encode()))
    left = replace(resources, modules=tuple(kept), files=tuple(sorted(files, key=lambda file: sort_key(file.path))))
    return Trimmed(left, dropped, len(lost), size, reasons)


def _start(resources: Resources, modules: Mapping[str, Module], wishes: Wishes) -> Start:
    settings = {setting.key: setting.value for setting in resources.settings}
    wanted = dict.fromkeys(wishes.recorded, "a recorded run imported it")
    problems = []
    for glob in wishes.keep:
        if not any(fnmatchcase(name, glob) for name in modules):
            problems.append(Problem(f"`trim_keep` names `{glob}`, and there is no such module"))
        wanted[glob] = "`trim_keep` names it"
    ConfigError.raise_all(problems)
    script = ""
    code = Imports()
    if entry := settings.get("entry_point"):
        name, _, function = entry.partition(":")
        if not function and f"{name}.__main__" in modules:
            name = f"{name}.__main__"
        wanted[name] = "the program begins there"
        script = "" if function else name
    elif command := settings.get("command"):
        code = _imports_of(command.encode(), "<string>")
    elif path := settings.get("file"):
        found = next((module.name for module in modules.values() if module.path == path), None)
        if found is not None:
            wanted[found], script = "the program begins there", found
        else:
            code = _imports_of(next((file.data for file in resources.files if file.path == path), b""), path)
    return Start(wanted, code, script)


def _imports_of(source: bytes, name: str) -> Imports:
    """What a script imports; one that does not compile reaches nothing, and says so when it is run."""
    try:
        code = compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return Imports()
    return scan(marshal.dumps(code), "__main__", is_package=False, runs_as_main=True)


def _is_standard(module: Module) -> bool:
    place = module.path or module.portions[0]
    return place.startswith("lib/") and "/site-packages/" not in place


def _entry_points(files: Sequence[File]) -> dict[str, list[str]]:
    """The modules of plug-ins, by group, out of all projects' metadata."""
    groups: dict[str, list[str]] = {}
    for file in files:
        folder, _, name = file.path.rpartition("/")
        if name != "entry_points.txt" or not folder.endswith(_METADATA):
            continue
        group = ""
        for line in file.data.decode("utf-8", "replace").splitlines():
            text = line.strip()
            if text.startswith("["):
                group = text.strip("[]").strip()
            elif "=" in text and not text.startswith(("#", ";")) and group not in _OWN_SCRIPTS:
                groups.setdefault(group, []).append(text.partition("=")[2].partition(":")[0].partition("[")[0].strip())
    return groups


class _Owners:
    """Whose the folders are. A folder of nothing but data, which is a namespace package by name only, is its package's."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._kinds = {module.name: module.kind for module in modules}
        self._by_folder = {folder: module.name for module in modules for folder in module.portions}
        self._with_code = {
            name for module in modules if module.kind is not ModuleKind.NAMESPACE for name in _packages_above(module.name)
        }

    def of_module(self, name: str) -> str:
        """The module that decides over a module: itself, or the package whose data it is; `""` where there is none."""
        while name and self._kinds.get(name, ModuleKind.NAMESPACE) is ModuleKind.NAMESPACE and name not in self._with_code:
            name = name.rpartition(".")[0]
        return name

    def of_file(self, path: str) -> str:
        """The module that decides over a file."""
        folder = next((folder for folder in _folders_above(path) if folder in self._by_folder), None)
        return "" if folder is None else self.of_module(self._by_folder[folder])


def _files(resources: Resources, owners: _Owners, names: AbstractSet[str]) -> list[File]:
    """The files that stay."""
    wanted = {setting.value for setting in resources.settings if setting.key in {"ca_certificates", "file"}}
    paths = {module.path: module.name in names for module in resources.modules if module.path}
    projects = {
        file.path.rpartition("/")[0]: _has_modules(file, paths)
        for file in resources.files
        if file.path.endswith(tuple(f"{ending}/RECORD" for ending in _METADATA))
    }
    alive = {"", *names}
    kept = []
    for file in resources.files:
        project = next((folder for folder in _folders_above(file.path) if folder in projects), None)
        stays = projects[project] if project is not None else owners.of_file(file.path) in alive
        if stays or file.path in wanted:
            kept.append(file)
    return kept


def _has_modules(record: File, paths: Mapping[str, bool]) -> bool:
    """Whether a project has a module that stays, or none at all."""
    root = record.path.rpartition("/")[0].rpartition("/")[0]
    prefix = f"{root}/" if root else ""
    names = (line.rpartition(",")[0].rpartition(",")[0] for line in record.data.decode("utf-8", "replace").splitlines())
    found = [paths[path] for name in names if (path := prefix + name.strip('"')) in paths]
    return any(found) or not found


def _dropped(gone: Sequence[Module]) -> tuple[Dropped, ...]:
    modules: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for module in gone:
        top = module.name.partition(".")[0]
        modules[top] += 1
        sizes[top] += len(module.source or b"") + len(module.bytecode or b"")
    return tuple(Dropped(name, modules[name], sizes[name]) for name in sorted(modules, key=lambda name: (-sizes[name], name)))


def _outermost(gone: Sequence[Module], names: AbstractSet[str]) -> list[str]:
    """The names of what is missing, without what is in a package that is missing, too."""
    return sorted(module.name for module in gone if "." not in module.name or module.name.rpartition(".")[0] in names)


def _packages_above(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


def _folders_above(path: str) -> Iterator[str]:
    while (cut := path.rfind("/")) >= 0:
        path = path[:cut]
        yield path
