"""Reads a wheel: its files where an installer would put them, checked against its RECORD. Knows nothing of modules.

Runs inside of an action, with the `installer` package staged beside it, which knows wheel names, RECORD and metadata.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from staticbuild.errors import ConfigError, FormatError
from staticbuild.packing.collect import Found, native_files
from staticbuild.packing.native import NativeKind, describe
from staticbuild.packing.policy import matcher

if TYPE_CHECKING:
    from installer.sources import WheelFile

# More than any package's files; less than what would fill a machine's memory.
_LARGEST = 2 << 30
_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel's files at their places below `site-packages`, and what there is to warn of."""

    found: tuple[Found, ...]
    warnings: tuple[str, ...]


def read_wheel(path: Path, *, requirement: str, exclude: Iterable[str] = (), loads: bool = False) -> Wheel:
    """The files of the wheel at `path`, for an executable that `loads` shared libraries or cannot.

    `purelib` and `platlib` go to the root of the tree; what an installer would put elsewhere (`data`, `scripts`,
    `headers`) stays in the wheel's `.data` folder, since an executable has no such places. Raises FormatError for what
    is no sound wheel, and ConfigError for one with machine code that the executable has no use for.
    """
    from installer.sources import WheelFile  # noqa: PLC0415 - staged for the actions that read wheels only

    path.stat()  # a missing file is another mistake than a damaged one, whose wrong offsets are OSErrors too
    try:
        with WheelFile.open(path) as source:
            wheel = _read(source, exclude)
    # zipfile and installer have no common base for what they find wrong.
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        KeyError,
        AssertionError,
        RuntimeError,
    ) as error:
        raise FormatError(f"`{requirement}`: `{path.name}` is no sound wheel: {_reason(error)}") from error
    except FormatError as error:
        raise FormatError(
            f"`{requirement}`: `{path.name}` is no sound wheel: {error.message}", notes=error.problems[0].notes
        ) from error
    if not loads:
        refuse_native(wheel.found, requirement)
    return wheel


def refuse_native(found: Sequence[Found], whose: str) -> None:
    """Raise ConfigError if machine code is among `found` that needs a dynamic loader. Static programs need none."""
    contents = {item.path: item.data for item in found}
    native = [path for path in native_files(found) if not _is_static(contents[path])]
    if native:
        shown = ", ".join(f"`{path}`" for path in native[:_NAMES_SHOWN])
        more = f" and {len(native) - _NAMES_SHOWN} more" if len(native) > _NAMES_SHOWN else ""
        raise ConfigError(
            f"`{whose}` has machine code that an executable of the flavor `standalone_static` cannot load: {shown}{more}",
            hint='have the package built from its sdist, or load these files with `make_dist(flavor = "standalone_dynamic")`; '
            "leave them out with `exclude` if the program works without them",
        )


def _is_static(data: bytes) -> bool:
    native = describe(data)
    return native is not None and native.kind is NativeKind.STATIC_PROGRAM


def _read(source: WheelFile, exclude: Iterable[str]) -> Wheel:
    _check_version(source)
    record = f"{source.dist_info_dir}/RECORD"
    # Not `data_dir`: that is made of the file's name, which says another version where a project finds its own while it builds.
    data_dir = source.dist_info_dir.removesuffix(".dist-info") + ".data"
    found: dict[str, Found] = {}
    doubts = []
    for member in _members(source):
        path = _installed(member.name, data_dir)
        data = _moved_record(member.data, data_dir) if path == record else member.data
        other = found.setdefault(path, Found(path, data, member.executable, path))
        if other.data != data:
            raise FormatError(f"it has two different files for `{path}`")
        if member.doubt:
            doubts.append(f"`{path}` {member.doubt}")
    doubts += [
        f"`{path}` is not run: an executable has no `site-packages` with start-up files"
        for path in found
        if path.endswith(".pth") and "/" not in path and not path.endswith("-nspkg.pth")
    ]
    excluded = matcher(exclude)
    return Wheel(tuple(item for path, item in sorted(found.items()) if not excluded(path)), tuple(sorted(doubts)))


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of the archive under its name there, and what is odd about it."""

    name: str
    data: bytes
    executable: bool
    doubt: str


def _members(source: WheelFile) -> Iterator[_Member]:
    """The files of the archive. Raises FormatError for all whose bytes are not those that RECORD promises."""
    from installer.records import InvalidRecordEntry, RecordEntry  # noqa: PLC0415 - as in `read_wheel`

    wrong = []
    left = _LARGEST
    signed = (
        f"{source.dist_info_dir}/RECORD",
        f"{source.dist_info_dir}/RECORD.jws",
        f"{source.dist_info_dir}/RECORD.p7s",
    )
    for elements, stream, executable in source.get_contents():
        name = elements[0]
        if not _is_inside(name):
            raise FormatError(f"the member `{name}` points outside")
        data = stream.read(left + 1)
        left -= len(data)
        if left < 0:
            raise FormatError(f"its files hold more than {_LARGEST:,} bytes")
        try:
            entry = RecordEntry.from_elements(*elements)
        except InvalidRecordEntry as error:
            raise FormatError(f"RECORD says nonsense of `{name}`: {'; '.join(error.issues)}") from error
        if entry.hash_ is not None and not entry.validate(data):
            wrong.append(name)
        yield _Member(name, data, executable, "" if entry.hash_ or name in signed else "has no digest in RECORD")
    if wrong:
        shown = ", ".join(f"`{name}`" for name in wrong[:_NAMES_SHOWN])
        more = f" and {len(wrong) - _NAMES_SHOWN} more" if len(wrong) > _NAMES_SHOWN else ""
        raise FormatError(f"RECORD has other digests or sizes for {shown}{more}")


def _check_version(source: WheelFile) -> None:
    from installer.utils import parse_metadata_file  # noqa: PLC0415 - as in `read_wheel`

    metadata = parse_metadata_file(source.read_dist_info("WHEEL"))
    version = str(metadata.get("Wheel-Version", "")).strip()
    # PEP 427: warn if the minor version is newer, fail if the major version is.
    if version.split(".")[0] != "1":
        raise FormatError(f"its Wheel-Version is `{version}`, and only 1 is known")


def _is_inside(name: str) -> bool:
    return bool(name) and "\\" not in name and "\0" not in name and all(part not in {"", ".", ".."} for part in name.split("/"))


def _installed(name: str, data_dir: str) -> str:
    for scheme in ("purelib", "platlib"):
        if name.startswith(f"{data_dir}/{scheme}/"):
            return name[len(f"{data_dir}/{scheme}/") :]
    return name


def _moved_record(data: bytes, data_dir: str) -> bytes:
    """RECORD with the paths that the files have now."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    if not any(row and row[0].startswith(f"{data_dir}/") for row in rows):
        return data
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([_installed(row[0], data_dir), *row[1:]] for row in rows if row)
    return text.getvalue().encode()


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return str(error.args[0]) if error.args else "a file is missing"
    return str(error) or type(error).__name__
