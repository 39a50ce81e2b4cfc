"""Takes a wheel that a backend built apart: what is Python stays a wheel, what is machine code becomes objects for the link.

Where the wheel has an extension module, there is a relocatable object under its name, which the drivers left there. It gets
symbols of its own (`linking.private`), and is described in a list that the link reads. Pure but for the wheel's own bytes:
knows no folder.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from staticbuild.building.plan import EXTENSIONS, BuiltExtension
from staticbuild.errors import ActionError, FormatError, Problem
from staticbuild.linking import elf, private

_MODULE: Final = re.compile(r"(?P<name>[^./]+)(?:\.(?:cpython-[\w-]+|abi3|[\w-]+))?\.so\Z")
_INIT: Final = re.compile(r"PyInitU?_\w+\Z", re.ASCII)
_WHEN: Final = (1980, 1, 1, 0, 0, 0)
_LARGEST: Final = 4 << 30
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a wheel came to: the wheel without machine code, the extensions, and their objects by path."""

    wheel: bytes
    extensions: tuple[BuiltExtension, ...]
    objects: Mapping[str, bytes]


def harvest(wheel: bytes, requirement: str, excluded: Callable[[str], bool]) -> Harvest:
    """Take apart the bytes of `wheel`. Raises ActionError for machine code that cannot be linked, with what to try."""
    try:
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            members = dict(_members(archive))
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError) as error:
        raise FormatError(f"the backend of `{requirement}` made a wheel that cannot be read: {error}") from error
    kept: dict[str, tuple[bytes, bool]] = {}
    extensions: list[BuiltExtension] = []
    objects: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path, (data, executable) in members.items():
        place = _installed(path)
        if excluded(place):
            continue
        if not data.startswith(elf.MAGIC):
            kept[path] = (data, executable)
        elif elf.parse(data).kind == elf.RELOCATABLE and place.endswith(".so"):
            found, changed = _extensions(place, data, requirement)
            extensions += found
            objects[found[0].object] = changed
        elif problem := _unlinkable(place, data):
            problems.append(problem)
        else:
            kept[path] = (data, executable)
    ActionError.raise_all(problems)
    return Harvest(_packed(kept), tuple(sorted(extensions, key=lambda item: item.name)), objects)


def _members(archive: zipfile.ZipFile) -> Iterable[tuple[str, tuple[bytes, bool]]]:
    left = _LARGEST
    for info in archive.infolist():
        if info.is_dir():
            continue
        left -= info.file_size
        if left < 0:
            raise ValueError(f"its files hold more than {_LARGEST:,} bytes")
        yield info.filename, (archive.read(info), bool(info.external_attr >> 16 & 0o111))


def _installed(path: str) -> str:
    """Where a file goes below `site-packages`: files of `NAME.data/platlib/` go to its top."""
    return re.sub(r"\A[^/]+\.data/(?:platlib|purelib)/", "", path)


def _extensions(path: str, data: bytes, requirement: str) -> tuple[list[BuiltExtension], bytes]:
    """The modules of the object at `path`, its own first, and the object with symbols of its own."""
    folder, _, file = path.rpartition("/")
    match = _MODULE.fullmatch(file)
    if match is None:
        raise ActionError(f"`{requirement}` has `{path}`, whose name is not that of a module")
    package = folder.replace("/", ".")
    stem = match["name"]
    # Names that say whose they are, in a profile or a stack of a debugger, and the same on every machine.
    mark = hashlib.sha256(f"{requirement}/{path}".encode()).hexdigest()[:12]
    changed = private.privatise(data, lambda name: f"{name}{'_sb_' if _INIT.match(name) else '.sb_'}{mark}")
    inits = {_module_of(name): new for name, new in changed.renamed.items() if _INIT.match(name)}
    if stem not in inits:
        raise ActionError(
            f"`{requirement}` has the library `{path}`, which is no extension module: it does not define `PyInit_{stem}`",
            hint="a static executable can load no libraries: leave it out with the package's `exclude`, or use the flavor "
            "`standalone_dynamic`",
        )
    target = f"{EXTENSIONS}/{package + '.' if package else ''}{stem}.o"
    found = [
        BuiltExtension(f"{package}.{name}" if package else name, init, target, path)
        for name, init in sorted(inits.items(), key=lambda item: (item[0] != stem, item[0]))
    ]
    return found, changed.data


def _module_of(init: str) -> str:
    """`PyInit_name` is the module `name`; `PyInitU_…` has its name in Punycode, with hyphens written as `_` (PEP 489)."""
    kind, _, name = init.partition("_")
    return name.replace("_", "-").encode().decode("punycode") if kind == "PyInitU" else name


def _unlinkable(path: str, data: bytes) -> Problem | None:
    """Why machine code that is no object of ours cannot be used; None if it can: a static program, which is a data file."""
    parsed = elf.parse(data)
    if parsed.kind == elf.RELOCATABLE or (parsed.kind == elf.EXECUTABLE and elf.interpreter(parsed) is None):
        return None
    return Problem(
        f"`{path}` is a shared library or program that was not built here",
        hint="leave it out with the package's `exclude`, or use the flavor `standalone_dynamic`",
    )


def _packed(members: Mapping[str, tuple[bytes, bool]]) -> bytes:
    """A wheel of `members`, the same bytes each time, with a RECORD of just them."""
    record = next((path for path in members if re.fullmatch(r"[^/]+\.dist-info/RECORD", path)), None)
    if record is None:
        raise FormatError("the backend made a wheel without RECORD")
    rows = list(csv.reader(io.StringIO(members[record][0].decode("utf-8"), newline="")))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(row for row in rows if row and row[0] in members)
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(members, key=lambda path: (".dist-info/" in path, path)):
            data, executable = members[path]
            info = zipfile.ZipInfo(path, _WHEN)
            info.external_attr = (0o755 if executable else 0o644) << 16
            archive.writestr(info, text.getvalue().encode() if path == record else data)
    return result.getvalue()
