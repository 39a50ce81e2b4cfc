"""Where sources make paths out of where modules lie: what counts as a use of a file, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.packing.file_uses import FileUse, file_uses

HEAD = """
import certifi, ctypes, glob, importlib, importlib.resources, importlib.util, inspect, io, logging, os, os.path as osp, pathlib
import pkg_resources, pkgutil, shutil, sqlite3, ssl, subprocess, sys, unknown
from importlib import resources
from importlib.resources import as_file, files
from jinja2 import Environment, FileSystemLoader, PackageLoader
from os.path import abspath, dirname, join
from pathlib import Path
HERE = os.path.dirname(__file__)
_HERE = HERE
"""
LINES = HEAD.count("\n")


def uses(source: str, module: str = "greet.cli") -> list[FileUse]:
    """What is found below the imports of HEAD."""
    found = file_uses((HEAD + source).encode(), module=module, is_package=module == "greet", shown="cli.py")
    return [use for use in found if use.line > LINES]


def summary(source: str, module: str = "greet.cli") -> set[str]:
    """Uses as `certain ../data.txt`: how sure, whose file if it is another module's, the path, and `…` where more follows."""
    return {
        f"{'certain' if use.certain else 'perhaps'} {'' if use.subject == module else use.subject + ': '}"
        f"{use.reach}{'' if use.exact else '…'}"
        for use in uses(source, module)
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # os.path
        ("open(os.path.join(os.path.dirname(__file__), 'data.txt'))", "certain ../data.txt"),
        ("open(osp.join(osp.dirname(osp.abspath(__file__)), 'a', 'b.txt'))", "certain ../a/b.txt"),
        ("open(join(dirname(abspath(__file__)), os.pardir, 'b.txt'))", "certain ..…"),
        ("open(join(HERE, '..', 'b.txt'), encoding='utf-8')", "certain ../../b.txt"),
        ("open(file=HERE + '/data.txt')", "certain ../data.txt"),
        ("open(f'{HERE}/data.txt')", "certain ../data.txt"),
        ("open(f'{HERE}/{sys.platform}.txt')", "certain ..…"),
        ("open('%s/data.txt' % HERE)", "certain ..…"),
        ("open('{}/data.txt'.format(HERE))", "certain ..…"),
        ("open(os.sep.join([HERE, 'x']))", "certain ..…"),
        ("open(os.path.split(__file__)[0] + '/x')", "certain ../x"),
        ("open(os.path.splitext(__file__)[0] + '.json')", "certain ..…"),
        ("open(__file__)", "certain "),
        ("os.listdir(HERE)", "certain .."),
        ("os.path.exists(join(HERE, name))", "certain ..…"),
        ("glob.glob(join(HERE, 'plugins', '*.py'))", "certain ../plugins…"),
        ("shutil.copytree(src=join(HERE, 'skeleton'), dst=name)", "certain ../skeleton"),
        ("subprocess.run(['sh', join(HERE, 'x.sh')])", "certain ../x.sh"),
        ("subprocess.run(['git', 'describe'], cwd=HERE)", "perhaps .."),
        ("ctypes.CDLL(join(HERE, 'libx.so'))", "certain ../libx.so"),
        ("ctypes.cdll.LoadLibrary(join(HERE, 'libx.so'))", "certain ../libx.so"),
        ("sqlite3.connect(join(HERE, 'x.db'))", "certain ../x.db"),
        ("ssl.create_default_context(cafile=join(HERE, 'ca.pem'))", "certain ../ca.pem"),
        ("context.load_verify_locations(join(HERE, 'ca.pem'))", "certain ../ca.pem"),
        ("Environment(loader=FileSystemLoader(join(HERE, 'templates')))", "certain ../templates"),
        ("importlib.util.spec_from_file_location('x', join(HERE, 'x.py'))", "certain ../x.py"),
        # pathlib
        ("Path(__file__).parent.joinpath('a', 'b').read_text()", "certain ../a/b"),
        ("(Path(__file__).resolve().parent / 'data.txt').open()", "certain ../data.txt"),
        ("pathlib.Path(__file__).parents[1].joinpath('x').exists()", "certain ../../x"),
        ("Path(HERE, 'x').is_file()", "certain ../x"),
        ("Path(__file__).with_name('x.txt').read_bytes()", "certain ../x.txt"),
        ("Path(__file__).with_suffix('.txt').read_bytes()", "certain ..…"),
        ("[p.read_text() for p in Path(HERE).glob('*.txt')]", "certain .."),
        ("open(str(Path(HERE) / 'x'))", "certain ../x"),
        # modules, specs and loaders
        ("open(join(dirname(certifi.__file__), 'cacert.pem'))", "certain certifi: ../cacert.pem"),
        ("open(join(certifi.__path__[0], 'cacert.pem'))", "certain certifi: ../cacert.pem"),
        ("open(join(dirname(sys.modules[__name__].__file__), 'x'))", "certain ../x"),
        ("open(join(dirname(sys.modules['a.b'].__file__), 'x'))", "certain a.b: ../x"),
        ("open(join(dirname(importlib.import_module('a.b').__file__), 'x'))", "certain a.b: ../x"),
        ("open(__spec__.origin)", "certain "),
        ("spec = importlib.util.find_spec('a')\nopen(join(spec.submodule_search_locations[0], 'x'))", "certain a: ../x"),
        ("open(__loader__.get_filename())", "certain "),
        ("open(pkgutil.get_loader('a').path)", "certain a: "),
        ("from . import assets\nopen(join(dirname(assets.__file__), 'x'))", "certain greet.assets: ../x"),
        ("from ..a import b\nopen(join(dirname(b.__file__), 'x'))", "certain a.b: ../x"),
        ("open(join(dirname(inspect.getfile(inspect.currentframe())), 'x'))", "certain ../x"),
        ("class A: pass\nopen(join(dirname(inspect.getfile(A)), 'x'))", "certain ../x"),
        ("open(join(dirname(inspect.getsourcefile(certifi.where)), 'x'))", "certain certifi.where: ../x"),
        ("open(inspect.currentframe().f_code.co_filename)", "certain "),
        ("open(pkg_resources.resource_filename(__name__, 'x/y.txt'))", "certain ../x/y.txt"),
        ("open(pkg_resources.resource_filename('a.b', 'x.txt'))", "certain a.b: ../x.txt"),
        ("PackageLoader('a', 'views')", "certain a: ../views"),
        ("PackageLoader(__name__)", "certain ../templates"),
        # resources that become names of files
        ("open(str(files('a') / 'x.txt'))", "certain a: ../x.txt"),
        ("open(files('a').joinpath('x.txt'))", "certain a: ../x.txt"),
        ("subprocess.run([resources.files(__package__) / 'x.sh'])", "certain greet: ../x.sh"),
        ("sqlite3.connect(os.fspath(importlib.resources.files(certifi) / 'x'))", "certain certifi: ../x"),
        # flows
        ("def read(name):\n    return open(name)\nread(join(HERE, 'x'))", "certain ../x"),
        ("def _here(name):\n    return join(HERE, name)\ndef f():\n    open(_here('x'))", "certain ..…"),
        ("def f(path=HERE):\n    os.listdir(path)", "certain .."),
        ("class A:\n    def f(self):\n        self._x = join(HERE, 'x')\n        open(self._x)", "certain ../x"),
        ("class A:\n    def __init__(self, p):\n        open(p)\nA(join(HERE, 'x'))", "certain ../x"),
        ("for name in [join(HERE, 'x'), join(HERE, 'y')]:\n    open(name)", "certain ../x…"),
        ("with open(p := join(HERE, 'x')) as file:\n    pass", "certain ../x"),
        ("def f():\n    here = HERE\n    here = dirname(here)\n    open(join(here, 'x'))", "certain ../../x"),
        # what leaves the module
        ("ROOT = Path(__file__).parent / 'data'", "perhaps ../data"),
        ("def where():\n    return join(HERE, 'x')", "perhaps ../x"),
        ("def every():\n    yield join(HERE, 'x')", "perhaps ../x"),
        ("class A:\n    root = join(HERE, 'x')", "perhaps ../x"),
        ("unknown.call(join(HERE, 'x'))", "perhaps ../x"),
        ("unknown.call(options={'root': join(HERE, 'x')})", "perhaps ../x"),
        ("os.environ['ROOT'] = HERE", "perhaps .."),
        ("from flask import Flask\napp = Flask(__name__)", "perhaps ..…"),
        ("from django.apps import AppConfig\nclass Mine(AppConfig): pass", "perhaps ..…"),
    ],
)  # fmt: skip
def test_used(source: str, expected: str) -> None:
    assert expected in summary(source)


@pytest.mark.parametrize(
    "source",
    [
        "print(__file__)",
        "logging.info('in %s', __file__)",
        "log.debug(__file__)",
        "raise OSError(f'cannot read {HERE}')",
        "raise OSError(HERE)",
        "message = f'cannot read {HERE}'",
        "message = 'cannot read ' + __file__",
        "unknown.tell('the file %s' % __file__)",
        "unknown.call(os.path.basename(__file__))",
        "unknown.call(Path(__file__).name)",
        "if frame.f_code.co_filename == __file__: pass",
        "if name.startswith(HERE): pass",
        "assert __file__, unknown.call('no file')",
        "sys.path.insert(0, HERE)",
        "sys.path.append(os.path.join(HERE, 'vendor'))",
        "sys.path = [HERE] + sys.path",
        "sys.path[:0] = [HERE]",
        "__path__ = pkgutil.extend_path(__path__, __name__)",
        "__path__.append(join(HERE, 'plugins'))",
        "for module in pkgutil.iter_modules(__path__): pass",
        "list(pkgutil.walk_packages([HERE], prefix='x.'))",
        "_private = join(HERE, 'x')",
        "def _private():\n    return HERE",
        "def f():\n    here = HERE",
        "files('a').joinpath('x').read_text()",
        "data = (files(__name__) / 'x').read_bytes()",
        "for entry in files('a').iterdir(): entry.open()",
        "TEMPLATES = files('a') / 'templates'",
        "with as_file(files('a') / 'x') as path:\n    open(path)",
        "path = _STACK.enter_context(as_file(files('a') / 'x'))",
        "importlib.resources.read_text('a', 'x')",
        "pkgutil.get_data(__name__, 'x')",
        "certifi.where()",
        "def f(module):\n    open(module.__file__)",
        "open('data.txt')",
        "def f(__file__):\n    return 1",
    ],
)
def test_not_used(source: str) -> None:
    assert summary(source) == set()


def test_each_use_says_where_and_why() -> None:
    (use,) = uses("def main():\n    print(open(join(HERE, 'data.txt')).read())")
    assert (use.shown, use.line, use.column) == ("cli.py", LINES + 2, 16)
    assert (use.expression, use.reason) == ("join(HERE, 'data.txt')", "is passed to `open`")


def test_the_program_part_of_a_library_does_not_count() -> None:
    source = b"if __name__ == '__main__':\n    open(__file__)\nelse:\n    import os; os.listdir(os.path.dirname(__file__))\n"
    counted = {
        runs: [use.line for use in file_uses(source, module="a", is_package=False, shown="a", runs_as_main=runs)]
        for runs in (True, False)
    }
    assert counted == {True: [2, 4], False: [4]}


@pytest.mark.parametrize("module", ["a.tests.b", "a.test_b", "a.conftest"])
def test_tests_do_not_count(module: str) -> None:
    assert file_uses(b"open(__file__)", module=module, is_package=False, shown="a") == []


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"def __file__(:",
        b"__file__ = \0",
        b"# coding: nonsense\n__file__",
        b"\xff __file__",
        b"__file__" + b"(" * 200,
        b"while True:\n    __file__ = __import__('os').path.dirname(__file__)",
        b"import os\np = __file__\nwhile p:\n    p = os.path.dirname(p)\n    q = os.path.join(p, 'a')\n    p = q\nopen(p)",
        b"x = __file__ or " + b"x or " * 400 + b"1",
        b"-" * 3000 + b"len(__file__)",
    ],
)
def test_what_is_odd_is_survived(source: bytes) -> None:
    file_uses(source, module="a", is_package=False, shown="a")


@given(st.text("()[]{}.,:='_fileopn \n", max_size=60))
def test_any_text(text: str) -> None:
    file_uses(f"__file__\n{text}".encode(), module="a", is_package=False, shown="a")


def test_packages_that_people_use() -> None:
    """What this project's own environment has: certifi reads by way of importlib.resources, the others have no files."""
    site = Path(pytest.__file__).parents[1]
    for name in ("certifi", "requests", "rich", "idna", "urllib3", "packaging"):
        for path in sorted((site / name).rglob("*.py")):
            module = ".".join(path.relative_to(site).with_suffix("").parts).removesuffix(".__init__")
            found = file_uses(path.read_bytes(), module=module, is_package=path.stem == "__init__", shown=str(path))
            assert found == [], path
