"""Package data and metadata: what importlib.resources and importlib.metadata find on disk, they find in the executable."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.runtime.programs import Program, Stock

Compare = Callable[[str], str]

# What only newer versions take.
NEW = {
    "files('zoo.cat').joinpath('data/list.txt').is_file()": "3.12",
    "importlib.resources.read_text('zoo', 'data', 'list.txt', encoding='utf-8')": "3.13",
    "importlib.resources.open_binary('zoo.birds', 'data', 'owl.txt').read()": "3.13",
}


@pytest.mark.parametrize(
    "code",
    [
        "files('zoo').joinpath('data/list.txt').read_text()",
        "files('zoo').joinpath('data', 'list.txt').read_bytes()",
        "(files('zoo') / 'data' / 'deep' / 'er' / 'x.txt').read_text(encoding='ascii')",
        "files('zoo.birds').joinpath('data/bytes.bin').read_bytes()",
        "sorted(p.name for p in files('zoo').iterdir() if p.name != '__pycache__')",
        "[(p.name, p.is_dir(), p.is_file()) for p in sorted(files('zoo').joinpath('data').iterdir(), key=str)]",
        "files('zoo').joinpath('nope').is_file(), files('zoo').joinpath('nope').is_dir()",
        "files('zoo').joinpath('birds/../data/list.txt').read_text()",
        "str(files('zoo').joinpath('data')), files('zoo').name",
        "files('zoo.cat').joinpath('data/list.txt').is_file()",
        "sorted(p.name for p in files('wood').iterdir())",
        "files('wood').joinpath('oak.py').read_text()",
        "(files('zoo') / 'data/list.txt').stem, (files('zoo') / 'data/list.txt').suffix, (files('zoo') / 'data').parent.name",
        "isinstance(files('zoo'), importlib.resources.abc.Traversable)",
        "importlib.resources.read_text('zoo', 'data', 'list.txt', encoding='utf-8')",
        "importlib.resources.is_resource('zoo', 'cat.py'), importlib.resources.is_resource('zoo', 'data')",
        "importlib.resources.open_binary('zoo.birds', 'data', 'owl.txt').read()",
    ],
)
def test_resources(compare: Compare, stock: Stock, code: str) -> None:
    stock.skip_until(NEW.get(code, "3.11"))
    compare(f"import importlib.resources.abc, zoo.birds; from importlib.resources import files; print({code})")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("files('zoo').joinpath('nope').read_bytes()", "FileNotFoundError"),
        ("files('zoo').joinpath('data').read_bytes()", "IsADirectoryError"),
        ("list(files('zoo').joinpath('cat.py').iterdir())", "NotADirectoryError"),
        ("list(files('zoo').joinpath('nope').iterdir())", "FileNotFoundError"),
        ("files('zoo').joinpath('cat.py').joinpath('x').read_bytes()", "NotADirectoryError"),
    ],
)
def test_errors(compare: Compare, code: str, kind: str) -> None:
    text = compare(
        f"""
from importlib.resources import files
try:
    {code}
except OSError as error:
    print(type(error).__name__, error.errno, error.filename)
"""
    )
    assert text.startswith(kind)


def test_as_file_makes_real_files_for_a_while(compare: Compare) -> None:
    compare(
        """
import os
from importlib.resources import as_file, files
with as_file(files('zoo').joinpath('data/list.txt')) as path:
    print(open(path, newline='').read(), path.read_bytes() == path.read_bytes(), path.stat().st_size)
with as_file(files('zoo').joinpath('cat.py')) as path:
    print(path.name.endswith('cat.py'))
with as_file(files('zoo').joinpath('data')) as path:
    print(sorted(os.listdir(path)), (path / 'deep' / 'er' / 'x.txt').read_text())
"""
    )


def test_as_file_writes_nothing_to_disk(zoo: Program) -> None:
    done = zoo.run(
        """
import os, subprocess, sys, tempfile
from importlib.resources import as_file, files
tempfile.tempdir = '/nowhere'
with as_file(files('zoo').joinpath('data/list.txt')) as path:
    print(path.exists(), subprocess.run(['/bin/cat', path], stdout=subprocess.PIPE).stdout == path.read_bytes())
    try:
        open(path, 'r+b', buffering=0).write(b'x')
    except OSError as error:
        print('sealed')
print(path.exists())
"""
    )
    assert done.stdout.split() == ["True", "True", "sealed", "False"], done.stderr


def test_writing_is_refused(zoo: Program) -> None:
    done = zoo.run("from importlib.resources import files; files('zoo').joinpath('cat.py').open('w')")
    assert done.stderr.endswith("ValueError: mode 'w': what is in the executable can only be read\n")


@pytest.mark.parametrize(
    "code",
    [
        "m.version('Zoo.Keeper'), m.version('zoo-keeper'), m.version('ZOO_KEEPER'), m.version('wood')",
        "m.requires('zoo-keeper'), m.metadata('zoo-keeper')['Summary'], m.metadata('zoo_keeper').get_payload()",
        "[(e.name, e.value, e.group) for e in m.distribution('zoo-keeper').entry_points]",
        "[(e.name, e.load()()) for e in m.entry_points(group='console_scripts')]",
        "[e.load().__name__ for e in m.entry_points(group='zoo.plugins')]",
        "[(str(f), f.hash and f.hash.mode, f.size) for f in m.files('zoo-keeper')]",
        "[str(f.locate()) for f in m.files('zoo-keeper')], m.files('zoo-keeper')[0].read_text()",
        "sorted(d.name for d in m.distributions())",
        "m.packages_distributions()['zoo']",
        "m.distribution('zoo-keeper').read_text('top_level.txt'), m.distribution('zoo-keeper').read_text('nope')",
        "[d.name for d in m.distributions(name='WOOD')]",
        "list(m.distributions(path=['/nowhere']))",
        "[d.version for d in m.distributions(path=[os.path.dirname(os.path.dirname(zoo.__file__))], name='wood')]",
    ],
)
def test_metadata(compare: Compare, code: str) -> None:
    compare(f"import importlib.metadata as m, os, zoo; print({code})")


def test_unknown_project(compare: Compare) -> None:
    compare(
        """
import importlib.metadata as m
try:
    m.version('nothing')
except m.PackageNotFoundError as error:
    print(error)
"""
    )
