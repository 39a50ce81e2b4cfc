"""Reads PYTHON.json, what a python-build-standalone *full* archive says of itself. Pure: bytes in, `Distribution` out.

The documented format and real archives differ; `Distribution` holds what is true of the archive's files:

* the `inittab_*` fields stand under `build_info`, and the init table's object is listed among the core's objects,
although
  whoever links writes a table of their own: it is left out of `core_objects`;
* `core.static_lib` names a folder that does not exist on most targets: `static_library` is where the archive really has
it;
* `object_file_format` is literally `llvm-bitcode:%22.1.3` on Linux;
* links written as `-lHacl_…` once leaked out of CPython's Makefile into an archive's metadata;
* `required` says little about what the core needs (`atexit` is not required, but the core calls it); that question
belongs to
  `linking.select`, which asks the objects.

Every path inside is relative to the folder of PYTHON.json and stays below it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from staticbuild.errors import FormatError

FILE_NAME: Final = "PYTHON.json"
VERSIONS: Final = ("7", "8")
_LONGEST_SHOWN: Final = 80


class ObjectFormat(Enum):
    """What the core's and the extensions' objects are."""

    ELF = "elf"
    COFF = "coff"
    MACH_O = "mach-o"
    BITCODE = "llvm-bitcode"


class LinkKind(Enum):
    """Where a library that an extension needs comes from."""

    STATIC = "path_static"
    DYNAMIC = "path_dynamic"
    FRAMEWORK = "framework"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Link:
    """A library that must be linked too. `path` is set for those inside of the archive."""

    name: str
    kind: LinkKind
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """One variant of an extension of the standard library. `init` is None for modules that the core sets up itself."""

    name: str
    variant: str
    init: str | None
    in_core: bool
    required: bool
    objects: tuple[str, ...]
    links: tuple[Link, ...]
    licenses: tuple[str, ...]
    license_paths: tuple[str, ...]
    public_domain: bool
    shared_library: str | None


@dataclass(frozen=True, slots=True)
class Inittab:
    """The archive's own table of builtin modules: never linked, but it shows how such a file is compiled."""

    object: str
    source: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """What an archive holds. All paths are relative to the folder of PYTHON.json."""

    format_version: str
    triple: str
    build_options: tuple[str, ...]
    python_version: str
    python_tag: str
    abi_flags: str
    cache_tag: str
    hex_version: int
    bytecode_magic: bytes
    executable: str
    paths: Mapping[str, str]
    config_variables: Mapping[str, str]
    extension_suffixes: tuple[str, ...]
    test_packages: tuple[str, ...]
    link_mode: str
    symbol_visibility: str
    extension_loading: tuple[str, ...]
    crt_features: tuple[str, ...]
    object_format: ObjectFormat
    llvm_version: int | None
    inittab: Inittab
    core_objects: tuple[str, ...]
    core_links: tuple[Link, ...]
    static_library: str
    shared_library: str | None
    extensions: Mapping[str, tuple[Extension, ...]]
    licenses: tuple[str, ...]
    license_path: str | None

    @property
    def major_minor(self) -> str:
        """`3.13` of `3.13.5`."""
        return ".".join(self.python_version.split(".")[:2])

    @property
    def include(self) -> str:
        """The folder of Python.h."""
        return self.paths["include"]

    @property
    def glibc(self) -> str | None:
        """The glibc whose symbols are the newest that the objects need, as `2.17`, where they are for glibc."""
        prefix = "glibc-max-symbol-version:"
        return next((text.removeprefix(prefix) for text in self.crt_features if text.startswith(prefix)), None)

    @property
    def is_static(self) -> bool:
        """Whether the objects were compiled for an executable without a dynamic linker."""
        return "static" in self.crt_features

    def extension(self, name: str) -> Extension:
        """The variant of `name` to link: `default`, or the first one."""
        variants = self.extensions[name]
        return next((variant for variant in variants if variant.variant == "default"), variants[0])


def parse(data: bytes) -> Distribution:
    """The `Distribution` that PYTHON.json describes. Any bytes give one, or a `FormatError` that names the field."""
    try:
        root = json.loads(data)
    # RecursionError: nested too deeply; ValueError: not JSON, not UTF-8, or a number of absurd length.
    except (ValueError, RecursionError) as error:
        raise FormatError(f"`{FILE_NAME}` is not JSON: {error}") from error
    return _distribution(_Field(root, ""))


def _distribution(root: _Field) -> Distribution:
    version = root["version"].text()
    if version not in VERSIONS:
        raise FormatError(
            f"`{FILE_NAME}` is of format {version!r}; this staticbuild reads {' and '.join(VERSIONS)}",
            hint="use an archive of 2021 or later; if it is a newer one, update staticbuild",
        )
    build = root["build_info"]
    core = build["core"]
    python_version = root["python_version"].text()
    if not re.fullmatch(r"[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?[0-9a-z.+-]{0,32}", python_version):
        raise root["python_version"].wrong("a version such as `3.13.5`")
    inittab = Inittab(
        object=build["inittab_object"].path(),
        source=build["inittab_source"].path(),
        flags=build["inittab_cflags"].texts(),
    )
    paths = {key: field.path() for key, field in root["python_paths"].fields()}
    for needed in ("include", "stdlib"):
        if needed not in paths:
            raise root["python_paths"].wrong(f"a map with the entry `{needed}`")
    abi_flags = root["python_abi_tag"].text_or_none() or ""
    object_format, llvm_version = _object_format(build["object_file_format"])
    core_objects = tuple(dict.fromkeys(path for path in core["objs"].paths() if path != inittab.object))
    return Distribution(
        format_version=version,
        triple=root["target_triple"].text(),
        build_options=_build_options(root),
        python_version=python_version,
        python_tag=root["python_tag"].text(),
        abi_flags=abi_flags,
        cache_tag=root["python_implementation_cache_tag"].text(),
        hex_version=root["python_implementation_hex_version"].number(),
        bytecode_magic=root["python_bytecode_magic_number"].hex_bytes(),
        executable=root["python_exe"].path(),
        paths=MappingProxyType(paths),
        config_variables=MappingProxyType({key: field.text() for key, field in root["python_config_vars"].fields()}),
        extension_suffixes=root["python_suffixes"]["extension"].texts(),
        test_packages=root["python_stdlib_test_packages"].texts(),
        link_mode=root["libpython_link_mode"].text(),
        symbol_visibility=root["python_symbol_visibility"].text(),
        extension_loading=root["python_extension_module_loading"].texts(),
        crt_features=root["crt_features"].texts(),
        object_format=object_format,
        llvm_version=llvm_version,
        inittab=inittab,
        core_objects=core_objects,
        core_links=tuple(_links(core["links"])),
        static_library=_static_library(root, python_version, abi_flags),
        shared_library=core["shared_lib"].path_or_none(),
        extensions=MappingProxyType(
            {name: tuple(_variants(name, variants)) for name, variants in sorted(build["extensions"].fields())}
        ),
        licenses=root["licenses"].texts_or_none(),
        license_path=root["license_path"].path_or_none(),
    )


def _build_options(root: _Field) -> tuple[str, ...]:
    # Format 7 has only the older name, without the free-threaded option that did not exist then.
    options = root["build_options"].text_or_none()
    if options is None:
        options = root["optimizations"].text()
    return tuple(option for option in options.split("+") if option)


def _object_format(field: _Field) -> tuple[ObjectFormat, int | None]:
    kind, _, version = field.text().partition(":")
    if kind not in {member.value for member in ObjectFormat}:
        raise field.wrong("`elf`, `coff`, `mach-o` or `llvm-bitcode:…`")
    if kind != ObjectFormat.BITCODE.value:
        return ObjectFormat(kind), None
    major = re.match(r"%?([0-9]{1,4})\.", version)
    if major is None:
        raise field.wrong("the version of LLVM after `llvm-bitcode:`")
    return ObjectFormat.BITCODE, int(major[1])


def _static_library(root: _Field, python_version: str, abi_flags: str) -> str:
    """Where the archive has its static libpython: `core.static_lib` is hard-coded to one target's folder."""
    written = root["build_info"]["core"]["static_lib"].path_or_none()
    if written is not None and written.endswith(".lib"):
        return written
    short = ".".join(python_version.split(".")[:2])
    return f"install/lib/libpython{short}{_path_part(abi_flags)}.a"


def _path_part(text: str) -> str:
    if not re.fullmatch(r"[a-z]{0,8}", text):
        raise FormatError(f"`{FILE_NAME}`: `python_abi_tag` is {text!r}; wanted ABI flags such as `t`")
    return text


def _variants(name: str, variants: _Field) -> list[Extension]:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z_0-9.]{0,127}", name):
        raise variants.wrong("a module's name as the key")
    result = [
        Extension(
            name=name,
            variant=entry["variant"].text(),
            init=_init_function(entry["init_fn"]),
            in_core=entry["in_core"].flag(),
            required=entry["required"].flag(),
            objects=entry["objs"].paths(),
            links=tuple(_links(entry["links"])),
            licenses=entry["licenses"].texts_or_none(),
            license_paths=tuple(field.path() for field in entry["license_paths"].items_or_none()),
            public_domain=entry["license_public_domain"].flag_or_none() or False,
            shared_library=entry["shared_lib"].path_or_none(),
        )
        for entry in variants.items()
    ]
    if not result:
        raise variants.wrong("at least one variant")
    return result


def _init_function(field: _Field) -> str | None:
    name = field.text()
    if name == "NULL":
        return None
    # It becomes an identifier of generated C.
    if not re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]{0,255}", name):
        raise field.wrong("the name of a C function")
    return name


def _links(links: _Field) -> list[Link]:
    result = []
    for entry in links.items():
        link = _link(entry)
        # The `-lHacl_…` of CPython's Makefile; its objects are listed by the extensions.
        if not (link.kind is LinkKind.SYSTEM and link.name.startswith("Hacl_")):
            result.append(link)
    return result


def _link(entry: _Field) -> Link:
    name = entry["name"].text()
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+:-]{0,127}", name):
        raise entry["name"].wrong("a library's name")
    for kind in (LinkKind.STATIC, LinkKind.DYNAMIC):
        path = entry[kind.value].path_or_none()
        if path is not None:
            return Link(name, kind, path)
    for kind in (LinkKind.FRAMEWORK, LinkKind.SYSTEM):
        if entry[kind.value].flag_or_none():
            return Link(name, kind)
    raise entry.wrong("one of " + ", ".join(f"`{kind.value}`" for kind in LinkKind))


def why_not_linkable(distribution: Distribution, *, llvm: int, release: str | None = None) -> list[tuple[str, str]]:
    """What keeps an executable from being linked out of the archive by LLVM `llvm`'s linker, each with what to try.

    `release` is the archive's, e.g. `20241016`, where the caller knows it (its name carries it, its metadata does not).
    """
    problems = []
    newer = "use an archive of a newer release"
    if distribution.llvm_version is not None and distribution.llvm_version > llvm:
        problems.append(
            (
                f"its objects are bitcode of LLVM {distribution.llvm_version}; this linker reads it up to LLVM {llvm}",
                "use an archive without `lto` among its build options, or a newer `ziglang`",
            )
        )
    if distribution.object_format not in {ObjectFormat.ELF, ObjectFormat.BITCODE}:
        hint = "use an archive for Linux whose name ends in `+static-full.tar.zst`"
        problems.append((f"its objects are `{distribution.object_format.value}`, which this linker does not read", hint))
    if "builtin" not in distribution.extension_loading:
        problems.append(("its extensions are shared libraries only", "use an archive with the build option `static`"))
    if not distribution.core_objects:
        problems.append(("it lists no objects of the core", newer))
    objects = distribution.core_objects
    major, minor = (int(part) for part in distribution.major_minor.split("."))
    version = (major, minor)
    # What is missing, the first release that has it, and the issue that says so.
    for first, last, folder, since in (
        ((3, 11), (3, 12), "build/Python/deepfreeze/", "20240909"),  # python-build-standalone #311
        ((3, 13), (9, 99), "build/Parser/lexer/", "20250106"),  # #378
        ((3, 13), (9, 99), "build/Parser/tokenizer/", "20250106"),  # #378
    ):
        if first <= version <= last and objects and not any(path.startswith(folder) for path in objects):
            problems.append((f"it has no objects in `{folder}`, as releases before {since}", newer))
    first_good = {(3, 11): "20241205", (3, 12): "20241205", (3, 13): "20250106"}.get(version)
    if release is not None and first_good is not None and release < first_good:
        problems.append((f"release {release} lacks objects of the core; the first complete one is {first_good}", newer))
    return problems


@dataclass(frozen=True, slots=True)
class _Field:
    """A place in the JSON: what stands there, and its name for messages. A missing member has the value None."""

    value: object
    name: str

    def __getitem__(self, key: str) -> _Field:
        return _Field(self._mapping().get(key), f"{self.name}.{key}" if self.name else key)

    def fields(self) -> list[tuple[str, _Field]]:
        for key in self._mapping():
            _Field(key, f"{self.name} (a key)").text()
        return [(key, self[key]) for key in self._mapping()]

    def items(self) -> list[_Field]:
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return [_Field(value, f"{self.name}[{index}]") for index, value in enumerate(self.value)]

    def items_or_none(self) -> list[_Field]:
        return [] if self.value is None else self.items()

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("a string")
        # Lone surrogates and NUL can be written in JSON, but not in a path, in C or in UTF-8.
        if "\0" in self.value or re.search("[\ud800-\udfff]", self.value):
            raise self.wrong("text without NUL and without lone surrogates")
        return self.value

    def text_or_none(self) -> str | None:
        return None if self.value is None else self.text()

    def texts(self) -> tuple[str, ...]:
        return tuple(field.text() for field in self.items())

    def texts_or_none(self) -> tuple[str, ...]:
        return () if self.value is None else self.texts()

    def path(self) -> str:
        """A path below the archive's folder: relative, with `/`, without `.` and `..` and empty parts."""
        text = self.text()
        if text.startswith("/") or "\\" in text or ":" in text or not all(character.isprintable() for character in text):
            raise self.wrong("a path inside of the archive")
        parts = text.removesuffix("/").split("/")
        if any(part in {"", ".", ".."} for part in parts):
            raise self.wrong("a path inside of the archive")
        return "/".join(parts)

    def path_or_none(self) -> str | None:
        return None if self.value is None else self.path()

    def paths(self) -> tuple[str, ...]:
        return tuple(field.path() for field in self.items())

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def flag_or_none(self) -> bool | None:
        return None if self.value is None else self.flag()

    def number(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.wrong("a whole number")
        return self.value

    def hex_bytes(self) -> bytes:
        text = self.text()
        if not re.fullmatch(r"([0-9a-fA-F]{2}){1,16}", text):
            raise self.wrong("bytes in hexadecimal")
        return bytes.fromhex(text)

    def wrong(self, wanted: str) -> FormatError:
        match self.value:
            case None:
                shown = "missing"
            case dict():
                shown = "a map"
            case list():
                shown = "a list"
            case str() as text if len(text) > _LONGEST_SHOWN:
                shown = f"{text[:_LONGEST_SHOWN]!r}..."
            case value:
                shown = repr(value)
        return FormatError(f"`{FILE_NAME}`: `{self.name or 'the whole'}` is {shown}; wanted {wanted}")

    def _mapping(self) -> dict[str, object]:
        if not isinstance(self.value, dict):
            raise self.wrong("a map")
        return self.value
