"""Makes of an unpacked archive of ours what python-build-standalone's look like, with each of their documented traps."""

from __future__ import annotations

import copy
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zstandard

Document = dict[str, Any]


class Archive:
    """A copy of the folder `python/` whose files are shared with the original until they are replaced, and its PYTHON.json."""

    def __init__(self, original: Path, folder: Path) -> None:
        self.python = folder / "python"
        shutil.copytree(original, self.python, symlinks=True, copy_function=_link)
        self.document: Document = json.loads((original / "PYTHON.json").read_text())

    @property
    def build(self) -> Any:
        """The part that describes objects and extensions."""
        return self.document["build_info"]

    def replace(self, path: str, data: bytes) -> None:
        """Put a file of its own in the place of the one at `path`."""
        target = self.python / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_bytes(data)

    def rename(self, old: str, new: str) -> None:
        """Move a file or folder."""
        (self.python / old).rename(self.python / new)

    def pack(self, target: Path) -> Path:
        """Write the archive as python-build-standalone does: sorted, metadata first, but quickly."""
        self.replace("PYTHON.json", json.dumps(self.document, indent=4, sort_keys=True).encode())
        files = [path for path in self.python.rglob("*") if path.is_symlink() or not path.is_dir()]
        files.sort(key=lambda path: (path.name != "PYTHON.json" or path.parent != self.python, path.as_posix()))
        with (
            target.open("wb") as file,
            zstandard.ZstdCompressor(level=1, threads=2).stream_writer(file) as stream,
            tarfile.open(fileobj=stream, mode="w|") as tar,
        ):
            for path in files:
                tar.add(path, path.relative_to(self.python.parent).as_posix(), recursive=False, filter=_plain)
        return target


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = 1704067200
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.type = tarfile.SYMTYPE if member.issym() else tarfile.REGTYPE
    return member


def as_downloaded(archive: Archive) -> None:
    """All that is documented of each real archive and that ours does better."""
    build, document = archive.build, archive.document
    # No list of sources, no list of where they are from.
    (archive.python / "SOURCES.json").unlink()
    # The init table is among the core's objects.
    config = next(path for path in build["core"]["objs"] if path.endswith("getpath.o"))
    archive.replace("build/Modules/config.o", (archive.python / config).read_bytes())
    build["core"]["objs"].append("build/Modules/config.o")
    # The static library is somewhere else than the metadata says.
    build["core"]["static_lib"] = "install/lib/python3.13/config-3.13-x86_64-linux-gnu/libpython3.13.a"
    for entry in extensions(document):
        # `required` marks eight modules only.
        entry["required"] = entry["init_fn"][7:] in {"_codecs", "_io", "_signal", "_thread", "_tracemalloc", "_weakref"}
    # Objects that two extensions list, a library that leaked out of CPython's Makefile, texts that are not there.
    shared = build["extensions"]["_sha1"][0]["objs"]
    build["extensions"]["_md5"][0]["objs"] += [path for path in shared if "Hacl" in path]
    build["extensions"]["_md5"][0]["links"].append({"name": "Hacl_Hash_SHA2", "system": True})
    build["extensions"]["zlib"][0]["license_paths"].append("licenses/LICENSE.zlib-ng.txt")
    # A module that was loaded dynamically in the build, left over.
    archive.replace("install/lib/python3.13/lib-dynload/_testclinic.cpython-313-x86_64-linux-musl.so", b"\x7fELF")
    archive.replace("install/lib/python3.13/lib-dynload/.empty", b"")
    document["crt_features"] = ["static"]


def as_format_7(document: Document) -> None:
    """What format 7 did not have yet."""
    document["version"] = "7"
    del document["build_options"]


def extensions(document: Document) -> list[Document]:
    """All variants of all extensions."""
    return [entry for variants in document["build_info"]["extensions"].values() for entry in variants]


def changed(change: Callable[[Document], object]) -> Callable[[Document], Document]:
    """`change` as a function that leaves its argument alone."""

    def apply(document: Document) -> Document:
        result = copy.deepcopy(document)
        change(result)
        return result

    return apply
