"""`python_executable`: packs, compiles and links one program. Knows the order of the actions, nothing of how each works.

Four things are made apart, so that each is redone only when its own inputs change: the standard library's pack and the
runtime's objects (once for a distribution), a pack for each wheel, the application's pack, and last the merge and the link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from staticbuild.config.schema import (
    BOOLEAN,
    INTEGER,
    LABELS,
    STRING,
    STRINGS,
    Attribute,
    Integer,
    Mistake,
    Rule,
    Type,
)
from staticbuild.errors import ConfigError, Location
from staticbuild.graph.action import Action, Artifact, Content, Download, Output, Place, SourceFile, SourceTree
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target, Value
from staticbuild.linking.plan import LinkPlan, PreparePlan, RuntimePlan
from staticbuild.packing.lock import Package
from staticbuild.packing.package_index import Target as IndexTarget
from staticbuild.packing.plan import ApplicationPlan, DataFile, MergePlan, Pack, Root, StandardLibraryPlan, ToolsPlan, WheelPlan
from staticbuild.packing.policy import StandardLibraryPolicy
from staticbuild.packing.settings import SETTINGS, SettingField, SettingType, SettingValue, encode_settings
from staticbuild.rules.context import Context
from staticbuild.rules.distribution import DIST_ATTRIBUTE, MODULE, distribution
from staticbuild.rules.providers import Executable, Provider, PythonDistribution, PythonResources, Tree
from staticbuild.rules.staging import PROGRAM_ENV, merged, program

_TOOLCHAIN = {"zig": "@stdlib//toolchain:zig", "sysroot": "@stdlib//toolchain:sysroot"}
_ENTRIES = ("entry_point", "command", "file")
_EXAMPLES = {
    "entry_point": '"greet.cli:main"',
    "command": '"import greet; greet.main()"',
    "file": '"main.py"',
    "sys_path": '["$ORIGIN/plugins"]',
    "hash_seed": "0",
    "warn_options": '["error::DeprecationWarning"]',
    "x_options": '["no_debug_ranges"]',
    "stdio_encoding": '"utf-8"',
    "stdio_errors": '"surrogateescape"',
}
_TYPES: Mapping[SettingType, Type] = {
    SettingType.BOOL: BOOLEAN,
    SettingType.INT: INTEGER,
    SettingType.STR: STRING,
    SettingType.LIST: STRINGS,
}


def _setting_attribute(setting: SettingField) -> Attribute:
    """The attribute for one interpreter setting: name, type, default and text have one author, the table of settings."""
    default: SettingValue | list[str] | None = setting.default
    if setting.name in _ENTRIES:
        default = None
    elif isinstance(default, tuple):
        default = list(default)
    fallback = {SettingType.BOOL: str(not setting.default), SettingType.INT: "1"}.get(setting.type, '""')
    doc = setting.doc[0].upper() + setting.doc[1:] if not setting.doc.startswith("`") else setting.doc
    return Attribute(
        setting.name,
        _TYPES[setting.type],
        doc=doc.rstrip(".") + ".",
        example=_EXAMPLES.get(setting.name, fallback),
        default=default,
    )


def _check(attributes: Mapping[str, Value]) -> Iterable[Mistake]:
    given = [name for name in _ENTRIES if attributes[name] is not None]
    if len(given) > 1:
        yield Mistake(f"give one of `{given[0]}` and `{given[1]}`, not both", path=(given[1],), hint=None)
    if not given and not attributes["interpreter"]:
        yield Mistake(
            "what shall the program run?",
            path=(),
            hint='give `entry_point = "package.module:function"` or `"package.module"`, `command`, `file`, '
            "or `interpreter = True` for a program that behaves like `python`",
        )


PYTHON_EXECUTABLE = Rule(
    name="python_executable",
    doc=(
        "One executable file: interpreter, standard library, application and requirements, linked statically. It needs no file "
        "beside it and writes none."
    ),
    attributes=(
        DIST_ATTRIBUTE,
        Attribute(
            "resources",
            LABELS,
            doc="What the application brings along, `python_resources` targets.",
            example='[":app"]',
            default=[],
        ),
        *(_setting_attribute(setting) for setting in SETTINGS if setting.name in _ENTRIES),
        Attribute(
            "extensions",
            STRINGS,
            doc="The standard library's extension modules to link, beside those that the interpreter itself needs. Not given: "
            "all of them.",
            example='["_ssl", "zlib"]',
        ),
        Attribute("exclude_extensions", STRINGS, doc="Extension modules to leave out.", example='["_sqlite3"]', default=[]),
        Attribute(
            "optimize",
            Integer(0, 2),
            doc="For which optimisation level bytecode is compiled: 1 leaves assertions out, 2 docstrings too.",
            example="2",
            default=0,
        ),
        Attribute(
            "include_test", BOOLEAN, doc="Whether the standard library's tests come along.", example="True", default=False
        ),
        Attribute(
            "include_tools",
            BOOLEAN,
            doc="Whether `idlelib`, `turtledemo` and `lib2to3` come along.",
            example="True",
            default=False,
        ),
        Attribute(
            "python_api",
            BOOLEAN,
            doc="Whether `ctypes.pythonapi` finds the functions of CPython's C API by name, for 150 kB.",
            example="False",
            default=True,
        ),
        *(_setting_attribute(setting) for setting in SETTINGS if setting.name not in (*_ENTRIES, "optimization_level")),
    ),
    module=MODULE,
    example=(
        'python_executable(\n    name = "greet",\n    dist = ":dist",\n    resources = [":app"],\n'
        '    entry_point = "greet.cli:main",\n)\n'
    ),
    check=lambda attributes: list(_check(attributes)),
)


def analyse_python_executable(context: Context, target: Target) -> Provider:
    """The actions from sources to one linked and checked file."""
    attributes = target.attributes
    dist = distribution(context, cast("Label", attributes["dist"]), target, "dist")
    packs: list[tuple[Pack, Artifact]] = [
        (Pack("packs/stdlib", "stdlib", f"python {dist.version}"), _stdlib_pack(context, target, dist))
    ]
    for label in cast("tuple[Label, ...]", attributes["resources"]):
        packs += _resource_packs(context, target, dist, label, len(packs))
    link = _link(context, target, dist, _merge(context, target, dist, packs))
    name = target.label.name.rpartition("/")[2]
    return Executable(link.output(f"out/{name}"), name, link.output("report.json"))


# --- packing --------------------------------------------------------------------------------------------------------


def _packing_argv(dist: PythonDistribution) -> tuple[str, ...]:
    return (f"dist/python/install/bin/python{dist.version}", "-P", "-S", "-B", "-m", "staticbuild.packing.pack", "plan.json")


def _tools(context: Context, dist: PythonDistribution, where: Location) -> Output:
    """Bytecode of the packing program and of all that it imports: without it each packing action compiled ninety modules."""
    plan = ToolsPlan()
    parts: list[Mapping[str, Artifact]] = [
        program(context, "packing"),
        {"dist": dist.tree, "installer": _installer(context), "plan.json": Content(plan.to_json())},
    ]
    action = Action(
        label=dist.label,
        mnemonic="CompileTools",
        argv=_packing_argv(dist),
        inputs=merged(parts, where),
        outputs=((plan.output, "tree"),),
        env=(("PYTHONPATH", "tool:installer"),),
    )
    return action.output(plan.output)


def _pack_action(  # noqa: PLR0913 - what distinguishes one packing action from the next
    context: Context,
    label: Label,
    mnemonic: str,
    dist: PythonDistribution,
    plan: bytes,
    inputs: Mapping[str, Artifact],
    output: str,
    where: Location,
) -> Output:
    tools = context.shared(("tools", dist.label), lambda: _tools(context, dist, where))
    parts: list[Mapping[str, Artifact]] = [{"dist": dist.tree, "tools": tools, "plan.json": Content(plan)}, inputs]
    action = Action(
        label=label,
        mnemonic=mnemonic,
        argv=_packing_argv(dist),
        inputs=merged(parts, where),
        outputs=((output, "file"),),
        env=(("PYTHONPATH", "tools"),),
    )
    return action.output(output)


def _stdlib_pack(context: Context, target: Target, dist: PythonDistribution) -> Output:
    attributes = target.attributes
    policy = StandardLibraryPolicy(
        include_test=bool(attributes["include_test"]), include_tools=bool(attributes["include_tools"])
    )
    optimize = cast("int", attributes["optimize"])
    plan = StandardLibraryPlan(version=dist.version, policy=policy, support="support", optimize=optimize)
    folder = f"{context.own}/staticbuild/runtime/python"
    support = {
        f"support/{entry.name}": SourceFile(entry.path) for entry in context.host.scan(folder) if entry.name.endswith(".py")
    }
    return context.shared(
        ("stdlib", dist.label, policy, optimize),
        lambda: _pack_action(
            context, dist.label, "PackStandardLibrary", dist, plan.to_json(), support, plan.output, target.location
        ),
    )


def _resource_packs(
    context: Context, target: Target, dist: PythonDistribution, label: Label, taken: int
) -> list[tuple[Pack, Artifact]]:
    provider = context.provider(label, target.where("resources"))
    if not isinstance(provider, PythonResources):
        raise ConfigError(
            f"`{label.short}` is not a `python_resources` target",
            where=target.where("resources"),
            hint="name other targets in the `data` of a `python_resources`",
        )
    optimize = cast("int", target.attributes["optimize"])
    packs: list[tuple[Pack, Artifact]] = []
    if provider.roots or provider.files:
        place = f"packs/{taken}"
        application = ("application", label, dist.label, optimize)
        pack = context.shared(application, lambda: _application_pack(context, target, dist, provider, optimize))
        packs.append((Pack(place, "application", label.short), pack))
    for package in _locked(context, dist, provider):
        requirement = f"{package.pin.name}=={package.pin.version}"
        key = ("wheel", requirement, provider.exclude, dist.label, optimize)
        pack = context.shared(
            key,
            lambda package=package: _wheel_pack(context, target, dist, package, provider.exclude, optimize),  # type: ignore[misc]
        )
        packs.append((Pack(f"packs/{requirement}", "requirement", requirement), pack))
    return packs


def _application_pack(
    context: Context, target: Target, dist: PythonDistribution, resources: PythonResources, optimize: int
) -> Output:
    roots, files, inputs = [], [], {}
    for index, (shown, members) in enumerate(resources.roots):
        roots.append(Root(f"roots/{index}", shown))
        inputs.update({f"roots/{index}/{path}": artifact for path, artifact in members.items()})
    for destination, artifact in resources.files.items():
        files.append(DataFile(f"files/{destination}", destination))
        inputs[f"files/{destination}"] = artifact
    plan = ApplicationPlan(tuple(roots), tuple(files), exclude=resources.exclude, optimize=optimize)
    return _pack_action(context, resources.label, "PackApplication", dist, plan.to_json(), inputs, plan.output, target.location)


def index_target(dist: PythonDistribution) -> IndexTarget:
    """What an index is asked for."""
    return IndexTarget(python=dist.version, platform=dist.triple)


def lock_group(label: Label) -> str:
    """The name that a resources target has in the lock file."""
    return str(label)


def _locked(context: Context, dist: PythonDistribution, resources: PythonResources) -> tuple[Package, ...]:
    """What the lock file pins for these resources."""
    if resources.requirements is None:
        return ()
    lock = context.read_lock()
    where = resources.requirements_location
    if lock is None:
        raise ConfigError(
            f"`{resources.label.short}` has requirements, and there is no `staticbuild.lock`",
            where=where,
            hint="run `staticbuild lock`, and commit the file that it writes",
        )
    try:
        return lock.packages_for(lock_group(resources.label), resources.requirements, index_target(dist))
    except ConfigError as error:
        raise ConfigError(
            error.message, where=where, hint=error.problems[0].hint, notes=error.problems[0].notes, more=error.problems[1:]
        ) from error


def _wheel_pack(
    context: Context, target: Target, dist: PythonDistribution, package: Package, exclude: tuple[str, ...], optimize: int
) -> Output:
    wheel = package.wheel()
    pin = package.pin
    download = Download(pin.name, pin.version, wheel.sha256, (Place("index:"),), wheel.filename)
    requirement = f"{pin.name}=={pin.version}"
    plan = WheelPlan(f"wheels/{wheel.filename}", requirement, exclude=exclude, version=dist.version, optimize=optimize)
    inputs: dict[str, Artifact] = {f"wheels/{wheel.filename}": download}
    label = Label("", "", pin.name)
    return _pack_action(context, label, "PackWheel", dist, plan.to_json(), inputs, plan.output, target.location)


def _installer(context: Context) -> SourceTree:
    root = context.host.package_folder("installer")
    site = root.rpartition("/")[0]
    stamps = [e.path for e in context.host.scan(site) if e.name.startswith("installer-") and e.name.endswith(".dist-info")]
    return SourceTree(site, ("installer",), f"{stamps[0]}/RECORD" if stamps else f"{root}/__init__.py")


def _merge(context: Context, target: Target, dist: PythonDistribution, packs: list[tuple[Pack, Artifact]]) -> Output:
    unique = dict(packs)
    plan = MergePlan(tuple(unique), settings=_settings(target))
    inputs = {pack.path: artifact for pack, artifact in unique.items()}
    return _pack_action(context, target.label, "Merge", dist, plan.to_json(), inputs, plan.output, target.location)


def _settings(target: Target) -> dict[str, str]:
    values: dict[str, object] = {"optimization_level": target.attributes["optimize"]}
    for setting in SETTINGS:
        value = target.attributes.get(setting.name)
        if value is not None:
            values[setting.name] = value
    return encode_settings(values)


# --- linking --------------------------------------------------------------------------------------------------------


def _linking_action(
    context: Context,
    label: Label,
    command: str,
    plan: bytes,
    inputs: Mapping[str, Artifact],
    outputs: tuple[tuple[str, str], ...],
    where: Location,
) -> Action:
    trees = {path: _tree(context, name, where) for path, name in _TOOLCHAIN.items()}
    parts: list[Mapping[str, Artifact]] = [program(context, "linking"), trees, {"plan.json": Content(plan)}, inputs]
    return Action(
        label=label,
        mnemonic={"compile-runtime": "CompileRuntime", "prepare": "SelectExtensions", "link": "Link"}[command],
        argv=("python3", "-m", "staticbuild.linking", command, "plan.json"),
        inputs=merged(parts, where),
        outputs=outputs,  # type: ignore[arg-type] # literal kinds, given below
        env=PROGRAM_ENV,
    )


def _tree(context: Context, name: str, where: Location) -> Artifact:
    provider = context.provider(Label.parse(name), where)
    if not isinstance(provider, Tree):
        raise ConfigError(f"{name} is not a tree", where=where)
    return provider.artifact


def _runtime_objects(context: Context, dist: PythonDistribution, where: Location) -> Output:
    folder = f"{context.own}/staticbuild/runtime"
    sources = {
        f"runtime/{entry.name}": SourceFile(entry.path)
        for entry in context.host.scan(folder)
        if entry.name.endswith((".c", ".h", ".S"))
    }
    plan = RuntimePlan(target=dist.triple)
    inputs: dict[str, Artifact] = {"dist": dist.tree, **sources}
    action = _linking_action(context, dist.label, "compile-runtime", plan.to_json(), inputs, ((plan.output, "tree"),), where)
    return action.output(plan.output)


def _prepared(context: Context, target: Target, dist: PythonDistribution) -> Output:
    attributes = target.attributes
    plan = PreparePlan(
        extensions=cast("tuple[str, ...] | None", attributes["extensions"]),
        exclude=cast("tuple[str, ...]", attributes["exclude_extensions"]),
        symbols=bool(attributes["python_api"]),
        target=dist.triple,
    )
    action = _linking_action(
        context, target.label, "prepare", plan.to_json(), {"dist": dist.tree}, ((plan.output, "tree"),), target.location
    )
    return action.output(plan.output)


def _link(context: Context, target: Target, dist: PythonDistribution, blob: Output) -> Action:
    name = target.label.name.rpartition("/")[2]
    plan = LinkPlan(output=f"out/{name}", report="report.json", target=dist.triple)
    inputs: dict[str, Artifact] = {
        "dist": dist.tree,
        "blob": blob,
        "objects": context.shared(("runtime", dist.label), lambda: _runtime_objects(context, dist, target.location)),
        "prepared": _prepared(context, target, dist),
    }
    outputs = ((plan.output, "file"), ("report.json", "file"))
    return _linking_action(context, target.label, "link", plan.to_json(), inputs, outputs, target.location)
