"""The one link command, and whose its inputs are. Pure: prepared values in, argument list out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from staticbuild.distribution.metadata import Distribution
from staticbuild.linking.plan import ALLOCATOR, DECOMPRESSOR, LIBC, LinkedExtension, LinkPlan, Prepared
from staticbuild.linking.select import Selection
from staticbuild.toolchain.triple import Triple
from staticbuild.toolchain.zig import Toolchain, link_dynamic, link_static

_WRAPPED: Final = (
    "SSL_CTX_load_verify_locations",
    "X509_STORE_set_default_paths",
    "X509_STORE_set_default_paths_ex",
)


def command(plan: LinkPlan, prepared: Prepared, runtime: Sequence[str], blob: str, output: str) -> tuple[str, ...]:
    """Link `runtime` (the objects compiled from C), what was prepared, and the object `blob` into `output`.

    The order is the same on every machine: runtime, allocator, decompressor, tables, blob, core and extensions, libraries.
    """
    toolchain = Toolchain(Triple.parse(plan.target))
    # The runtime comes first: where libc has a weaker version of a routine, the runtime's is found before it.
    own = (*sorted(runtime), *allocator_objects(plan), *decompressor_objects(plan))
    objects = (*own, *prepared_objects(plan.prepared), blob, *prepared.objects)
    # Debug information would be copied in, only to be cut off again; names of symbols are needed for the checks.
    # Calls that load certificate authorities come to runtime/certificates.c first.
    flags = ("--strip-debug", *(f"--wrap={name}" for name in _WRAPPED))
    if toolchain.triple.is_static:
        return link_static(toolchain, output, objects, prepared.archives, stack_size=plan.stack_size, flags=flags)
    return link_dynamic(toolchain, output, objects, prepared.archives, exports=exports(plan.prepared), flags=flags)


def allocator_objects(plan: LinkPlan) -> tuple[str, ...]:
    """What takes the place of the C library's malloc and its family: an object and no archive, so that it is all of them."""
    return () if plan.allocator == LIBC else (f"{ALLOCATOR}/lib/allocator.o",)


def decompressor_objects(plan: LinkPlan) -> tuple[str, ...]:
    """What reads compressed resources, where there are any; the runtime does without otherwise."""
    return (f"{DECOMPRESSOR}/lib/unzstd.o",) if plan.decompress else ()


def prepared_objects(folder: str) -> tuple[str, ...]:
    """The objects that `prepare` leaves in its output."""
    return (f"{folder}/inittab.o", f"{folder}/symbols.o")


def exports(folder: str) -> str:
    """The list of symbols that `prepare` leaves in its output for an executable that loads shared libraries."""
    return f"{folder}/exports.txt"


def owners(
    distribution: Distribution, place: Callable[[str], str], selection: Selection, linked: Sequence[LinkedExtension]
) -> dict[str, str]:
    """Whose each linked object and library is, in words; `place` says where a path of the distribution lies."""
    result = {place(path): "CPython's core" for path in distribution.core_objects}
    for chosen in selection.chosen:
        name = f"the extension `{chosen.extension.name}`"
        for path in chosen.extension.objects:
            result.setdefault(place(path), name)
        for link in chosen.extension.links:
            if link.path is not None:
                result.setdefault(place(link.path), f"the library `{link.name}` of {name}")
    for extension in linked:
        result.setdefault(extension.object, f"the extension `{extension.name}` of `{extension.requirement}`")
    return result
