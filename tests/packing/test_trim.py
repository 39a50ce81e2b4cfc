"""What a program reaches stays, what it does not goes, and both can be explained."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from staticbuild.errors import ConfigError
from staticbuild.packing.collect import FOREIGN, Found, collect_tree
from staticbuild.packing.dynamic import HIDDEN, INTERPRETER, NEVER
from staticbuild.packing.reach import Reason, chain
from staticbuild.packing.resource import Resources, collect
from staticbuild.packing.trim import TRIMMED_NAMES, Trimmed, Wishes, read_names, trim


def resources(files: dict[str, str], prefix: str = "", **settings: str) -> Resources:
    found = [Found(path, text.encode()) for path, text in files.items()]
    made = collect_tree(found, prefix=prefix, strictness=FOREIGN, optimize=0)
    return collect(made.modules, made.files, settings)


def left(trimmed: Trimmed) -> str:
    modules = [module.name for module in trimmed.resources.modules]
    return " ".join([*modules, *(file.path for file in trimmed.resources.files if file.path != TRIMMED_NAMES)])


def check(files: dict[str, str], expected: str, wishes: Wishes | None = None, **settings: str) -> Trimmed:
    """What is left of an application that begins in `main:run`."""
    given = settings or {"entry_point": "main:run"}
    trimmed = trim(resources(files, **given), wishes or Wishes())
    assert left(trimmed) == expected
    return trimmed


PACKAGE = {"p/__init__.py": "", "p/a.py": "", "p/b.py": "", "p/c/__init__.py": "", "p/c/d.py": "", "q.py": ""}


def program(main: str, expected: str, **files: str) -> Trimmed:
    return check({"main.py": main, **PACKAGE, **files}, f"main {expected}".strip())


class TestStatements:
    def test_of_every_kind(self) -> None:
        program("import p.a", "p p.a")
        program("from p import b", "p p.b")
        program("def f():\n    from p.c.d import x", "p p.c p.c.d")
        program("try:\n    import q\nexcept ImportError:\n    q = None", "q")
        program("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import q", "")

    def test_relative_ones_and_those_of_others(self) -> None:
        program("import p", "p p.a p.b", **{"p/__init__.py": "from . import a", "p/a.py": "from .b import x"})

    def test_all_that_is_public(self) -> None:
        program("from p import *", "p p.a", **{"p/__init__.py": "__all__ = ['a', 'nothing']"})


class TestNames:
    def test_in_texts(self) -> None:
        program("import importlib\nimportlib.import_module('q')", "q")
        program("__import__('p.a')", "p p.a")
        program("PLUGIN = 'p.c.d:run'\nCLASS = 'p.a.Class'", "p p.a p.c p.c.d")
        # A word of one part names a module only where something imports by name.
        program("x = 'q'", "")

    def test_relative_ones(self) -> None:
        source = "import importlib\ndef load(): return importlib.import_module('.a', __package__)"
        program("import p", "p p.a", **{"p/__init__.py": source})
        lazy = "import importlib\nT = {'B': '.b'}\ndef __getattr__(n): return importlib.import_module(T[n], __name__)"
        program("import p", "p p.b", **{"p/__init__.py": lazy})

    def test_a_prefix_is_all_that_may_follow(self) -> None:
        program("def f(n): return __import__('p.' + n)", "p p.a p.b p.c")
        program("import p.c", "p p.c p.c.d", **{"p/c/__init__.py": "import importlib as i\ndef f(n): i.import_module('.' + n)"})


class TestBeginnings:
    def test_module_function_script_and_command(self) -> None:
        main = "if __name__ == '__main__':\n    import q\n"
        check({"main.py": main, **PACKAGE}, "main", entry_point="main:run")
        check({"main.py": main, **PACKAGE}, "main q", entry_point="main")
        check({"main.py": main, **PACKAGE}, "main q", file="main.py")
        check({"main.py": main, **PACKAGE}, "q", command="import q")
        check({**PACKAGE, "p/__main__.py": "import q"}, "p p.__main__ q", entry_point="p")
        check({**PACKAGE, "tool-1.5.py": "import q"}, "q tool-1.5.py", file="tool-1.5.py")


class TestWishes:
    def test_what_is_kept(self) -> None:
        wishes = Wishes(keep=("p.c.*",), recorded=("q", "no.such.module"))
        trimmed = check({"main.py": "", **PACKAGE}, "main p p.c p.c.d q", wishes)
        assert trimmed.reasons["p.c.d"].how == "`trim_keep` names it"
        assert trimmed.reasons["q"].how == "a recorded run imported it"

    def test_a_wish_that_nothing_fulfils(self) -> None:
        with pytest.raises(ConfigError, match="`trim_keep` names `plugins"):
            trim(resources({"main.py": ""}, entry_point="main:run"), Wishes(keep=("plugins.*",)))

    def test_packages_with_code_in_c_are_whole(self) -> None:
        trimmed = check({"main.py": "import p.a", **PACKAGE}, "main p p.a p.b p.c p.c.d", Wishes(whole=frozenset({"p"})))
        assert trimmed.reasons["p.b"].by == "p"
        check({"main.py": "", **PACKAGE}, "main", Wishes(whole=frozenset({"p"})))

    def test_the_file_of_a_recorded_run(self) -> None:
        assert read_names(b"b\n# why\n\na \nb\n") == ("a", "b")


class TestData:
    def test_goes_with_its_package(self) -> None:
        files = {"main.py": "import p", "p/__init__.py": "", "p/data/a.txt": "", "q/__init__.py": "", "q/data/b.txt": ""}
        trimmed = check({**files, "top/c.txt": "", "d.txt": ""}, "main p p.data top d.txt p/data/a.txt top/c.txt")
        assert trimmed.files == 1

    def test_metadata_goes_with_the_project(self) -> None:
        files = {"main.py": "import p", "p/__init__.py": "", "q.py": ""}
        for name, module in (("p", "p/__init__.py"), ("q", "q.py")):
            files |= {f"{name}-1.dist-info/METADATA": "", f"{name}-1.dist-info/RECORD": f"{module},sha256=x,0\n"}
        files |= {"r-1.dist-info/METADATA": "", "r-1.dist-info/RECORD": "bin/r,,\n"}
        projects = [f"{name}-1.dist-info/{file}" for name in "pr" for file in ("METADATA", "RECORD")]
        check(files, " ".join(["main", "p", *projects]))

    def test_plug_ins_of_a_group_that_somebody_asks_for(self) -> None:
        files = {
            **PACKAGE,
            "x-1.dist-info/entry_points.txt": "[app.plugins]\none = p.a:f\n[other]\ntwo = p.b\n[console_scripts]\nq = q:main\n",
        }
        text = "import importlib.metadata as m\nm.entry_points(group='app.plugins')"
        check({**files, "main.py": text}, "main p p.a x-1.dist-info/entry_points.txt")


class TestExplaining:
    def test_the_chain_of_imports(self) -> None:
        trimmed = program("import p.a", "p p.a q", **{"p/a.py": "import q"})
        assert list(chain(trimmed.reasons, "q")) == [
            ("q", Reason("imports it", "p.a")),
            ("p.a", Reason("imports it", "main")),
            ("main", Reason("the program begins there")),
        ]

    def test_what_went(self) -> None:
        trimmed = program("import p.a", "p p.a")
        assert [(item.name, item.modules) for item in trimmed.dropped] == [("p", 3), ("q", 1)]
        names = next(file.data for file in trimmed.resources.files if file.path == TRIMMED_NAMES)
        assert names.decode().split() == ["p.b", "p.c", "q"]

    def test_nothing_went(self) -> None:
        trimmed = trim(resources({"main.py": ""}, entry_point="main:run"), Wishes())
        assert (trimmed.dropped, trimmed.resources.files) == ((), ())


def test_same_result_each_time() -> None:
    given = resources({"main.py": "import p.a, p.b, q", **PACKAGE}, entry_point="main:run")
    first, second = (trim(given, Wishes()) for _ in range(2))
    assert first == second
    assert list(first.reasons) == list(second.reasons)


def test_known_names_are_those_of_the_standard_library() -> None:
    """A name that is mistyped would keep nothing."""
    names = {name.partition(".")[0] for name in (*INTERPRETER, *NEVER)}
    known = sys.stdlib_module_names | {"_py_warnings", "annotationlib", "_colorize", "_pylong"}
    assert {name for name in names if not name.startswith("_staticbuild")} <= known
    folder = Path(sysconfig.get_path("stdlib"))
    for name in HIDDEN:
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names and not top.startswith("_") and "." in name:
            path = folder / name.replace(".", "/")
            assert path.is_dir() or path.with_suffix(".py").is_file(), name
