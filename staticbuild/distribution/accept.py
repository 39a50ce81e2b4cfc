"""Unpacks a distribution archive, and refuses one that cannot be linked before anything is built on it.

Knows what an archive must hold to be linked, and in which ways archives that exist do not; knows nothing of how it is linked.
Our own archives take the same way. Every refusal is one sentence about the archive, with what to try.

A program of actions: `python3 -m staticbuild.distribution.accept ARCHIVE FOLDER --target TRIPLE --python 3.13 --llvm 22`.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from staticbuild.distribution import metadata
from staticbuild.distribution.metadata import Distribution, LinkKind
from staticbuild.distribution.unpack import unpack
from staticbuild.errors import FormatError, Problem
from staticbuild.program import run

_HINT: Final = "use an archive whose name ends in `+static-full.tar.zst`"
_SHOWN: Final = 5
# Of PYTHON.json: real ones have some hundred thousand bytes.
_LARGEST: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an executable asks of its distribution. `python` is a version (`3.13`) or one release of it (`3.13.5`).

    `llvm` is the major version of the linker's LLVM, `release` the archive's where its name says it, e.g. `20241016`.
    `glibc` is the oldest that the executable shall run with; None for musl.
    """

    triple: str
    python: str
    llvm: int
    release: str | None = None
    glibc: str | None = None


def accept(archive: Path, folder: Path, wanted: Wanted) -> None:
    """Unpack `archive` into `folder`. Raises `FormatError` if it is damaged, or not one that is `wanted`."""
    unpack(archive, folder)
    try:
        python = folder / "python"
        distribution = metadata.parse(_described(python))
        # The first one only: an archive for another machine differs in everything else, too.
        FormatError.raise_all([*islice(_problems(distribution, python, wanted), 1)])
        _name_interpreter(distribution, python)
    except FormatError as error:
        first = error.problems[0]
        raise FormatError(f"cannot use `{archive.name}`: {first.message}", hint=first.hint or _HINT) from error


def _described(python: Path) -> bytes:
    path = python / metadata.FILE_NAME
    if not path.is_file():
        raise FormatError(f"it has no `python/{metadata.FILE_NAME}`, so it is no *full* archive", hint=_HINT)
    size = path.stat().st_size
    if size > _LARGEST:
        raise FormatError(f"its `{metadata.FILE_NAME}` has {size} bytes, more than any real one")
    return path.read_bytes()


def _problems(distribution: Distribution, python: Path, wanted: Wanted) -> Iterator[Problem]:
    """What is wrong, the most telling first."""
    if distribution.triple != wanted.triple:
        hint = f"use an archive for that target, or build with `--target {distribution.triple}`"
        yield Problem(f"it is for `{distribution.triple}`, and the build is for `{wanted.triple}`", hint=hint)
    if wanted.python not in {distribution.major_minor, distribution.python_version}:
        message = f"it is Python {distribution.python_version}, and Python {wanted.python} is wanted"
        yield Problem(message, hint=f"use an archive of Python {wanted.python}; `python_version` says which one is wanted")
    yield from _c_library_problems(distribution, wanted)
    if "t" in distribution.abi_flags:
        hint = "use an archive without `freethreaded` in its name"
        yield Problem("it is a free-threaded build, which cannot be linked yet", hint=hint)
    for message, hint in metadata.why_not_linkable(distribution, llvm=wanted.llvm, release=wanted.release):
        yield Problem(message, hint=hint)
    if missing := [path for path in _listed(distribution) if not (python / path).is_file()]:
        shown = ", ".join(f"`{path}`" for path in missing[:_SHOWN])
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        yield Problem(f"it lists files that it does not have: {shown}{more}", hint="use an archive of another release")


def _c_library_problems(distribution: Distribution, wanted: Wanted) -> Iterator[Problem]:
    if wanted.glibc is None:
        if not distribution.is_static:
            yield Problem("it is a dynamic build, whose objects need a dynamic linker", hint=_HINT)
        return
    if distribution.is_static:
        yield Problem(
            "it is a static build, whose objects load no shared libraries", hint='`flavor = "standalone_static"` takes it'
        )
    elif distribution.glibc is None:
        yield Problem("it does not say which glibc it was built for", hint="use an archive of another release")
    elif _number(distribution.glibc) > _number(wanted.glibc):
        yield Problem(
            f"it was built for glibc {distribution.glibc}, and glibc {wanted.glibc} is wanted",
            hint=f'give `glibc = "{distribution.glibc}"`, or use an archive for an older one',
        )


def _number(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d{1,9}", version)]


def _listed(distribution: Distribution) -> Iterator[str]:
    """The files that a link or a packing action will open. Licences are not among them: archives lack some that they list."""
    yield distribution.executable
    yield from distribution.core_objects
    links = list(distribution.core_links)
    for name in sorted(distribution.extensions):
        extension = distribution.extension(name)
        yield from extension.objects
        links += extension.links
    for path in dict.fromkeys(link.path for link in links if link.kind is LinkKind.STATIC):
        if path is not None:
            yield path


def _name_interpreter(distribution: Distribution, python: Path) -> None:
    """Give the interpreter the name that actions call it by; a debug build's is `python3.13d`."""
    plain = python / "install/bin" / f"python{distribution.major_minor}"
    if not plain.is_file():
        plain.parent.mkdir(parents=True, exist_ok=True)
        # A link to nowhere.
        plain.unlink(missing_ok=True)
        plain.symlink_to(os.path.relpath(python / distribution.executable, plain.parent))


def main(arguments: list[str] | None = None) -> int:
    """The command line. Problems go to stderr, and 1 is returned for them."""
    parser = argparse.ArgumentParser(prog="python3 -m staticbuild.distribution.accept", description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--target", required=True, help="the target triple")
    parser.add_argument("--python", required=True, help="the version, as `3.13` or `3.13.5`")
    parser.add_argument("--llvm", type=int, required=True, help="the major version of the linker's LLVM")
    parser.add_argument("--glibc", help="the oldest glibc to run with; not given for musl")
    parser.add_argument("--release", help="the archive's release, where it is known")
    options: Any = parser.parse_args(arguments)
    wanted = Wanted(options.target, options.python, options.llvm, options.release, options.glibc)
    return run(lambda: accept(options.archive, options.folder, wanted), sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
