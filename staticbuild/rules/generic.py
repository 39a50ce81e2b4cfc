"""The rules for general builds: `files`, `run_action`, `source_archive`, `package_tree`. Knows nothing of Python or linking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from staticbuild.config.schema import (
    INTEGER,
    LABEL_DICT,
    REQUIRED,
    SHA256,
    STRING,
    STRING_DICT,
    STRINGS,
    Attribute,
    Integer,
    Mistake,
    Rule,
    either,
    list_of,
    record,
)
from staticbuild.errors import ConfigError
from staticbuild.graph.action import Action, Artifact, Download, Kind, Place, SourceFile, SourceTree
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target, Value
from staticbuild.rules.context import Context
from staticbuild.rules.providers import Files, Provider, Tree
from staticbuild.rules.staging import PROGRAM_ENV, check_outputs, merged, program, staged

MODULE = "@stdlib//build.bzl"

PLACE = either(STRING, record({"place": STRING, "sha256": SHA256}, optional=("sha256",)))


def _is_inside(path: str) -> bool:
    return bool(path) and not path.startswith("/") and not any(part in ("", ".", "..") for part in path.split("/"))


def check_paths(attributes: Mapping[str, Value], *names: str) -> Iterable[Mistake]:
    """A mistake for each path in the attributes `names` that could lead out of the folder it is meant for."""
    for name in names:
        value = attributes[name]
        items = value.items() if isinstance(value, Mapping) else enumerate(cast("tuple[str, ...]", value))
        for key, item in items:
            path = key if isinstance(value, Mapping) else item
            if not _is_inside(str(path).removesuffix("/") if isinstance(value, Mapping) else str(path)):
                yield Mistake(f"`{name}` wants relative paths without `.` and `..`, got `{path}`", path=(name, key), hint=None)


# --- files ----------------------------------------------------------------------------------------------------------

FILES = Rule(
    name="files",
    doc="Files of the workspace, for other targets to use. They keep their paths below the folder of the config.",
    attributes=(
        Attribute(
            "srcs",
            STRINGS,
            doc="Paths relative to the folder of this `staticbuild.bzl`; `glob()` gives such a list.",
            example='glob(["data/**/*.json"])',
            default=REQUIRED,
        ),
    ),
    module=MODULE,
    example='files(\n    name = "data",\n    srcs = glob(["data/**"]),\n)\n',
    check=lambda attributes: list(check_paths(attributes, "srcs")),
)


def analyse_files(context: Context, target: Target) -> Provider:
    """Each source under its own path."""
    artifacts: dict[str, Artifact] = {}
    for path in cast("tuple[str, ...]", target.attributes["srcs"]):
        absolute = context.path(target, path)
        if context.host.fingerprint(absolute) is None:
            kind = "is a folder" if context.host.is_dir(absolute) else "does not exist"
            hint = f'write `glob(["{path}/**"])` for all that is in it' if context.host.is_dir(absolute) else None
            raise ConfigError(f"`{path}` {kind}", where=target.where("srcs"), hint=hint)
        artifacts[path] = SourceFile(absolute)
    return Files(artifacts)


# --- run_action -----------------------------------------------------------------------------------------------------


def _check_run_action(attributes: Mapping[str, Value]) -> Iterable[Mistake]:
    if (attributes["script"] is None) == (attributes["argv"] is None):
        yield Mistake("`run_action` wants either `script` or `argv`", path=(), hint="`script` is run by `sh -eu`")
    if not attributes["outputs"] and not attributes["output_trees"]:
        yield Mistake("`run_action` declares no output", path=(), hint="name the files it makes in `outputs`")
    yield from check_paths(attributes, "inputs", "outputs", "output_trees")


RUN_ACTION = Rule(
    name="run_action",
    doc=(
        "Any command, with declared inputs and outputs. It runs in a private folder that holds only its inputs, with an "
        "environment in which only `env`, `PATH` and a few constants are set, so that its outputs depend on nothing else. "
        "An input that is a tree is read-only."
    ),
    attributes=(
        Attribute(
            "script",
            STRING,
            doc="Shell text, run by the host's `sh -eu` in the private folder.",
            example='"tr a-z A-Z <input.txt >output.txt"',
        ),
        Attribute("argv", STRINGS, doc="A command instead of a script.", example='["python3", "tool.py", "out.txt"]'),
        Attribute(
            "inputs",
            LABEL_DICT,
            doc="Where in the private folder each target's output is put. Several files go below that path under their own "
            "names; a path that ends with `/` is a folder also for a single one.",
            example='{"input.txt": ":text"}',
            default={},
        ),
        Attribute("outputs", STRINGS, doc="Files that the command makes.", example='["output.txt"]', default=[]),
        Attribute("output_trees", STRINGS, doc="Folders that the command fills.", example='["out"]', default=[]),
        Attribute("env", STRING_DICT, doc="More environment variables.", example='{"MODE": "fast"}', default={}),
        Attribute(
            "tools",
            STRINGS,
            doc="Programs of the host that the command uses, beyond `sh` and the core utilities; a missing one is named "
            "before anything runs.",
            example='["make", "perl"]',
            default=[],
        ),
        Attribute("timeout", Integer(1, 86400), doc="Seconds after which the command is ended.", example="60", default=3600),
        Attribute(
            "weight",
            INTEGER,
            doc="How long it takes in comparison with others: of several commands that could run, the one that begins the "
            "heaviest chain runs first.",
            example="10",
            default=1,
        ),
    ),
    module=MODULE,
    example=(
        'run_action(\n    name = "shout",\n    inputs = {"input.txt": ":text"},\n    outputs = ["output.txt"],\n'
        '    script = "tr a-z A-Z <input.txt >output.txt",\n)\n'
    ),
    check=lambda attributes: list(_check_run_action(attributes)),
)


def analyse_run_action(context: Context, target: Target) -> Provider:
    """One action; its outputs under their paths, or the tree itself if that is all it makes."""
    attributes = target.attributes
    inputs = cast("Mapping[str, Label]", attributes["inputs"])
    where = target.where("inputs")
    parts = [staged(context.provider(label, where), path, where) for path, label in inputs.items()]
    outputs: list[tuple[str, Kind]] = [(path, "file") for path in cast("tuple[str, ...]", attributes["outputs"])]
    outputs += [(path, "tree") for path in cast("tuple[str, ...]", attributes["output_trees"])]
    script = attributes["script"]
    argv = ("sh", "-euc", str(script)) if script is not None else cast("tuple[str, ...]", attributes["argv"])
    staged_inputs = merged(parts, where)
    check_outputs([path for path, _ in outputs], dict(staged_inputs), target.where("outputs"))
    action = Action(
        label=target.label,
        mnemonic="Run",
        argv=argv,
        inputs=staged_inputs,
        outputs=tuple(outputs),
        env=tuple(sorted(cast("Mapping[str, str]", attributes["env"]).items())),
        tools=cast("tuple[str, ...]", attributes["tools"]),
        timeout=cast("int", attributes["timeout"]),
        weight=cast("int", attributes["weight"]),
    )
    if len(outputs) == 1 and outputs[0][1] == "tree":
        return Tree(action.output(outputs[0][0]))
    return Files({path: action.output(path) for path, _ in outputs})


# --- source_archive -------------------------------------------------------------------------------------------------

SOURCE_ARCHIVE = Rule(
    name="source_archive",
    doc=(
        "A tarball or zip file from outside, pinned by its sha256 and unpacked. The digest decides what is accepted; the "
        "places are only where to look, in this order."
    ),
    attributes=(
        Attribute("version", STRING, doc="The upstream version.", example='"1.3.1"', default=REQUIRED),
        Attribute("sha256", SHA256, doc="The digest of the archive, 64 hex digits.", example='"9a93b2…"', default=REQUIRED),
        Attribute(
            "places",
            list_of(PLACE),
            doc="Addresses: `https://…`, or `debian:pool/…` for a path in the package archive that the host's own apt is set "
            'up for. A place with another copy of the same source carries its own digest: `{"place": …, "sha256": …}`.',
            example='["https://zlib.net/fossils/zlib-1.3.1.tar.gz"]',
            default=REQUIRED,
        ),
        Attribute("strip", Integer(0, 9), doc="How many leading folders to drop when unpacking.", example="0", default=1),
        Attribute("license", STRING, doc="An SPDX expression.", example='"Zlib"'),
        Attribute("license_files", STRINGS, doc="Files with the licence's text.", example='["LICENSE"]', default=[]),
    ),
    module=MODULE,
    example=(
        'source_archive(\n    name = "zlib_source",\n    version = "1.3.1",\n'
        '    sha256 = "9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23",\n'
        '    places = ["https://zlib.net/fossils/zlib-1.3.1.tar.gz"],\n)\n'
    ),
)


def analyse_source_archive(context: Context, target: Target) -> Provider:
    """A download, and the action that unpacks it."""
    attributes = target.attributes
    places = tuple(
        Place(str(place["place"]), cast("str | None", place.get("sha256"))) if isinstance(place, Mapping) else Place(str(place))
        for place in cast("tuple[Value, ...]", attributes["places"])
    )
    filename = (places[0].address.rpartition("/")[2] if places else "") or target.label.name
    download = Download(
        name=target.label.name,
        version=str(attributes["version"]),
        sha256=str(attributes["sha256"]),
        places=places,
        filename=filename,
    )
    action = Action(
        label=target.label,
        mnemonic="Unpack",
        argv=("python3", "-m", "staticbuild.distribution.unpack", "archive", "source", "--strip", str(attributes["strip"])),
        inputs=merged([program(context, "unpack"), {"archive": download}], target.location),
        outputs=(("source", "tree"),),
        env=PROGRAM_ENV,
    )
    return Tree(action.output("source"))


# --- package_tree ---------------------------------------------------------------------------------------------------

PACKAGE_TREE = Rule(
    name="package_tree",
    doc="Files of a Python package that is installed beside staticbuild, such as the compiler in `ziglang`.",
    attributes=(
        Attribute("package", STRING, doc="The package's import name.", example='"ziglang"', default=REQUIRED),
        Attribute(
            "files",
            STRINGS,
            doc="Paths below the package's folder; `folder/**` stands for all of a folder.",
            example='["zig", "lib/include/**"]',
            default=REQUIRED,
        ),
    ),
    module=MODULE,
    example='package_tree(\n    name = "zig",\n    package = "ziglang",\n    files = ["zig"],\n)\n',
)


def analyse_package_tree(context: Context, target: Target) -> Provider:
    """The package's own folder, without a copy."""
    package = str(target.attributes["package"])
    root = context.host.package_folder(package)
    patterns = cast("tuple[str, ...]", target.attributes["files"])
    members = tuple(sorted(pattern.removesuffix("/**") for pattern in patterns))
    return Tree(SourceTree(root, members, context.stamp(root)))
