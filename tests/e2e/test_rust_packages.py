"""Packages with extensions written in Rust, built by their own backends and linked into one static executable.

They need a Rust that can compile for musl: this host's, or one whose programs are in the folder that $SB_TEST_RUST names.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from staticbuild.errors import StaticbuildError
from staticbuild.host import Host
from staticbuild.rules.rust import find_toolchain
from tests.project import Project

CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")
python_resources(name = "libs", requirements = ["rpds-py==2026.9.1"], srcs = ["main.py"])
python_executable(name = "app", resources = [":libs"], entry_point = "main")
"""

# A panic is caught by PyO3 and comes out as an exception: that is unwinding through Rust's and C's frames.
MAIN = """
import threading
import rpds

one = rpds.HashTrieMap({"a": 1})
two = one.insert("b", 2)
print(sorted(two.items()), len(one), list(rpds.List([2, 3]).push_front(1)))
try:
    one["missing"]
except KeyError as error:
    print("no", error)

class Unhashable:
    def __hash__(self):
        raise ValueError("from Python, through Rust, to Python")

try:
    two.insert(Unhashable(), 1)
except ValueError as error:
    print(error)
threads = [threading.Thread(target=lambda: [two.insert(number, number) for number in range(1000)]) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(two), rpds.rpds.__name__, rpds.rpds.__spec__.origin)
"""


@pytest.fixture
def rust() -> Mapping[str, str]:
    """The environment with a Rust that can; skips the test where there is none, or no registry of crates."""
    folder = os.environ.get("SB_TEST_RUST")
    environ = {"PATH": f"{folder}:{os.environ['PATH']}"} if folder else {}
    host = Host({**os.environ, **environ})
    try:
        toolchain = find_toolchain(host, "/")
    except StaticbuildError as error:
        pytest.skip(f"{error}: {'; '.join(error.problems[0].notes)}")
    asked = subprocess.run(
        [f"{toolchain.sysroot}/bin/cargo", "info", "--registry", "crates-io", "cfg-if"],
        capture_output=True, text=True, check=False, cwd="/", timeout=120,
    )  # fmt: skip
    if asked.returncode:
        pytest.skip(f"no registry of crates can be reached: {asked.stderr.strip().splitlines()[-1]}")
    return environ


@pytest.mark.network
@pytest.mark.usefixtures("package_index")
def test_a_real_package(tmp_path: Path, rust: Mapping[str, str]) -> None:
    """maturin and PyO3, with crates of the registry, as the sdist's Cargo.lock pins them."""
    project = Project(tmp_path, rust)
    project.write("main.py", MAIN)
    project.write("staticbuild.bzl", CONFIG)
    project.run("lock")
    assert '{ name = "pyo3", version = ' in (tmp_path / "staticbuild.lock").read_text()
    assert project.run("run").stdout.splitlines() == [
        "[('a', 1), ('b', 2)] 1 [1, 2, 3]",
        "no 'missing'",
        "from Python, through Rust, to Python",
        "2 rpds.rpds built-in",
    ]
    # Nothing of the folders in which it was built.
    program = project.result("app/app").read_bytes()
    assert b"/rust/crates/" not in program.replace(b"\0rust/crates/", b"")
    assert os.fsencode(Host().cache_dir) not in program


def test_what_is_said_where_there_is_no_rust(tmp_path: Path) -> None:
    """Before anything is built, with the command that brings it."""
    project = Project(tmp_path, {"PATH": "/nowhere"})
    project.write("staticbuild.bzl", 'load("@stdlib//python.bzl", "make_dist")\n\nmake_dist()\n')
    failed = project.run("build", "@stdlib//toolchain/rust:std", code=3).stderr
    assert "has no Rust" in failed
    assert "rustup target add x86_64-unknown-linux-musl" in failed
