"""`FileContent` and `FileManifest`: files by their paths in a result, and the native target that they become."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from staticbuild.config.pyoxidizer.facts import ListFiles
from staticbuild.config.pyoxidizer.model import (
    BOOL,
    STR,
    STRINGS,
    DialectError,
    ListOf,
    Maybe,
    Parameter,
    Property,
    Thing,
    method,
    thing,
)

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.evaluation import Evaluation
    from staticbuild.config.pyoxidizer.executable import PythonExecutable
    from staticbuild.config.pyoxidizer.policy import Resource
    from staticbuild.config.schema import Plain
    from staticbuild.graph.label import Label

_RESOURCE_TYPES: Final = (
    "PythonModuleSource",
    "PythonPackageResource",
    "PythonPackageDistributionResource",
    "PythonExtensionModule",
    "File",
)


@dataclass(frozen=True, slots=True)
class Made:
    """What a target makes: all of it, or the file at `path` of it; the target is declared by the evaluation."""

    label: str
    path: str = ""


class FileContent(Thing):
    """A file: one on disk, or a text."""

    properties = (
        Property("executable", BOOL, False, "Whether it can be run."),
        Property("filename", STR, "", "Its name."),
    )

    def __init__(self, filename: str, source: str | bytes | Made, *, executable: bool | None) -> None:
        # A source is the absolute path of a file, a text as bytes, or what a target makes.
        super().__init__(filename=filename)
        if executable is not None:
            self.values["executable"] = executable
        self.source = source

    def assigned(self, name: str, value: object) -> None:
        """A name has no folder."""
        if name == "filename" and "/" in str(value):
            raise DialectError(f"`filename` has no folder: got `{value}`")

    @method(Parameter("path", STR))
    def write_to_directory(self, run: Evaluation, *, path: str) -> str:
        """Writes the file into a folder, which is relative to the build path. Here that happens after the evaluation."""
        manifest = FileManifest()
        manifest.files[str(self.value("filename"))] = self
        manifest.install_at(run, path)
        return posixpath.join(run.full_path(posixpath.join(run.build_path or "build", path)), str(self.value("filename")))


class FileManifest(Thing):
    """Files by their paths below one folder."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, FileContent] = {}
        self.executables: dict[str, PythonExecutable] = {}
        self.resources: list[tuple[str, Resource]] = []
        self.program: str | None = None

    def add(self, other: FileManifest) -> None:
        """Lay `other` over this one."""
        self.files.update(other.files)
        self.executables.update(other.executables)
        self.resources.extend(other.resources)
        self.program = other.program or self.program

    def add_executable(self, run: Evaluation, prefix: str, executable: PythonExecutable) -> None:
        """Add an executable and all that lies beside it."""
        del run
        path = joined(prefix, executable.name)
        self.executables[path] = executable
        self.program = path

    @method(Parameter("manifest", thing("FileManifest"), other_names=("other",)))
    def add_manifest(self, run: Evaluation, *, manifest: FileManifest) -> None:
        """Lays another manifest over this one: where both have a file, the other's stays."""
        del run
        self.add(manifest)

    @method(
        Parameter("content", thing("FileContent")),
        Parameter("path", Maybe(STR), None),
        Parameter("directory", Maybe(STR), None),
    )
    def add_file(self, run: Evaluation, *, content: FileContent, path: str | None, directory: str | None) -> None:
        """Adds a file at a path, in a folder, or under its own name."""
        del run
        if path is not None and directory is not None:
            raise DialectError("give one of `path` and `directory`, not both")
        name = str(content.value("filename"))
        self.files[inside(path if path is not None else joined(directory or "", name))] = content

    @method(Parameter("path", STR), Parameter("strip_prefix", STR), Parameter("force_read", BOOL, False))
    def add_path(self, run: Evaluation, *, path: str, strip_prefix: str, force_read: bool) -> None:
        """Adds a file on disk, at its path without `strip_prefix`."""
        del force_read
        full = run.full_path(path)
        if not run.world.ask(ListFiles((full,))):
            raise DialectError(f"there is no file `{path}`")
        self.files[stripped(full, run.full_path(strip_prefix), path, strip_prefix)] = FileContent(
            full.rpartition("/")[2], full, executable=None
        )

    @method(
        Parameter("prefix", STR), Parameter("value", thing("PythonExecutable", *_RESOURCE_TYPES), other_names=("resource",))
    )
    def add_python_resource(self, run: Evaluation, *, prefix: str, value: PythonExecutable | Resource) -> None:
        """Adds an executable with what lies beside it, or a resource as a file, in a folder."""
        if value.type == "PythonExecutable":
            self.add_executable(run, prefix, cast("PythonExecutable", value))
        else:
            self.resources.append((prefix, cast("Resource", value)))

    @method(Parameter("prefix", STR), Parameter("values", ListOf(thing(*_RESOURCE_TYPES)), other_names=("resources",)))
    def add_python_resources(self, run: Evaluation, *, prefix: str, values: list[Resource]) -> None:
        """Adds resources as files, in a folder."""
        del run
        self.resources.extend((prefix, each) for each in values)

    @method(Parameter("path", STR))
    def get_file(self, run: Evaluation, *, path: str) -> FileContent | None:
        """The file at a path, None if there is none."""
        executable = self.executables.get(inside(path))
        if executable is not None:
            label = executable.lower(run)
            return FileContent(executable.name, Made(str(label), executable.name), executable=True)
        return self.files.get(inside(path))

    @method(Parameter("path", STR))
    def remove(self, run: Evaluation, *, path: str) -> FileContent | None:
        """Takes the file at a path out, and gives it."""
        del run
        self.executables.pop(inside(path), None)
        return self.files.pop(inside(path), None)

    @method()
    def paths(self, run: Evaluation) -> list[str]:
        """All paths, sorted."""
        del run
        return sorted({*self.files, *self.executables})

    @method(Parameter("path", STR), Parameter("replace", BOOL, True))
    def install(self, run: Evaluation, *, path: str, replace: bool) -> None:
        """Writes all files into a folder, which is relative to the build path. Here that happens after the evaluation."""
        del replace
        self.install_at(run, path)

    @method(Parameter("target", STR))
    def build(self, run: Evaluation, *, target: str) -> Thing:
        """Writes all files into the folder of a target. Here that happens when the evaluation is over."""
        del target
        self.lower(run)
        return ResolvedTarget()

    # --- the native target ---

    def install_at(self, run: Evaluation, path: str) -> None:
        """Have the files written below the build path when the target that is being resolved is built."""
        root = run.full_path(run.build_path or "build")
        where = posixpath.normpath(posixpath.join(root, path))
        run.known.setdefault("installs", []).append((run.active, self.lower(run), where))

    def attributes(self, run: Evaluation) -> dict[str, Plain]:
        """The attributes of the rule `install`, without those that say nothing."""
        parts = _Parts()
        for path, content in self.files.items():
            parts.take(run, path, content)
        for path, executable in self.executables.items():
            folder = path.rpartition("/")[0]
            parts.targets[path] = str(executable.lower(run))
            if (licences := executable.licences(run)) is not None:
                parts.targets.setdefault(joined(folder, licences[0]), str(licences[1]))
            for prefix, resource in executable.plain_files():
                parts.extract(joined(folder, prefix), resource)
        for prefix, resource in self.resources:
            parts.extract(prefix, resource)
        found: dict[str, Plain] = {
            "targets": parts.targets,
            "srcs": parts.srcs,
            "contents": parts.contents,
            "executable": parts.executable,
            "resources": cast("Plain", parts.resources),
            "program": self.program,
        }
        return {name: value for name, value in found.items() if value}

    def lower(self, run: Evaluation, what: str = "files") -> Label:
        """The native target that it is now; `what` is its name within the target that is being resolved."""
        attributes = self.attributes(run)
        key = ("manifest", str(attributes))
        if key not in run.known:
            name = f"{clean_name(run.active)}/{what}" if run.active else what
            run.known[key] = run.declare("install", name, attributes)
        found: Label = run.known[key]
        return found


@dataclass(slots=True)
class _Parts:
    """Attributes of the rule `install` on their way."""

    targets: dict[str, Plain] = field(default_factory=dict)
    srcs: dict[str, Plain] = field(default_factory=dict)
    contents: dict[str, Plain] = field(default_factory=dict)
    executable: dict[str, Plain] = field(default_factory=dict)
    resources: dict[str, list[Plain]] = field(default_factory=dict)

    def take(self, run: Evaluation, path: str, content: FileContent) -> None:
        """Put a file at `path`."""
        match content.source:
            case Made(label, inner):
                self.targets[path] = f"{label}#{inner}" if inner else label
            case bytes(data):
                self.contents[path] = data.decode()
                if content.values.get("executable"):
                    self.executable[path] = True
            case str(source):
                inside_of_workspace = run.inner_path(source)
                self.srcs[path] = inside_of_workspace if inside_of_workspace is not None else source
                if "executable" in content.values:
                    run.remark(f"`{path}` can be run if the file on disk can: `executable` is for files with `content`")

    def extract(self, prefix: str, resource: Resource) -> None:
        """Have a resource lie below `prefix` as a file."""
        key = f"{inside(prefix) or '.'}#{resource.origin.of}#{resource.origin.dist}"
        self.resources.setdefault(key, []).append(resource.item.path)


class ResolvedTarget(Thing):
    """What building a value gives; a config does nothing with it."""


def joined(prefix: str, name: str) -> str:
    """`name` below `prefix`, of which `.` is none."""
    return inside(posixpath.join(prefix, name))


def inside(path: str) -> str:
    """`path` in its normal form, relative. Raises DialectError for one that leads out of the folder."""
    normal = posixpath.normpath(path.replace("\\", "/")) if path else ""
    if normal.startswith(("/", "../")) or normal == "..":
        raise DialectError(f"`{path}` leads out of the folder that files are installed to")
    return "" if normal == "." else normal


def stripped(full: str, prefix: str, shown: str, shown_prefix: str) -> str:
    """`full` without `prefix`. Raises DialectError if it does not begin with it."""
    if not full.startswith(prefix):
        raise DialectError(f"`{shown}` does not begin with `{shown_prefix}`", "give a `strip_prefix` that it begins with")
    return inside(full[len(prefix) :].lstrip("/"))


def clean_name(text: str) -> str:
    """`text` as a part of a label."""
    return re.sub(r"[^A-Za-z0-9_.+=,@~-]", "_", text) or "_"


# --- functions ---


@method(
    Parameter("path", Maybe(STR), None),
    Parameter("filename", Maybe(STR), None),
    Parameter("content", Maybe(STR), None),
    Parameter("executable", Maybe(BOOL), None),
)
def file_content(
    run: Evaluation, *, path: str | None, filename: str | None, content: str | None, executable: bool | None
) -> FileContent:
    """A file: one on disk, or a text under a name."""
    if (path is None) == (content is None):
        raise DialectError("`FileContent` wants one of `path` and `content`")
    if content is not None and filename is None:
        raise DialectError("`FileContent` with `content` wants a `filename`")
    if filename is not None and "/" in filename:
        raise DialectError(f"`filename` has no folder: got `{filename}`")
    if path is None:
        return FileContent(filename or "", (content or "").encode(), executable=bool(executable))
    full = run.full_path(path)
    if not run.world.ask(ListFiles((full,))):
        raise DialectError(f"there is no file `{path}`")
    return FileContent(filename or full.rpartition("/")[2], full, executable=executable)


@method()
def file_manifest(run: Evaluation) -> FileManifest:
    """An empty manifest."""
    del run
    return FileManifest()


@method(Parameter("include", STRINGS), Parameter("exclude", Maybe(STRINGS), None), Parameter("strip_prefix", Maybe(STR), None))
def glob(run: Evaluation, *, include: list[str], exclude: list[str] | None, strip_prefix: str | None) -> FileManifest:
    """The files that match any of `include` and none of `exclude`. A relative pattern is below the config's folder."""
    found: Iterable[str] = run.world.ask(ListFiles(tuple(run.full_path(each) for each in include)))
    left_out = set(run.world.ask(ListFiles(tuple(run.full_path(each) for each in exclude)))) if exclude else set()
    manifest = FileManifest()
    for full in found:
        if full not in left_out:
            prefix = run.full_path(strip_prefix) if strip_prefix is not None else ""
            path = stripped(full, prefix, full, strip_prefix or "")
            manifest.files[path] = FileContent(full.rpartition("/")[2], full, executable=None)
    return manifest
