"""The real thing: examples, the toolchain and the distribution, built once through the command line in the user's cache.

Only tests that ask for one of these fixtures pay for it: with a new cache the first builds CPython, which takes minutes.

Environment: SB_TEST_TOOLCHAIN (a folder with `zig/` and `sysroot/`) and SB_TEST_DISTRIBUTION (one with PYTHON.json) take the
place of what would be built; SB_TEST_ARCHIVES (paths, separated as in PATH) names more archives for e2e/test_distributions.py;
SB_TEST_RUST names a folder with a rustc that can compile for musl, where PATH has none (e2e/test_rust_packages.py);
STATICBUILD_QUICK_TESTS=1 leaves out what builds CPython a second time. What takes minutes more with a new cache, as numpy does,
is tested where it was built before, and everywhere with STATICBUILD_THOROUGH_TESTS=1.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests import parallel
from tests.project import EXAMPLES, ROOT, TRIPLE, Project, run

# Folders and files of tests. The rest follows in the order of the alphabet.
_LONGEST_FIRST = ("test_conformance.py", "e2e", "runtime")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what the tests see into the files in golden/")
    parser.addoption(
        "--processes", type=int, help="in how many processes the tests run; see pytest_runtestloop in tests/conftest.py"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """All tests run in as many processes as there are processors; a few, named on the command line, in this one.

    Those are run by somebody who waits for them, and wants to see what they print or to debug them.
    """
    config = session.config
    count: int | None = config.getoption("--processes")
    if count is None:
        count = 1 if config.args_source is pytest.Config.ArgsSource.ARGS else len(os.sched_getaffinity(0))
    alone = config.option.collectonly or config.option.usepdb or config.option.capture == "no"
    if count < 2 or alone or session.testsfailed:
        return None
    # Before there are several, who would each make one.
    config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    return parallel.run(session, count)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest goes first, so that at the end no process is left with a long file while the others wait."""
    items.sort(key=lambda item: _turn(item.path.relative_to(ROOT / "tests").parts))


def _turn(path: Sequence[str]) -> int:
    return next((turn for turn, first in enumerate(_LONGEST_FIRST) if first in path), len(_LONGEST_FIRST))


def pytest_configure() -> None:
    """A shell starts what it puts into the background with SIGINT ignored, and a test of Ctrl-C would wait for ever."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """A function that has a folder filled, by the first process of this run of the tests that wants it, and returns it.

    The others wait for that and take it as it is: what is in such a folder is not changed.
    """
    root = tmp_path_factory.getbasetemp()

    def folder(name: str, fill: Callable[[Path], None]) -> Path:
        import fcntl

        done, part = root / f"once-{name}", root / f"once-{name}.part"
        with (root / f"once-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.is_dir():
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir()
                fill(part)
                part.rename(done)
        return done

    return folder


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Project]:
    """A function that copies an example into a temporary folder and builds it, once for the whole session."""
    known: dict[str, Project] = {}

    def make(name: str) -> Project:
        if name not in known:
            folder = tmp_path_factory.mktemp(name) / name
            shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("build", "__pycache__"))
            project = Project(folder)
            project.run("build")
            known[name] = project
        return known[name]

    return make


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project in the user's cache."""
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder)


@pytest.fixture(scope="session")
def toolchain_folder(example: Callable[[str], Project], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `zig/`, `sysroot/` and the drivers in `toolchain/`, as actions see them."""
    if named := os.environ.get("SB_TEST_TOOLCHAIN"):
        return Path(named).resolve()
    return _toolchain(example("hello"), tmp_path_factory.mktemp("toolchain"), "toolchain:sysroot")


@pytest.fixture(scope="session")
def glibc_toolchain_folder(example: Callable[[str], Project], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for glibc 2.17; the drivers are musl's."""
    return _toolchain(example("hello"), tmp_path_factory.mktemp("glibc-toolchain"), "toolchain/glibc:2.17/sysroot")


@pytest.fixture(scope="session")
def newer_glibc_toolchain_folder(example: Callable[[str], Project], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for glibc 2.34, the first in which threads and dlopen are parts of libc."""
    return _toolchain(example("hello"), tmp_path_factory.mktemp("glibc-toolchain"), "toolchain/glibc:2.34/sysroot")


@pytest.fixture(scope="session")
def decompressor(example: Callable[[str], Project]) -> Path:
    """What reads compressed resources: a folder with `lib/unzstd.o`."""
    hello = example("hello")
    hello.run("build", "@stdlib//recipes:unzstd")
    return hello.result("@stdlib/recipes/unzstd")


def _toolchain(project: Project, folder: Path, sysroot: str) -> Path:
    project.run("build", f"@stdlib//{sysroot}")
    (folder / "sysroot").symlink_to(project.result(f"@stdlib/{sysroot.replace(':', '/')}"))
    (folder / "toolchain").symlink_to(ROOT / "stdlib/toolchain")
    spec = importlib.util.find_spec("ziglang")
    assert spec is not None
    assert spec.origin is not None
    (folder / "zig").symlink_to(Path(spec.origin).parent)
    return folder


@pytest.fixture(scope="session")
def archive_file(example: Callable[[str], Project]) -> Path:
    """The full archive of the distribution that was built from source."""
    hello = example("hello")
    hello.run("build", ":dist")
    return hello.result(f"dist/cpython-3.13-{TRIPLE}-full.tar.zst")


@pytest.fixture(scope="session")
def distribution_folder(request: pytest.FixtureRequest, once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The folder `python/` of that archive, unpacked."""
    if named := os.environ.get("SB_TEST_DISTRIBUTION"):
        return Path(named).resolve()

    def unpack(folder: Path) -> None:
        archive = request.getfixturevalue("archive_file")
        run([sys.executable, "-m", "staticbuild.distribution.archive", "unpack", archive, folder / "dist"], cwd=folder)

    return once("distribution", unpack) / "dist" / "python"


@pytest.fixture(scope="session")
def package_index() -> None:
    """Skips the test where no package index answers."""
    done = run([sys.executable, "-m", "pip", "index", "versions", "tzdata"], code=None, timeout=120)
    if done.returncode:
        pytest.skip(f"no package index can be reached: {(done.stderr.splitlines() or ['no answer'])[-1]}")


@pytest.fixture
def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
