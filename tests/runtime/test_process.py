"""What the command line, the environment and the host may change of a program, by choice; as `python` itself, or not at all."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.programs import Maker, Program, Stock, run

FLAGS = (
    "import sys; print(sys.argv, sys.flags.optimize, sys.flags.dev_mode, sys.flags.isolated, sys._xoptions, sys.warnoptions)"
)


@pytest.fixture(scope="module")
def python(make: Maker) -> Program:
    """An executable that is a `python`."""
    return make({"tool.py": "print('tool', __name__)\n"}, interpreter=True)


@pytest.fixture(scope="module")
def helper(make: Maker) -> Program:
    """A program that starts itself with `-c` and `-m`, as many do."""
    code = """
import subprocess, sys
if sys.argv[1:]:
    print('program', sys.argv[1:])
else:
    for words in (['-c', 'import sys; print(sys.argv)', 'x'], ['-m', 'tool'], ['-Bu', '-X', 'dev', '-m', 'tool']):
        subprocess.run([sys.executable, *words], check=True)
"""
    return make({"tool.py": "import sys; print('tool', __name__, sys.flags.dev_mode)\n"}, command=code, python_commands=True)


@pytest.fixture(scope="module")
def askers(make: Maker) -> tuple[Program, Program]:
    """Two that print the value of their argument: one asks for the environment, and one does not."""
    code = "import sys; print(eval(sys.argv[1]))"
    return make({}, command=code, environment=True), make({}, command=code)


@pytest.fixture(scope="module")
def starters() -> dict[str, Program]:
    """The programs of TestMultiprocessing that were made already."""
    return {}


class TestInterpreter:
    """`interpreter = True`: a `python` in one file."""

    @pytest.mark.parametrize(
        "arguments",
        [
            ["-c", FLAGS, "a", "-b"],
            ["-O", "-c", FLAGS],
            ["-X", "dev", "-X", "a=b", "-c", FLAGS],
            ["-W", "error", "-Wdefault", "-c", FLAGS],
            ["-I", "-c", FLAGS],
            ["-u", "-c", "import sys; print(sys.stdout.write_through)"],
            ["-X", "faulthandler", "-c", "import faulthandler; print(faulthandler.is_enabled())"],
            ["-X", "tracemalloc=5", "-c", "import tracemalloc; print(tracemalloc.get_traceback_limit())"],
            ["-X", "int_max_str_digits=900", "-c", "import sys; print(sys.flags.int_max_str_digits)"],
            ["-X", "utf8=0", "-c", "import sys; print(sys.flags.utf8_mode)"],
            ["-b", "-q", "-c", "import sys; print(sys.flags.bytes_warning, sys.flags.quiet)"],
            ["-c", "import sys; sys.exit(7)"],
            ["-c", "raise SystemExit('text')"],
            ["-c", "1/0"],
            ["-m", "no_such_module"],
            ["--no-such-option"],
            ["-X", "int_max_str_digits=1", "-c", "1"],
            ["no/such/file.py"],
        ],
        ids=" ".join,
    )
    def test_options_are_those_of_python(self, python: Program, stock: Stock, arguments: list[str]) -> None:
        mine, other = python.run(*arguments), run(stock.program, "-S", *arguments)
        assert mine.returncode == other.returncode
        assert mine.stdout == other.stdout
        hide = {str(python.path): "PYTHON", str(stock.program): "PYTHON"}
        assert _last_line(mine.stderr, hide) == _last_line(other.stderr, hide)

    @pytest.mark.parametrize("method", ["spawn", "forkserver"])
    def test_processes_of_multiprocessing_have_the_options(self, python: Program, method: str) -> None:
        asked = "__import__('sys').flags.optimize"
        code = f"import multiprocessing as m\nwith m.get_context({method!r}).Pool(1) as p: print(p.apply(eval, [{asked!r}]))"
        assert python.run("-O", "-c", code).stdout == "1\n"

    def test_script_and_standard_input(self, python: Program, tmp_path: Path) -> None:
        script = tmp_path / "script.py"
        script.write_text("import sys; print(sys.argv[1:], __file__)\n")
        assert python.run(str(script), "x").stdout == f"['x'] {script}\n"
        assert python.run("-", "x", input="import sys; print(sys.argv)\n").stdout == "['-', 'x']\n"

    def test_it_is_not_frozen_because_its_executable_is_a_python(self, python: Program) -> None:
        code = "import subprocess, sys; print(hasattr(sys, 'frozen')); subprocess.run([sys.executable, '-m', 'tool'])"
        assert python.run("-uc", code).stdout == "False\ntool __main__\n"

    def test_the_environment_is_ignored_unless_asked_for(self, python: Program, make: Maker) -> None:
        code = "import sys; print(sys.flags.optimize, sys.flags.utf8_mode, sys.flags.hash_randomization, sys.stdout.encoding)"
        environ = {"PYTHONOPTIMIZE": "1", "PYTHONUTF8": "1", "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "latin-1"}
        assert python.run("-c", code, env=environ).stdout == "0 0 1 utf-8\n"
        asking = make({}, interpreter=True, environment=True)
        assert asking.run("-c", code, env=environ).stdout == "1 1 0 iso8859-1\n"
        assert asking.run("-E", "-c", code, env=environ).stdout == "0 0 1 utf-8\n"


def _last_line(text: str, replaced: dict[str, str]) -> str:
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text.rstrip("\n").rpartition("\n")[2]


class TestEnvironment:
    """`environment = True`: variables count as they do for `python`, unless the config decides."""

    VARIABLES: tuple[tuple[dict[str, str], str], ...] = (
        ({"PYTHONOPTIMIZE": "2"}, "sys.flags.optimize"),
        ({"PYTHONDEVMODE": "1"}, "sys.flags.dev_mode"),
        ({"PYTHONFAULTHANDLER": "1"}, "__import__('faulthandler').is_enabled()"),
        ({"PYTHONTRACEMALLOC": "4"}, "__import__('tracemalloc').get_traceback_limit()"),
        ({"PYTHONHASHSEED": "7"}, "hash('text')"),
        ({"PYTHONINTMAXSTRDIGITS": "0"}, "sys.flags.int_max_str_digits"),
        ({"PYTHONUTF8": "0"}, "sys.flags.utf8_mode"),
        ({"PYTHONUTF8": "1"}, "sys.flags.utf8_mode"),
        ({"PYTHONIOENCODING": "ascii:replace"}, "sys.stdout.encoding, sys.stdout.errors"),
        ({"PYTHONUNBUFFERED": "1"}, "sys.stdout.write_through"),
        ({"PYTHONWARNINGS": "error"}, "sys.warnoptions"),
        ({"PYTHONPYCACHEPREFIX": "/x"}, "sys.pycache_prefix"),
        ({"PYTHON_CPU_COUNT": "5"}, "__import__('os').cpu_count()"),
        ({"PYTHONNODEBUGRANGES": "1"}, "next(compile('x', 'f', 'eval').co_positions())[2:]"),
        ({"PYTHONBREAKPOINT": "0"}, "breakpoint()"),
        ({"PYTHONASYNCIODEBUG": "1"}, "__import__('asyncio').coroutines._is_debug_mode()"),
    )

    @pytest.mark.parametrize(
        ("environ", "code"), VARIABLES, ids=lambda value: next(iter(value)) if isinstance(value, dict) else ""
    )
    def test_variable(self, askers: tuple[Program, Program], stock: Stock, environ: dict[str, str], code: str) -> None:
        other = run(stock.program, "-S", "-B", "-c", "import sys; print(eval(sys.argv[1]))", code, env=environ)
        assert askers[0].run(code, env=environ).stdout == other.stdout
        if "PYTHONHASHSEED" not in environ and "PYTHONBREAKPOINT" not in environ:
            assert askers[1].run(code, env=environ).stdout == askers[1].run(code).stdout

    def test_the_config_wins(self, make: Maker) -> None:
        code = "import sys; print(sys.flags.optimize, sys.flags.utf8_mode, sys.stdout.encoding)"
        program = make({}, command=code, environment=True, optimization_level=2, utf8_mode=True, stdio_encoding="latin-1")
        # python_executable has no utf8_mode at its default in the blob, so PYTHONUTF8 decides.
        environ = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
        assert program.run(env=environ).stdout == "2 0 iso8859-1\n"


class TestStartingItself:
    """`sys.executable` with `-c` and `-m` is the program again, unless `python_commands` is on."""

    def test_the_program_again(self, make: Maker) -> None:
        code = (
            "import subprocess, sys; print(sys.argv[1:], flush=True)\n"
            "if not sys.argv[1:]: subprocess.run([sys.executable, '-c', '1'])"
        )
        assert make({}, command=code).run().stdout == "[]\n['-c', '1']\n"

    def test_by_choice_python(self, helper: Program) -> None:
        assert helper.run().stdout == "['-c', 'x']\ntool __main__ False\ntool __main__ True\n"

    @pytest.mark.parametrize(
        "words",
        [
            ["run"],
            ["-B"],
            ["-c"],
            ["--", "-c", "1"],
            ["run", "-c", "1"],
            ["--mode", "-m", "x"],
            ["-X"],
            ["-"],
            [""],
            ["-hc", "1"],
        ],
    )
    def test_other_arguments_are_the_programs_own(self, helper: Program, words: list[str]) -> None:
        assert helper.run(*words).stdout == f"program {words}\n"


MULTI = """
import multiprocessing, sys
def square(x): return x * x
if __name__ == '__main__':
    with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool: print(pool.map(square, [3]))
"""


class TestMultiprocessing:
    """Every way to begin, every way to start a process."""

    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    @pytest.mark.parametrize(
        ("settings", "arguments"),
        [
            ({"entry_point": "multi"}, []),
            ({"entry_point": "multi", "frozen": False}, []),
            ({"entry_point": "multi", "python_commands": True}, []),
            ({"file": "app/multi.py"}, []),
            ({"command": MULTI.replace("def square(x): return x * x", "from multi import square")}, []),
            ({"interpreter": True}, ["-m", "multi"]),
            ({"interpreter": True, "frozen": True}, ["-m", "multi"]),
        ],
        ids=["module", "not frozen", "python commands", "file", "command", "interpreter", "frozen interpreter"],
    )
    def test_start(
        self, starters: dict[str, Program], make: Maker, settings: dict[str, Any], arguments: list[str], method: str
    ) -> None:
        key = repr(settings)
        if key not in starters:
            starters[key] = make({"multi.py": MULTI}, **settings)
        done = starters[key].run(*arguments, method)
        assert (done.stdout, done.stderr) == ("[9]\n", "")

    def test_a_script_of_the_tree_can_be_run_by_its_path(self, make: Maker) -> None:
        code = "import runpy, sys; runpy.run_path(sys.executable + '/app/script.py', run_name='again')"
        program = make({"script.py": "print(__name__, __file__)\n"}, command=code)
        assert program.run().stdout == f"again {program.path}/app/script.py\n"
        missing = make({}, command="import io, sys; io.open_code(sys.executable + '/app/nothing.py')").run()
        assert "NotADirectoryError" in missing.stderr
        code = "import io, sys; print(io.open_code(sys.argv[1]).read())"
        assert make({}, command=code).run("/dev/null").stdout == "b''\n"


class TestSite:
    """`site` and `.pth` files, on request."""

    def test_site_folders(self, make: Maker, tmp_path: Path) -> None:
        folder = tmp_path / "plugins"
        (folder / "more").mkdir(parents=True)
        (folder / "one.py").write_text("name = 'one'\n")
        (folder / "more/two.py").write_text("name = 'two'\n")
        (folder / "start.pth").write_text("more\nimport sys; sys.from_pth = True\n")

        def beside(program: Program) -> Program:
            os.link(program.path, tmp_path / program.path.name)
            return Program(tmp_path / program.path.name)

        code = "import sys, one, two; print(one.name, two.name, sys.from_pth, sys.flags.no_site)"
        assert beside(make({}, command=code, site_folders=["$ORIGIN/plugins"])).run().stdout == "one two True 1\n"
        assert "No module named 'one'" in make({}, command=code, sys_path=["/nowhere"]).run().stderr
        python = make({}, interpreter=True, site_folders=["$ORIGIN/plugins", "/nowhere"])
        assert beside(python).run("-c", code).stdout == "one two True 1\n"

    def test_the_users_own_folder(self, make: Maker, stock: Stock, tmp_path: Path) -> None:
        folder = tmp_path / ".local/lib" / stock.library.name / "site-packages"
        folder.mkdir(parents=True)
        (folder / "mine.py").write_text("")
        (folder / "mine.pth").write_text("import sys; sys.from_pth = True\n")
        program = make({}, command="import sys, mine; print(sys.from_pth)", site_import=True, user_site_directory=True)
        assert program.run(env={"HOME": str(tmp_path)}).stdout == "True\n"
        program = make({}, command="import mine", site_import=True)
        assert "No module named 'mine'" in program.run(env={"HOME": str(tmp_path)}).stderr


STREAMS = """
import sys
print(sys.stdin.encoding, sys.stdin.errors)
for file in (sys.stdout, sys.stderr):
    print(file.encoding, file.errors, file.line_buffering, file.write_through, file.isatty(), type(file.buffer).__name__)
"""


class TestStandardStreams:
    """Encodings, error handlers and buffering are those of `python -X utf8`, or without UTF-8 mode those of `python`."""

    @pytest.mark.parametrize("environ", [{}, {"LC_ALL": "C"}, {"LANG": "POSIX"}, {"LC_CTYPE": "de_DE.ISO-8859-1"}], ids=repr)
    def test_pipes(self, make: Maker, stock: Stock, environ: dict[str, str]) -> None:
        for utf8 in (True, False):
            program = make({}, command=STREAMS, utf8_mode=utf8)
            other = run(stock.program, "-S", "-X", f"utf8={int(utf8)}", "-c", STREAMS, env=environ)
            assert program.run(env=environ).stdout == other.stdout

    @pytest.mark.parametrize("settings", [{}, {"buffered_stdio": False}], ids=repr)
    def test_a_terminal(self, make: Maker, stock: Stock, settings: dict[str, Any]) -> None:
        arguments = ["-u"] * (settings != {})
        program = make({}, command=STREAMS, **settings)
        shown = [
            _session(path, words, [])
            for path, words in ((program.path, []), (stock.program, ["-X", "utf8", *arguments, "-c", STREAMS]))
        ]
        assert shown[0] == shown[1] != b""

    def test_what_c_code_prints_comes_in_order(self, make: Maker) -> None:
        """`configure_c_stdio` without buffers: C's stream and Python's are one."""
        code = "import ctypes; c = ctypes.CDLL(None)\nfor i in b'12': print(chr(i)); c.putchar(i + 2)"
        assert make({}, command=code, buffered_stdio=False).run().stdout == "1\n32\n4"


class TestSettingsThatAreSeenFromOutside:
    @pytest.mark.parametrize(("name", "says"), [("malloc", None), ("pymalloc", "in 32 size"), ("mimalloc", "Medium block")])
    def test_python_allocator(self, make: Maker, stock: Stock, name: str, says: str | None) -> None:
        stock.skip_until("3.13" if name == "mimalloc" else "3.11")
        stderr = make({}, command="import sys; sys._debugmallocstats()", python_allocator=name).run().stderr
        assert "PyDictObjects" in stderr
        assert (says or "size") in stderr if says else "threshold" not in stderr

    def test_malloc_stats(self, make: Maker) -> None:
        assert "Small block threshold" in make({}, command="1", malloc_stats=True).run().stderr

    def test_import_time_and_verbose(self, make: Maker) -> None:
        assert "import time:" in make({}, command="1", import_time=True).run().stderr
        assert "# cleanup" in make({}, command="1", verbose=1).run().stderr

    def test_locale_coercion_as_pep_538_says(self, make: Maker) -> None:
        code = "import locale, sys; print(locale.setlocale(locale.LC_CTYPE), sys.stdout.errors)"
        program = make({}, command=code, utf8_mode=False, coerce_c_locale_warn=True)
        done = program.run(env={"LC_CTYPE": "C"})
        assert done.stdout == "C.UTF-8 surrogateescape\n"
        assert "Using C.UTF-8" in done.stderr or "LC_CTYPE" in done.stderr
        assert program.run(env={"LC_ALL": "C"}).stdout.startswith("C ")

    def test_a_crash_has_a_traceback(self, make: Maker) -> None:
        program = make({}, command="import os; os.kill(os.getpid(), 11)", faulthandler=True)
        done = program.run()
        assert done.returncode == -11
        assert "Fatal Python error: Segmentation fault" in done.stderr
        assert 'File "<string>", line 1 in <module>' in done.stderr

    @pytest.mark.parametrize(
        ("code", "answer"), [("x = 42", b"is 42"), ("x = 43; raise SystemExit(3)", b"is 43"), ("x = 44; 1/0", b"is 44")]
    )
    def test_inspect_begins_a_session_on_a_terminal(self, make: Maker, code: str, answer: bytes) -> None:
        program = make({}, command=code, inspect=True)
        assert b"is" not in program.run().stdout.encode()  # no terminal, no session
        assert answer in _session(program.path, [], [b"print('is', x)\n", _END])

    def test_the_program_may_ask_for_a_session_by_pythoninspect(self, make: Maker) -> None:
        code = "import os; os.environ['PYTHONINSPECT'] = '1'; x = 45"
        assert b"is 45" in _session(make({}, command=code, environment=True).path, [], [b"print('is', x)\n", _END])


# Not `exit()`, which is there only with `site`: the session would go on until the test gives up.
_END = b"raise SystemExit\n"


def _session(program: Path, arguments: list[str], lines: list[bytes]) -> bytes:
    """What a terminal shows of a program while somebody types a line at each prompt."""
    master, slave = pty.openpty()
    shown = b""
    with subprocess.Popen([program, *arguments], env={"TERM": "dumb"}, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        try:
            while True:
                assert select.select([master], [], [], 30)[0], shown
                shown += os.read(master, 4096)
                # A line that is typed before the prompt would be thrown away when the terminal changes its mode.
                if lines and shown.endswith(b">>> "):
                    os.write(master, lines.pop(0))
        except OSError:
            pass  # the other side is closed
        finally:
            process.kill()
            os.close(master)
    return shown
