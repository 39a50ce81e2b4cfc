"""The matrix of packages: what it lists, what it says of failures, and that nothing takes others down with it."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.packages import __main__ as program  # noqa: E402 - `bench` is no installed package
from bench.packages import building  # noqa: E402
from bench.packages.building import NotBuiltError, Settings, check  # noqa: E402
from bench.packages.matrix import SMOKE, Entry, Matrix, Result, counts, entries, page, table  # noqa: E402

# Those that the issue asked for by name.
NAMED = (
    "numpy pandas lxml pillow cffi greenlet gevent psutil aiohttp uvloop msgpack orjson pydantic cryptography bcrypt pyyaml "
    "ruamel.yaml regex lz4 zstandard sqlalchemy psycopg grpcio protobuf tornado websockets httptools ujson simplejson "
    "markupsafe kiwisolver scikit-learn"
)
GOOD = Result("idna", "3.1", "dynamic", True, True, True)
BAD = Result("numpy", "2.0", "static", False, False, False, 'no "BLAS" | found')
WRONG = Result("idna", "3.1", "static", True, False, False, "ImportError: no module")


def test_the_list() -> None:
    names = {entry.name for entry in entries()}
    assert set(NAMED.split()) <= names
    assert len(names) >= 60 + 20
    assert {entry.module for entry in entries()} == {path.stem for path in SMOKE.glob("*.py")}


@pytest.mark.parametrize("path", sorted(SMOKE.glob("*.py")), ids=lambda path: path.stem)
def test_each_program_computes_and_checks(path: Path) -> None:
    """Not only an import."""
    found = ast.parse(path.read_text(encoding="utf-8"))
    assert sum(isinstance(node, ast.Assert) for node in ast.walk(found)) >= 1
    assert any(isinstance(node, ast.Call) for node in ast.walk(found))


def test_requirements() -> None:
    assert Entry("psycopg", "<4", "[binary]", ("tzdata",)).requirements == ("psycopg[binary]<4", "tzdata")
    assert Entry("ruamel.yaml").module == "ruamel_yaml"


def test_what_is_written_is_read() -> None:
    matrix = Matrix().with_results([GOOD, BAD])
    assert Matrix.parse(matrix.to_text()) == matrix
    newer = Result("numpy", "2.1", "static", True, True, True)
    assert matrix.with_results([newer]).results["numpy", "static"] == newer
    assert Matrix().with_results([BAD, GOOD]).to_text() == matrix.to_text()


def test_the_page() -> None:
    text = page(Matrix().with_results([GOOD, BAD, WRONG]))
    assert "| idna | 3.1 does not import | 3.1 passes |" in text
    assert "| numpy | 2.0 is not built in | not tried |" in text
    assert "* `standalone_static`: 2 packages: 1 built in, 0 import, 0 pass their program." in text
    assert '* numpy 2.0 in `standalone_static` is not built in: no "BLAS" \\| found' in text


def test_the_table() -> None:
    assert list(table([GOOD, WRONG]))[1:] == [
        "idna     3.1      dynamic  yes    yes      yes",
        "idna     3.1      static   yes    no       no     ImportError: no module",
    ]
    assert counts([GOOD, WRONG]) == "2 packages: 2 built in, 1 import, 1 pass their program"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("[1/2] Link\nerror: no wheel\nhint: lock\nerror: more\n", "no wheel"),
        ("Traceback (most recent call last):\n  File\nAssertionError\n\n", "AssertionError"),
        ("", "it says nothing"),
    ],
)
def test_reasons(output: str, reason: str) -> None:
    assert building._reason(output) == reason


class TestBlame:
    """One package that cannot be built is found, and the others are built without it."""

    def test_the_others_are_built(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        built: list[list[str]] = []
        fake = tmp_path / "program"
        fake.write_text("#!/bin/sh\ntest $2 = wrong || exit 0\ntest $1 = import || exit 1\necho Error: no >&2; exit 1\n")
        fake.chmod(0o755)

        def build(wanted: Sequence[Entry], _settings: Settings, _folder: Path) -> tuple[Path, dict[str, str]]:
            names = [entry.name for entry in wanted]
            if "bad" in names:
                raise NotBuiltError("no wheel")
            built.append(names)
            return fake, dict.fromkeys(names, "1.0")

        monkeypatch.setattr(building, "_build", build)
        wanted = [Entry(name) for name in ("a", "bad", "c", "wrong")]
        said: list[str] = []
        results = list(check(wanted, Settings("dynamic", said.append)))
        assert built == [["a"], ["c", "wrong"]]
        assert results == [
            Result("a", "1.0", "dynamic", True, True, True),
            Result("bad", "", "dynamic", False, False, False, "no wheel"),
            Result("c", "1.0", "dynamic", True, True, True),
            Result("wrong", "1.0", "dynamic", True, False, False, "Error: no"),
        ]
        why = "packages do not go together: no wheel"
        assert said == [f"4 {why}", f"2 {why}"]

    def test_who_is_named_is_tried_apart(self) -> None:
        wanted = [Entry("a"), Entry("ruamel.yaml"), Entry("c")]
        output = "error: `ruamel-yaml==1.0` (required by `x`) has no wheel\n"
        assert building._apart(wanted, output) == [[wanted[0], wanted[2]], [wanted[1]]]
        assert building._apart(wanted, "error: `a`, `c` and `ruamel.yaml` do not fit") == [wanted[:1], wanted[1:]]

    def test_the_command(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        monkeypatch.setattr(program, "RESULTS", tmp_path / "results.toml")
        monkeypatch.setattr(program, "check", lambda _group, _settings: iter([GOOD, BAD]))
        assert program.main(["idna", "--json", "--write"]) == 1
        assert [json.loads(line)["package"] for line in capsys.readouterr().out.splitlines()] == ["idna", "numpy"]
        assert len(Matrix.parse((tmp_path / "results.toml").read_text()).results) == 2
        with pytest.raises(SystemExit):
            program.main(["nothing"])
