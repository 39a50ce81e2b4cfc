"""`python_executable`: one program. Knows its attributes, and hands them to the actions that pack and link it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal, cast, get_args

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
    Text,
    Type,
    dict_of,
    either,
    enum,
    list_of,
)
from staticbuild.errors import ConfigError
from staticbuild.graph.action import Output, SourceFile
from staticbuild.graph.label import Label
from staticbuild.graph.target import Target, Value
from staticbuild.linking.plan import ALLOCATORS, LIBC, LinkPlan, PreparePlan
from staticbuild.linking.select import ALL, FILTERS
from staticbuild.packing.plan import BESIDE_FOLDER, CERTIFICATES, LOCATIONS, SITE_PACKAGES, DataKind, MergePlan, Pack
from staticbuild.packing.policy import StandardLibraryPolicy
from staticbuild.packing.settings import SETTINGS, SettingField, SettingType, SettingValue, encode_settings, newer_settings
from staticbuild.rules.context import Context
from staticbuild.rules.distribution import DIST_ATTRIBUTE, MODULE, distribution
from staticbuild.rules.links import Linker
from staticbuild.rules.packs import Bytecode, Packer
from staticbuild.rules.providers import Executable, Provider, PythonDistribution, PythonResources
from staticbuild.rules.requirements import required_packages

_ENTRIES = ("entry_point", "command", "file")
# Settings that follow from attributes of other names or meanings.
_OWN = ("ca_certificates", "optimization_level")
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
    doc = setting.doc[0].upper() + setting.doc[1:] if not setting.doc.startswith("`") else setting.doc
    if setting.since:
        doc = f"{doc.rstrip('.')}. Since Python {setting.since}"
    return Attribute(
        setting.name,
        _TYPES[setting.type] if setting.choices is None else enum(*setting.choices),
        doc=doc.rstrip(".") + ".",
        example=setting.example,
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
    yield from _check_trim(attributes)
    for name, value in (("environment", True), ("user_site_directory", True), ("safe_path", False)):
        if attributes["isolated"] and attributes[name] is value:
            yield Mistake(
                f"`isolated` and `{name} = {value}` contradict each other", path=(name,), hint="leave out one of them"
            )


def _check_trim(attributes: Mapping[str, Value]) -> Iterable[Mistake]:
    for name in ("trim_keep", "trim_record"):
        if attributes[name] and not attributes["trim"]:
            yield Mistake(f"`{name}` is for `trim = True`", path=(name,), hint="set that, too, or leave this out")
    for name in ("interpreter", "python_commands", "site_folders"):
        if attributes["trim"] and attributes[name]:
            yield Mistake(
                f"`trim` and `{name}` contradict each other: nobody knows which modules such a program is asked for",
                path=(name,),
                hint="leave out one of them",
            )


PYTHON_EXECUTABLE = Rule(
    name="python_executable",
    doc=(
        "One executable file: interpreter, standard library, application and requirements, linked statically. It needs no file "
        "beside it and writes none, but for packages that open files of their own (`location`)."
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
            "extension_modules",
            either(enum(*FILTERS), STRINGS),
            doc="Which of the distribution's extension modules are linked, beside those that the interpreter itself needs to "
            'start: names, or `"all"`; `"minimal"`: no others; `"no-libraries"`: those that are not linked with a library of '
            'others; `"no-copyleft"`: those whose licences are known to be permissive. Which these are is found out from the '
            "distribution's symbol tables, imports and metadata.",
            example='["_ssl", "zlib"]',
            default=ALL,
        ),
        Attribute(
            "exclude_extensions",
            STRINGS,
            doc="Extension modules to leave out of those.",
            example='["_sqlite3"]',
            default=[],
        ),
        Attribute(
            "optimize",
            Integer(0, 2),
            doc="For which optimisation level bytecode is compiled: 1 leaves assertions out, 2 docstrings too.",
            example="2",
            default=0,
        ),
        Attribute(
            "docstrings",
            either(BOOLEAN, enum("application")),
            doc="Whether bytecode has docstrings. `False` leaves them out as `optimize = 2` does, and keeps assertions; "
            '`"application"` keeps those of the application, of which command-line tools often make their help. '
            "See [size](size.md).",
            example='"application"',
            default=True,
        ),
        Attribute(
            "sources",
            BOOLEAN,
            doc="Whether sources come along: for the source lines of tracebacks, and for code that reads its own source. "
            "Without them there is only bytecode, but for packages that are on disk (`location`). See [size](size.md).",
            example="False",
            default=True,
        ),
        Attribute(
            "exclude_tests",
            BOOLEAN,
            doc="Whether the packages named `test` or `tests` that applications and requirements bring along are left out, and "
            "type stubs with them. A package that other code imports stays. The standard library's own tests come with "
            "`include_test`. See [size](size.md).",
            example="True",
            default=False,
        ),
        Attribute(
            "compress",
            list_of(enum(*get_args(DataKind))),
            doc="Which data is compressed inside of the executable, with zstd, and decompressed each time that it is read: "
            '`"sources"`, `"files"` (the data of packages), or `"bytecode"`, which each import then takes longer for. '
            "Adds 33 kB of code. See [size](size.md).",
            example='["sources", "files"]',
            default=[],
        ),
        Attribute(
            "trim",
            BOOLEAN,
            doc="Whether modules are left out that the program does not reach from where it begins, and data with its "
            "packages. `staticbuild inspect` says what went, and `--why` who is the reason that a module is there. See "
            "[trimming](size.md#trimming).",
            example="True",
            default=False,
        ),
        Attribute(
            "trim_keep",
            STRINGS,
            doc="Modules that `trim` keeps in any case, with what they import: names, or globs of them.",
            example='["myapp.plugins.*"]',
            default=[],
        ),
        Attribute(
            "trim_record",
            STRING,
            doc="A file of the workspace with names of modules that `trim` keeps in any case, as `record_modules` writes it.",
            example='"modules.txt"',
        ),
        Attribute(
            "include_test",
            BOOLEAN,
            doc="Whether the standard library's tests come along, and the extensions that exist for them only.",
            example="True",
            default=False,
        ),
        Attribute(
            "include_tools",
            BOOLEAN,
            doc="Whether `idlelib`, `turtledemo`, `lib2to3` and the wheels that `ensurepip` installs come along.",
            example="True",
            default=False,
        ),
        Attribute(
            "python_api",
            BOOLEAN,
            doc="Whether `ctypes.pythonapi` finds the functions of CPython's C API by name, and `ctypes.CDLL(None)` those of "
            "the C library, for 350 kB. With the flavor `standalone_dynamic`: whether `ctypes.pythonapi` and extension modules "
            "that are loaded find the former.",
            example="False",
            default=True,
        ),
        Attribute(
            "allocator",
            enum(*ALLOCATORS),
            doc="What serves `malloc`: Python's objects of more than 512 bytes (CPython keeps the smaller ones itself), and "
            "all that libraries in C ask for. `libc` is the C library's own. Not given: `mimalloc`, and `libc` with the flavor "
            "`standalone_dynamic`, which has no other.",
            example='"jemalloc"',
        ),
        Attribute(
            "location",
            dict_of(enum(*LOCATIONS)),
            doc="Where the files of packages are while the program runs, by the names that the packages are imported by. "
            '`"memory"`: in the executable only. `"extracted"`: in a private folder of the user\'s cache, written when the '
            'package is first imported and checked each time. `"beside"`: in the folder `lib` beside the executable, which has '
            "to be shipped with it. The innermost package that is named decides; `*` stands for all that are not named. "
            "Without it, packages whose code opens paths made from `__file__` and the like are extracted, and all others stay "
            "in memory. See [data files](data-files.md).",
            example='{"mypkg": "memory", "mypkg.assets": "extracted"}',
            default={},
        ),
        Attribute(
            "beside_folder",
            Text("the name of a folder", "names of folders", r"[A-Za-z0-9_.+-]+(/[A-Za-z0-9_.+-]+)*"),
            doc="The folder for packages whose `location` is `beside`.",
            example='"site"',
            default=BESIDE_FOLDER,
        ),
        Attribute(
            "exclude",
            STRINGS,
            doc="Paths of the executable's tree that are left out of this executable, whichever target brings them.",
            example='["greet/data/large.bin"]',
            default=[],
        ),
        Attribute(
            "exclude_sources",
            STRINGS,
            doc='Paths of modules whose sources are left out, so that tracebacks have no source lines: `"stdlib"` stands for '
            'all of the standard library, `"*"` for all others.',
            example='["stdlib"]',
            default=[],
        ),
        Attribute(
            "ca_certificates",
            STRING,
            doc="Which certificate authorities TLS connections trust by default. `host`: those of the host that the program "
            "runs on, wherever its distribution keeps them. `certifi`: those of the package `certifi`, one of the "
            "requirements. Otherwise a PEM file of the workspace, or of this host if the path is absolute, which is carried "
            "inside. `SSL_CERT_FILE` and `SSL_CERT_DIR` count in any case.",
            example='"certifi"',
            default="host",
        ),
        *(_setting_attribute(setting) for setting in SETTINGS if setting.name not in (*_ENTRIES, *_OWN)),
    ),
    module=MODULE,
    example=(
        'python_executable(\n    name = "greet",\n    dist = ":dist",\n    resources = [":app"],\n'
        '    entry_point = "greet.cli:main",\n)\n'
    ),
    renamed={"extensions": "extension_modules", "extension_module_filter": "extension_modules"},
    check=lambda attributes: list(_check(attributes)),
)


def analyse_python_executable(context: Context, target: Target) -> Provider:
    """The actions from sources to one linked and checked file."""
    attributes = target.attributes
    dist = distribution(context, cast("Label", attributes["dist"]), target, "dist")
    packer = Packer(context, dist, _bytecode(target), target.location)
    policy = StandardLibraryPolicy(
        include_test=bool(attributes["include_test"]),
        include_tools=bool(attributes["include_tools"]),
        include_ensurepip=bool(attributes["include_tools"]),
    )
    packs: dict[Pack, Output] = {Pack("packs/stdlib", "stdlib", f"python {dist.version}"): packer.standard_library(policy)}
    built: dict[str, Output] = {}
    for index, label in enumerate(cast("tuple[Label, ...]", attributes["resources"])):
        resources = _resources(context, target, label)
        packs.update(packer.resources(resources, f"packs/{index}"))
        built |= {
            f"packages/{one.pin}": one.built for one in required_packages(context, dist, resources) if one.built is not None
        }
    settings = _settings(target, dist.version)
    authorities = cast("str", attributes["ca_certificates"])
    if authorities == "certifi":
        settings["ca_certificates"] = f"{SITE_PACKAGES.format(version=dist.version)}/certifi/cacert.pem"
    elif authorities != "host":
        settings["ca_certificates"] = CERTIFICATES
        packs[Pack("packs/certificates", "stdlib", authorities)] = packer.certificates(
            _certificates(context, target), target.label
        )
    wanted = MergePlan(
        (),
        settings=settings,
        locations=dict(cast("Mapping[str, str]", attributes["location"])),
        sources=bool(attributes["sources"]),
        tests=not attributes["exclude_tests"],
        trim=bool(attributes["trim"]),
        keep=cast("tuple[str, ...]", attributes["trim_keep"]),
        beside=cast("str", attributes["beside_folder"]),
        exclude=cast("tuple[str, ...]", attributes["exclude"]),
        without_source=cast("tuple[str, ...]", attributes["exclude_sources"]),
    )
    packed = packer.merge(target.label, packs, wanted, _recorded(context, target))
    compressed = cast("tuple[DataKind, ...]", attributes["compress"])
    if compressed:
        packed = packer.compress(target.label, packed, tuple(sorted(set(compressed))))
    name = target.label.name.rpartition("/")[2]
    plan = LinkPlan(
        output=f"out/{name}",
        report="report.json",
        resources="resources.json",
        target=dist.triple,
        glibc=dist.glibc,
        allocator=_allocator(target, dist),
        decompress=bool(compressed),
    )
    prepare = PreparePlan(
        modules=cast("str | tuple[str, ...]", attributes["extension_modules"]),
        exclude=cast("tuple[str, ...]", attributes["exclude_extensions"]),
        tests=bool(attributes["include_test"]),
        symbols=bool(attributes["python_api"]),
        target=dist.triple,
    )
    link = Linker(context, dist, target.label, target.location).link(plan, prepare, packed, built)
    folder = cast("str", attributes["beside_folder"])
    if packed.beside is not None and name == folder:
        message = f"an executable cannot be named `{name}` and have files in the folder `{folder}` beside it"
        raise ConfigError(message, where=target.location, hint="give the target another name")
    beside = None if packed.beside is None else (folder, packed.beside)
    return Executable(link.output(plan.output), name, link.output("report.json"), dist.triple, beside)


def _recorded(context: Context, target: Target) -> SourceFile | None:
    """The file that `trim_record` names."""
    name = target.attributes["trim_record"]
    if name is None:
        return None
    path = context.path(target, str(name))
    if context.host.fingerprint(path) is None:
        raise ConfigError(
            f"`{name}` does not exist",
            where=target.where("trim_record"),
            hint="a program with `record_modules = True` writes it to where STATICBUILD_RECORD says",
        )
    return SourceFile(path)


def _bytecode(target: Target) -> Bytecode:
    docstrings = target.attributes["docstrings"]
    kept: Literal["all", "application", "none"] = "application" if docstrings == "application" else "all"
    return Bytecode(cast("int", target.attributes["optimize"]), kept if docstrings else "none")


def _allocator(target: Target, dist: PythonDistribution) -> str:
    wanted = target.attributes["allocator"]
    if dist.glibc is None:
        return "mimalloc" if wanted is None else str(wanted)
    if wanted not in {None, LIBC}:
        raise ConfigError(
            f"`{wanted}` is for the flavor `standalone_static`",
            where=target.where("allocator"),
            hint="glibc and the libraries that the program loads share glibc's own; leave `allocator` out",
        )
    return LIBC


def _resources(context: Context, target: Target, label: Label) -> PythonResources:
    provider = context.provider(label, target.where("resources"))
    if not isinstance(provider, PythonResources):
        raise ConfigError(
            f"`{label.short}` is not a `python_resources` target",
            where=target.where("resources"),
            hint="name other targets in the `data` of a `python_resources`",
        )
    return provider


def _certificates(context: Context, target: Target) -> SourceFile:
    """The file that `ca_certificates` names: of the workspace, or with an absolute path of this host."""
    name = cast("str", target.attributes["ca_certificates"])
    path = name if name.startswith("/") else context.path(target, name)
    if context.host.fingerprint(path) is None:
        raise ConfigError(
            f"`{name}` does not exist",
            where=target.where("ca_certificates"),
            hint='give "host", "certifi", or the path of a PEM file',
        )
    return SourceFile(path)


def _settings(target: Target, version: str) -> dict[str, str]:
    values: dict[str, object] = {"optimization_level": target.attributes["optimize"]}
    for setting in SETTINGS:
        value = target.attributes.get(setting.name)
        if value is not None and setting.name not in _OWN:
            values[setting.name] = list(value) if isinstance(value, tuple) else value
    newer = newer_settings(values, version)
    ConfigError.raise_all([replace(problem, where=target.where(name)) for name, problem in newer])
    return encode_settings(values)
