"""Rules that lay files out for people: `install`, wheels, installers, the targets of a `pyoxidizer.bzl`. Knows no linking."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from staticbuild.config.schema import (
    BOOLEAN,
    LABEL,
    LABELS,
    REQUIRED,
    STRING,
    STRING_DICT,
    STRINGS,
    Attribute,
    Rule,
    dict_of,
    enum,
    list_of,
    record,
)
from staticbuild.errors import ConfigError
from staticbuild.graph.action import Action, Artifact, Content, SourceFile
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target
from staticbuild.rules.context import Context
from staticbuild.rules.distribution import DIST_ATTRIBUTE, distribution
from staticbuild.rules.generic import MODULE
from staticbuild.rules.packs import Bytecode, Packer
from staticbuild.rules.providers import Executable, Files, Provider, PythonResources, outputs_of
from staticbuild.rules.staging import PROGRAM_ENV, merged, program

# --- install --------------------------------------------------------------------------------------------------------

INSTALL = Rule(
    name="install",
    doc="A folder for people: executables with what lies beside them, files of the workspace, texts, and packages as files.",
    attributes=(
        Attribute(
            "targets",
            STRING_DICT,
            doc="Places in the folder for what targets make; of `:name#file` it is the file of that name. An executable brings "
            "along what lies beside it.",
            example='{"bin/greet": ":greet"}',
            default={},
        ),
        Attribute(
            "srcs",
            STRING_DICT,
            doc="Places in the folder for files of the workspace, or of this host where the path is absolute.",
            example='{"README.txt": "docs/readme.txt"}',
            default={},
        ),
        Attribute("contents", STRING_DICT, doc="Files with a text each.", example='{"VERSION": "1.0\\n"}', default={}),
        Attribute(
            "executable",
            dict_of(BOOLEAN),
            doc="Which of `contents` can be run; other files can if they could before.",
            example='{"start.sh": True}',
            default={},
        ),
        Attribute(
            "resources",
            dict_of(STRINGS),
            doc="Files of packages, as they would be installed: the paths to take by `FOLDER#RESOURCES#DIST`, which name the "
            "folder, a `python_resources` and a `make_dist` target.",
            example='{"lib#:app#:dist": ["greet/words.txt"]}',
            default={},
        ),
        Attribute("program", STRING, doc="The file that `staticbuild run` runs.", example='"bin/greet"'),
    ),
    module=MODULE,
    example='install(\n    name = "tree",\n    targets = {"bin/greet": ":greet"},\n    srcs = {"README": "README.txt"},\n)\n',
)


def analyse_install(context: Context, target: Target) -> Provider:
    """Each file at its place."""
    attributes = target.attributes
    modes = cast("Mapping[str, bool]", attributes["executable"])
    artifacts: dict[str, Artifact] = {}
    for place, named in cast("Mapping[str, str]", attributes["targets"]).items():
        artifacts.update(_made(context, target, place, named))
    for place, source in cast("Mapping[str, str]", attributes["srcs"]).items():
        artifacts[place] = _source(context, target, source)
    for place, text in cast("Mapping[str, str]", attributes["contents"]).items():
        artifacts[place] = Content(text.encode(), executable=modes.get(place, False))
    for key, paths in cast("Mapping[str, tuple[str, ...]]", attributes["resources"]).items():
        folder, extracted = _extracted(context, target, key, paths)
        artifacts[folder] = extracted
    return Files(artifacts, cast("str | None", attributes["program"]))


def _made(context: Context, target: Target, place: str, named: str) -> dict[str, Artifact]:
    text, _, inner = named.partition("#")
    provider = context.provider(Label.parse(text), target.where("targets"))
    outputs = outputs_of(provider)
    if isinstance(provider, Executable) and not inner:
        folder = f"{place.rpartition('/')[0]}/" if "/" in place else ""
        beside = {} if provider.beside is None else {f"{folder}{provider.beside[0]}": provider.beside[1]}
        return {place: provider.artifact, **beside}
    if inner:
        if inner not in outputs:
            raise ConfigError(f"`{text}` makes no `{inner}`", where=target.where("targets"))
        return {place: outputs[inner]}
    if len(outputs) == 1:
        (only,) = outputs.values()
        return {place: only}
    return {f"{place}/{name}" if name else place: artifact for name, artifact in outputs.items()}


def _source(context: Context, target: Target, source: str) -> Artifact:
    path = source if source.startswith("/") else context.path(target, source)
    if context.host.fingerprint(path) is None:
        raise ConfigError(f"`{source}` does not exist", where=target.where("srcs"))
    return SourceFile(path)


def _extracted(context: Context, target: Target, key: str, paths: tuple[str, ...]) -> tuple[str, Artifact]:
    folder, resources, dist = key.split("#")
    found = distribution(context, Label.parse(dist), target, "resources")
    provider = context.provider(Label.parse(resources), target.where("resources"))
    if not isinstance(provider, PythonResources):
        raise ConfigError(f"`{resources}` is not a `python_resources` target", where=target.where("resources"))
    packer = Packer(context, found, Bytecode(), target.location)
    return folder, packer.extracted(provider, paths, target.label)


_INSTALLERS = "@stdlib//installers.bzl"

LICENCES = Rule(
    name="licences",
    doc="A file that says which licences the parts of a program have, with their texts: its distribution and its packages.",
    attributes=(
        DIST_ATTRIBUTE,
        Attribute("resources", LABELS, doc="What the program brings along.", example='[":app"]', default=[]),
        Attribute("filename", STRING, doc="The file's name.", example='"LICENCES.txt"', default="COPYING.txt"),
    ),
    module=_INSTALLERS,
    example='licences(\n    name = "notices",\n    resources = [":app"],\n)\n',
)


def analyse_licences(context: Context, target: Target) -> Provider:
    """One action that reads metadata and writes the file."""
    dist = distribution(context, cast("Label", target.attributes["dist"]), target, "dist")
    resources = []
    for label in cast("tuple[Label, ...]", target.attributes["resources"]):
        provider = context.provider(label, target.where("resources"))
        if not isinstance(provider, PythonResources):
            raise ConfigError(f"`{label.short}` is not a `python_resources` target", where=target.where("resources"))
        resources.append(provider)
    packer = Packer(context, dist, Bytecode(), target.location)
    return Files({str(target.attributes["filename"]): packer.notices(resources, target.label)})


# --- wheel ----------------------------------------------------------------------------------------------------------

WHEEL = Rule(
    name="wheel",
    doc="A wheel of given files, with its RECORD.",
    attributes=(
        Attribute("filename", STRING, doc="The wheel's name.", example='"greet-1.0-py3-none-any.whl"', default=REQUIRED),
        Attribute("info", STRING, doc="The folder of its metadata.", example='"greet-1.0.dist-info"', default=REQUIRED),
        Attribute("files", LABEL, doc="What is in it, an `install` target.", example='":tree"', default=REQUIRED),
    ),
    module=_INSTALLERS,
    example='wheel(\n    name = "x",\n    filename = "a-1-py3-none-any.whl",\n    info = "a-1.dist-info",\n    files = ":a"\n)',
)


def analyse_wheel(context: Context, target: Target) -> Provider:
    """One action that writes the archive."""
    name = str(target.attributes["filename"])
    files = _files(context, target)
    plan = {"files": sorted(files), "info": target.attributes["info"], "output": f"out/{name}"}
    return Files({name: _laid_out(context, target, "Wheel", plan, files)})


# --- wix_msi --------------------------------------------------------------------------------------------------------

WIX_MSI = Rule(
    name="wix_msi",
    doc="An MSI that installs files below `Program Files`, made by `wixl` (Debian's package `wixl`) of this host.",
    attributes=(
        Attribute("id_prefix", STRING, doc="What the ids of its parts begin with.", example='"greet"', default=REQUIRED),
        Attribute("product_name", STRING, doc="The product.", example='"Greet"', default=REQUIRED),
        Attribute("product_version", STRING, doc="Its version.", example='"1.0"', default=REQUIRED),
        Attribute("product_manufacturer", STRING, doc="Who makes it.", example='"Ada"', default=REQUIRED),
        Attribute("arch", enum("x86", "x64", "arm64"), doc="For which processor.", example='"x64"', default="x64"),
        Attribute("filename", STRING, doc="The MSI's name.", example='"greet-1.0.msi"', default=REQUIRED),
        Attribute("files", LABEL, doc="What is installed, an `install` target.", example='":tree"', default=REQUIRED),
        Attribute("help_url", STRING, doc="Where help is.", example='"https://example.org/help"'),
        Attribute("license_path", STRING, doc="The licence, which is installed, too.", example='"LICENSE"'),
        Attribute("package_description", STRING, doc="A description.", example='"Greets people"'),
        Attribute("package_keywords", STRING, doc="Keywords.", example='"greetings"'),
        Attribute("product_icon_path", STRING, doc="An icon, `.ico`.", example='"greet.ico"'),
        Attribute(
            "upgrade_code",
            STRING,
            doc="The GUID that versions of the product share. Not given: one that follows from the product's name.",
            example='"5f0c1a9e-92a1-5c52-9a4c-0f6f6f0c8d11"',
        ),
    ),
    module=_INSTALLERS,
    example=(
        'wix_msi(\n    name = "msi",\n    id_prefix = "greet",\n    product_name = "Greet",\n    product_version = "1.0",\n'
        '    product_manufacturer = "Ada",\n    filename = "greet-1.0.msi",\n    files = ":tree",\n)\n'
    ),
)


def analyse_wix_msi(context: Context, target: Target) -> Provider:
    """One action that writes WiX's source and has `wixl` make an MSI of it."""
    attributes = target.attributes
    name = str(attributes["filename"])
    files = _files(context, target)
    for key in ("license_path", "product_icon_path"):
        if attributes[key] is not None:
            files[f"extra/{key}"] = _source(context, target, str(attributes[key]))
    described = {key: value for key, value in attributes.items() if isinstance(value, str)}
    plan = {**described, "files": sorted(files), "output": f"out/{name}"}
    if context.host.find_tool("wixl", context.host.environ.get("PATH", "")) is None:
        raise ConfigError(
            f"`{name}` is made by `wixl`, which this host has not",
            where=target.location,
            hint="install it (`apt install wixl`); all other targets can be built without it",
        )
    return Files({name: _laid_out(context, target, "Msi", plan, files)})


# --- universal_binary -----------------------------------------------------------------------------------------------

UNIVERSAL_BINARY = Rule(
    name="universal_binary",
    doc="A program for macOS of several architectures, out of one program for each.",
    attributes=(
        Attribute("filename", STRING, doc="Its name.", example='"greet"', default=REQUIRED),
        Attribute("files", LABEL, doc="The programs, an `install` target.", example='":tree"', default=REQUIRED),
    ),
    module=_INSTALLERS,
    example='universal_binary(\n    name = "universal",\n    filename = "greet",\n    files = ":tree",\n)\n',
)


def analyse_universal_binary(context: Context, target: Target) -> Provider:
    """One action that puts the programs behind each other."""
    name = str(target.attributes["filename"])
    files = _files(context, target)
    plan = {"files": sorted(files), "output": f"out/{name}"}
    return Files({name: _laid_out(context, target, "UniversalBinary", plan, files)})


def _files(context: Context, target: Target) -> dict[str, Artifact]:
    provider = context.provider(cast("Label", target.attributes["files"]), target.where("files"))
    return {f"in/{path}": artifact for path, artifact in outputs_of(provider).items()}


def _laid_out(
    context: Context, target: Target, mnemonic: str, plan: Mapping[str, object], files: Mapping[str, Artifact]
) -> Artifact:
    output = str(plan["output"])
    text = (json.dumps({**plan, "inputs": "in"}, indent=1, sort_keys=True) + "\n").encode()
    action = Action(
        label=target.label,
        mnemonic=mnemonic,
        argv=("python3", "-m", "staticbuild.packing.installers", _COMMANDS[mnemonic], "plan.json"),
        inputs=merged([program(context, "installers"), {"plan.json": Content(text)}, files], target.location),
        outputs=((output, "file"),),
        env=PROGRAM_ENV,
    )
    return action.output(output)


_COMMANDS: Mapping[str, str] = {"Wheel": "wheel", "Msi": "msi", "UniversalBinary": "universal"}


# --- targets of a pyoxidizer.bzl ------------------------------------------------------------------------------------

PYOXIDIZER_TARGET = Rule(
    name="pyoxidizer_target",
    doc="What `register_target` registers: the native target that its value became, and what is installed besides.",
    attributes=(
        Attribute("result", LABEL, doc="What building it builds.", example='":exe/greet"'),
        Attribute("depends", STRINGS, doc="The targets whose values its function gets.", example='["exe"]', default=[]),
        Attribute("default", BOOLEAN, doc="Whether it is built where none is named.", example="True", default=False),
        Attribute("build_path", STRING, doc="The folder for results, where the config sets one.", example='"out"', default=""),
        Attribute("kind", STRING, doc="The type of its value.", example='"FileManifest"', default=""),
        Attribute("resolved", BOOLEAN, doc="Whether its function has been called.", example="True", default=False),
        Attribute(
            "installs",
            list_of(record({"folder": STRING, "files": LABEL})),
            doc="What its function installs elsewhere.",
            example='[{"folder": "/tmp/x", "files": ":files"}]',
            default=[],
        ),
    ),
    module="",
    example="",
)


def analyse_pyoxidizer_target(context: Context, target: Target) -> Provider:
    """What the target's value offers."""
    result = target.attributes["result"]
    if result is None:
        kind = str(target.attributes["kind"])
        if not target.attributes["resolved"]:
            raise ConfigError(f"the target `{target.label.name}` was not resolved", where=target.location)
        if target.attributes["installs"]:
            return Files({})
        what = f"`{kind}` has no `build()`" if kind else "its function returns nothing that can be built"
        raise ConfigError(f"`{target.label.name}` cannot be built: {what}", where=target.location)
    return context.provider(cast("Label", result), target.location)
