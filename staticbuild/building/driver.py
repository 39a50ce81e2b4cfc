"""Links what a build system wants to be a shared library into a relocatable object: the `-shared` half of the compiler drivers.

Run by `stdlib/toolchain/native/bin/cc` inside of an action: `python3 -m staticbuild.building.driver NAME ARGUMENT…`, where NAME
is `cc` or `c++`. Speaks to the build system as a linker would: exit code 1 and a line that begins with `ld: error:`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from staticbuild.building.capture import Capture, Input, Library, Switch, parse
from staticbuild.linking import elf

ROOT: Final = "SB_ROOT"
"""Names the private folder to the drivers."""

LIBRARY_FOLDERS: Final = "SB_LIBRARY_FOLDERS"
"""Names the folders of the libraries that the build was given, separated by colons."""

_ARCHIVE: Final = (b"!<arch>\n", b"!<thin>\n")
_LONGEST_RESPONSE: Final = 16 << 20


class LinkError(Exception):
    """What a linker would have said."""


def main(arguments: Sequence[str]) -> int:
    """Link; returns the exit code."""
    name, *words = arguments
    try:
        with tempfile.TemporaryDirectory() as folder:
            _link(parse(list(expanded(words))), name, Path(folder))
    except LinkError as error:
        sys.stderr.write(f"ld: error: {error}\n")
        return 1
    except subprocess.CalledProcessError as error:
        # It has said why.
        return int(error.returncode) or 1
    return 0


def expanded(words: Iterable[str]) -> Iterator[str]:
    """The arguments with those that stand in response files (`@FILE`) in their place."""
    for word in words:
        path = Path(word[1:])
        if word.startswith("@") and path.is_file() and path.stat().st_size < _LONGEST_RESPONSE:
            yield from expanded(shlex.split(path.read_text(errors="surrogateescape")))
        else:
            yield word


def _link(capture: Capture, name: str, temporary: Path) -> None:
    root = os.environ[ROOT]
    folders = (*capture.folders, *filter(None, os.environ.get(LIBRARY_FOLDERS, "").split(":")))
    words: list[str] = []
    for number, item in enumerate(capture.inputs):
        match item:
            case Switch(option):
                words.append(option)
            case Library():
                words.append(_found(item, folders))
            case Input(path) if item.is_source:
                compiled = str(temporary / f"{number}.o")
                subprocess.run(  # noqa: S603 - our own driver
                    [f"{root}/native/bin/{name}", *capture.compile_flags, "-c", path, "-o", compiled], check=True
                )
                words.append(compiled)
            case Input(path):
                words += _usable(path)
    if not words:
        raise LinkError("no input files")
    # Debug information names folders, and no executable has any; sections stay apart, so that the last link drops some.
    argv = [f"{root}/zig/zig", "ld.lld", "-r", "--strip-debug", "--color-diagnostics=never", *words, "-o", capture.output]
    subprocess.run(argv, check=True)  # noqa: S603 - the toolchain's


def _found(library: Library, folders: Sequence[str]) -> str:
    """The file of a library: static, or an object that an earlier link of this build left in place of a shared one."""
    names = [library.name] if library.is_file else [f"lib{library.name}.a", f"lib{library.name}.so"]
    for folder in folders:
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and _usable(path):
                return path
    shown = f"-l:{library.name}" if library.is_file else f"-l{library.name}"
    raise LinkError(f"unable to find library {shown}")


def _usable(path: str) -> list[str]:
    """`path`, if there is code in it; nothing for a list of symbols. Raises LinkError for what cannot become a part."""
    try:
        with open(path, "rb") as file:
            head = file.read(20)
    except OSError as error:
        raise LinkError(f"cannot open {path}: {error.strerror}") from error
    if head.startswith(_ARCHIVE):
        return [path]
    if not head.startswith(elf.MAGIC):
        # Version scripts and lists of exports, which say what others may see; nobody will.
        return []
    if int.from_bytes(head[16:18], "little") == elf.RELOCATABLE:
        return [path]
    raise LinkError(f"{path} is a shared library or a program, which cannot become a part of a static executable")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
