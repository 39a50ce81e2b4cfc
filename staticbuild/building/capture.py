"""What the link of a shared library becomes: one relocatable object of all that would have been in it. Pure.

A build system calls `cc -shared a.o b.o -L… -lyaml -o _yaml.so`. Nothing can load `_yaml.so` in a static executable, so the
driver leaves under that name an object for the executable's own link: `ld.lld -r a.o b.o libyaml.a -o _yaml.so`. The build
system never notices. What is left undefined there is what the last link has: the C API, the C library, the C++ run-time
library. Knows the options of compilers (GCC's and clang's documentation, "Link Options") and of linkers; touches no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

SOURCE_SUFFIXES: Final = (".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".s", ".S", ".m")

# What every executable is linked with anyway; as part of each extension it would be there many times, or twice.
LEFT_TO_THE_LINK: Final = frozenset(
    {
        *("c", "m", "pthread", "dl", "rt", "util", "crypt", "resolv", "nsl"),
        *("stdc++", "c++", "c++abi", "supc++", "gcc", "gcc_s", "gcc_eh", "unwind", "atomic", "clang_rt.builtins"),
    }
)

# Options whose value is the next word, and which mean nothing to a relocatable link.
_WITH_VALUE: Final = frozenset(
    {
        *("-arch", "-isysroot", "-iquote", "-idirafter", "-include", "-imacros", "-MF", "-MT", "-MQ", "-isystem", "-target"),
        *("-Xlinker", "-T", "-z", "-u", "-e", "-h", "-soname", "-rpath", "-rpath-link", "-dynamic-linker", "-Xpreprocessor"),
        *("-x", "-framework", "-install_name", "-compatibility_version", "-current_version", "-D", "-U", "-I"),
    }
)

# Of the linker's own options, those whose value is the next word of `-Wl,`.
_LINKER_WITH_VALUE: Final = frozenset(
    {
        *("-soname", "-h", "-rpath", "-rpath-link", "-z", "--version-script", "--dynamic-list", "-Map", "-T", "-u", "-e"),
        *("--sysroot", "-dynamic-linker", "--dynamic-linker", "-m", "-O", "--exclude-libs", "-plugin", "-plugin-opt"),
    }
)
_WHOLE: Final = {"--whole-archive": "--whole-archive", "--no-whole-archive": "--no-whole-archive"}


@dataclass(frozen=True, slots=True)
class Library:
    """`-lNAME`, or `-l:FILE` where `is_file`."""

    name: str
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class Switch:
    """An option that counts for the inputs behind it."""

    option: str


@dataclass(frozen=True, slots=True)
class Input:
    """A file of the link: an object, a static library, or a source that must be compiled first."""

    path: str

    @property
    def is_source(self) -> bool:
        """Whether a compiler must make an object of it."""
        return self.path.endswith(SOURCE_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Capture:
    """The link of one shared library: what it writes, its inputs in their order, where libraries are, flags for its sources."""

    output: str
    inputs: tuple[Input | Library | Switch, ...]
    folders: tuple[str, ...]
    compile_flags: tuple[str, ...]


def parse(argv: Sequence[str]) -> Capture:  # noqa: C901, PLR0912 - one branch for each kind of option
    """What the compiler's arguments `argv` (without its name, response files expanded) would link."""
    output = "a.out"
    inputs: list[Input | Library | Switch] = []
    folders: list[str] = []
    flags: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "-o":
            output = next(words, output)
        elif word.startswith("-o") and not word.startswith("-object"):
            output = word[2:]
        elif word in {"-L", "--library-path"}:
            folders.append(next(words, "."))
        elif word.startswith("-L"):
            folders.append(word[2:])
        elif word in {"-l", "--library"}:
            inputs += _library(next(words, ""))
        elif word.startswith("-l"):
            inputs += _library(word[2:])
        elif word.startswith("-Wl,"):
            inputs += _linker_words(word[4:].split(","), folders)
        elif word == "-Xlinker":
            inputs += _linker_words([next(words, "")], folders)
        elif word in {"-pthread", "-shared", "--shared", "-bundle", "-dynamiclib"}:
            continue
        elif word in _WITH_VALUE:
            flags += (word, next(words, ""))
        elif word.startswith("-") and word != "-":
            flags.append(word)
        else:
            inputs.append(Input(word))
    return Capture(output, tuple(inputs), tuple(dict.fromkeys(folders)), tuple(flags))


def _library(name: str) -> list[Library]:
    if name.startswith(":"):
        return [Library(name[1:], is_file=True)]
    return [] if name in LEFT_TO_THE_LINK or not name else [Library(name)]


def _linker_words(parts: Sequence[str], folders: list[str]) -> Iterator[Input | Library | Switch]:
    """What the linker is told past the compiler. Of its options only those count that say which code is in."""
    words = iter(parts)
    for word in words:
        if word in _WHOLE:
            yield Switch(_WHOLE[word])
        elif word.startswith("-L"):
            folders.append(word[2:] or next(words, "."))
        elif word.startswith("-l"):
            yield from _library(word[2:])
        elif word in _LINKER_WITH_VALUE:
            next(words, None)
        elif word and not word.startswith("-"):
            yield Input(word)
