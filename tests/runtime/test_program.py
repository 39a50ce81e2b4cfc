"""How a program starts, what it sees, and how it ends; wherever CPython has a way, ours is the same."""

from __future__ import annotations

import errno
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from staticbuild.packing.settings import SETTINGS
from tests.runtime.programs import Maker, Program, Stock, run

CLI = {
    "greet/__init__.py": "",
    "greet/cli.py": """
import sys
def number(): return 7
def nothing(): return None
def text(): return 'sorry'
def exits(): sys.exit(9)
def exits_with_text(): sys.exit('bad thing')
def truth(): return True
def large(): return 256 + 3
def fails(): raise ValueError('wrong')
def interrupted(): raise KeyboardInterrupt
class Interrupt(KeyboardInterrupt): pass
def interrupted_by_own(): raise Interrupt
def no_stderr():
    sys.stderr = None
    sys.exit('unseen')
class Group:
    class Inner:
        @staticmethod
        def main(): return 5
def show():
    print(sys.argv, sys.orig_argv, __name__)
    main = sys.modules['__main__']
    print(main.__spec__, hasattr(main, '__file__'))
def dispatch():
    name = sys.argv[1]
    if name in globals(): return globals()[name]()
    exec(sys.argv[1], {})
""",
}


@pytest.fixture(scope="module")
def greet(make: Maker) -> Program:
    """Calls the function that its argument names, and ends as a console script would."""
    return make(CLI, entry_point="greet.cli:dispatch")


class TestFunction:
    @pytest.mark.parametrize(
        ("function", "code", "stderr"),
        [
            ("number", 7, ""),
            ("nothing", 0, ""),
            ("text", 1, "sorry\n"),
            ("exits", 9, ""),
            ("exits_with_text", 1, "bad thing\n"),
            ("truth", 1, ""),
            ("large", 3, ""),
            ("interrupted_by_own", 1, None),
        ],
    )
    def test_exit_code(self, greet: Program, stock: Stock, function: str, code: int, stderr: str | None) -> None:
        done = greet.run(function)
        assert done.returncode == code
        assert stderr in {None, done.stderr}
        script = f"import sys\n{CLI['greet/cli.py']}\nsys.exit({function}())"
        assert stock.run("-c", script).returncode == code

    def test_uncaught_exception(self, greet: Program) -> None:
        done = greet.run("fails")
        assert done.returncode == 1
        assert done.stderr.startswith(f'Traceback (most recent call last):\n  File "{greet.path}/app/greet/cli.py", line')
        assert "def fails(): raise ValueError('wrong')" in done.stderr
        assert done.stderr.endswith("ValueError: wrong\n")

    def test_main_module(self, greet: Program) -> None:
        done = greet.run("show", "a", "ä")
        assert (
            done.stdout
            == f"{[str(greet.path), 'show', 'a', 'ä']} {[str(greet.path), 'show', 'a', 'ä']} greet.cli\nNone False\n"
        )

    def test_dotted_function(self, make: Maker) -> None:
        assert make(CLI, entry_point="greet.cli:Group.Inner.main").run().returncode == 5

    @pytest.mark.parametrize(
        ("entry_point", "message"),
        [
            ("greet.cli:nope", "AttributeError: module 'greet.cli' has no attribute 'nope'\n"),
            ("greet.nope:main", "ModuleNotFoundError: No module named 'greet.nope'\n"),
        ],
    )
    def test_missing(self, make: Maker, entry_point: str, message: str) -> None:
        done = make(CLI, entry_point=entry_point).run()
        assert (done.returncode, done.stderr.endswith(message)) == (1, True), done.stderr


MAIN = """
import sys
print(__name__, __package__, __file__, __spec__.name, __cached__, sys.argv)
def f(): return 1 / 0
if sys.argv[1:]: f()
"""


class TestModule:
    def test_package(self, make: Maker) -> None:
        program = make({"pkg/__init__.py": "", "pkg/__main__.py": MAIN}, entry_point="pkg")
        done = program.run()
        assert done.stdout == f"__main__ pkg {program.path}/app/pkg/__main__.py pkg.__main__ None {[str(program.path)]}\n"
        trace = program.run("x").stderr
        assert "def f(): return 1 / 0" in trace
        assert "importlib" not in trace

    def test_module_below_a_package(self, make: Maker) -> None:
        program = make({"pkg/__init__.py": "print('parent')", "pkg/tool.py": MAIN}, entry_point="pkg.tool")
        assert program.run().stdout.startswith(f"parent\n__main__ pkg {program.path}/app/pkg/tool.py pkg.tool None")

    def test_top_level_module(self, make: Maker) -> None:
        program = make({"tool.py": MAIN}, entry_point="tool")
        assert program.run().stdout.startswith(f"__main__  {program.path}/app/tool.py tool None")

    def test_main_can_be_imported_again(self, make: Maker) -> None:
        code = (
            "import sys\nprint(__name__)\nif __name__ == '__main__':\n import tool\n print(tool is sys.modules['__main__'])\n"
        )
        assert make({"tool.py": code}, entry_point="tool").run().stdout == "__main__\ntool\nFalse\n"

    @pytest.mark.parametrize("entry_point", ["nope", "pkg", "pkg.nope", "tool.nope", "sys"])
    def test_missing(self, make: Maker, entry_point: str) -> None:
        done = make({"pkg/__init__.py": "", "tool.py": ""}, entry_point=entry_point).run()
        assert done.returncode == 1
        assert f"module '{entry_point}'" in done.stderr


class TestOtherWays:
    def test_command(self, make: Maker) -> None:
        program = make({}, command="import sys; print(sys.argv, __name__); sys.exit(4)")
        done = program.run("x")
        assert (done.returncode, done.stdout) == (4, f"{[str(program.path), 'x']} __main__\n")

    def test_wrong_command(self, make: Maker) -> None:
        done = make({}, command="1 +").run()
        assert (done.returncode, done.stderr.endswith("SyntaxError: invalid syntax\n")) == (1, True), done.stderr

    def test_file_that_is_a_module(self, make: Maker) -> None:
        program = make({"tool.py": "print(__name__, __file__, __spec__)\nraise OSError\n"}, file="app/tool.py")
        done = program.run()
        assert done.stdout == f"__main__ {program.path}/app/tool.py None\n"
        assert "    raise OSError\n" in done.stderr

    def test_file_that_is_none(self, make: Maker) -> None:
        program = make({"bin/tool": "#!/usr/bin/env python\nprint(__name__, __file__)\nraise OSError\n"}, file="app/bin/tool")
        done = program.run()
        assert done.stdout == f"__main__ {program.path}/app/bin/tool\n"
        assert "    raise OSError\n" in done.stderr

    def test_missing_file(self, make: Maker) -> None:
        assert "no file 'app/nope'" in make({}, file="app/nope").run().stderr

    def test_nothing_to_run(self, make: Maker) -> None:
        assert "built without `entry_point`, `command` or `file`" in make({}).run().stderr

    def test_interpreter(self, make: Maker, tmp_path: Path) -> None:
        program = make({"tool.py": "print('tool')"}, interpreter=True)
        (tmp_path / "script.py").write_text("import sys; print('script', sys.argv[1:])\n")
        assert program.run("-c", "import tool, sys; print(sys.argv)", "a").stdout == "tool\n['-c', 'a']\n"
        assert program.run("-m", "tool").stdout == "tool\n"
        assert program.run(str(tmp_path / "script.py"), "x").stdout == "script ['x']\n"
        assert program.run(input="print('from stdin')\n").stdout == "from stdin\n"
        assert program.run("-c", "raise SystemExit(3)").returncode == 3
        assert program.run("-V").stdout.startswith("Python 3.")


class TestSys:
    def show(self, program: Program, code: str, **options: object) -> str:
        done = program.run(f"import sys, os; print({code})", **options)
        assert done.returncode == 0, done.stderr
        text: str = done.stdout
        return text.rstrip("\n")

    def test_who_we_are(self, zoo: Program) -> None:
        assert self.show(zoo, "sys.executable, sys.frozen, sys.path") == f"{zoo.path} True []"
        assert self.show(zoo, "sys.prefix == sys.base_prefix == sys.exec_prefix == sys.executable") == "True"
        assert self.show(zoo, "os.__file__") == f"{zoo.path}/lib/python{sys_version(zoo)}/os.py"

    @pytest.mark.parametrize("how", ["relative", "by PATH", "by a symlink", "with another argv[0]"])
    def test_executable_is_absolute_however_called(self, zoo: Program, tmp_path: Path, how: str) -> None:
        code = "import sys; print(sys.executable, sys.argv[0])"
        (tmp_path / "link").symlink_to(zoo.path)
        ways: dict[str, tuple[str, str | None, dict[str, Any]]] = {
            "relative": (f"./{zoo.path.name}", None, {"cwd": zoo.path.parent}),
            "by PATH": (zoo.path.name, None, {"env": {"PATH": f"/nowhere:{zoo.path.parent}"}}),
            "by a symlink": (str(tmp_path / "link"), None, {}),
            "with another argv[0]": (str(zoo.path), "pretended", {}),
        }
        command, name, options = ways[how]
        done = run(name or command, code, executable=command, **options)
        assert done.stdout == f"{zoo.path} {name or command}\n"

    def test_text_is_utf8_whatever_the_locale(self, zoo: Program) -> None:
        expected = "utf-8 utf-8 utf-8 1 ä"
        code = "sys.stdout.encoding, sys.getfilesystemencoding(), sys.stdin.encoding, sys.flags.utf8_mode, 'ä'"
        for environment in ({}, {"LC_ALL": "C"}, {"LANG": "de_DE.ISO-8859-1"}):
            assert self.show(zoo, code, env=environment) == expected

    def test_arguments_that_are_not_text(self, zoo: Program) -> None:
        done = subprocess.run(
            [zoo.path, "import sys; print(ascii(sys.argv[2]))", b"\xff\xfe"], env={}, capture_output=True, check=True
        )
        assert done.stdout == b"'\\udcff\\udcfe'\n"

    def test_only_what_is_needed_is_imported(self, zoo: Program) -> None:
        """Each module more makes each start slower: this list grows only with a reason."""
        found = self.show(zoo, "' '.join(sorted(m for m in sys.modules if not m.startswith('_')))").split()
        wanted = "abc builtins codecs encodings encodings.aliases encodings.utf_8 errno genericpath io marshal os os.path posix"
        if sys_version(zoo) == "3.11":
            wanted = wanted.replace(" errno", "")
        # `os` and what it imports were asked for by the test.
        assert found == [*wanted.split(), "posixpath", "stat", "sys"]


def sys_version(program: Program) -> str:
    done = program.run("import sys; print('%d.%d' % sys.version_info[:2])")
    version: str = done.stdout.strip()
    return version


class TestHermetic:
    """Nothing of the host changes what is imported, and nothing is written."""

    def test_environment_is_ignored(self, zoo: Program, tmp_path: Path) -> None:
        (tmp_path / "json.py").write_text("raise SystemExit('imported from outside')")
        (tmp_path / "sitecustomize.py").write_text("raise SystemExit('imported from outside')")
        environment = {
            "PYTHONPATH": str(tmp_path), "PYTHONHOME": str(tmp_path), "PYTHONSTARTUP": str(tmp_path / "json.py"),
            "PYTHONVERBOSE": "1", "PYTHONINSPECT": "1", "PYTHONOPTIMIZE": "2", "PYTHONPLATLIBDIR": "x",
        }  # fmt: skip
        done = zoo.run("import json, sys; print(json.__file__, sys.path, sys.flags.optimize)", env=environment, cwd=tmp_path)
        assert done.stderr == ""
        assert done.stdout == f"{zoo.path}/lib/python{sys_version(zoo)}/json/__init__.py [] 0\n"

    def test_environment_counts_when_the_config_says_so(self, make: Maker, tmp_path: Path) -> None:
        (tmp_path / "outside.py").write_text("print(__name__)")
        code = "import sys, outside; print(sys.flags.optimize, sys.flags.verbose, sys.path)"
        program = make({}, command=code, environment=True, sys_path=["/last"])
        done = program.run(env={"PYTHONOPTIMIZE": "2", "PYTHONPATH": f"/first:{tmp_path}", "PYTHONHOME": "/nowhere"})
        assert done.stdout == f"outside\n2 0 {['/first', str(tmp_path), '/last']}\n", done.stderr

    def test_neighbouring_files_are_ignored(self, zoo: Program, tmp_path: Path) -> None:
        program = Program(tmp_path / "bin" / "program")
        program.path.parent.mkdir()
        os.link(zoo.path, program.path)
        for name in ("pyvenv.cfg", "program._pth", "python._pth", "pybuilddir.txt", "json.py", "encodings.py"):
            (program.path.parent / name).write_text("home = /nowhere\n")
        (tmp_path / "pyvenv.cfg").write_text("home = /nowhere\n")
        done = program.run("import sys, json; print(sys.prefix, sys.path)", cwd=program.path.parent)
        assert (done.stdout, done.stderr) == (f"{program.path} []\n", "")

    def test_no_file_is_looked_for(self, zoo: Program, tmp_path: Path) -> None:
        """By strace, where there is one: only the kernel's own files are opened."""
        log = tmp_path / "log"
        try:
            subprocess.run(
                ["strace", "-f", "-e", "trace=file", "-o", log, zoo.path, "import json, zoo.cat, wood.oak"],
                check=True, env={"PATH": os.environ["PATH"]},
            )  # fmt: skip
        except (FileNotFoundError, subprocess.CalledProcessError):
            pytest.skip("no strace here")
        lines = [line for line in log.read_text().splitlines() if "execve" not in line and '"/proc/' not in line]
        assert [line for line in lines if "exited with" not in line] == []

    @pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root")
    def test_an_empty_root_folder(self, zoo: Program, tmp_path: Path) -> None:
        (tmp_path / "bin").mkdir()
        os.link(zoo.path, tmp_path / "bin/program")
        code = "import sys, json, zoo; print(sys.executable, zoo.__file__, json.dumps(1), sys.argv[0])"
        for command, folder in (("/bin/program", "/"), ("./program", "/bin"), ("bin/program", "/")):

            def enter(folder: str = folder) -> None:
                os.chroot(tmp_path)
                os.chdir(folder)

            done = subprocess.run(
                [command, code], env={}, capture_output=True, text=True, check=False, preexec_fn=enter
            )  # fmt: skip
            assert done.stdout == f"/bin/program /bin/program/app/zoo/__init__.py 1 {command}\n", done.stderr
        assert [path.name for path in tmp_path.rglob("*")] == ["bin", "program"]

    def test_damaged_resources_are_reported(self, zoo: Program, tmp_path: Path) -> None:
        data = zoo.path.read_bytes()
        start = data.index(b"\x93SBLOB\r\n")
        program = Program(tmp_path / "program")
        for change, message in ((0, "there are no resources"), (8, "another version"), (16, "cut off"), (32, "damaged")):
            position = start + change
            program.path.write_bytes(data[:position] + b"\x77" + data[position + 1 :])
            program.path.chmod(0o755)
            done = program.run("1")
            assert (done.returncode, message in done.stderr) == (1, True), done.stderr


class TestSignals:
    def test_ctrl_c_raises_keyboard_interrupt(self, greet: Program) -> None:
        code = "import time, sys\nprint('ready', flush=True)\ntry:\n time.sleep(30)\nexcept KeyboardInterrupt:\n sys.exit(5)"
        assert self.interrupt(greet, code)[0] == 5

    def test_unhandled_ctrl_c_ends_by_the_signal(self, greet: Program, stock: Stock) -> None:
        code = "import time; print('ready', flush=True); time.sleep(30)"
        status, stderr = self.interrupt(greet, code)
        assert status == -signal.SIGINT
        assert stderr.endswith("KeyboardInterrupt\n")
        assert self.interrupt(Program(stock.program), "-c", code)[0] == status

    def interrupt(self, program: Program, *arguments: str) -> tuple[int, str]:
        with subprocess.Popen(
            [program.path, *arguments], env={}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            _, stderr = process.communicate(timeout=20)
            return process.returncode, stderr

    def test_raised_keyboard_interrupt_does_so_too(self, greet: Program) -> None:
        assert greet.run("interrupted").returncode == -signal.SIGINT

    def test_sigterm_ends_at_once(self, greet: Program) -> None:
        assert greet.run("import os; os.kill(os.getpid(), 15)").returncode == -signal.SIGTERM

    def test_closed_pipe_is_an_exception(self, greet: Program, stock: Stock) -> None:
        code = "import os\nr, w = os.pipe()\nos.close(r)\ntry:\n os.write(w, b'x')\nexcept BrokenPipeError:\n print('broken')"
        assert greet.run(code).stdout == stock.run("-c", code).stdout == "broken\n"

    def test_full_disk_at_exit(self, greet: Program) -> None:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run([greet.path, "print(1)"], stdout=full, stderr=subprocess.PIPE, text=True, env={}, check=False)
        assert (done.returncode, os.strerror(errno.ENOSPC) in done.stderr) == (120, True)

    def test_closed_standard_streams(self, greet: Program) -> None:
        def close() -> None:
            for number in (0, 1, 2):
                os.close(number)

        code = "import sys, os; os._exit(3 if (sys.stdin, sys.stdout, sys.stderr) == (None, None, None) else 4)"
        done = subprocess.run([greet.path, code], env={}, preexec_fn=close, close_fds=True, check=False)
        assert done.returncode == 3

    def test_no_stderr(self, greet: Program, stock: Stock) -> None:
        done = greet.run("no_stderr")
        other = stock.run("-c", "import sys\nsys.stderr = None\nsys.exit('unseen')")
        assert (done.returncode, done.stderr) == (other.returncode, other.stderr)

    def test_a_terminal_is_line_buffered(self, greet: Program) -> None:
        master, slave = pty.openpty()
        code = "import os, sys; print('first'); os._exit(0 if sys.stdout.isatty() else 1)"
        done = subprocess.run([greet.path, code], env={}, stdin=slave, stdout=slave, stderr=slave, check=False)
        os.close(slave)
        assert (done.returncode, os.read(master, 100)) == (0, b"first\r\n")
        os.close(master)

    def test_atexit_and_threads_are_waited_for(self, greet: Program) -> None:
        code = (
            "import atexit, threading, time\natexit.register(print, 'last')\n"
            "threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()\nprint('first')"
        )
        assert greet.run(code).stdout == "first\nthread\nlast\n"

    @pytest.mark.parametrize("entry_point", ["kept", "kept.cli", "kept.cli:main"])
    def test_what_a_program_keeps_is_finalised_at_exit(
        self, make: Maker, stock: Stock, tmp_path: Path, entry_point: str
    ) -> None:
        """A file that nobody closed is flushed, also when it hangs on a global of a module that has functions."""
        code = """
import sys
class Cycle:
    def __init__(self): self.me = self
    def __del__(self, p=print): p('gone')
cycle = Cycle()
file = open(sys.argv[1], 'w')
file.write('unflushed')
def main(): return cycle, file
def other(): return main()
main.cycle = Cycle()
if __name__ != '__main__':
    main = lambda: other and None
"""
        program = make({"kept/__init__.py": "", "kept/__main__.py": code, "kept/cli.py": code}, entry_point=entry_point)
        done = program.run(str(tmp_path / "ours"))
        assert (tmp_path / "ours").read_text() == "unflushed"
        if ":" not in entry_point:
            assert done.stdout == stock.run("-c", code, str(tmp_path / "theirs")).stdout == "gone\ngone\n"


WORKERS = {
    "app/__init__.py": "",
    "app/work.py": "def square(x):\n    return x * x\n",
    "app/__main__.py": """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from app.work import square
if __name__ == '__main__':
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        print(pool.map(square, range(4)))
    queue = context.Queue()
    process = context.Process(target=queue.put, args=('from the child',))
    process.start(); print(queue.get()); process.join(); print(process.exitcode)
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        print(executor.submit(square, 9).result())
    from multiprocessing.shared_memory import SharedMemory
    memory = SharedMemory(create=True, size=10); memory.close(); memory.unlink()
    print(context.Manager().list([1]))
""",
}


@pytest.fixture(scope="module")
def workers(make: Maker) -> Program:
    """A program that starts processes by the method that its argument names."""
    return make(WORKERS, entry_point="app")


class TestMultiprocessing:
    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    def test_start_method(self, workers: Program, method: str) -> None:
        done = workers.run(method)
        assert done.stdout == "[0, 1, 4, 9]\nfrom the child\n0\n81\n[1]\n", done.stderr
        assert done.stderr == ""

    @pytest.mark.parametrize(
        "command",
        [
            "from multiprocessing.resource_tracker import main;main(print('code'))",
            "from multiprocessing.forkserver import main; main(1, 2, [], **{}); print('code')",
            "from multiprocessing.resource_tracker import main;main(",
        ],
    )
    def test_no_other_code_is_run(self, workers: Program, command: str) -> None:
        done = workers.run("-c", command)
        assert (done.stdout, done.stderr) == ("", "this is no command of multiprocessing\n")

    def test_can_be_switched_off(self, make: Maker) -> None:
        program = make({}, command="import sys; print(sys.argv[1:])", multiprocessing=False)
        assert program.run("--multiprocessing-fork").stdout == "['--multiprocessing-fork']\n"


class TestSettings:
    @pytest.mark.parametrize(
        ("settings", "code", "output"),
        [
            ({"frozen": False}, "hasattr(sys, 'frozen')", "False"),
            ({"optimization_level": 2}, "sys.flags.optimize", "2"),
            ({"hash_seed": 0}, "hash('x') == hash('x'), sys.flags.hash_randomization", "True 0"),
            ({"warn_options": ["error", "ignore::UserWarning"]}, "sys.warnoptions", "['error', 'ignore::UserWarning']"),
            ({"x_options": ["a", "b=c"]}, "sys._xoptions", "{'a': True, 'b': 'c'}"),
            ({"stdio_encoding": "ascii", "stdio_errors": "replace"}, "sys.stdout.encoding, sys.stdout.errors", "ascii replace"),
            ({"utf8_mode": False}, "sys.flags.utf8_mode, sys.getfilesystemencoding()", "0 utf-8"),
            ({"sys_path": ["/x", "$EXECUTABLE/app"]}, "[p.replace(sys.executable, '') for p in sys.path]", "['/x', '/app']"),
            ({"sys_path": ["$ORIGIN/lib"]}, "sys.path[0] == sys.executable.rpartition('/')[0] + '/lib'", "True"),
            ({"site_import": True}, "'site' in sys.modules, sys.flags.no_site", "True 0"),
            ({"dev_mode": True}, "sys.flags.dev_mode", "True"),
            ({"faulthandler": True}, "__import__('faulthandler').is_enabled()", "True"),
            ({"gc_freeze": False}, "__import__('gc').get_freeze_count(), __import__('gc').isenabled()", "0 True"),
            ({"bytes_warning": 1, "quiet": True}, "sys.flags.bytes_warning, sys.flags.quiet", "1 1"),
            ({"int_max_str_digits": 5000}, "sys.flags.int_max_str_digits", "5000"),
            ({"frozen": True}, "sys.frozen", "True"),
            ({"meipass": "$ORIGIN"}, "sys._MEIPASS == sys.executable.rpartition('/')[0]", "True"),
            ({"isolated": False}, "sys.flags.isolated, sys.flags.ignore_environment", "0 1"),
            ({"environment": True}, "sys.flags.isolated, sys.flags.ignore_environment", "0 0"),
            ({"cpu_count": 3}, "__import__('os').cpu_count()", "3"),
            ({"inspect": True}, "sys.flags.inspect", "1"),
            ({"interactive": True}, "sys.flags.interactive", "1"),
            ({"warn_default_encoding": True}, "sys.flags.warn_default_encoding", "1"),
            ({"pycache_prefix": "/tmp/x"}, "sys.pycache_prefix", "/tmp/x"),
            ({"check_hash_pycs_mode": "never"}, "__import__('_imp').check_hash_based_pycs", "never"),
            ({"filesystem_errors": "strict"}, "sys.getfilesystemencodeerrors()", "strict"),
            ({"filesystem_encoding": "latin-1"}, "sys.getfilesystemencoding()", "iso8859-1"),
            ({"tracemalloc": 3}, "__import__('tracemalloc').get_traceback_limit()", "3"),
            ({"code_debug_ranges": False}, "next(compile('x', 'f', 'eval').co_positions())[2:]", "(None, None)"),
            ({"buffered_stdio": False}, "sys.stdout.write_through", "True"),
            ({"install_signal_handlers": False}, "int(__import__('signal').getsignal(__import__('signal').SIGPIPE))", "0"),
            ({"configure_locale": False, "utf8_mode": False}, "sys.stdout.encoding", "ascii"),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
    )  # fmt: skip
    def test_setting(self, make: Maker, stock: Stock, settings: dict[str, Any], code: str, output: str) -> None:
        since = {field.name: field.since for field in SETTINGS if field.since}
        for name in settings.keys() & since.keys():
            stock.skip_until(since[name])
        done = make({}, command=f"import sys; print({code})", **settings).run()
        assert done.stdout == output + "\n", done.stderr

    def test_bytecode_is_written_only_on_request(self, make: Maker, tmp_path: Path) -> None:
        (tmp_path / "outside.py").write_text("")
        code = "import sys; sys.path.append(sys.argv[1]); import outside"
        for write, names in ((False, ["outside.py"]), (True, ["__pycache__", "outside.py"])):
            make({}, command=code, write_bytecode=write).run(str(tmp_path))
            assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_start_is_quick(zoo: Program) -> None:
    """Not a benchmark (bench/ has those): only that a start is nowhere near what a search of folders costs."""
    times = []
    for _ in range(10):
        start = time.perf_counter()
        subprocess.run([zoo.path, "pass"], env={}, check=True)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05, times
    assert sys.version_info >= (3, 11)
