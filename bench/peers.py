"""Finds what staticbuild is compared with: a stock CPython, and PyInstaller. Measures nothing."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator

from bench.measure import CommandError, run

VERSION = "3.13"
_ASK = "import sys, sysconfig; print(sys.version.split()[0], sysconfig.get_config_var('MODULE_BUILDTYPE'), sys.executable)"


def stock_python() -> tuple[str, str] | None:
    """Path and version of a CPython 3.13 that loads its extensions dynamically; None if this machine has none."""
    for path in _candidates():
        try:
            version, build, executable = run([path, "-I", "-S", "-c", _ASK]).split(maxsplit=2)
        except (CommandError, ValueError):
            continue
        if version.startswith(f"{VERSION}.") and build != "static":
            # Not the name it was found by: pyenv's is a shell script, which takes longer than Python does.
            return executable.strip(), version
    return None


def version(python: str) -> str:
    """The version of the CPython at `python`. Raises CommandError if it is of another minor version than ours."""
    found = run([python, "-I", "-S", "-c", "import sys; print(sys.version.split()[0])"]).strip()
    if not found.startswith(f"{VERSION}."):
        raise CommandError(f"{python} is CPython {found}: only {VERSION} can be compared")
    return found


def built_python(source: str, cache: str, *, optimised: bool) -> str:
    """A CPython that the host's own compiler makes of `source`, as most people build one; kept below `cache`.

    For comparison only: no part of staticbuild uses the host's compiler. With `optimised`, it is trained by CPython's own
    profile run, and takes a quarter of an hour or more.
    """
    options = ["--enable-shared", *(["--enable-optimizations", "--with-lto"] if optimised else [])]
    prefix = os.path.abspath(f"{cache}/cpython-{VERSION}-{'pgo' if optimised else 'plain'}")
    program = f"{prefix}/bin/python{VERSION}"
    if not os.path.exists(program):
        # A shell starts what runs in the background with Ctrl-C ignored, and children inherit that. CPython's profile run tests
        # signals, and would fail.
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        with tempfile.TemporaryDirectory(prefix="staticbuild-bench-") as folder:
            # Loose files: where CPython is built in its own source, that may not be anybody else's.
            shutil.copytree(source, f"{folder}/source", symlinks=True)
            flags = f"LDFLAGS=-Wl,-rpath,{prefix}/lib"
            run([f"{folder}/source/configure", f"--prefix={prefix}", flags, "--without-ensurepip", *options], cwd=folder)
            run(["make", f"-j{os.cpu_count()}"], cwd=folder)
            run(["make", "install"], cwd=folder)
    return program


def optimisation(python: str) -> str:
    """How `python` was optimised when it was built, in words: `PGO`, `PGO and LTO`, `LTO`, or `no PGO`."""
    ask = "import sysconfig; print(sysconfig.get_config_var('CONFIG_ARGS') or '')"
    arguments = run([python, "-I", "-c", ask])
    found = [word for word, option in (("PGO", "--enable-optimizations"), ("LTO", "--with-lto")) if option in arguments]
    return " and ".join(found) if "PGO" in found else ", ".join(["no PGO", *found])


def _candidates() -> Iterator[str]:
    home = os.path.expanduser("~")
    pyenv = os.environ.get("PYENV_ROOT", f"{home}/.pyenv")
    yield from sorted(glob.glob(f"{pyenv}/versions/{VERSION}*/bin/python{VERSION}"), reverse=True)
    yield from sorted(glob.glob(f"{home}/.local/share/uv/python/cpython-{VERSION}*/bin/python{VERSION}"), reverse=True)
    if sys.version.startswith(f"{VERSION}."):
        yield sys.executable
    if found := shutil.which(f"python{VERSION}"):
        yield found
    if uv := shutil.which("uv"):
        try:
            yield run([uv, "python", "find", "--no-python-downloads", VERSION]).strip()
        except CommandError:
            return


def pyinstaller(folder: str, python: str) -> str:
    """A PyInstaller in a new virtual environment below `folder`, made with `python`; returns the path of its program."""
    run([python, "-m", "venv", f"{folder}/venv"])
    run([f"{folder}/venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pyinstaller"])
    return f"{folder}/venv/bin/pyinstaller"
