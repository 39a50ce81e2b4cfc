"""Real executables: the runtime compiled and linked with a real distribution, around small applications.

SB_TEST_TOOLCHAIN names a folder with `zig/` and `sysroot/`, SB_TEST_DISTRIBUTION an unpacked full archive (the folder
with PYTHON.json).
"""

from __future__ import annotations

import json
import marshal
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest

from staticbuild.linking.plan import LinkPlan, PreparePlan, RuntimePlan
from staticbuild.packing import resource
from staticbuild.packing.resource import File, Module, ModuleKind
from staticbuild.packing.settings import encode_settings
from staticbuild.packing.writer import merge, write

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / "staticbuild/runtime"

# What no test imports, and takes long to compile.
LEFT_OUT = {"test", "idlelib", "tkinter", "turtledemo", "ensurepip", "pydoc_data", "lib2to3", "site-packages", "lib-dynload"}

COMPILE = """
import marshal, sys
for path, source in marshal.load(sys.stdin.buffer):
    marshal.dump(marshal.dumps(compile(source, path, "exec", dont_inherit=True)), sys.stdout.buffer)
"""


@pytest.fixture(scope="session")
def toolchain() -> Path:
    """The folder with the compiler `zig/` and its `sysroot/`."""
    folder = os.environ.get("SB_TEST_TOOLCHAIN")
    if not folder:
        pytest.skip("SB_TEST_TOOLCHAIN names no folder with `zig/` and `sysroot/`: no compiler for the runtime")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def distribution_tree() -> Path:
    """The folder `python/` of a full archive."""
    folder = os.environ.get("SB_TEST_DISTRIBUTION")
    if not folder:
        pytest.skip("SB_TEST_DISTRIBUTION names no folder with a PYTHON.json: no Python to link the runtime with")
    return Path(folder).resolve()


@dataclass(frozen=True)
class Stock:
    """The distribution's own interpreter: the authority that our importer is compared with."""

    program: Path
    library: Path

    def run(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        """Run it, without anything of the host."""
        return run(self.program, "-I", "-S", *arguments, **options)


@dataclass(frozen=True)
class Program:
    """An executable that was made."""

    path: Path

    def run(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        """Run it in an empty environment."""
        return run(self.path, *arguments, **options)


def run(program: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, with its output as text."""
    settings = {"env": {}, "capture_output": True, "text": True, "timeout": 60} | options
    if "input" not in options:
        settings.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([program, *arguments], check=False, **settings)  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True)
class Maker:
    """Makes executables in one folder, in which the runtime is compiled and the init table prepared."""

    folder: Path
    stock: Stock
    standard: bytes
    numbers: count[int]

    def __call__(
        self, files: Mapping[str, str | bytes], *, change: Callable[[Module], Module] | None = None, **settings: object
    ) -> Program:
        """An executable with the files of an application, below `app/`; `change` edits its modules."""
        modules, others = tree({path: as_bytes(content) for path, content in files.items()}, "app")
        modules = [change(module) if change else module for module in compiled(modules, self.stock)]
        blob = write(resource.collect(modules, others, encode_settings(settings)))
        name = f"program{next(self.numbers)}"
        (self.folder / "blob").write_bytes(merge([self.standard, blob]))
        act(self.folder, "link", LinkPlan(name))
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
        if not path.endswith(".py") or not all(part.isidentifier() for part in parts):
            others.append(File(f"{prefix}/{path}", content))
            continue
        folders = ["/".join(parts[:size]) for size in range(1, len(parts))]
        namespaces |= {folder.replace("/", "."): folder for folder in folders if folder not in packages}
        if parts[-1] == "__init__":
            folder = f"{prefix}/{folders[-1]}"
            kind, name, portions = ModuleKind.PACKAGE, ".".join(parts[:-1]), (folder,)
        else:
            kind, name, portions = ModuleKind.MODULE, ".".join(parts), ()
        modules.append(Module(name, kind, f"{prefix}/{path}", content, None, portions))
    modules += [
        Module(name, ModuleKind.NAMESPACE, portions=(f"{prefix}/{folder}",)) for name, folder in namespaces.items()
    ]
    return modules, others


def compiled(modules: list[Module], stock: Stock) -> list[Module]:
    """`modules` with bytecode of the distribution's own interpreter."""
    sources = [(module.path, module.source) for module in modules if module.source is not None]
    done = subprocess.run(
        [stock.program, "-I", "-S", "-W", "ignore", "-c", COMPILE],
        input=marshal.dumps(sources), capture_output=True, check=True, env={},
    )  # fmt: skip
    position = 0
    codes = {}
    for path, _ in sources:
        codes[path] = marshal.loads(done.stdout[position:])
        position += len(marshal.dumps(codes[path]))
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


@pytest.fixture(scope="session")
def stock(distribution_tree: Path) -> Stock:
    """The interpreter that the distribution carries."""
    description = json.loads((distribution_tree / "PYTHON.json").read_bytes())
    return Stock(distribution_tree / description["python_exe"], distribution_tree / description["python_paths"]["stdlib"])


@pytest.fixture(scope="session")
def make(toolchain: Path, distribution_tree: Path, stock: Stock, tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Makes executables out of applications."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "zig").symlink_to(toolchain / "zig")
    (folder / "sysroot").symlink_to(toolchain / "sysroot")
    (folder / "dist").mkdir()
    (folder / "dist/python").symlink_to(distribution_tree)
    shutil.copytree(RUNTIME, folder / "runtime", ignore=shutil.ignore_patterns("python"))
    act(folder, "compile-runtime", RuntimePlan())
    act(folder, "prepare", PreparePlan())
    return Maker(folder, stock, standard_library(stock), count())


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
    "Zoo_Keeper-1.2.3.dist-info/entry_points.txt": "[console_scripts]\nzoo = zoo.cat:sound\n[zoo.plugins]\nowl = zoo.birds.owl\n",
    "Zoo_Keeper-1.2.3.dist-info/RECORD": "zoo/__init__.py,sha256=x,30\nzoo/cat.py,,\n",
    "Zoo_Keeper-1.2.3.dist-info/top_level.txt": "zoo\n",
    "wood-0.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: wood\nVersion: 0.1\n",
}


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
        theirs = stock.run("-B", "-c", f"import sys; sys.path.insert(0, {str(zoo_on_disk)!r}); exec(compile(sys.argv[1], '<test>', 'exec'))", code)
        assert theirs.returncode == 0, theirs.stderr
        assert ours.returncode == 0, ours.stderr
        mine = ours.stdout.replace(f"{zoo.path}/app", "ROOT").replace(f"{zoo.path}/lib/{stock.library.name}", "LIB")
        other = theirs.stdout.replace(str(zoo_on_disk), "ROOT").replace(str(stock.library), "LIB")
        assert mine == other
        return mine

    return check
