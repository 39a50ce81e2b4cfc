"""Lays out crates (Rust packages, as registries serve them) so that cargo takes them for a registry of just these.

A program of actions: `python3 -m staticbuild.distribution.crates CRATES FOLDER`; CRATES holds `NAME-VERSION.crate` files. The
layout is that of cargo's "directory sources" (The Cargo Book, "Source Replacement"). Knows nothing of who wants them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from staticbuild.distribution.unpack import unpack
from staticbuild.program import run


def lay_out(crates: Path, folder: Path) -> None:
    """Unpack each file of `crates` into a folder of its own below `folder`. Raises FormatError for one that is no crate."""
    folder.mkdir(parents=True, exist_ok=True)
    for crate in sorted(crates.iterdir()):
        place = folder / crate.name.removesuffix(".crate")
        unpack(crate, place, strip=1)
        # What cargo compares with the project's Cargo.lock. That the files are those of the crate needs no digests: nobody
        # else has written here.
        digest = hashlib.sha256(crate.read_bytes()).hexdigest()
        (place / ".cargo-checksum.json").write_text(json.dumps({"files": {}, "package": digest}), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """The command line. Problems go to stderr, and 1 is returned for them."""
    parser = argparse.ArgumentParser(prog="python3 -m staticbuild.distribution.crates", description=__doc__)
    parser.add_argument("crates", type=Path)
    parser.add_argument("folder", type=Path)
    options: Any = parser.parse_args(arguments)
    return run(lambda: lay_out(options.crates, options.folder), sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
