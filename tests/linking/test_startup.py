"""What a start imports, found in sources made up here, and compared with what a real interpreter does."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from staticbuild.distribution import metadata
from staticbuild.errors import FormatError
from staticbuild.linking import tool
from staticbuild.linking.plan import Prepared, PreparePlan
from staticbuild.linking.startup import frozen_modules, imported

EXTENSIONS = ["_a", "_b", "_thread", "posix"]


def start(frozen: str = "", **sources: str) -> dict[str, str]:
    """Who imports which extension; a dot in a module's name is written as `__`."""
    modules = {name.replace("__", "."): source for name, source in sources.items()}
    packages = {name.rpartition(".")[0] for name in modules}
    return dict(imported(frozen.split(), EXTENSIONS, modules.get, packages.__contains__))


@pytest.mark.parametrize(
    "source",
    [
        "import _a",
        "import sys, _a as other",
        "from _a import *",
        "if x:\n    pass\nelse:\n    import _a",
        "try:\n    pass\nexcept ImportError:\n    import _a",
        "try:\n    pass\nfinally:\n    import _a",
        "class C:\n    from _a import x",
        "for x in y:\n    with z:\n        import _a",
        "import helper",
        "from helper import x",
    ],
)
def test_module_level(source: str) -> None:
    assert "_a" in start("os", os=source, helper="import _a")


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    import _a",
        "class C:\n    def f(self):\n        import _a",
        'if __name__ == "__main__":\n    import _a',
        "if TYPE_CHECKING:\n    import _a",
        'x = "_a"',
        "import gone",
    ],
)
def test_not_at_a_start(source: str) -> None:
    assert start("os", os=source) == {}


def test_packages() -> None:
    assert start("p.m", p="import _a", p__m="x = 1") == {}
    assert start("os", os="import p.m", p="import _a", p__m="from . import n", p__n="import _b") == {"_a": "p", "_b": "p.n"}
    assert start("os", os="from p import m", p="", p__m="from ..q import x", q="import _b") == {"_b": "q"}


def test_what_c_and_importlib_import() -> None:
    assert start(encodings="import _a", traceback="import _b") == {"_a": "encodings", "_b": "traceback"}
    found = start(importlib___bootstrap="def _setup():\n    for name in ('_thread', 'x y'): load(name)")
    assert found == {"_thread": "importlib._bootstrap"}


def test_frozen_modules() -> None:
    symbols = ["_Py_M__os", "_Py_M__importlib__bootstrap", "_Py_get_io_toplevel", "PyImport_FrozenModules", "x_Py_M__abc"]
    modules = ["os", "io", "abc", "importlib", "importlib._bootstrap", "sys"]
    assert frozen_modules(symbols, modules) == ("importlib._bootstrap", "io", "os")


@pytest.mark.parametrize("source", ["import", "\0", "(" * 5000])
def test_source_that_is_no_python(source: str) -> None:
    with pytest.raises(FormatError, match="the module `os` of the distribution is not Python"):
        start("os", os=source)


def test_a_real_start(distribution_folder: Path, tmp_path: Path, toolchain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive's own interpreter imports nothing, with `site` and an uncaught exception, that is not in the minimal set."""
    code = (
        "import sys\n"
        "def show(_, **keywords): print(*set(sys.modules) & set(sys.builtin_module_names))\n"
        "import atexit; atexit.register(show, 0)\n"
        "raise SystemError"
    )
    found = metadata.parse((distribution_folder / metadata.FILE_NAME).read_bytes())
    done = subprocess.run(
        [distribution_folder / found.executable, "-I", "-c", code], check=False, capture_output=True, text=True
    )
    assert "SystemError" in done.stderr
    toolchain.stage(tmp_path)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/python").symlink_to(distribution_folder)
    monkeypatch.chdir(tmp_path)
    tool.prepare(PreparePlan(modules="minimal"))
    prepared = Prepared.parse((tmp_path / "prepared/selection.json").read_bytes())
    assert {"_io", "posix", "_thread", "_codecs"} <= set(done.stdout.split())
    assert set(done.stdout.split()) <= dict(prepared.reasons).keys()
    assert {"_ssl", "_sqlite3", "zlib", "math"} <= dict(prepared.left_out).keys()
    assert prepared.archives == ()
