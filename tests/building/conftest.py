"""Wheels as backends make them, with relocatable objects where shared libraries would be."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import pytest

Packer = Callable[[Mapping[str, bytes]], bytes]


@pytest.fixture
def make_built_wheel() -> Packer:
    """A function that makes a wheel of `pkg==1.0` of some files."""

    def make(files: Mapping[str, bytes]) -> bytes:
        everything = dict(files)
        everything["pkg-1.0.dist-info/METADATA"] = b"Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n"
        everything["pkg-1.0.dist-info/RECORD"] = "".join(f"{path},,\n" for path in everything).encode()
        result = io.BytesIO()
        with zipfile.ZipFile(result, "w") as archive:
            for path, data in everything.items():
                archive.writestr(zipfile.ZipInfo(path), data)
        return result.getvalue()

    return make
