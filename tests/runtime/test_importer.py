"""What importlib makes of a tree on disk, our importer makes of the same tree inside of the executable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from staticbuild.packing.resource import Module
from tests.runtime.programs import Maker, Program

Compare = Callable[[str], str]


@pytest.mark.parametrize(
    "code",
    [
        "import zoo; print(zoo.__name__, zoo.__file__, zoo.__path__, zoo.__package__, zoo.__doc__, zoo)",
        "import zoo.cat as m; print(m.__name__, m.__file__, m.__package__, hasattr(m, '__path__'), m.sound(), m)",
        "import single; print(single.zoo, single.sound(), single.__package__ == '')",
        "import zoo.birds.owl as m; print(m.KEEPER, m.__package__)",
        "from zoo import *; print('KEEPER' in dir())",
        "import zoo.empty; print(sorted(vars(zoo.empty)))",
        "import wood; print(type(wood.__path__).__name__, list(wood.__path__), wood.__file__, wood.__doc__, wood.__package__)",
        "import wood.oak, wood.moss.green; print(wood.oak.age, wood.oak.__file__, list(wood.moss.__path__))",
        "import zoo.wild, zoo.wild.lion as m; print(list(zoo.wild.__path__), m.teeth, m.__file__)",
        "import zoo.latin, zoo.dos; print(ascii(zoo.latin.name), zoo.dos.y)",
        "import json, os; print(json.__file__, json.__path__)",
        "import zoo.cat as m; c = m.sound.__code__; print(c.co_filename, c.co_firstlineno, c.co_qualname)",
        "import zoo; print(type(vars(zoo)['__builtins__']))",
    ],
)
def test_modules(compare: Compare, code: str) -> None:
    compare(code)


NAMES = ["zoo", "zoo.cat", "zoo.birds", "zoo.birds.owl", "single", "json", "json.decoder", "zoo.__init__"]


@pytest.mark.parametrize("name", NAMES)
def test_specs(compare: Compare, name: str) -> None:
    compare(
        f"""
from importlib.util import find_spec
s = find_spec({name!r})
print(s.name, s.origin, s.submodule_search_locations, s.has_location, s.parent, s.loader_state)
print(s.loader.name, s.loader.path, s.loader.get_filename({name!r}), s.loader.is_package({name!r}))
"""
    )


@pytest.mark.parametrize("name", ["wood", "wood.moss", "zoo.wild", "zoo.data"])
def test_specs_of_namespace_packages(compare: Compare, name: str) -> None:
    compare(
        f"from importlib.util import find_spec; s = find_spec({name!r}); "
        "print(s.name, s.origin, list(s.submodule_search_locations), s.has_location)"
    )


@pytest.mark.parametrize("name", ["zoo.missing", "nothing", "zoo.cat.tail", "wood.ash", "zoo.birds.data.owl", "zoo.CAT"])
def test_missing_modules(compare: Compare, name: str) -> None:
    compare(
        f"""
try:
    import {name}
except ImportError as error:
    print(type(error).__name__, error, error.name, error.path)
"""
    )


@pytest.mark.parametrize("name", ["zoo", "zoo.cat", "zoo.latin", "zoo.dos", "zoo.empty", "zoo.birds", "json"])
def test_loaders(compare: Compare, name: str) -> None:
    compare(
        f"""
import importlib
m = importlib.import_module({name!r})
l = m.__loader__
print(m.__spec__.loader is l, ascii(l.get_source({name!r})), l.get_code({name!r}).co_filename, l.get_data(m.__file__))
print(l.get_filename(), l.is_package({name!r}))
for method in (l.get_code, l.get_filename, l.is_package, l.get_source):
    try:
        method('other')
    except ImportError as error:
        print(error, error.name)
"""
    )


def test_data_of_other_places(compare: Compare, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"outside")
    compare(
        f"""
import zoo, os
l = zoo.__loader__
folder = os.path.dirname(zoo.__file__)
print(l.get_data(os.path.join(folder, 'data', 'list.txt')), l.get_data(folder + '/birds/../data/./list.txt'))
print(l.get_data({str(tmp_path / "x")!r}))
for path in (folder + '/nope', {str(tmp_path / "y")!r}):
    try:
        l.get_data(path)
    except OSError as error:
        print(type(error).__name__, error.errno, error.filename)
"""
    )


@pytest.mark.parametrize(
    "code",
    [
        "list(pkgutil.iter_modules(zoo.__path__))",
        "list(pkgutil.iter_modules(zoo.__path__, 'zoo.'))",
        "list(pkgutil.iter_modules(wood.__path__))",
        "list(pkgutil.walk_packages(zoo.birds.__path__, 'zoo.birds.'))",
        "list(pkgutil.iter_modules(json.__path__))",
    ],
)
def test_pkgutil(compare: Compare, code: str) -> None:
    compare(f"import pkgutil, zoo.birds, wood, json; print([(m.name, m.ispkg) for m in {code}])")


def test_pkgutil_of_everything(zoo: Program) -> None:
    done = zoo.run(
        "import pkgutil; print(sorted(m.name for m in pkgutil.iter_modules() if m.name in ('zoo', 'single', 'json')))"
    )
    assert done.stdout == "['json', 'single', 'zoo']\n"


def test_pkgutil_get_data(compare: Compare) -> None:
    compare("import pkgutil; print(pkgutil.get_data('zoo', 'data/list.txt'), pkgutil.get_data('zoo.birds', 'data/owl.txt'))")


@pytest.mark.parametrize(
    "code",
    [
        "inspect.getsource(zoo.cat.sound)",
        "inspect.getsource(zoo.cat)",
        "inspect.getsourcefile(zoo.cat), inspect.getfile(zoo.cat.sound), inspect.getmodule(zoo.cat.sound)",
        "inspect.getsourcelines(json.JSONDecoder.decode)[1] > 0",
        "inspect.getdoc(zoo), inspect.getmodulename(zoo.cat.__file__)",
        "linecache.getline(zoo.cat.__file__, 2, vars(zoo.cat))",
        "linecache.getline(zoo.cat.__file__, 2)",
        "linecache.getlines(json.__file__)[-1], linecache.getlines(json.__file__ + 'x')",
        "linecache.getline(zoo.cat.__file__, 2), linecache.checkcache(), linecache.getline(zoo.cat.__file__, 2)",
    ],
)
def test_inspect(compare: Compare, code: str) -> None:
    compare(f"import inspect, linecache, json, zoo.cat; print({code})")


def test_tracebacks_have_source_lines_and_no_importlib(compare: Compare) -> None:
    text = compare("import traceback\ntry:\n import zoo.broken\nexcept ZeroDivisionError: print(traceback.format_exc())")
    assert "return x / 0" in text
    assert "importlib" not in text


def test_warnings_show_the_source_line(compare: Compare) -> None:
    code = (
        "import io, sys, warnings; sys.stderr = io.StringIO(); import zoo.cat; "
        "warnings.warn_explicit('old', UserWarning, zoo.cat.__file__, 2); print(sys.stderr.getvalue().splitlines()[1])"
    )
    assert compare(code).strip()


def test_tracebacks_of_failing_imports(compare: Compare) -> None:
    text = compare("import traceback\ntry:\n import zoo.wants\nexcept ImportError: print(traceback.format_exc())")
    assert "    import zoo.missing\n" in text


@pytest.mark.parametrize(
    "code",
    [
        "runpy.run_module('zoo.birds.owl')['KEEPER']",
        "runpy.run_module('zoo', run_name='__main__')['__package__']",
        "runpy.run_module('zoo.cat', run_name='x', alter_sys=True)['__file__']",
    ],
)
def test_runpy(compare: Compare, code: str) -> None:
    compare(f"import runpy; print({code})")


def test_reload(compare: Compare) -> None:
    compare(
        """
import importlib, zoo.cat
zoo.cat.sound = None
first = zoo.cat
again = importlib.reload(zoo.cat)
print(again is first, again.sound(), again.__file__, again.__spec__.has_location)
importlib.invalidate_caches()
import wood
importlib.reload(wood)
print(list(wood.__path__))
"""
    )


def test_nothing_is_cached(zoo: Program) -> None:
    done = zoo.run(
        """
import importlib, importlib.machinery, zoo
print(zoo.__cached__, zoo.__spec__.cached, isinstance(zoo.__spec__, importlib.machinery.ModuleSpec))
importlib.reload(zoo)
print(zoo.__cached__, zoo.__spec__.cached)
"""
    )
    assert done.stdout == "None None True\nNone None\n"


def test_module_from_spec(compare: Compare) -> None:
    compare(
        """
import importlib.util as u, sys
spec = u.find_spec('zoo.cat')
module = u.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.sound(), 'zoo.cat' in sys.modules, module.__spec__ is spec, spec.has_location)
"""
    )


def test_lazy_loader(compare: Compare) -> None:
    compare(
        """
import importlib.util as u, sys
spec = u.find_spec('zoo.cat')
loader = u.LazyLoader(spec.loader)
spec.loader = loader
module = u.module_from_spec(spec)
loader.exec_module(module)
print(module.sound(), module.__file__)
"""
    )


class TestPathEntries:
    """Folders outside of the executable work beside it, and folders of it can be entries themselves."""

    def test_sys_path_and_zip_files(self, compare: Compare, tmp_path: Path) -> None:
        (tmp_path / "outside.py").write_text("value = 1\n")
        compare(
            f"""
import sys, zipfile
with zipfile.ZipFile({str(tmp_path / "z.zip")!r}, 'w') as archive:
    archive.writestr('zipped.py', 'value = 2')
sys.path += [{str(tmp_path)!r}, {str(tmp_path / "z.zip")!r}]
import outside, zipped
print(outside.value, outside.__file__, zipped.value, zipped.__file__, type(zipped.__loader__))
import zipimport
print(zipimport.zipimporter in sys.path_hooks)
"""
        )

    def test_a_package_extended_to_another_folder(self, compare: Compare, tmp_path: Path) -> None:
        (tmp_path / "extra.py").write_text("value = 1\n")
        (tmp_path / "cat.py").write_text("hidden = True\n")
        compare(
            f"""
import zoo
zoo.__path__.append({str(tmp_path)!r})
import zoo.extra, zoo.cat
print(zoo.extra.value, zoo.extra.__file__, zoo.cat.__file__)
zoo.__path__.reverse()
import sys; del sys.modules['zoo.cat']
import zoo.cat
print(zoo.cat.__file__)
"""
        )

    def test_a_namespace_package_in_both_places(self, compare: Compare, tmp_path: Path) -> None:
        (tmp_path / "wood").mkdir()
        (tmp_path / "wood/ash.py").write_text("value = 1\n")
        compare(
            f"""
import sys, wood.oak
sys.path.append({str(tmp_path)!r})
import wood.ash
print(wood.oak.age, wood.ash.value, list(wood.__path__))
"""
        )

    def test_a_regular_package_wins_over_a_namespace_package(self, compare: Compare, tmp_path: Path) -> None:
        (tmp_path / "wood").mkdir()
        (tmp_path / "wood/__init__.py").write_text("value = 1\n")
        compare(f"import sys; sys.path.append({str(tmp_path)!r}); import wood; print(wood.value)")

    def test_a_folder_of_the_executable_on_sys_path(self, compare: Compare) -> None:
        compare(
            """
import sys, os, zoo
sys.path.insert(0, os.path.join(os.path.dirname(zoo.__file__), 'wild'))
import lion
print(lion.__name__, lion.__file__, lion.__loader__.get_source('lion'))
"""
        )

    def test_path_hooks(self, zoo: Program) -> None:
        done = zoo.run(
            """
import sys, pkgutil, zoo
print(pkgutil.get_importer(zoo.__path__[0]), sys.executable == zoo.__path__[0].removesuffix('/app/zoo'))
for path in (zoo.__file__, sys.executable + '/nope', sys.executable + 'x'):
    print(pkgutil.get_importer(path))
"""
        )
        assert done.stdout == f"<staticbuild finder of '{zoo.path}/app/zoo'> True\nNone\nNone\nNone\n"


def test_threads_import_the_same_module(compare: Compare) -> None:
    compare(
        """
import threading
found = []
def work():
    import zoo.birds.owl, json.tool, wood.moss.green
    found.append(id(zoo.birds.owl))
threads = [threading.Thread(target=work) for _ in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
print(len(found), len(set(found)))
"""
    )


def test_subinterpreters_import_from_the_executable(zoo: Program) -> None:
    done = zoo.run(
        """
try:
    import _interpreters
except ImportError:
    import _xxsubinterpreters as _interpreters  # until 3.13
for _ in range(3):
    i = _interpreters.create()
    problem = _interpreters.run_string(i, 'import zoo.cat, json, zipimport; print(zoo.cat.sound(), zoo.__file__)')
    assert problem is None, problem
    _interpreters.destroy(i)
"""
    )
    assert done.stdout == f"miau {zoo.path}/app/zoo/__init__.py\n" * 3, done.stderr


def test_no_reference_leaks(zoo: Program) -> None:
    done = zoo.run(
        """
import gc, importlib.metadata, importlib.resources, importlib.util, pkgutil, sys
def once():
    for _ in range(200):
        import zoo.cat, wood
        importlib.reload(zoo.cat); importlib.reload(wood)
        for name in ('zoo.cat', 'wood'):
            del sys.modules[name]
        import zoo.cat
        loader = zoo.cat.__loader__
        loader.get_source('zoo.cat'); loader.get_code('zoo.cat'); loader.is_package('zoo.cat')
        loader.get_data(zoo.cat.__file__)
        for call in ((loader.get_code, 'x'), (loader.get_data, '/nope'), (loader.get_data, sys.executable + '/nope')):
            try: call[0](call[1])
            except (ImportError, OSError): pass
        hash(loader); loader == loader; repr(loader); loader == 3
        importlib.util.find_spec('wood'); importlib.util.find_spec('zoo.nope'); importlib.util.find_spec('nope')
        sys.path_importer_cache.clear()
        list(pkgutil.iter_modules()); list(pkgutil.iter_modules(zoo.__path__))
        list(pkgutil.walk_packages(zoo.__path__, 'zoo.'))
        importlib.resources.files('zoo').joinpath('data/list.txt').read_text()
        list(importlib.resources.files('wood').iterdir())
        list(importlib.metadata.distributions()); importlib.metadata.version('wood')
    gc.collect()
once()
growth = []
for _ in range(4):
    before = sys.getallocatedblocks()
    once()
    growth.append(sys.getallocatedblocks() - before)
# A leak of one object a round would be 200 each time; caches that fill up are not.
print('ok' if min(growth) < 150 else growth)
"""
    )
    assert done.stdout == "ok\n", done.stdout + done.stderr


def test_a_builtin_extension_inside_of_a_package_is_found_by_its_dotted_name(zoo: Program) -> None:
    done = zoo.run("import _io, sys; print(sys.meta_path[0].__name__, _io.__spec__.origin)")
    assert done.stdout == "BuiltinImporter built-in\n"


def test_modules_without_source(make: Maker) -> None:
    """Bytecode alone is enough; with neither, the import says so."""
    files = {"main.py": "import pkgutil, box, box.thing\nprint(box.thing.__loader__.get_source())\nimport box.lost\n"}
    files |= {"box/__init__.py": "", "box/thing.py": "1", "box/lost.py": "2"}

    def strip(module: Module) -> Module:
        code = None if module.name == "box.lost" else module.bytecode
        return module if module.name == "main" else replace(module, source=None, bytecode=code)

    done = make(files, change=strip, entry_point="main").run()
    assert done.stdout == "None\n"
    assert done.stderr.endswith("ImportError: 'box.lost' was packed without code\n")


def test_damaged_bytecode(make: Maker) -> None:
    files = {"main.py": "import box", "box.py": "x = 1"}

    def damage(module: Module) -> Module:
        return replace(module, bytecode=b"i\x01\0\0\0") if module.name == "box" else module

    done = make(files, change=damage, entry_point="main").run()
    assert done.stderr.endswith("ImportError: the bytecode of 'box' is damaged\n")


@pytest.mark.parametrize("source", [b"x = '\xff'\n", b"# coding: nonsense\n", b"x = 1\0\n"], ids=["bytes", "cookie", "null"])
def test_source_that_cannot_be_read(make: Maker, tmp_path: Path, source: bytes) -> None:
    """The errors are those of importlib, for the text and for the code."""
    (tmp_path / "box.py").write_bytes(source)
    code = """
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
for loader in (find_spec('box').loader, SourceFileLoader('box', sys.argv[1])):
    for method in (loader.get_source, loader.get_code):
        try:
            result = method('box')
        except Exception as error:
            result = type(error).__name__, str(error).partition(' (')[0].replace(loader.path, '')
        print(repr(result))
"""
    program = make(
        {"main.py": code, "box.py": ""},
        change=lambda module: replace(module, source=source, bytecode=None) if module.name == "box" else module,
        entry_point="main",
    )
    lines = program.run(str(tmp_path / "box.py")).stdout.splitlines()
    assert lines[:2] == lines[2:], lines
    assert len(lines) == 4


def test_source_without_bytecode_is_compiled(make: Maker) -> None:
    files = {"main.py": "import box; print(box.f.__code__.co_filename)", "box.py": "def f(): pass"}
    program = make(files, change=lambda module: replace(module, bytecode=None), entry_point="main")
    assert program.run().stdout == f"{program.path}/app/box.py\n"
