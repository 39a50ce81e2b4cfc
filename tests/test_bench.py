"""The benchmarks run, and reckon rightly. How long anything takes is not tested here: that is what they are for."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench import __main__ as program  # noqa: E402 - `bench` is no installed package
from bench import figures, interpreter, libc, measure, memory_worker, peers, table  # noqa: E402
from bench.measure import CommandError, Sample  # noqa: E402
from bench.table import Figure  # noqa: E402


class TestSample:
    def test_median_and_spread(self) -> None:
        sample = Sample((1.0, 2.0, 3.0, 4.0, 100.0))
        assert (sample.median, sample.best) == (3, 1)
        assert sample.spread == pytest.approx(1 / 3)

    def test_one_value_has_no_spread(self) -> None:
        assert (Sample((2.0,)).median, Sample((2.0,)).spread) == (2, 0)

    def test_ratio(self) -> None:
        assert measure.ratio(Sample((1.0, 3.0)), Sample((4.0,))) == 0.5
        assert measure.ratio(Sample((1.0,)), Sample((0.0,))) is None


class TestMeasuring:
    def test_seconds(self) -> None:
        assert measure.seconds([sys.executable, "-S", "-c", "pass"]) > 0

    def test_what_fails_is_said(self) -> None:
        with pytest.raises(CommandError, match=r"exit code 3\nno luck"):
            measure.run([sys.executable, "-S", "-c", "import sys; sys.stderr.write('no luck'); sys.exit(3)"])
        with pytest.raises(CommandError, match="/no/such/program"):
            measure.run(["/no/such/program"])

    def test_processor_time_is_not_that_of_waiting(self) -> None:
        busy = [sys.executable, "-S", "-c", "sum(range(10**6))"]
        idle = [sys.executable, "-S", "-c", "import time; time.sleep(1)"]
        assert 0 < measure.processor_seconds(idle) < 1
        assert measure.processor_seconds(busy) > 0
        with pytest.raises(CommandError, match="wait status 768"):
            measure.processor_seconds([sys.executable, "-S", "-c", "import sys; sys.exit(3)"])
        with pytest.raises(CommandError, match="/no/such/program"):
            measure.processor_seconds(["/no/such/program"])

    def test_turns(self) -> None:
        seen: list[str] = []

        def of(name: str) -> float:
            seen.append(name)
            return float(len(seen))

        ours, peer = measure.alternate([lambda: of("a"), lambda: of("b")], 2)
        assert "".join(seen) == "ababab"
        assert (ours.values, peer.values) == ((3.0, 5.0), (4.0, 6.0))

    @pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="Linux tells the peak, others do not")
    def test_peak_memory_is_of_the_process_alone(self, tmp_path: Path) -> None:
        (tmp_path / "stand_in.py").write_text(
            "import subprocess, sys\n"
            "def main():\n"
            "    subprocess.run([sys.executable, '-S', '-c', 'x = bytearray(200_000_000)'], check=True)\n"
            "    own = bytearray(int(sys.argv[1]))\n"
            "    return 0\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        small = measure.peak_memory("stand_in:main", ["1"], env=environment, cwd="/")
        large = measure.peak_memory("stand_in:main", ["50000000"], env=environment, cwd="/")
        assert small < 100e6
        assert large > small + 40e6


PAIR = Sample((3.0,))


class FakeInterpreter(interpreter.Interpreter):
    """Takes as long as it is told, and keeps how it was asked."""

    asked: ClassVar[list[tuple[str, int, int]]] = []

    def values(self, benchmark: str, loops: int, values: int) -> dict[str, tuple[int, tuple[float, ...]]]:
        self.asked.append((self.command, loops, values))
        return {benchmark: (5, (float(self.command),) * values)}


def test_interpreters_take_turns_with_as_many_loops() -> None:
    ours, peer = (FakeInterpreter(seconds, "", {}) for seconds in ("0.005", "0.01"))
    assert interpreter.compare(ours, peer, "x", 2, 3) == {"x": (Sample((0.005,) * 6), Sample((0.01,) * 6))}
    assert FakeInterpreter.asked == [("0.01", 1, 1), *[("0.005", 2, 3), ("0.01", 2, 3)] * 2]


def test_the_suite_is_pinned() -> None:
    lines = [line for line in Path(interpreter.__file__).with_name("suite.txt").read_text().splitlines() if line[:1] != "#"]
    assert all(re.fullmatch(r"[A-Za-z0-9]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}", line) for line in lines)
    assert len(set(interpreter.COMPLETE)) == len(interpreter.COMPLETE)


@pytest.mark.parametrize("use", memory_worker.USES, ids=lambda use: str(use.__name__))
def test_uses_of_memory_have_names_in_words(use: Callable[[], None]) -> None:
    assert re.fullmatch(r"[a-z_]+", use.__name__)
    assert use.__doc__


class TestTable:
    def test_limits(self) -> None:
        ours, peer = Sample((0.4,)), Sample((1.0,))
        assert Figure("a", "", "s", ours, limit=0.5).within is True
        assert Figure("a", "", "s", ours, limit=0.3).within is False
        assert Figure("a", "", "s", ours, peer, limit_ratio=0.4).within is True
        assert Figure("a", "", "s", ours, peer, limit_ratio=0.3).within is False
        assert Figure("a", "", "s", ours, limit_ratio=0.3).within is None
        assert Figure("a", "", "s", ours).within is None

    def test_text(self) -> None:
        shown = [
            Figure("a", "start-up", "ms", Sample((0.0056,)), Sample((0.0086,)), "python", limit_ratio=0.8),
            Figure("b", "size", "MB", Sample((35.8e6,)), note="no peer"),
            Figure("c", "build", "s", Sample((2.5,)), limit=2.0),
        ]
        lines = table.text(shown).splitlines()
        assert [" ".join(line.split()) for line in lines[2:]] == [
            "start-up 5.60 ms 0% 5.60 ms 8.60 ms 0% 8.60 ms 0.65 x <= 0.80 x kept, peer: python",
            "size 35.8 MB 0% 35.8 MB - - no peer",
            "build 2.50 s 0% 2.50 s - - <= 2.00 s MISSED",
        ]
        end = lines[0].index("ours/peer") + len("ours/peer")
        assert [line[:end][-1] for line in lines[2:]] == ["x", "-", "-"]

    def test_a_mean_of_other_figures(self) -> None:
        samples = {"a": (Sample((1.0,)), Sample((2.0,))), "b": (Sample((1e-6,)), Sample((0.5e-6,))), "c": (PAIR, PAIR)}
        rows = interpreter.figures(samples, "CPython", optimised=False)
        lines = [" ".join(line.split()) for line in table.text(rows).splitlines()[2:]]
        assert lines[1] == "b 1.00 µs 0% 1.00 µs 0.50 µs 0% 0.50 µs 2.00 x"
        assert lines[3] == "geometric mean of 3 - - 1.00 x <= 0.95 x MISSED, peer: CPython"
        assert interpreter.figures(samples, "CPython", optimised=True)[-1].within is None
        with pytest.raises(CommandError):
            interpreter.geometric_mean([])

    def test_the_best_values_alone(self) -> None:
        figure = Figure("a", "", "µs", Sample((1.0, 9.0, 9.0)), Sample((1.0, 2.0, 2.0)), limit_ratio=1.1)
        assert (figure.within, replace(figure, by_best=True).within) == (False, True)

    def test_record(self) -> None:
        record = table.record(Figure("a", "start-up", "ms", Sample((1.0,)), Sample((2.0,)), "python"))
        assert json.loads(json.dumps(record))["ratio"] == 0.5


class TestLibc:
    def test_an_interpreter_does_what_it_offers(self) -> None:
        python = libc.Interpreter(sys.executable)
        try:
            offers = python.offers()
            assert {"bytes.find(byte)\t64", "str ==, 4-byte\t4096", "str(int)\t64", "compile\t4096"} <= set(offers)
            small = [python.seconds(operation) for operation in offers if operation.endswith("\t64")]
            assert len(small) > 40
            assert all(0 < taken < 1 for taken in small)
        finally:
            python.close()

    def test_an_interpreter_that_ends(self) -> None:
        python = libc.Interpreter("/bin/true")
        try:
            with pytest.raises(CommandError, match="exit code 0"):
                python.offers()
        finally:
            python.close()

    def test_figures(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(libc, "built", lambda _: sys.executable)
        monkeypatch.setattr(peers, "stock_python", lambda: (sys.executable, "3.13.0"))
        monkeypatch.setattr(libc.Interpreter, "offers", lambda _: ("str(int)\t64",))
        monkeypatch.setattr(libc.Interpreter, "__init__", lambda *_: None)
        monkeypatch.setattr(libc.Interpreter, "seconds", lambda *_: 1e-6)
        monkeypatch.setattr(libc.Interpreter, "close", lambda _: None)
        (figure,) = libc.libc(figures.Bench("/nowhere", runs=2))
        assert (figure.what, figure.ratio, figure.peer_name) == ("str(int), 64 B", 1, "CPython 3.13.0")


def test_the_time_of_the_link_is_found() -> None:
    events = [
        {"event": "planned", "actions": 2},
        {"event": "finished", "action": "Merge", "cached": False, "seconds": 1.0},
        {"event": "finished", "action": "Link", "cached": False, "seconds": 0.25},
    ]
    assert figures.link_seconds("\n".join(map(json.dumps, events))) == 0.25
    with pytest.raises(CommandError):
        figures.link_seconds(json.dumps(events[0]))


def test_a_static_python_is_no_peer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fakes = {"static": "3.13.5 static", "old": "3.12.1 shared", "stock": "3.13.0 shared"}
    for name, answer in fakes.items():
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\necho {answer} /real/{name}\n")
        path.chmod(0o755)
    names = ["missing", *fakes]

    def candidates() -> Iterator[str]:
        yield from (str(tmp_path / name) for name in names)

    monkeypatch.setattr(peers, "_candidates", candidates)
    assert peers.stock_python() == ("/real/stock", "3.13.0")
    names.remove("stock")
    assert peers.stock_python() is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("'--enable-shared'", "no PGO"),
        ("'--enable-optimizations' '--with-lto'", "PGO and LTO"),
        ("'--with-lto=full'", "no PGO, LTO"),
    ],
)
def test_how_a_peer_was_optimised(tmp_path: Path, options: str, words: str) -> None:
    path = tmp_path / "python"
    path.write_text(f'#!/bin/sh\necho "{options}"\n')
    path.chmod(0o755)
    assert peers.optimisation(str(path)) == words


def test_a_peer_of_another_minor_version(tmp_path: Path) -> None:
    path = tmp_path / "python"
    path.write_text("#!/bin/sh\necho 3.12.1\n")
    path.chmod(0o755)
    with pytest.raises(CommandError, match=r"3\.12\.1"):
        peers.version(str(path))


class TestProgram:
    def test_stand_ins(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        stand_in = {"twice": lambda _: Figure("twice", "twice", "s", Sample((2.0,)), Sample((1.0,)), "one", limit=3.0)}
        monkeypatch.setattr(program, "USUAL", stand_in)
        assert program.main([]) == 0
        assert "2.00 x" in capsys.readouterr().out
        assert program.main(["twice", "--json", "-n", "1"]) == 0
        assert json.loads(capsys.readouterr().out)["figures"][0]["ratio"] == 2

    def test_a_missed_limit_is_told_by_the_exit_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(program, "USUAL", {"slow": lambda _: Figure("slow", "slow", "s", Sample((2.0,)), limit=1.0)})
        assert program.main([]) == 1

    def test_unknown_names(self) -> None:
        with pytest.raises(SystemExit) as end:
            program.main(["speed"])
        assert end.value.code == 2
