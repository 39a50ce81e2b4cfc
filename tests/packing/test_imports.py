"""What code imports, read from its bytecode; compared with what the statements of the source say."""

from __future__ import annotations

import ast
import marshal
import sysconfig
from pathlib import Path

import pytest

from staticbuild.errors import FormatError
from staticbuild.packing.imports import Import, Imports, scan


def imports(source: str, name: str = "pkg.mod", *, is_package: bool = False, runs_as_main: bool = False) -> Imports:
    code = marshal.dumps(compile(source, "x.py", "exec", dont_inherit=True))
    return scan(code, name, is_package=is_package, runs_as_main=runs_as_main)


def check(source: str, *expected: str, **options: bool) -> None:
    """`expected` are `module` or `module:name,name`."""
    found = imports(source, **options).statements  # type: ignore[arg-type]
    shown = {f"{item.module}:{','.join(item.names)}" if item.names else item.module for item in found}
    assert shown == set(expected)


class TestStatements:
    def test_absolute(self) -> None:
        check("import a, b.c as d\nfrom e.f import g, h\nfrom i import *", "a", "b.c", "e.f:g,h", "i:*")

    def test_relative(self) -> None:
        check("from . import a\nfrom .b import c\nfrom .. import d", "pkg:a", "pkg.b:c")
        check("from . import a\nfrom .. import b\nfrom .c import d", "pkg.mod:a", "pkg:b", "pkg.mod.c:d", is_package=True)

    def test_inside_of_functions_and_classes(self) -> None:
        check("def f():\n    import a\n    class B:\n        async def g(self): from c import d", "a", "c:d")

    def test_optional(self) -> None:
        check("try:\n    import a\nexcept ImportError:\n    import b", "a", "b")

    def test_what_only_type_checkers_see(self) -> None:
        check(
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nelse:\n    import b",
            "typing:TYPE_CHECKING",
            "b",
        )
        check("import typing as t\nif t.TYPE_CHECKING:\n    import a\nimport b", "typing", "b")
        check("from t import TYPE_CHECKING\nif not TYPE_CHECKING:\n    import a", "t:TYPE_CHECKING", "a")
        check("def f():\n    if TYPE_CHECKING:\n        from a import b\n    import c", "c")

    def test_what_only_a_script_does(self) -> None:
        source = "import a\nif __name__ == '__main__':\n    import b\nimport c"
        check(source, "a", "c")
        check(source, "a", "b", "c", runs_as_main=True)
        check("if __name__ != '__main__':\n    import a", "a")
        check("if __name__ == 'other':\n    import a", "a")

    def test_long_code(self) -> None:
        """Arguments of more than a byte, jumps among them."""
        many = "\n".join(f"    import m{number}\n    x{number} = {number}.5" for number in range(400))
        source = f"import first\nif TYPE_CHECKING:\n{many}\nimport last\nif x:\n{many.replace(' m', ' n')}"
        check(source, "first", "last", *(f"n{number}" for number in range(400)))


class TestNames:
    def test_strings_that_may_be_names(self) -> None:
        found = imports("import importlib\nT = {'x': ('.sub', 'not a name!')}\ndef f(n): return importlib.import_module(T[n])")
        assert found.by_name
        assert {".sub", "x"} <= found.strings
        assert "not a name!" not in found.strings

    def test_nobody_imports_by_name(self) -> None:
        assert not imports("import importlib\nx = 'a.b'").by_name


@pytest.mark.parametrize("name", ["json/__init__.py", "asyncio/base_events.py", "http/client.py", "typing.py", "subprocess.py"])
def test_the_sources_agree(name: str) -> None:
    """Without guards, what the statements say is what is found."""
    text = Path(sysconfig.get_path("stdlib"), name).read_text().replace("TYPE_CHECKING", "X").replace("__name__", "y")
    expected = set()
    package = "pkg"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            expected |= {Import(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 1
            module = ".".join(filter(None, [package if node.level else "", node.module]))
            expected.add(Import(module, tuple(alias.name for alias in node.names)))
    assert imports(text, "pkg", is_package=True).statements == expected


@pytest.mark.parametrize("data", [b"", b"junk", marshal.dumps(3), marshal.dumps(compile("x", "x", "exec"))[:20]])
def test_damaged(data: bytes) -> None:
    with pytest.raises(FormatError, match="the bytecode of `a` is"):
        scan(data, "a", is_package=False)
