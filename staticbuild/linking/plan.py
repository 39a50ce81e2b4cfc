"""What the link's three actions are told: frozen values, and the parameter files they are written to. Touches no files.

Paths are relative to the private folder. None of them, and nothing else in a plan, differs from machine to machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from staticbuild.errors import FormatError
from staticbuild.toolchain.triple import DEFAULT
from staticbuild.toolchain.zig import DEFAULT_STACK_SIZE

LIBC: Final = "libc"
ALLOCATORS: Final = (LIBC, "mimalloc", "jemalloc")
"""What may serve malloc: the C library itself, or a recipe of that name."""

ALLOCATOR: Final = "allocator"
"""The folder of a recipe's tree: `lib/allocator.o`, and `SOURCE.json`, which says what it is."""

DECOMPRESSOR: Final = "decompressor"
"""The folder of the recipe's tree with what reads compressed resources: `lib/unzstd.o`, and `SOURCE.json`."""


class _Plan:
    """Writing and reading, the same for all plans."""

    __slots__ = ()

    def to_json(self) -> bytes:
        """The parameter file: equal plans give equal bytes."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode() + b"\n"  # type: ignore[call-overload]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The plan that `to_json` wrote."""
        try:
            fields: dict[str, Any] = json.loads(data)
            return cls(**{name: _frozen(value) for name, value in fields.items()})
        except (ValueError, TypeError, AttributeError) as error:
            raise FormatError(f"not a {cls.__name__}: {error}") from error


def _frozen(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {name: _frozen(item) for name, item in value.items()}
    return value


@dataclass(frozen=True, slots=True)
class RuntimePlan(_Plan):
    """Compile the runtime's C (all `*.c` and `*.S` of the folder `sources`) into objects in the folder `output`."""

    sources: str = "runtime"
    output: str = "objects"
    distribution: str = "dist/python"
    target: str = DEFAULT
    defines: tuple[str, ...] = ()


REPLACED = ("build/Modules/getpath.o",)
"""Objects of the core that the runtime has its own of."""


@dataclass(frozen=True, slots=True)
class BitcodePlan(_Plan):
    """Compile the distribution's bitcode objects to machine code, to the same paths below `output`; `index` is for LLD's."""

    output: str = "native"
    index: str = "index"
    replaced: tuple[str, ...] = REPLACED
    distribution: str = "dist/python"
    target: str = DEFAULT


@dataclass(frozen=True, slots=True)
class LinkedExtension:
    """An extension of a package: its dotted name, the function that makes it, its relocatable object, and whose it is."""

    name: str
    init: str
    object: str
    requirement: str


CXX: Final = "cxx"
"""The folder of the C++ run-time library, which packages may want."""


@dataclass(frozen=True, slots=True)
class PreparePlan(_Plan):
    """Decide what is linked, and compile the init table, into the folder `output`. No file of the application counts.

    `modules` names those of the distribution, or is one of `select.FILTERS`; `exclude` takes some away;
    `tests` tells whether a filter lets those of CPython's own tests through. `builtins` are modules of the runtime: their names
    and init functions. `replaced` are objects of the core that the runtime has its own of.
    `symbols` asks for the table that `ctypes.pythonapi` needs. `native` has the machine code of what is bitcode.
    `packages` are folders that `staticbuild.building` made, whose extensions are linked.
    """

    modules: str | tuple[str, ...] = "all"
    exclude: tuple[str, ...] = ()
    tests: bool = False
    builtins: tuple[tuple[str, str], ...] = (("_staticbuild", "PyInit__staticbuild"),)
    replaced: tuple[str, ...] = REPLACED
    packages: tuple[str, ...] = ()
    symbols: bool = True
    output: str = "prepared"
    distribution: str = "dist/python"
    native: str | None = None
    target: str = DEFAULT


@dataclass(frozen=True, slots=True)
class LinkPlan(_Plan):
    """Link the executable `output` out of what was compiled, prepared and packed; check it; write it.

    `glibc` is the oldest version that the executable runs with, as `2.17`; None for musl.
    `allocator` serves malloc: the C library itself, or another, whose recipe's tree is the folder `ALLOCATOR`.
    `decompress` tells whether resources are compressed; what reads them is the recipe's tree in the folder `DECOMPRESSOR`.
    `forbidden` are texts that must not be inside; paths that only the machine knows are added by the action itself.
    `report` is a file for the figures, of which those in the file `resources` (JSON of what made the blob) become a part.
    """

    output: str
    blob: str = "blob"
    objects: str = "objects"
    prepared: str = "prepared"
    distribution: str = "dist/python"
    target: str = DEFAULT
    glibc: str | None = None
    stack_size: int = DEFAULT_STACK_SIZE
    allocator: str = LIBC
    decompress: bool = False
    forbidden: tuple[str, ...] = ()
    report: str | None = None
    resources: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared(_Plan):
    """What `prepare` found out, written beside the objects that it compiled; paths are relative to the private folder.

    `init_functions` must be in the executable. `owners` says whose the objects and archives are, for messages.
    `reasons` says why each extension is linked, `left_out` why each other one is not.
    """

    objects: tuple[str, ...]
    archives: tuple[str, ...]
    init_functions: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]
    owners: tuple[tuple[str, str], ...]
    borrowed: tuple[tuple[str, str, str], ...]
    left_out: tuple[tuple[str, str], ...] = ()


def relative_to(folder: str, paths: Iterable[str]) -> tuple[str, ...]:
    """`paths` of a distribution, seen from the private folder."""
    return tuple(f"{folder}/{path}" for path in paths)
