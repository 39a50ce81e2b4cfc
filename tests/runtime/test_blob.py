"""`blob.c`, which knows nothing of Python: any bytes give resources or an error, never a crash."""

from __future__ import annotations

import random
import subprocess
import zipfile
from pathlib import Path
from typing import get_args

import pytest

from staticbuild.packing import resource
from staticbuild.packing.compress import compress_blob
from staticbuild.packing.plan import DataKind
from staticbuild.packing.resource import File, Location, LocationKind, Module, ModuleKind
from staticbuild.packing.writer import write
from staticbuild.toolchain.triple import DEFAULT, Triple
from staticbuild.toolchain.zig import Toolchain, compile_source, link_static

HERE = Path(__file__).parent
RUNTIME = HERE.parents[1] / "staticbuild/runtime"

# Undefined behaviour ends the program.
STRICT = ("-std=c11", "-O1", "-g", "-fsanitize=undefined", "-fsanitize-trap=all", "-Wall", "-Wextra", "-Werror")


@pytest.fixture(scope="session")
def fuzzer(toolchain: Path, decompressor: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`fuzz_blob.c` and `see_blob.c`, compiled with checks of all that C leaves undefined."""
    folder = tmp_path_factory.mktemp("fuzz")
    tools = Toolchain(Triple.parse(DEFAULT))
    objects = []
    for source in (HERE / "fuzz_blob.c", HERE / "see_blob.c", RUNTIME / "blob.c", RUNTIME / "decompress.c"):
        objects.append(str(folder / f"{source.stem}.o"))
        command = compile_source(tools, str(source), objects[-1], includes=[str(RUNTIME)], flags=STRICT)
        subprocess.run(command, cwd=toolchain, check=True)
    objects.append(str(decompressor / "lib/unzstd.o"))
    subprocess.run(link_static(tools, str(folder / "fuzz"), objects, []), cwd=toolchain, check=True)
    return folder / "fuzz"


def sample() -> bytes:
    """A small blob with something of everything."""
    names = ["a", "a.b", "a.b.c", "a_b", "ab", "json", "json.decoder", "é"]
    modules = [
        Module(name, ModuleKind.PACKAGE, f"lib/{name.replace('.', '/')}/__init__.py", b"s" * index, b"b" * 50, (f"lib/{name}",))
        for index, name in enumerate(names)
    ]
    modules.append(Module("n", ModuleKind.NAMESPACE, portions=("one", "two/three")))
    modules.append(Module("bare", ModuleKind.MODULE, "lib/bare.py", None, b"code"))
    files = [File(path, b"x" * 30) for path in ("data/a", "data/a-b", "data/ab/c", "data/ab-c", "x-1.dist-info/METADATA")]
    locations = [
        Location("a, json", LocationKind.EXTRACTED, "app/0123", ("data/a", "lib/a/__init__.py", "lib/json/__init__.py")),
        Location("a.b", LocationKind.BESIDE, "files", ("lib/a/b/__init__.py",)),
    ]
    return write(resource.collect(modules, files, {"entry_point": "a:b", "sys_path": "x\0y"}, locations))


@pytest.mark.parametrize("seed", range(4))
def test_damaged_blobs(fuzzer: Path, tmp_path: Path, seed: int) -> None:
    (tmp_path / "blob").write_bytes(sample())
    done = subprocess.run([fuzzer, "blob", "300000", str(seed)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    # Enough of them could be opened for the rest to mean something.
    assert int(done.stdout.split()[0]) > 25000


def compressed_sample() -> bytes:
    """A blob of little but compressed data, with blocks of every kind that zstd has: raw, repeated, compressed."""
    rng = random.Random(4)
    noise = rng.randbytes(300)
    words = " ".join(rng.choice(["cat", "owl", "lion", "tiger", "self", "return"]) for _ in range(400)).encode()
    modules = [Module("m", ModuleKind.MODULE, "m.py", words, words[::-1])]
    files = [File("zeros", bytes(60000)), File("mixed", noise + bytes(3000) + words + noise)]
    compressed = compress_blob(write(resource.collect(modules, files)), get_args(DataKind))
    assert all(saved.after < saved.before for saved in compressed.saved)
    return compressed.blob


@pytest.mark.parametrize("seed", range(4))
def test_damaged_compression(fuzzer: Path, tmp_path: Path, seed: int) -> None:
    blob = compressed_sample()
    assert len(blob) < 4096  # all of it is damaged, not mostly the index
    (tmp_path / "blob").write_bytes(blob)
    done = subprocess.run([fuzzer, "blob", "60000", str(seed)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout.split()[1]) > 60000


def test_what_a_fuzzer_found(fuzzer: Path, tmp_path: Path) -> None:
    """The inputs of `python -m bench.fuzz` that reach different parts of the reader."""
    with zipfile.ZipFile(HERE / "corpus.zip") as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
    assert len(names) > 100
    codes = {subprocess.run([fuzzer, name, "20"], cwd=tmp_path, capture_output=True, check=False).returncode for name in names}
    assert codes == {0, 1}


@pytest.mark.parametrize("data", [b"", b"x", b"\0" * 4096], ids=["empty", "short", "zeros"])
def test_what_is_no_blob(fuzzer: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "blob").write_bytes(data)
    done = subprocess.run([fuzzer, "blob", "10"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode in {1, 2}
