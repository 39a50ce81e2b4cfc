"""One use of memory, measured by the process itself. Run by interpreters that differ in what serves malloc; knows neither.

    PYTHON memory_worker.py NAME

Prints the seconds of processor time that it took.
"""

import json
import random
import sqlite3
import sys
import threading
import time
import zlib


def small_objects() -> None:
    """What CPython's own allocator serves: it asks for arenas of a megabyte."""
    for _ in range(2):
        {str(number): number for number in range(300_000)}


def medium_blocks(count: int = 200_000, seed: int = 1) -> None:
    """Of 0.5 to 9 kB, some thousands of them alive."""
    sizes = [random.Random(seed).randrange(513, 9000) for _ in range(1000)]
    kept: list[bytearray | None] = [None] * 4000
    for index in range(count):
        kept[(index * 7919) % 4000] = bytearray(sizes[index % 1000])


def large_blocks() -> None:
    """Of 40 to 220 kB, fifty of them alive."""
    kept: list[bytearray | None] = [None] * 50
    for index in range(10_000):
        kept[index % 50] = bytearray(40_000 + index % 7 * 30_000)


def huge_blocks() -> None:
    """Six times 64 MB out of two halves."""
    half = bytes(32 << 20)
    for _ in range(6):
        half + half


def growing_list() -> None:
    """Two million times `append`, twice."""
    for _ in range(2):
        grown: list[None] = []
        for _ in range(2_000_000):
            grown.append(None)  # noqa: PERF401 - one by one is the point


def growing_bytes() -> None:
    """64 MB in steps of 4 kB."""
    grown = bytearray()
    step = bytes(4096)
    for _ in range(16384):
        grown += step


def json_text() -> None:
    """Documents of 1 MB, read and written."""
    text = json.dumps([{"number": number, "name": f"n{number}", "values": [1.5, number, None]} for number in range(20_000)])
    for _ in range(3):
        json.dumps(json.loads(text))


def database() -> None:
    """SQLite in memory: a library in C that asks for many blocks of all sizes."""
    base = sqlite3.connect(":memory:")
    base.execute("create table t (a, b)")
    base.executemany("insert into t values (?, ?)", ((number, f"x{number}") for number in range(100_000)))
    base.execute("create index i on t (b)")
    base.execute("select count(*) from t join t u on t.b = u.b").fetchall()


def four_threads() -> None:
    """Compression in four threads at the same time: a library in C, without the interpreter's lock."""

    def work(number: int) -> None:
        data = random.Random(number).randbytes(3000)
        for _ in range(300):
            zlib.decompress(zlib.compress(data, 1))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def four_threads_of_python() -> None:
    """Medium blocks, in four threads."""
    threads = [threading.Thread(target=medium_blocks, args=(40_000, number)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


USES = (
    small_objects,
    medium_blocks,
    large_blocks,
    huge_blocks,
    growing_list,
    growing_bytes,
    json_text,
    database,
    four_threads,
    four_threads_of_python,
)

if __name__ == "__main__":
    (use,) = [use for use in USES if use.__name__ == sys.argv[1]]
    start = time.process_time()
    use()
    print(time.process_time() - start)
