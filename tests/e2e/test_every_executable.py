"""What every executable promises: static, self-contained, quiet to the disk, and silent about where it was built."""

from __future__ import annotations

import functools
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile

from staticbuild.host import Host
from tests.project import ROOT, Done, Project, run

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Program:
    """An executable, and arguments with which it only prints."""

    path: Path
    words: tuple[str, ...]

    def run(self, **options: Any) -> Done:
        return run([self.path, *self.words], **options)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("hello", "hello/hello", ()), id="hello"),
        pytest.param(("service", "ledger/ledger", ("about",)), id="service", marks=pytest.mark.network),
        pytest.param(("yt_dlp", "yt-dlp/yt-dlp", ("--version",)), id="yt_dlp", marks=pytest.mark.network),
    ],
)
def program(request: pytest.FixtureRequest, example: Callable[[str], Project]) -> Program:
    name, path, words = request.param
    if name != "hello":
        request.getfixturevalue("package_index")
    return Program(example(name).result(path), words)


@functools.cache
def chroot_command() -> tuple[str, ...] | None:
    """What runs a program with another root folder here, None if this user may not."""
    chroot = shutil.which("chroot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    unshare = shutil.which("unshare")
    candidates = [(chroot,)] if os.geteuid() == 0 else [(unshare, "-r", chroot)]
    for command in candidates:
        if None not in command and run([*map(str, command), "/", "/bin/true"], code=None).returncode == 0:
            return tuple(map(str, command))
    return None


def run_in_empty_root(program: Program, root: Path, words: Sequence[str] | None = None) -> Done:
    """Run a copy of the program that is the only file there is: no checkout, no cache, no Python, no /proc, no /dev."""
    command = chroot_command()
    if command is None:
        pytest.skip("this user may not change the root folder (neither root nor user namespaces)")
    shutil.copy(program.path, root / "program")
    return run([*command, root, "/program", *(program.words if words is None else words)], env={}, timeout=60)


def listing(folder: Path) -> list[tuple[str, int]]:
    """Everything below `folder`, with its size."""
    return sorted((str(path.relative_to(folder)), path.lstat().st_size) for path in folder.rglob("*"))


def test_is_not_dynamic(program: Program) -> None:
    with program.path.open("rb") as file:
        elf = ELFFile(file)
        assert not {"PT_INTERP", "PT_DYNAMIC"} & {segment["p_type"] for segment in elf.iter_segments()}
        assert elf.get_section_by_name(".dynamic") is None
        assert elf.get_section_by_name(".interp") is None


@pytest.mark.skipif(shutil.which("ldd") is None, reason="this host has no ldd")
def test_ldd_says_so(program: Program) -> None:
    done = run(["ldd", program.path], code=None, env={"PATH": os.environ["PATH"], "LC_ALL": "C"})
    assert re.search(r"not a dynamic executable|statically linked|Not a valid dynamic program", done.stdout + done.stderr)


def test_runs_in_an_empty_environment(program: Program, tmp_path: Path) -> None:
    assert program.run(env={}, cwd=tmp_path).stdout


def test_ignores_what_the_host_says_to_python(program: Program, tmp_path: Path) -> None:
    (tmp_path / "encodings.py").write_text("raise SystemExit('imported from the host')")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('imported from the host')")
    hostile = {"PYTHONPATH": str(tmp_path), "PYTHONHOME": str(tmp_path), "PYTHONVERBOSE": "1", "PYTHONSTARTUP": "x"}
    ours, plain = program.run(env=hostile, cwd=tmp_path), program.run(env={}, cwd=tmp_path)
    assert (ours.stdout, ours.stderr) == (plain.stdout, plain.stderr)


def test_runs_as_the_only_file_there_is(program: Program, tmp_path: Path) -> None:
    done = run_in_empty_root(program, tmp_path)
    assert done.stdout.replace("/program", str(program.path)) == program.run(env={}).stdout
    assert done.stderr == ""


def test_leaves_nothing_on_the_disk(program: Program, tmp_path: Path) -> None:
    for name in ("tmp", "root", "home", "var/tmp"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copy(program.path, tmp_path / "program")
    before = listing(tmp_path)
    run_in_empty_root(program, tmp_path)
    assert listing(tmp_path) == before


@pytest.mark.skipif(shutil.which("strace") is None, reason="this host has no strace")
def test_opens_nothing_for_writing(program: Program, tmp_path: Path) -> None:
    log = tmp_path / "log"
    traced = run(
        ["strace", "-f", "-qq", "-o", log, "-e", "trace=file", program.path, *program.words],
        code=None,
        env={"PATH": "/usr/bin:/bin"},
    )
    if traced.returncode and "ptrace" in traced.stderr:
        pytest.skip("this user may not trace programs")
    writing = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|\b(mkdir|rename|unlink|symlink|link|chmod|truncate|mknod)(at2?)?\(")
    written = [line for line in log.read_text().splitlines() if writing.search(line) and '"/dev/null"' not in line]
    assert written == []


def test_holds_no_path_of_this_machine(program: Program) -> None:
    data = program.path.read_bytes()
    folders = {
        Host().cache_dir,
        str(ROOT),
        str(program.path.parents[3]),
        f"{Path.home()}/.cache",
        "/staticbuild/run-",
        "/work/dist/",
    }
    assert [folder for folder in sorted(folders) if folder.encode() in data] == []


def test_two_copies_run_at_the_same_time(program: Program, tmp_path: Path) -> None:
    copy = tmp_path / "a name with blanks"
    shutil.copy(program.path, copy)
    both = run(["sh", "-c", '"$0" "$@" & "$0" "$@"; wait', copy, *program.words]).stdout
    once = run([copy, *program.words]).stdout
    assert both == once * 2
