"""Reads what `staticbuild.building` left of a package: which extension modules are linked, and from which objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from staticbuild.errors import FormatError
from staticbuild.linking.plan import CXX, LinkedExtension

DESCRIPTION: Final = "extensions.json"

CXX_LIBRARIES: Final = tuple(f"{CXX}/lib/{name}" for name in ("libc++.a", "libc++abi.a", "libunwind.a"))
"""What extensions written in C++ or Rust want beside the C library; nothing of it is linked unless something asks for it."""


def read(folder: str) -> tuple[LinkedExtension, ...]:
    """The extensions in the built tree `folder`, with paths seen from the private folder. Raises FormatError."""
    path = Path(folder, DESCRIPTION)
    try:
        values = json.loads(path.read_bytes())
        requirement = str(values["requirement"])
        return tuple(
            LinkedExtension(str(item["name"]), str(item["init"]), f"{folder}/{item['object']}", requirement)
            for item in values["extensions"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"`{path}` does not say which extensions there are: {error}") from error
