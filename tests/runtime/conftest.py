"""The fixtures that link real programs, with the toolchain and the distribution of tests/conftest.py."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from staticbuild.linking.plan import PreparePlan, RuntimePlan
from tests.runtime.programs import RUNTIME, ZOO, Maker, Program, Stock, act, as_bytes, standard_library


@pytest.fixture(scope="session")
def toolchain(toolchain_folder: Path) -> Path:
    """The folder with the compiler `zig/` and its `sysroot/`."""
    return toolchain_folder


@pytest.fixture(scope="session")
def distribution_tree(distribution_folder: Path) -> Path:
    """The folder `python/` of a full archive."""
    return distribution_folder


@pytest.fixture(scope="session")
def stock(distribution_tree: Path) -> Stock:
    """The interpreter that the distribution carries."""
    description = json.loads((distribution_tree / "PYTHON.json").read_bytes())
    return Stock(distribution_tree / description["python_exe"], distribution_tree / description["python_paths"]["stdlib"])


@pytest.fixture(scope="session")
def make(  # noqa: PLR0913, PLR0917 - each is a part of what a link needs
    toolchain: Path,
    distribution_tree: Path,
    decompressor: Path,
    stock: Stock,
    once: Callable[[str, Callable[[Path], None]], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Maker:
    """Makes executables out of applications."""

    def stage(folder: Path) -> None:
        (folder / "zig").symlink_to(toolchain / "zig")
        (folder / "sysroot").symlink_to(toolchain / "sysroot")
        (folder / "decompressor").symlink_to(decompressor)
        (folder / "dist").mkdir()
        (folder / "dist/python").symlink_to(distribution_tree)

    def prepare(folder: Path) -> None:
        stage(folder)
        shutil.copytree(RUNTIME, folder / "runtime", ignore=shutil.ignore_patterns("python"))
        act(folder, "compile-runtime", RuntimePlan())
        act(folder, "prepare", PreparePlan())
        (folder / "standard").write_bytes(standard_library(stock))

    # What all processes link with. Each does so in a folder of its own.
    prepared, folder = once("runtime", prepare), tmp_path_factory.mktemp("programs")
    stage(folder)
    for name in ("runtime", "objects", "prepared"):
        (folder / name).symlink_to(prepared / name)
    return Maker(folder, stock, (prepared / "standard").read_bytes(), count())


@pytest.fixture(scope="session")
def zoo(make: Maker) -> Program:
    """The zoo in an executable that runs the code it is given as its argument."""
    return make(ZOO, command="import sys; exec(compile(sys.argv[1], '<test>', 'exec'))")


@pytest.fixture(scope="session")
def zoo_on_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zoo as files."""
    folder = tmp_path_factory.mktemp("zoo") / "app"
    for name, content in ZOO.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_bytes(content))
    return folder


@pytest.fixture(scope="session")
def compare(zoo: Program, zoo_on_disk: Path, stock: Stock) -> Callable[[str], str]:
    """A function that runs code in both worlds, checks that it prints the same, and returns that."""

    def check(code: str) -> str:
        ours = zoo.run(code)
        theirs = stock.run(
            "-B",
            "-c",
            f"import sys; sys.path.insert(0, {str(zoo_on_disk)!r}); exec(compile(sys.argv[1], '<test>', 'exec'))",
            code,
        )
        assert theirs.returncode == 0, theirs.stderr
        assert ours.returncode == 0, ours.stderr
        mine: str = ours.stdout.replace(f"{zoo.path}/app", "ROOT").replace(f"{zoo.path}/lib/{stock.library.name}", "LIB")
        other = theirs.stdout.replace(str(zoo_on_disk), "ROOT").replace(str(stock.library), "LIB")
        assert mine == other
        return mine

    return check
