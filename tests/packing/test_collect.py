"""A tree of files is what `importlib` would make of it."""

from __future__ import annotations

import importlib.machinery
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staticbuild.errors import ConfigError
from staticbuild.packing.bytecode import Mistake
from staticbuild.packing.collect import (
    APPLICATION,
    FOREIGN,
    Collected,
    Found,
    Remark,
    Strictness,
    classify,
    collect_tree,
    namespace_folders,
    native_files,
    unite,
)
from staticbuild.packing.resource import ModuleKind, collect
from tests.packing.elves import elf, extension

SUFFIXES = (".cpython-313-x86_64-linux-gnu.so", ".abi3.so", ".so")
STOCK_SUFFIXES = importlib.machinery.EXTENSION_SUFFIXES


def tree(files: Mapping[str, bytes], strictness: Strictness = FOREIGN, prefix: str = "") -> Collected:
    found = [Found(path, data, shown=f"src/{path}") for path, data in files.items()]
    return collect_tree(found, prefix=prefix, strictness=strictness, optimize=0)


def check(paths: str, expected: str) -> None:
    """`expected` lists what the files become: `name` a module, `name/` a package, `name:` a namespace, `=path` a file."""
    collected = tree(dict.fromkeys(paths.split(), b""))
    marks = {ModuleKind.MODULE: "", ModuleKind.PACKAGE: "/", ModuleKind.NAMESPACE: ":"}
    modules = [module.name + marks[module.kind] for module in collected.modules]
    assert sorted([*modules, *("=" + file.path for file in collected.files)]) == sorted(expected.split())
    collect(collected.modules, collected.files)


class TestClassification:
    def test_modules_and_packages(self) -> None:
        check(
            "one.py pkg/__init__.py pkg/mod.py pkg/__main__.py pkg/sub/__init__.py",
            "one pkg/ pkg.mod pkg.__main__ pkg.sub/",
        )

    def test_data(self) -> None:
        check("pkg/__init__.py pkg/data.txt pkg/py.typed README", "pkg/ =pkg/data.txt =pkg/py.typed =README")

    def test_a_folder_without_init_is_a_namespace_package_also_with_data_alone(self) -> None:
        """PEP 420, and `importlib.resources.files("pkg.templates")`."""
        check("ns/mod.py pkg/__init__.py pkg/templates/a.html", "ns: ns.mod pkg/ pkg.templates: =pkg/templates/a.html")

    def test_names_that_no_statement_can_write_are_names_to_importlib(self) -> None:
        check("foo-bar.py my-pkg/__init__.py 1.py", "foo-bar my-pkg/ 1")

    def test_names_that_cannot_be_imported(self) -> None:
        check(
            "pkg.v2/a.py a.b.py .py ..py",
            "=pkg.v2/a.py =a.b.py =.py =..py",
        )

    def test_keywords_and_other_scripts_are_names(self) -> None:
        check("class.py grün.py", "class grün")

    def test_dist_info_is_data(self) -> None:
        check(
            "demo-1.0.dist-info/METADATA demo-1.0.dist-info/x.py",
            "=demo-1.0.dist-info/METADATA =demo-1.0.dist-info/x.py",
        )

    def test_a_package_wins_over_a_module(self) -> None:
        check("a.py a/__init__.py a/b.py", "=a.py a/ a.b")

    def test_a_module_wins_over_a_folder(self) -> None:
        check("a.py a/b.py a/c/__init__.py", "a =a/b.py =a/c/__init__.py")

    def test_init_at_the_top_is_data(self) -> None:
        check("__init__.py __main__.py", "=__init__.py __main__")

    def test_names_differ_by_case(self) -> None:
        check("a.py A.py B/__init__.py b.py", "a A B/ b")

    def test_a_source_wins_over_its_pyc(self) -> None:
        check("a.py a.pyc", "a =a.pyc")

    def test_very_long_paths(self) -> None:
        folders = "/".join(["d" * 200] * 400)
        names = classify([f"{folders}/m.py"])
        assert list(names.values()) == [folders.replace("/", ".") + ".m"]
        assert len(namespace_folders([f"{folders}/m.py"])) == 400

    @settings(max_examples=150, deadline=None)
    @given(st.sets(st.from_regex(r"((a|b|c-d|e\.f)/){0,2}(a|b|c-d|e\.f|__init__)", fullmatch=True), max_size=6))
    def test_importlib_agrees(self, tmp_path_factory: pytest.TempPathFactory, stems: set[str]) -> None:
        folder = tmp_path_factory.mktemp("tree")
        paths = [f"{stem}.py" for stem in stems]
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(b"")
        ours = classify(paths)
        theirs = {}
        # A name with a dot in one of its parts is another name.
        dotless = [path.removesuffix(".py") for path in paths if "." not in path.removesuffix(".py")]
        for name in {path.removesuffix("/__init__").replace("/", ".") for path in dotless}:
            spec = _found_by_importlib(name, folder)
            if spec is not None and spec.origin is not None:
                theirs[os.path.relpath(spec.origin, folder)] = name
        assert ours == theirs


class TestExtensionModules:
    """As `check` above has it; every `.so` has the module of its name, unless it begins with `lib`."""

    @pytest.mark.parametrize(
        ("paths", "expected"),
        [
            ("p/__init__.py p/_fast.cpython-313-x86_64-linux-gnu.so p/_any.abi3.so p/_old.so", "p/ p._fast! p._any! p._old!"),
            ("a.py a.so", "=a.py a!"),
            ("a.so a.abi3.so a.cpython-313-x86_64-linux-gnu.so", "=a.so =a.abi3.so a!"),
            ("a.cpython-312-x86_64-linux-gnu.so", "=a.cpython-312-x86_64-linux-gnu.so"),
            ("a.so a/__init__.py", "=a.so a/"),
            ("a.so a/b.py", "a! =a/b.py"),
            ("a/__init__.so a/__init__.py a/b.py", "a!/ =a/__init__.py a.b"),
            ("81d2__mypyc.abi3.so", "81d2__mypyc!"),
            ("p/libz.so p/__init__.py p/libz.py", "p/ =p/libz.so p.libz"),
            ("demo.libs/libz.so.1 x.y/a.so", "=demo.libs/libz.so.1 =x.y/a.so"),
        ],
    )
    def test_found_as_importlib_does(self, paths: str, expected: str) -> None:
        files = {}
        for path in paths.split():
            name = path.rpartition("/")[2].partition(".")[0]
            module = path.split("/")[-2] if name == "__init__" else name
            files[path] = b"" if path.endswith(".py") else elf() if name.startswith("lib") else extension(module)
        found = [Found(path, data) for path, data in files.items()]
        collected = collect_tree(found, prefix="", strictness=FOREIGN, optimize=0, suffixes=SUFFIXES)
        marks = {ModuleKind.MODULE: "", ModuleKind.PACKAGE: "/", ModuleKind.NAMESPACE: ":"}
        modules = [module.name + "!" * module.native + marks[module.kind] for module in collected.modules]
        assert sorted([*modules, *("=" + file.path for file in collected.files)]) == sorted(expected.split())
        collect(collected.modules, collected.files)

    def test_the_library_is_what_the_file_holds(self) -> None:
        data = extension("a")
        collected = collect_tree([Found("a.so", data)], prefix="lib", strictness=FOREIGN, optimize=0, suffixes=SUFFIXES)
        (module,) = collected.modules
        assert (module.path, module.source, module.bytecode, module.native) == ("lib/a.so", data, None, True)

    def test_without_suffixes_they_are_files(self) -> None:
        assert [file.path for file in tree({"a.so": extension("a")}).files] == ["a.so"]

    @settings(max_examples=100, deadline=None)
    @given(
        st.sets(
            st.tuples(st.from_regex(r"((a|b)/){0,2}(a|b|__init__)", fullmatch=True), st.sampled_from([".py", *STOCK_SUFFIXES])),
            max_size=8,
        )
    )
    def test_importlib_agrees(self, tmp_path_factory: pytest.TempPathFactory, files: set[tuple[str, str]]) -> None:
        folder = tmp_path_factory.mktemp("tree")
        extensions = {stem + suffix: stem for stem, suffix in files if suffix != ".py"}
        for stem, suffix in files:
            (folder / stem).parent.mkdir(parents=True, exist_ok=True)
            (folder / (stem + suffix)).write_bytes(b"")
        theirs = {}
        for name in {stem.removesuffix("/__init__").replace("/", ".") for stem, _ in files}:
            spec = _found_by_importlib(name, folder)
            if spec is not None and spec.origin is not None:
                theirs[os.path.relpath(spec.origin, folder)] = name
        assert classify([stem + suffix for stem, suffix in files], extensions) == theirs


def _found_by_importlib(name: str, folder: Path) -> importlib.machinery.ModuleSpec | None:
    """What importing `name` would find, with `folder` as the whole path. Nothing is run: all files are empty."""
    path: list[str] = [str(folder)]
    spec = None
    parts = name.split(".")
    for index in range(len(parts)):
        spec = importlib.machinery.PathFinder.find_spec(parts[index], path)
        if spec is None or (index + 1 < len(parts) and spec.submodule_search_locations is None):
            return None
        path = list(spec.submodule_search_locations or [])
    # `import __init__` is possible, but nobody's module.
    return None if parts[-1] == "__init__" else spec


class TestResources:
    def test_places_in_the_tree(self) -> None:
        collected = tree({"pkg/__init__.py": b"x = 1\n", "pkg/data/a": b"1"}, prefix="lib/python3.13")
        package, namespace = sorted(collected.modules, key=lambda module: module.name)
        assert (package.path, package.portions) == ("lib/python3.13/pkg/__init__.py", ("lib/python3.13/pkg",))
        assert (package.source, bool(package.bytecode)) == (b"x = 1\n", True)
        assert (namespace.name, namespace.portions) == ("pkg.data", ("lib/python3.13/pkg/data",))
        assert [file.path for file in collected.files] == ["lib/python3.13/pkg/data/a"]

    def test_order_does_not_matter(self) -> None:
        files = {f"p{index}/__init__.py": b"x" for index in range(9)} | {"a.txt": b"", "n/b": b""}
        assert tree(files) == tree(dict(reversed(files.items())))

    def test_empty_files_and_executables(self) -> None:
        collected = collect_tree([Found("run.sh", b"", executable=True)], prefix="", strictness=FOREIGN, optimize=0)
        assert [(file.data, file.executable) for file in collected.files] == [(b"", True)]

    def test_a_pyc_without_source(self, tmp_path: Path) -> None:
        import py_compile

        (tmp_path / "m.py").write_bytes(b"x = 1")
        py_compile.compile(str(tmp_path / "m.py"), str(tmp_path / "m.pyc"), doraise=True)
        collected = tree({"pkg/__init__.py": b"", "pkg/m.pyc": (tmp_path / "m.pyc").read_bytes()})
        module = next(module for module in collected.modules if module.name == "pkg.m")
        assert (module.path, module.source, bool(module.bytecode)) == ("pkg/m.pyc", None, True)

    def test_a_pyc_of_another_python_is_data_and_said(self) -> None:
        collected = tree({"m.pyc": b"\0\0\0\0" + b"x" * 40})
        assert [file.path for file in collected.files] == ["m.pyc"]
        assert ["another version of Python" in remark.mistake.message for remark in collected.remarks] == [True]


class TestMistakes:
    BROKEN = b"x = 1\ndef f(:\n"

    def test_fatal_in_an_application(self) -> None:
        (remark,) = tree({"greet/cli.py": self.BROKEN}, APPLICATION).remarks
        assert (remark.shown, remark.fatal) == ("src/greet/cli.py", True)
        assert remark.mistake == Mistake(remark.mistake.message, 2, 7, "def f(:")

    def test_templates_are_files(self) -> None:
        collected = tree({"pkg/{{name}}/a.py": b"import {{name}}", "pkg/{{name}}/b.py": b""}, APPLICATION)
        assert [file.path for file in collected.files] == ["pkg/{{name}}/a.py"]
        assert collected.remarks == ()

    def test_in_a_requirement_a_module_that_fails_when_it_is_imported(self) -> None:
        collected = tree({"bad.py": self.BROKEN}, FOREIGN)
        assert [(module.name, module.source, module.bytecode) for module in collected.modules] == [("bad", self.BROKEN, None)]
        assert [remark.fatal for remark in collected.remarks] == [False]

    def test_warnings_are_for_those_who_can_change_the_source(self) -> None:
        files = {"a.py": b"x = '\\d'"}
        assert isinstance(tree(files, APPLICATION).remarks[0], Remark)
        assert tree(files, FOREIGN).remarks == ()


class TestRoots:
    def test_conflict(self) -> None:
        one = [Found("a.py", b"1", shown="src/a.py"), Found("b.py", b"1", shown="src/b.py")]
        two = [Found("a.py", b"2", shown="lib/a.py"), Found("b.py", b"2", shown="lib/b.py")]
        with pytest.raises(ConfigError, match=r"`src/a.py` and `lib/a.py` are different files for `a.py`") as caught:
            unite([one, two])
        assert len(caught.value.problems) == 2

    def test_the_same_file_twice(self) -> None:
        assert len(unite([[Found("a.py", b"", shown="x")], [Found("a.py", b"", shown="y")]])) == 1

    def test_native(self) -> None:
        found = [Found("a.so", b"x"), Found("tool", b"\x7fELF..."), Found("setup.exe", b"MZ"), Found("so.py", b"")]
        assert native_files(found) == ["a.so", "tool"]
