"""What a packing action is told: frozen values and their JSON. Knows nothing of how anything is packed.

A plan is written by the rules as a parameter file and read by `packing.pack` inside of the action. Every path is
relative to the action's private folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from staticbuild.errors import FormatError
from staticbuild.packing.policy import StandardLibraryPolicy

# Where requirements lie in the tree of the executable, and the certificate authorities that a config names.
SITE_PACKAGES = "lib/python{version}/site-packages"
CERTIFICATES = "etc/ssl/cert.pem"

Layer = Literal["application", "stdlib", "requirement"]

# What data can be compressed.
DataKind = Literal["bytecode", "files", "sources"]

# Where a package's files may be, the key that stands for all packages not named, and the folder beside the executable.
MEMORY = "memory"
LOCATIONS = (MEMORY, "extracted", "beside")
ALL_OTHER_PACKAGES = "*"
BESIDE_FOLDER = "lib"


@dataclass(frozen=True, slots=True)
class Root:
    """A folder of the application whose modules and data are taken; `shown` is how the user wrote it, for messages."""

    path: str
    shown: str


@dataclass(frozen=True, slots=True)
class DataFile:
    """One staged file that goes to `destination` in the tree of the executable."""

    path: str
    destination: str
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Pack:
    """A blob that goes into the final one. `name` is how messages call it: `:app`, `requests==2.34.2`.

    `uses` is the file that tells where its sources use paths, as the action that made the blob wrote it. `whole` tells that
    its packages cannot be trimmed: they have code in C.
    """

    path: str
    layer: Layer
    name: str
    uses: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class StandardLibraryPlan:
    """Pack the standard library of the distribution at `install`, and the modules in the folder `support`."""

    install: str = "dist/python/install"
    version: str = "3.13"
    policy: StandardLibraryPolicy = field(default_factory=StandardLibraryPolicy)
    support: str | None = None
    optimize: int = 0
    docstrings: bool = True
    output: str = "stdlib.pack"
    report: str | None = None

    def to_json(self) -> bytes:
        """The parameter file; the same plan gives the same bytes."""
        return _to_json(self)


@dataclass(frozen=True, slots=True)
class ApplicationPlan:
    """Pack an application's package roots and data files. `exclude` holds globs of paths below the roots.

    `loads` says whether the executable loads shared libraries.
    """

    roots: tuple[Root, ...] = ()
    files: tuple[DataFile, ...] = ()
    exclude: tuple[str, ...] = ()
    loads: bool = False
    optimize: int = 0
    docstrings: bool = True
    output: str = "application.pack"
    uses: str | None = None
    report: str | None = None

    def to_json(self) -> bytes:
        """The parameter file; the same plan gives the same bytes."""
        return _to_json(self)


@dataclass(frozen=True, slots=True)
class WheelPlan:
    """Pack one wheel, which lies at `wheel` under its own file name; `requirement` is how messages call it.

    `loads` says whether the executable loads shared libraries.
    """

    wheel: str
    requirement: str
    exclude: tuple[str, ...] = ()
    loads: bool = False
    version: str = "3.13"
    optimize: int = 0
    docstrings: bool = True
    output: str = "wheel.pack"
    uses: str | None = None
    report: str | None = None

    def to_json(self) -> bytes:
        """The parameter file; the same plan gives the same bytes."""
        return _to_json(self)


@dataclass(frozen=True, slots=True)
class MergePlan:
    """Unite packs and settings (encoded text values, see `packing.settings`) in the final blob.

    `locations` says what the config wants to be on disk, see `packing.locations`; `application` names the folder in the
    cache. Files that belong beside the executable are written to the tree `beside`, which may come out empty.
    `sources` and `tests` tell whether those come along. `exclude` are paths of the executable's tree that are left out, and
    `without_source` those of modules whose sources are, see `packing.leave_out`. `trim` leaves out what the program does not
    reach, but for the modules that globs of `keep` name, and those in the file `recorded`.
    """

    packs: tuple[Pack, ...]
    settings: dict[str, str] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)
    application: str = "application"
    sources: bool = True
    tests: bool = True
    trim: bool = False
    keep: tuple[str, ...] = ()
    recorded: str | None = None
    beside: str | None = None
    exclude: tuple[str, ...] = ()
    without_source: tuple[str, ...] = ()
    output: str = "blob"
    report: str | None = None

    def to_json(self) -> bytes:
        """The parameter file; the same plan gives the same bytes."""
        return _to_json(self)


@dataclass(frozen=True, slots=True)
class ExtractPlan:
    """Write the files of `packs` whose paths are among `paths` to the tree `output`, as an installer writes them."""

    packs: tuple[str, ...]
    paths: tuple[str, ...]
    output: str = "files"

    def to_json(self) -> bytes:
        """The parameter file; the same plan gives the same bytes."""
        return _to_json(self)


@dataclass(frozen=True, slots=True)
class CompressPlan:
    """Compress data of `kinds` in `blob`, and say in a copy of the report `merged` what that saved."""

    kinds: tuple[DataKind, ...]
    blob: str = "merged"
    merged: str = "merged.json"
    output: str = "blob"
    report: str = "resources.json"

    def to_json(self) -> bytes:
        """The parameter file; the same plan gives the same bytes."""
        return _to_json(self)


@dataclass(frozen=True, slots=True)
class NoticesPlan:
    """Write the licences of the distribution in the folder `dist`, and of the packages in `packs`, to the file `output`."""

    packs: tuple[str, ...]
    version: str
    dist: str = "dist/python"
    output: str = "notices.txt"

    def to_json(self) -> bytes:
        """The parameter file; the same plan gives the same bytes."""
        return _to_json(self)


@dataclass(frozen=True, slots=True)
class ToolsPlan:
    """Compile the packing program and what it imports to the tree `output`, for a faster start of the other actions."""

    output: str = "tools"

    def to_json(self) -> bytes:
        """The parameter file; the same plan gives the same bytes."""
        return _to_json(self)


PackingPlan = StandardLibraryPlan | ApplicationPlan | WheelPlan | MergePlan
Plan = PackingPlan | CompressPlan | ToolsPlan | ExtractPlan | NoticesPlan

_KINDS: dict[str, type[Plan]] = {
    "stdlib": StandardLibraryPlan,
    "application": ApplicationPlan,
    "wheel": WheelPlan,
    "merge": MergePlan,
    "extract": ExtractPlan,
    "notices": NoticesPlan,
    "compress": CompressPlan,
    "tools": ToolsPlan,
}


def parse(data: bytes) -> Plan:
    """The plan in a parameter file. Raises FormatError for anything else."""
    try:
        values = json.loads(data)
    except ValueError as error:
        raise FormatError(f"the plan is no JSON: {error}") from error
    if not isinstance(values, dict) or not isinstance(values.get("plan"), str) or values["plan"] not in _KINDS:
        raise FormatError(f"the plan is of no known kind; `plan` is one of {', '.join(_KINDS)}")
    kind = _KINDS[values.pop("plan")]
    return _build(kind, values, "plan")  # type: ignore[no-any-return]


def _to_json(plan: Plan) -> bytes:
    kind = next(name for name, known in _KINDS.items() if type(plan) is known)
    return (json.dumps({"plan": kind, **asdict(plan)}, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode()


def _build(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - JSON on the way to a checked value
    """`value` as a `kind`: a dataclass, a tuple, a dict of text, an optional or a plain value."""
    if is_dataclass(kind):
        return _build_record(kind, value, where)
    origin = get_origin(kind)
    if origin is tuple and isinstance(value, list):
        return tuple(_build(get_args(kind)[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return {key: _build(str, item, f"{where}.{key}") for key, item in value.items()}
    if origin is Literal and value in get_args(kind):
        return value
    if origin is None and type(value) is kind:
        return value
    if origin is not None and origin not in {tuple, dict, Literal} and (value is None or isinstance(value, str | bool)):
        return value  # `str | None` and `bool | None`, the only unions there are
    raise FormatError(f"`{where}` of the plan has the wrong type")


def _build_record(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - JSON on the way to a checked value
    if not isinstance(value, dict):
        raise FormatError(f"`{where}` of the plan must be an object")
    known = {item.name for item in fields(kind)}
    if unknown := set(value) - known:
        raise FormatError(f"`{where}` of the plan has no `{min(unknown)}`")
    hints = get_type_hints(kind)
    built = {name: _build(hints[name], item, f"{where}.{name}") for name, item in value.items()}
    try:
        return kind(**built)
    except TypeError as error:
        raise FormatError(f"`{where}` of the plan is not whole: {error}") from error
