"""Where an index has the files of a lock now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from staticbuild.errors import SourceError
from staticbuild.packing.addresses import Addresses, addresses_for
from staticbuild.packing.lock import File
from staticbuild.packing.package_index import PackageIndex, Pin, Target
from staticbuild.packing.resolving import resolve
from tests.packing.conftest import requirements

if TYPE_CHECKING:
    from tests.packing.conftest import Index

DIGEST = "0123456789abcdef" * 4


def locked_files(their: Callable[..., PackageIndex], *names: str) -> list[tuple[Pin, File]]:
    lock = resolve(their, {("//:app", Target()): requirements(*names)})
    return [(package.pin, package.file_for(Target())) for package in lock.packages]


def test_found(their: Callable[..., PackageIndex], index: Index) -> None:
    files = locked_files(their, "alpha")
    assert addresses_for(their(), files) == {file.sha256: (f"{index.url}/files/{file.filename}",) for _, file in files}


def test_folders_and_indexes(their: Callable[..., PackageIndex], index: Index) -> None:
    files = locked_files(their, "beta")
    found = addresses_for(their(UV_FIND_LINKS=str(index.folder)), files)
    name = files[0][1].filename
    assert sorted(found[files[0][1].sha256]) == [f"file://{index.folder}/{name}", f"{index.url}/files/{name}"]


def test_another_file_under_the_same_name(their: Callable[..., PackageIndex]) -> None:
    pin, file = locked_files(their, "beta")[0]
    with pytest.raises(SourceError, match=r"another `beta-1.5-py3-none-any.whl` than the one that is locked") as caught:
        addresses_for(their(), [(pin, replace(file, sha256=DIGEST))])
    assert caught.value.problems[0].notes == (f"locked: sha256 {DIGEST}", f"index: sha256 {file.sha256}")


def test_gone(their: Callable[..., PackageIndex], index: Index, tmp_path: Path) -> None:
    files = locked_files(their, "alpha")
    (index.folder / "beta-1.5-py3-none-any.whl").unlink()
    fresh = their(UV_CACHE_DIR=str(tmp_path / "fresh"))
    with pytest.raises(SourceError, match=r"the package index has no `beta==1.5`"):
        addresses_for(fresh, files)


def test_all_at_once_when_the_first_is_wanted(their: Callable[..., PackageIndex], index: Index) -> None:
    files = locked_files(their, "alpha")
    index.asked.clear()
    addresses = Addresses(their(), files)
    assert index.asked == []
    for pin, file in files:
        assert addresses.of(pin, file) == (f"{index.url}/files/{file.filename}",)
    assert addresses.of(*files[0])


def test_one_that_is_missing_does_not_hide_the_others(their: Callable[..., PackageIndex]) -> None:
    good = locked_files(their, "beta")[0]
    bad = (Pin("gone", "1.0"), File("gone-1.0-py3-none-any.whl", DIGEST))
    addresses = Addresses(their(), [bad, good])
    assert addresses.of(*good)
    with pytest.raises(SourceError, match=r"no `gone==1.0`"):
        addresses.of(*bad)
