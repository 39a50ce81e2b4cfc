"""Real executables: the runtime compiled and linked with a real distribution, around small applications."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from staticbuild.linking.plan import LinkPlan, PreparePlan, RuntimePlan
from staticbuild.packing import resource
from staticbuild.packing.compress import compress_blob
from staticbuild.packing.plan import DataKind
from staticbuild.packing.resource import File, Location, Module, ModuleKind
from staticbuild.packing.settings import encode_settings
from staticbuild.packing.writer import merge, write

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / "staticbuild/runtime"

# What no test imports, and takes long to compile.
LEFT_OUT = {"test", "idlelib", "tkinter", "turtledemo", "ensurepip", "pydoc_data", "lib2to3", "site-packages", "lib-dynload"}

COMPILE = """
import marshal, sys
sources = marshal.load(sys.stdin.buffer)
codes = [marshal.dumps(compile(source, path, "exec", dont_inherit=True)) for path, source in sources]
marshal.dump(codes, sys.stdout.buffer)
"""


@dataclass(frozen=True)
class Stock:
    """The distribution's own interpreter: the authority that our importer is compared with."""

    program: Path
    library: Path

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run it, without anything of the host."""
        return run(self.program, "-I", "-S", *arguments, **options)

    def skip_until(self, version: str) -> None:
        """Skip the test on an older Python."""
        older = tuple(map(int, self.library.name.removeprefix("python").split("."))) < tuple(map(int, version.split(".")))
        if older:
            pytest.skip(f"new in Python {version}")


@dataclass(frozen=True)
class Program:
    """An executable that was made."""

    path: Path

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run it in an empty environment."""
        return run(self.path, *arguments, **options)


def run(program: Path | str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, with its output as text."""
    settings: dict[str, Any] = {"env": {}, "capture_output": True, "timeout": 60} | options
    if "input" not in options:
        settings.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([program, *arguments], check=False, text=True, **settings)


@dataclass(frozen=True)
class Maker:
    """Makes executables in one folder, in which the runtime is compiled and the init table prepared."""

    folder: Path
    stock: Stock
    standard: bytes
    numbers: count[int]

    def __call__(
        self,
        files: Mapping[str, str | bytes],
        *,
        change: Callable[[Module], Module] | None = None,
        locations: Iterable[Location] = (),
        compress: Collection[DataKind] = (),
        **settings: Any,
    ) -> Program:
        """An executable with the files of an application, below `app/`; `change` edits its modules."""
        modules, others = tree({path: as_bytes(content) for path, content in files.items()}, "app")
        modules = [change(module) if change else module for module in compiled(modules, self.stock)]
        blob = write(resource.collect(modules, others, encode_settings(settings), locations))
        name = f"program{next(self.numbers)}"
        (self.folder / "blob").write_bytes(compress_blob(merge([self.standard, blob]), compress).blob)
        act(self.folder, "link", LinkPlan(name, decompress=bool(compress)))
        return Program(self.folder / name)


def as_bytes(content: str | bytes) -> bytes:
    """Text as a file has it."""
    return content.encode() if isinstance(content, str) else content


def act(folder: Path, step: str, plan: LinkPlan | PreparePlan | RuntimePlan) -> None:
    """One of the link's actions."""
    (folder / "plan").write_bytes(plan.to_json())
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-m", "staticbuild.linking", step, "plan"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def tree(files: Mapping[str, bytes], prefix: str) -> tuple[list[Module], list[File]]:
    """The modules and files of a source tree. Folders with modules but without `__init__.py` are namespace packages."""
    modules, others = [], []
    packages = {path.rpartition("/")[0] for path in files if path.endswith("/__init__.py")}
    namespaces: dict[str, str] = {}
    for path, content in files.items():
        parts = path.removesuffix(".py").split("/")
        if not path.endswith(".py") or not all(part.replace("-", "_").isidentifier() for part in parts):
            others.append(File(f"{prefix}/{path}", content))
            continue
        folders = ["/".join(parts[:size]) for size in range(1, len(parts))]
        namespaces |= {folder.replace("/", "."): folder for folder in folders if folder not in packages}
        name, place = ".".join(parts), f"{prefix}/{path}"
        if parts[-1] == "__init__":
            folder = f"{prefix}/{folders[-1]}"
            modules.append(Module(".".join(parts[:-1]), ModuleKind.PACKAGE, place, content, None, (folder,)))
        else:
            modules.append(Module(name, ModuleKind.MODULE, place, content))
    modules += [Module(name, ModuleKind.NAMESPACE, portions=(f"{prefix}/{folder}",)) for name, folder in namespaces.items()]
    return modules, others


def compiled(modules: list[Module], stock: Stock) -> list[Module]:
    """`modules` with bytecode of the distribution's own interpreter."""
    sources = [(module.path, module.source) for module in modules if module.source is not None]
    done = subprocess.run(
        [stock.program, "-I", "-S", "-W", "ignore", "-c", COMPILE],
        input=marshal.dumps(sources), capture_output=True, check=True, env={},
    )  # fmt: skip
    codes = dict(zip([path for path, _ in sources], marshal.loads(done.stdout), strict=True))
    return [replace(module, bytecode=codes.get(module.path)) for module in modules]


def standard_library(stock: Stock) -> bytes:
    """A blob of the standard library and of the runtime's own Python."""
    files = {}
    for path in sorted(stock.library.rglob("*.py")):
        parts = path.relative_to(stock.library).parts
        if parts[0] not in LEFT_OUT and not parts[0].startswith("config-"):
            files["/".join(parts)] = path.read_bytes()
    modules, others = tree(files, f"lib/{stock.library.name}")
    own, _ = tree({path.name: path.read_bytes() for path in (RUNTIME / "python").glob("*.py")}, "lib")
    return write(resource.collect(compiled([*modules, *own], stock), others))


# A little of everything that can be imported.
ZOO: dict[str, str | bytes] = {
    "zoo/__init__.py": '"""Animals."""\nKEEPER = "Ada"\n',
    "zoo/cat.py": "def sound():\n    return 'miau'\n",
    "zoo/latin.py": "# -*- coding: latin-1 -*-\nname = 'Bär'\n".encode("latin-1"),
    "zoo/dos.py": b"x = 1\r\ny = 2\r\n",
    "zoo/empty.py": "",
    "zoo/broken.py": "x = 1\n\ndef fail():\n    return x / 0\n\nfail()\n",
    "zoo/wants.py": "import zoo.missing\n",
    "zoo/birds/__init__.py": "",
    "zoo/birds/owl.py": "from .. import KEEPER\n",
    "zoo/birds/data/owl.txt": "hoo\n",
    "zoo/birds/data/bytes.bin": bytes(range(256)),
    "zoo/data/list.txt": "cat\r\nowl\r\n",
    "zoo/data/deep/er/x.txt": "x",
    "zoo/__main__.py": "import sys\nprint('main of the zoo', __name__, __package__, sys.argv[1:])\n",
    "zoo/wild/lion.py": "teeth = True\n",
    "wood/oak.py": "age = 300\n",
    "wood/moss/green.py": "wet = True\n",
    "single.py": "import zoo\nfrom zoo.cat import sound\n",
    "Zoo_Keeper-1.2.3.dist-info/METADATA": (
        "Metadata-Version: 2.1\nName: Zoo.Keeper\nVersion: 1.2.3\nSummary: keeps\nRequires-Dist: wood>=1\n\nLong text.\n"
    ),
    "Zoo_Keeper-1.2.3.dist-info/entry_points.txt": (
        "[console_scripts]\nzoo = zoo.cat:sound\n[zoo.plugins]\nowl = zoo.birds.owl\n"
    ),
    "Zoo_Keeper-1.2.3.dist-info/RECORD": "zoo/__init__.py,sha256=x,30\nzoo/cat.py,,\n",
    "Zoo_Keeper-1.2.3.dist-info/top_level.txt": "zoo\n",
    "wood-0.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: wood\nVersion: 0.1\n",
}
