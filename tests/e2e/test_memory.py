"""An executable chooses what serves malloc, and Python behaves the same with each."""

from __future__ import annotations

import pytest

from staticbuild.linking.plan import ALLOCATORS
from tests.project import Project, run

pytestmark = pytest.mark.slow

CONFIG = """
load("@stdlib//python.bzl", "make_dist", "python_executable")
make_dist()
python_executable(name = "default", interpreter = True)
[
    python_executable(name = name, interpreter = True, allocator = name)
    for name in ["libc", "mimalloc", "jemalloc"]
]
"""

# What needs memory in each way: small objects, growing ones, libraries in C, threads, a fork; and what is refused.
CODE = """
import json, os, resource, sqlite3, sys, threading, zlib
text = json.dumps([{"number": number, "name": "n" * (number % 3000)} for number in range(2000)])
assert json.dumps(json.loads(text)) == text
grown = bytearray()
for index in range(3000):
    grown += bytes([index % 251]) * 5000
assert len(grown) == 15_000_000 and all(grown[index * 5000] == index % 251 for index in range(3000))
del grown[1000:]
assert len(grown) == 1000
base = sqlite3.connect(":memory:")
base.execute("create table t (a, b)")
base.executemany("insert into t values (?, ?)", ((index, "x" * index) for index in range(2000)))
assert base.execute("select sum(length(b)) from t").fetchone() == (1999000,)
results = []
def work(number):
    data = bytes([number]) * 200_000
    for _ in range(50):
        assert zlib.decompress(zlib.compress(data, 1)) == data
    results.append(number)
threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
child = os.fork()
if child == 0:
    os._exit(len(json.loads(text)) % 256)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2000 % 256
for thread in threads:
    thread.join()
assert sorted(results) == [0, 1, 2, 3]
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, resource.getrlimit(resource.RLIMIT_AS)[1]))
for wanted in ("bytes(1 << 31)", "bytearray(1 << 31)", "[None] * (1 << 28)", "b'x' * (1 << 45)", "1 << (1 << 36)"):
    try:
        eval(wanted)
        print(wanted, "was not refused")
    except MemoryError:
        pass
kept = []
try:
    while True:
        kept.append(bytes(100_000))
except MemoryError:
    count = len(kept)
    kept.clear()
    kept = [bytes(100_000) for _ in range(count // 2)]
    print("refused and well")
    kept.clear()
    print(len(bytes(100_000_000)) if sys.argv[1:] else "")
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("allocators"))
    project.write("staticbuild.bzl", CONFIG)
    project.run("build", "default", *ALLOCATORS)
    return project


@pytest.mark.parametrize("name", ALLOCATORS)
def test_memory_of_every_kind(programs: Project, name: str) -> None:
    # jemalloc keeps the addresses that it once had, and so has none for a block of another kind.
    words = [] if name == "jemalloc" else ["large"]
    done = run([programs.result(f"{name}/{name}"), "-W", "ignore", "-c", CODE, *words], timeout=300)
    assert (done.stdout, done.stderr) == (f"refused and well\n{100_000_000 if words else ''}\n", "")


def test_mimalloc_is_what_none_asks_for(programs: Project) -> None:
    chosen, default = (programs.result(f"{name}/{name}").read_bytes() for name in ("mimalloc", "default"))
    assert chosen == default


def test_a_wrong_name(project: Project) -> None:
    project.write("staticbuild.bzl", CONFIG.replace("allocator = name", 'allocator = name + 2 * "c"'))
    done = project.run("build", "libc", code=2)
    assert "`allocator` wants" in done.stderr
