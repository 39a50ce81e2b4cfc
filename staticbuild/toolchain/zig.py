"""Argument lists for the compiler, archiver and linker inside of `ziglang`. Pure: knows flags, touches no files.

`zig clang` and `zig ld.lld` are plain clang and LLD. `zig cc` is not used: it builds its libc on first use, into a
cache that every private folder would have to fill again. The recipe `sysroot` has done that once; its output stands
beside the compiler:

    zig/zig                       the program
    sysroot/include/{musl,linux,clang}
    sysroot/lib/{crt1.o,libc.a,libzigc.a,libcompiler_rt.a,libunwind.a}

or, for glibc, with stubs of its shared libraries, which have the symbols of one version of it and no code:

    sysroot/include/{clang,glibc,linux}
    sysroot/lib/{crt1.o,libc.so,libm.so,…,ld-linux.so,libc_nonshared.a,libcompiler_rt.a}

The driver scripts of the recipes (`stdlib/toolchain/bin/cc` and `stdlib/toolchain/glibc/bin/cc`) give the same flags to build
systems that want to call `cc`; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from staticbuild.toolchain.triple import Triple

LLVM_MAJOR: Final = 22
"""Of the clang and LLD in the oldest `ziglang` that staticbuild depends on: the newest bitcode that can be linked."""

DEFAULT_STACK_SIZE: Final = 8 << 20
"""musl gives new threads what the executable's stack segment says, and 128 KiB without: too little for Python."""

CODE_FLAGS: Final = (
    # An executable is loaded where it was linked.
    "-fno-pie",
    # What nothing refers to can be dropped at the link, function by function.
    "-ffunction-sections",
    "-fdata-sections",
    # Same input, same bytes: __DATE__ and __TIME__ are errors, and no folder's name comes in by the debug information.
    "-Werror=date-time",
    "-fdebug-compilation-dir=.",
)


DYNAMIC_CODE_FLAGS: Final = (
    # libc's variables are used where they are. Otherwise the linker has them copied into the program when it starts, and with
    # stubs it cannot know that `environ` and `__environ` are one variable.
    "-fno-direct-access-external-data",
)
"""For executables with a dynamic linker, beside `CODE_FLAGS`."""

_STUBS: Final = ("c", "m", "pthread", "dl", "rt", "util")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Where the compiler and its sysroot stand (relative to the private folder), and what they build for."""

    triple: Triple
    zig: str = "zig"
    sysroot: str = "sysroot"

    @property
    def program(self) -> str:
        """The multi-call program."""
        return str(PurePosixPath(self.zig, "zig"))

    @property
    def start_object(self) -> str:
        """What calls `main`."""
        return self.library("crt1.o")

    @property
    def base_libraries(self) -> tuple[str, ...]:
        """The C library and the compiler's own, to be linked after everything else."""
        if not self.triple.is_static:
            return (*self.stubs, self.library("ld-linux.so"), self.library("libc_nonshared.a"), self.builtins)
        return (self.library("libc.a"), self.library("libzigc.a"), self.builtins)

    @property
    def stubs(self) -> tuple[str, ...]:
        """What stands for the parts of the host's C library; none for a static one."""
        return () if self.triple.is_static else tuple(self.library(f"lib{name}.so") for name in _STUBS)

    @property
    def builtins(self) -> str:
        """The compiler's own library: what code calls that the processor has no instruction for."""
        return self.library("libcompiler_rt.a")

    @property
    def headers(self) -> tuple[str, ...]:
        """The folders of the C library's, the kernel's and the compiler's headers, in the order of the search."""
        # As clang orders them. For musl, its own come first: programs recognise musl by its <stdarg.h>.
        names = ("musl", "linux", "clang") if self.triple.is_static else ("clang", "glibc", "linux")
        return tuple(self.include(name) for name in names)

    @property
    def code_flags(self) -> tuple[str, ...]:
        """What every compilation is told."""
        return CODE_FLAGS if self.triple.is_static else (*CODE_FLAGS, *DYNAMIC_CODE_FLAGS)

    def library(self, name: str) -> str:
        """A file of the sysroot's library folder."""
        return str(PurePosixPath(self.sysroot, "lib", name))

    def include(self, name: str) -> str:
        """A folder of the sysroot's headers."""
        return str(PurePosixPath(self.sysroot, "include", name))


def compile_source(
    toolchain: Toolchain, source: str, output: str, *, includes: Sequence[str] = (), flags: Sequence[str] = ("-O2",)
) -> tuple[str, ...]:
    """Compile a file of C or assembly (`.S` is preprocessed) into an object. The suffix decides the language."""
    return (
        toolchain.program,
        "clang",
        f"--target={toolchain.triple.clang}",
        *toolchain.triple.cpu_flags,
        "-nostdinc",
        *(word for folder in toolchain.headers for word in ("-isystem", folder)),
        *toolchain.code_flags,
        *flags,
        *(word for folder in includes for word in ("-I", folder)),
        "-c",
        source,
        "-o",
        output,
    )


def index_bitcode(toolchain: Toolchain, listing: str, old: str, new: str) -> tuple[str, ...]:
    """Write the ThinLTO index of each bitcode object that the response file `listing` names, beside nothing else.

    Of an object's path, `old` becomes `new` for its index (clang's "Distributed ThinLTO"). As in a relocatable link, each
    global symbol counts as one that others want.
    """
    return (
        *(toolchain.program, "ld.lld", "-r", "-m", toolchain.triple.emulation, "--thinlto-index-only"),
        *(f"--thinlto-prefix-replace={old};{new}", "--error-limit=0", "--color-diagnostics=never"),
        *(f"@{listing}", "-o", f"{new.rstrip('/')}.o"),
    )


def compile_bitcode(toolchain: Toolchain, source: str, output: str, *, index: str | None) -> tuple[str, ...]:
    """Compile an object of bitcode to machine code, with what its ThinLTO `index` says to take from others."""
    imports = (f"-fthinlto-index={index}",) if index is not None else ()
    return (
        *(toolchain.program, "clang", f"--target={toolchain.triple.clang}", *toolchain.triple.cpu_flags),
        *(*toolchain.code_flags, "-O2"),
        # Flags that only a compilation from source uses are no mistake here.
        *("-Wno-unused-command-line-argument", "-x", "ir", *imports, "-c", source, "-o", output),
    )


def archive(toolchain: Toolchain, output: str, objects: Sequence[str]) -> tuple[str, ...]:
    """Write `objects` into a new static library, in their order, without times and owners."""
    return (toolchain.program, "ar", "rcsD", output, *objects)


def merge_objects(toolchain: Toolchain, output: str, objects: Sequence[str]) -> tuple[str, ...]:
    """Make one relocatable object out of several."""
    return (toolchain.program, "ld.lld", "-r", "-m", toolchain.triple.emulation, *objects, "-o", output)


def link_static(  # noqa: PLR0913 - a link line has these parts
    toolchain: Toolchain,
    output: str,
    objects: Sequence[str],
    archives: Sequence[str],
    *,
    stack_size: int = DEFAULT_STACK_SIZE,
    flags: Sequence[str] = (),
) -> tuple[str, ...]:
    """Link an executable that needs nothing at run time: no dynamic linker, no relocation, one fixed place in memory.

    Objects are linked as a whole, of `archives` what is asked for; LLD needs no particular order of them. Not
    static-pie: its objects would have to be position independent, each start would have to relocate some ten thousand
    pointers, and pages that hold them would not be shared between processes.
    """
    mode = ("-static", "--no-pie", "-z", f"stack-size={stack_size}")
    return _link(toolchain, output, mode, objects, archives, flags)


def link_dynamic(  # noqa: PLR0913 - a link line has these parts
    toolchain: Toolchain,
    output: str,
    objects: Sequence[str],
    archives: Sequence[str],
    *,
    exports: str | None = None,
    flags: Sequence[str] = (),
) -> tuple[str, ...]:
    """Link an executable that the host's dynamic linker gives the host's C library, and that can load shared libraries.

    `exports` is a list of the symbols that those find in it, as `linking.symbols` writes it. No others: a library that is
    loaded would get our zlib in place of its own. Of the C library's parts only those are needed that something is used of.
    """
    mode = (
        *("--no-pie", f"--dynamic-linker={toolchain.triple.interpreter}", "--as-needed"),
        # What the dynamic linker writes is read-only afterwards, and a copy of a variable of libc would be wrong (see above).
        *("-z", "now", "-z", "nocopyreloc"),
        *((f"--dynamic-list={exports}",) if exports is not None else ()),
    )
    return _link(toolchain, output, mode, objects, archives, flags)


def _link(  # noqa: PLR0913, PLR0917 - a link line has these parts
    toolchain: Toolchain,
    output: str,
    mode: Sequence[str],
    objects: Sequence[str],
    archives: Sequence[str],
    flags: Sequence[str],
) -> tuple[str, ...]:
    return (
        *(toolchain.program, "ld.lld", "-m", toolchain.triple.emulation),
        *mode,
        *("--gc-sections", "--eh-frame-hdr", "--build-id=none", "-z", "noexecstack", "-z", "relro"),
        # All problems at once, in plain text that `linking.diagnose` reads.
        *("--error-limit=0", "--color-diagnostics=never"),
        *flags,
        *("-o", output, toolchain.start_object),
        *objects,
        *archives,
        *toolchain.base_libraries,
    )
