"""Real files of packages that open them: like importlib's where Python looks, and believed by nobody where others write."""

from __future__ import annotations

import hashlib
import os
import resource as limits
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from staticbuild.packing.resource import Location, LocationKind
from tests.runtime.programs import ZOO, Maker, Program, Stock, as_bytes, run

DIGEST = hashlib.sha256(b"zoo").hexdigest()
# Its own, since the last resort of programs are folders that all programs share.
KEEPER = f"keeper{os.getpid()}"
FOLDER = f"{KEEPER}/{DIGEST}"
PATHS = tuple(f"app/{name}" for name in ZOO if name.startswith("zoo/"))
COMMAND = "import sys; exec(compile(sys.argv[1], '<test>', 'exec'))"
READ = (
    "import os, zoo; print(open(os.path.join(os.path.dirname(zoo.__file__), 'data', 'list.txt')).read().split(), zoo.__file__)"
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")


@pytest.fixture(scope="session")
def real(make: Maker) -> Program:
    """The zoo in an executable, `zoo` as real files when it is imported and all else in memory."""
    return make(ZOO, command=COMMAND, locations=[Location("zoo", LocationKind.EXTRACTED, FOLDER, PATHS)])


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that only we can change, as is all above it."""
    # Not pytest's own folder: it may lie where others can write, which is what programs refuse.
    folder = Path(tempfile.mkdtemp(prefix="sb-home-", dir="/tmp"))
    yield folder
    for path in (folder, *Path("/tmp").glob(f"{KEEPER}-*"), *Path("/var/tmp").glob(f"{KEEPER}-*")):
        shutil.rmtree(path, ignore_errors=True)


def environ(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "TMPDIR": str(home / "nowhere")}


def place(home: Path, number: int = 0) -> Path:
    """Where the files should be."""
    return home / ".cache" / (FOLDER + (f"-{number}" if number else ""))


def check_read(program: Program, home: Path, number: int = 0) -> None:
    """The package reads its file, from the folder of that number."""
    done = program.run(READ, env=environ(home))
    assert (done.stdout.split("] ")[-1].strip(), done.stderr) == (f"{place(home, number)}/app/zoo/__init__.py", "")
    assert done.stdout.startswith("['cat', 'owl'] ")


class TestLikeImportlib:
    """Whatever can be asked of a package on disk has the answers that it has there."""

    @pytest.fixture
    def compare(self, real: Program, zoo_on_disk: Path, stock: Stock, home: Path) -> Callable[[str], None]:
        def check(code: str) -> None:
            ours = real.run(code, env={"XDG_CACHE_HOME": str(home)})
            theirs = stock.run(
                "-B",
                "-c",
                f"import sys; sys.path.insert(0, {str(zoo_on_disk)!r}); exec(compile(sys.argv[1], '<test>', 'exec'))",
                code,
            )
            assert theirs.returncode == 0, theirs.stderr
            assert ours.returncode == 0, ours.stderr
            mine = ours.stdout.replace(f"{home}/{FOLDER}/app", "ROOT").replace(f"{real.path}/app", "MEMORY")
            assert mine == theirs.stdout.replace(str(zoo_on_disk), "ROOT")

        return check

    @pytest.mark.parametrize(
        "code",
        [
            "import zoo; print(zoo.__file__, zoo.__path__, zoo.__spec__.origin, zoo.__spec__.submodule_search_locations)",
            "import zoo.cat as m; print(m.__file__, m.sound(), m.sound.__code__.co_filename, m.__spec__.has_location)",
            "import zoo.birds.owl as m; print(m.KEEPER, m.__file__, sys.modules['zoo.birds'].__path__)",
            "import zoo.wild.lion as m; print(m.__file__, list(sys.modules['zoo.wild'].__path__))",
            "import importlib.util as u; s = u.find_spec('zoo.cat'); print(s.loader.path, s.loader.get_filename(), s.origin)",
            "import zoo.empty; print(sorted(vars(zoo.empty)))",
            "import os, zoo; print(sorted(n for n in os.listdir(zoo.__path__[0]) if n != '__pycache__'))",
            "import os, zoo; print(open(zoo.__file__).read(), os.path.isdir(zoo.__path__[0] + '/data/deep'))",
            "import pathlib, zoo; print((pathlib.Path(zoo.__file__).parent / 'birds/data/bytes.bin').read_bytes())",
            "import pkgutil, zoo.birds; print([m.name for m in pkgutil.walk_packages(zoo.birds.__path__, 'zoo.birds.')])",
            "import pkgutil, zoo; print([m.name for m in pkgutil.iter_modules(zoo.__path__)])",
            "import pkgutil; print(pkgutil.get_data('zoo', 'data/list.txt'))",
            "import zoo.cat; print(zoo.cat.__loader__.get_data(zoo.cat.__file__), zoo.cat.__loader__.get_source('zoo.cat'))",
            "import inspect, zoo.cat; print(inspect.getsource(zoo.cat.sound), inspect.getfile(zoo.cat))",
            "from importlib.resources import files; p = files('zoo') / 'data'; print(p, sorted(x.name for x in p.iterdir()))",
            "from importlib.resources import files; print(type(files('zoo')).__module__.split('.')[0], files('zoo.birds'))",
            "from importlib.resources import files; print(sorted(x.name for x in files('zoo.data').iterdir()))",
            "from importlib.resources import as_file, files\nwith as_file(files('zoo') / 'data/list.txt') as p: print(p)",
            "import importlib.metadata as m; print(m.version('zoo-keeper'), [str(f.locate()) for f in m.files('zoo-keeper')])",
            "import zoo.latin, zoo.dos; print(ascii(zoo.latin.name), zoo.dos.y)",
            "import runpy; runpy.run_module('zoo', run_name='__main__', alter_sys=False)",
            "import zoo; zoo.__path__.append('/nowhere'); import zoo.cat; print(zoo.cat.__file__)",
            "import os, zoo; sys.path.insert(0, os.path.dirname(zoo.__path__[0])); import zoo.cat; print(zoo.cat.__file__)",
        ],
    )  # fmt: skip
    def test_same(self, compare: Callable[[str], None], code: str) -> None:
        compare(f"import sys\n{code}")

    def test_tracebacks(self, real: Program, home: Path) -> None:
        done = real.run("import zoo.broken", env=environ(home))
        assert f'File "{place(home)}/app/zoo/broken.py", line 4, in fail\n    return x / 0\n' in done.stderr

    def test_missing_data_is_an_oserror(self, compare: Callable[[str], None]) -> None:
        compare(
            "import zoo\ntry: zoo.__loader__.get_data(zoo.__path__[0] + '/none')\n"
            "except OSError as error: print(error.errno, error.filename)"
        )

    @pytest.mark.parametrize("settings", [{"entry_point": "zoo"}, {"file": "app/zoo/__main__.py"}, {"file": "app/zoo/show"}])
    def test_programs(self, make: Maker, home: Path, settings: dict[str, Any]) -> None:
        files = {"zoo/__init__.py": "", "zoo/__main__.py": "print(__file__)\n", "zoo/show": "print(__file__)\n"}
        paths = tuple(f"app/{name}" for name in files)
        program = make(files, locations=[Location("zoo", LocationKind.EXTRACTED, FOLDER, paths)], **settings)
        name = settings.get("file", "app/zoo/__main__.py")
        assert program.run(env=environ(home)).stdout == f"{place(home)}/{name}\n"

    def test_what_is_not_in_the_location_stays_in_memory(self, real: Program, home: Path) -> None:
        done = real.run("import wood.oak, json; print(wood.oak.__file__, json.__file__)", env=environ(home))
        assert done.stdout.split()[0] == f"{real.path}/app/wood/oak.py"
        assert not (home / ".cache").exists()


def plant(path: Path, content: bytes) -> None:
    """Put other contents there."""
    path.write_bytes(content)
    path.chmod(0o600)


def hide(path: Path) -> Path:
    """Move a file or folder away; returns where it is now."""
    away = path.with_name(path.name + ".away")
    path.rename(away)
    return away


def replace_by_folder(path: Path) -> None:
    """Put a folder there."""
    path.unlink()
    path.mkdir(mode=0o700)


def replace_by_pipe(path: Path) -> None:
    """Put a pipe there that would block who reads it."""
    path.unlink()
    os.mkfifo(path, 0o600)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "other contents of the same size": lambda app: plant(app / "zoo/data/list.txt", b"bad\r\nbad\r\n"),
    "a truncated file": lambda app: plant(app / "zoo/data/list.txt", b"cat\r\n"),
    "an empty file": lambda app: plant(app / "zoo/birds/data/bytes.bin", b""),
    "a longer file": lambda app: plant(app / "zoo/data/list.txt", b"cat\r\nowl\r\nrat\r\n"),
    "a missing file": lambda app: (app / "zoo/data/list.txt").unlink(),
    "a missing folder": lambda app: shutil.rmtree(app / "zoo/birds"),
    "a symlink to the same contents": lambda app: (app / "zoo/data/list.txt").symlink_to(hide(app / "zoo/data/list.txt")),
    "a symlinked folder": lambda app: (app / "zoo/data").symlink_to(hide(app / "zoo/data")),
    "a symlink in place of it all": lambda app: app.parent.symlink_to(hide(app.parent)),
    "a file in place of it all": lambda app: plant(hide(app.parent).with_name(DIGEST), b""),
    "a folder in place of a file": lambda app: replace_by_folder(app / "zoo/cat.py"),
    "a pipe that nobody writes to": lambda app: replace_by_pipe(app / "zoo/cat.py"),
    "a file that others can write": lambda app: (app / "zoo/cat.py").chmod(0o602),
    "a file that others can read": lambda app: (app / "zoo/cat.py").chmod(0o604),
    "a file that can be executed": lambda app: (app / "zoo/cat.py").chmod(0o700),
    "a folder that others can write": lambda app: (app / "zoo/data/deep").chmod(0o702),
    "a folder that others can enter": lambda app: app.parent.chmod(0o711),
}


class TestDistrust:
    """What is on disk is used only if it is just what the executable holds, and if nobody else can change it."""

    @pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
    def test_what_is_not_sound_is_written_again(self, real: Program, home: Path, damage: Callable[[Path], object]) -> None:
        check_read(real, home)
        damage(place(home) / "app")
        check_read(real, home, 1)
        # And what was written then is used from then on.
        before = (place(home, 1) / "app/zoo/cat.py").stat().st_mtime_ns
        check_read(real, home, 1)
        assert (place(home, 1) / "app/zoo/cat.py").stat().st_mtime_ns == before

    def test_only_the_owner_can_look_at_it(self, real: Program, home: Path) -> None:
        old = os.umask(0)
        try:
            check_read(real, home)
        finally:
            os.umask(old)
        found = [(home / ".cache").rglob("*"), [home / ".cache"]]
        modes = {path: stat.S_IMODE(path.lstat().st_mode) for paths in found for path in paths}
        assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
        assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}

    @pytest.mark.parametrize("name", [".cache", f".cache/{KEEPER}", "."])
    def test_a_cache_that_others_can_write_to(self, real: Program, home: Path, name: str) -> None:
        (home / ".cache" / KEEPER).mkdir(parents=True)
        (home / name).chmod(0o777)
        temporary = Path(tempfile.mkdtemp(dir="/tmp"))
        try:
            done = real.run(READ, env={"HOME": str(home), "TMPDIR": str(temporary)})
            assert f"{temporary}/{KEEPER}-{os.geteuid()}/{DIGEST}/app/zoo/" in done.stdout, done.stderr
            assert list((home / ".cache" / KEEPER).iterdir()) == []
        finally:
            shutil.rmtree(temporary)

    def test_a_symlink_in_place_of_our_folder(self, real: Program, home: Path) -> None:
        (home / "elsewhere").mkdir(mode=0o700)
        (home / "tmp").mkdir()
        (home / f"tmp/{KEEPER}-{os.geteuid()}").symlink_to(home / "elsewhere")
        done = real.run(READ, env={"TMPDIR": str(home / "tmp")})
        assert "/app/zoo/__init__.py" in done.stdout
        assert str(home) not in done.stdout
        assert list((home / "elsewhere").iterdir()) == []

    def test_a_cache_that_is_a_symlink_of_the_user(self, real: Program, home: Path) -> None:
        (home / "large").mkdir(mode=0o700)
        (home / ".cache").symlink_to("large")
        done = real.run(READ, env=environ(home))
        assert f"{home}/large/{FOLDER}/app/zoo/__init__.py" in done.stdout, done.stderr

    @as_root
    @pytest.mark.parametrize("name", ["", "/app/zoo", "/app/zoo/data/list.txt"])
    def test_what_belongs_to_another_user(self, real: Program, home: Path, name: str) -> None:
        check_read(real, home)
        os.chown(f"{place(home)}{name}", 65534, 65534)
        check_read(real, home, 1)

    @as_root
    def test_a_folder_that_another_user_made_before_us(self, real: Program, home: Path) -> None:
        """What somebody could do in a folder where all may write: guess our name, and put files of theirs there."""
        check_read(real, home)
        public = home / "tmp"
        public.mkdir()
        public.chmod(0o1777)
        shutil.copytree(home / ".cache" / KEEPER, public / f"{KEEPER}-0")
        for path in [public / f"{KEEPER}-0", *(public / f"{KEEPER}-0").rglob("*")]:
            os.chown(path, 65534, 65534)
        done = real.run(READ, env={"TMPDIR": str(public)})
        assert "/app/zoo/__init__.py" in done.stdout
        assert str(public) not in done.stdout

    @as_root
    def test_the_home_of_another_user(self, real: Program, home: Path) -> None:
        """As with `sudo`, which may keep HOME: whoever owns it could swap folders under our feet."""
        os.chown(home, 65534, 65534)
        done = real.run(READ, env={"HOME": str(home), "TMPDIR": "/nowhere"})
        assert "/app/zoo/__init__.py" in done.stdout
        assert str(home) not in done.stdout

    @as_root
    def test_with_the_rights_of_somebody_else(self, real: Program, home: Path) -> None:
        """The environment comes from who started it; it must not choose where a program with more rights writes."""
        program = home / "program"
        shutil.copy(real.path, program)
        os.chown(program, 65534, 65534)
        program.chmod(0o4755)
        home.chmod(0o755)
        (home / "mine").mkdir()
        (home / "mine").chmod(0o777)
        done = run(program, READ, env={"HOME": str(home / "mine")}, user=12345, group=12345, extra_groups=[])
        if run(program, "import os; print(os.geteuid())", user=12345).stdout != "65534\n":
            pytest.skip("this file system has no programs with the rights of others")
        assert f"tmp/{KEEPER}-65534/{DIGEST}/app/zoo/__init__.py" in done.stdout, done.stderr
        assert list((home / "mine").iterdir()) == []


class TestPlaces:
    def test_xdg_cache_home_comes_first(self, real: Program, home: Path) -> None:
        done = real.run(READ, env={"HOME": str(home), "XDG_CACHE_HOME": str(home / "some/where")})
        assert f"{home}/some/where/{FOLDER}/app/zoo/" in done.stdout
        assert not (home / ".cache").exists()

    @pytest.mark.parametrize("variables", [{}, {"HOME": ""}, {"HOME": "relative"}, {"HOME": "/nowhere/at/all"}])
    def test_without_a_home(self, real: Program, home: Path, variables: dict[str, str]) -> None:
        done = real.run(READ, env={"TMPDIR": str(home), "XDG_CACHE_HOME": "relative", **variables})
        assert f"{home}/{KEEPER}-{os.geteuid()}/{DIGEST}/app/zoo/__init__.py" in done.stdout, done.stderr

    @as_root
    def test_a_home_that_cannot_be_written(self, real: Program, home: Path) -> None:
        home.chmod(0o755)
        (home / "tmp").mkdir(mode=0o1777)
        (home / "tmp").chmod(0o1777)
        program = home / "program"
        shutil.copy(real.path, program)
        done = run(
            program, READ, env={"HOME": str(home), "TMPDIR": str(home / "tmp")}, user=65534, group=65534, extra_groups=[]
        )
        assert f"{home}/tmp/{KEEPER}-65534/{DIGEST}/app/zoo/__init__.py" in done.stdout, done.stderr

    def test_nowhere_at_all_is_memory_and_a_warning(self, real: Program, home: Path) -> None:
        code = "import zoo, zoo.cat; print(zoo.__file__, zoo.cat.sound())"
        forbid = lambda: limits.setrlimit(limits.RLIMIT_FSIZE, (0, 0))  # noqa: E731 - as Popen wants it
        done = real.run(code, env=environ(home), preexec_fn=forbid)
        assert done.stdout == f"{real.path}/app/zoo/__init__.py miau\n"
        assert done.stderr.count("RuntimeWarning: no private folder takes the files of zoo, so they stay in memory") == 1
        assert done.stderr.startswith("<test>:1: RuntimeWarning")
        assert f"{home}/.cache: File too large" in done.stderr
        assert list((home / ".cache" / KEEPER).iterdir()) == []

    def test_a_limit_in_the_middle_of_a_file_leaves_nothing(self, real: Program, home: Path) -> None:
        done = real.run(READ, env=environ(home), preexec_fn=lambda: limits.setrlimit(limits.RLIMIT_FSIZE, (200, 200)))
        assert "File too large" in done.stderr
        assert list((home / ".cache" / KEEPER).iterdir()) == []

    @as_root
    def test_a_full_disk(self, real: Program, home: Path) -> None:
        (home / "small").mkdir()
        if run("mount", "-t", "tmpfs", "-o", "size=16k,mode=700", "none", str(home / "small"), env=None).returncode:
            pytest.skip("nothing can be mounted here")
        try:
            done = real.run(READ, env={"XDG_CACHE_HOME": str(home / "small"), "TMPDIR": str(home)})
            assert f"{home}/{KEEPER}-0/{DIGEST}/app/zoo/__init__.py" in done.stdout, done.stderr
            assert list((home / "small" / KEEPER).iterdir()) == []
        finally:
            run("umount", str(home / "small"), env=None)

    def test_beside_the_executable(self, make: Maker, tmp_path: Path) -> None:
        program = make(ZOO, command=COMMAND, locations=[Location("zoo", LocationKind.BESIDE, "lib", PATHS)])
        moved = Program(tmp_path / "keeper")
        shutil.copy(program.path, moved.path)
        done = moved.run(READ)
        assert done.stderr.endswith(
            f"ImportError: the files of zoo are missing: the folder `{tmp_path}/lib` belongs beside the executable\n"
        )
        for name in PATHS:
            path = tmp_path / "lib" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_bytes(ZOO[name.removeprefix("app/")]))
        assert moved.run(READ).stdout == f"['cat', 'owl'] {tmp_path}/lib/app/zoo/__init__.py\n"


class TestInterruptions:
    def test_many_programs_at_once(self, real: Program, home: Path) -> None:
        many = [
            subprocess.Popen([real.path, READ], env=environ(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(8)
        ]
        answers = {process.communicate(timeout=60) for process in many}
        assert answers == {(f"['cat', 'owl'] {place(home)}/app/zoo/__init__.py\n", "")}
        assert [path.name for path in (home / ".cache" / KEEPER).iterdir()] == [DIGEST]

    def test_many_threads_at_once(self, real: Program, home: Path) -> None:
        code = (
            "import importlib, threading\nnames = ['zoo.cat', 'zoo.birds.owl', 'zoo.dos', 'zoo.latin'] * 3\nfound = set()\n"
            "go = lambda name: found.add(importlib.import_module(name).__file__.rpartition('/app/')[0])\n"
            "threads = [threading.Thread(target=go, args=[name]) for name in names]\n"
            "[t.start() for t in threads]; [t.join() for t in threads]; print(found)"
        )
        assert real.run(code, env=environ(home)).stdout == f"{ {str(place(home))} }\n"

    @pytest.mark.parametrize(("call", "count"), [("mkdir", 5), ("write", 3), ("fchmod", 4), ("rename", 1)])
    def test_killed_in_the_middle(self, real: Program, home: Path, call: str, count: int) -> None:
        code = f"import os; left, old = iter(range({count})), os.{call}; next(left)\n"
        code += "def die(*a, **k):\n next(left, 9) == 9 and os.kill(os.getpid(), 9)\n return old(*a, **k)\n"
        done = real.run(code + f"os.{call} = die; import zoo", env=environ(home))
        assert done.returncode == -signal.SIGKILL
        assert not place(home).exists()
        (left,) = (home / ".cache" / KEEPER).iterdir()
        check_read(real, home)
        assert left.exists()
        # A day later nobody can be writing there any more.
        os.utime(left, (time.time() - 100_000,) * 2)
        hide(place(home))
        check_read(real, home)
        assert not left.exists()

    def test_it_is_written_once(self, real: Program, home: Path) -> None:
        check_read(real, home)
        before = {path: path.lstat().st_mtime_ns for path in (home / ".cache").rglob("*")}
        check_read(real, home)
        assert {path: path.lstat().st_mtime_ns for path in (home / ".cache").rglob("*")} == before
