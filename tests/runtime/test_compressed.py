"""Executables whose resources are compressed: nothing in them looks or acts otherwise."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from staticbuild.packing.format import MAGIC, VERSION
from staticbuild.packing.plan import DataKind
from staticbuild.packing.resource import Location, LocationKind
from tests.runtime.programs import ZOO, Maker, Program

LONG = "".join(f"def f{number}(x):\n    return x / 0 if x == {number} else {number}\n\n\n" for number in range(60))
FILES: dict[str, str | bytes] = {
    **ZOO,
    "long.py": f'"""Much."""\n{LONG}',
    "latin_long.py": f"# -*- coding: latin-1 -*-\nname = 'Bär'\n{LONG}".encode("latin-1"),
    "dos_long.py": LONG.replace("\n", "\r\n").encode(),
    "zoo/data/long.txt": "cat owl lion\n" * 200,
    "script/tool-1.py": LONG + "print(f7(1))\n",
    "disk/__init__.py": "",
    "disk/long.txt": "tiger\n" * 500,
}
RUN = "import sys; exec(compile(sys.argv[1], '<test>', 'exec'))"
LOCATION = Location("disk", LocationKind.EXTRACTED, "app/0123", ("app/disk/__init__.py", "app/disk/long.txt"))


@pytest.fixture(scope="module")
def programs(make: Maker) -> tuple[Program, Program]:
    """The same program without and with compression."""
    plain, compressed = (make(FILES, command=RUN, locations=[LOCATION], compress=kinds) for kinds in ((), get_args(DataKind)))
    return plain, compressed


def test_it_is_smaller(programs: tuple[Program, Program]) -> None:
    plain, compressed = (program.path.stat().st_size for program in programs)
    assert compressed < plain * 0.75


@pytest.mark.parametrize(
    "code",
    [
        "import long; print(long.__loader__.get_source('long') == open(0).read())",
        "import latin_long, inspect; print(latin_long.name, inspect.getsource(latin_long)[:60], latin_long.f3(4))",
        "import dos_long; print(repr(dos_long.__loader__.get_source('dos_long')[:50]))",
        "import long; long.f7(7)",
        "import long, linecache; print(linecache.getlines(long.__file__)[:3])",
        "import importlib.resources as r; print(r.files('zoo').joinpath('data/long.txt').read_text()[-20:])",
        "import zoo; print(len(zoo.__loader__.get_data(zoo.__path__[0] + '/data/long.txt')))",
        "import runpy; print(sorted(runpy.run_module('long'))[:5])",
        "import importlib.metadata as m; print(m.version('zoo-keeper'), m.entry_points(group='zoo.plugins'))",
        "import zoo.broken",
        "import pydoc; print(pydoc.render_doc('long')[:100])",
    ],
)
def test_the_same(programs: tuple[Program, Program], code: str) -> None:
    plain, compressed = (program.run(code, input=str(FILES["long.py"]), env={"HOME": "/nowhere"}) for program in programs)
    assert (plain.stdout or plain.stderr) != ""
    seen = [
        (done.returncode, done.stdout.replace(str(program.path), "P"), done.stderr.replace(str(program.path), "P"))
        for done, program in zip((plain, compressed), programs, strict=True)
    ]
    assert seen[0] == seen[1]


def test_a_script(make: Maker) -> None:
    """A file of the tree that is no module, compressed as data."""
    program = make(FILES, file="app/script/tool-1.py", compress=["files", "sources"])
    assert program.run().stdout == "7\n"


def test_files_on_disk(programs: tuple[Program, Program], tmp_path: object) -> None:
    code = "import disk, os; print(os.path.getsize(os.path.join(os.path.dirname(disk.__file__), 'long.txt')))"
    done = programs[1].run(code, env={"XDG_CACHE_HOME": str(tmp_path)})
    assert (done.stdout, done.stderr) == ("3000\n", "")


def test_damage_is_reported(make: Maker, programs: tuple[Program, Program]) -> None:
    data = programs[1].path.read_bytes()
    frame = b"\x28\xb5\x2f\xfd"
    assert data.count(frame) > 100
    target = make.folder / "damaged"
    # In the blob only: the code has that number, too.
    at = data.index(MAGIC + VERSION.to_bytes(4, "little"))
    end = at + int.from_bytes(data[at + 16 : at + 24], "little")
    target.write_bytes(data[:at] + data[at:end].replace(frame, b"\x28\xb5\x2f\xfe") + data[end:])
    target.chmod(0o755)
    done = Program(target).run("import long")
    assert done.returncode == 1
    assert "the resources in this executable are damaged" in done.stderr


def test_memory_is_taken_only_when_something_compressed_is_read(programs: tuple[Program, Program]) -> None:
    code = "import _staticbuild as s, json; v = s.view('app/zoo/birds/data/bytes.bin'); w = s.view('app/zoo/data/long.txt')"
    code += "; print(json.dumps([type(v.obj).__name__, type(w.obj).__name__, len(w)]))"
    answers = [program.run(code) for program in programs]
    assert [answer.stderr for answer in answers] == ["", ""]
    assert [json.loads(answer.stdout) for answer in answers] == [
        ["NoneType", "NoneType", 2600],
        ["NoneType", "bytes", 2600],
    ]
