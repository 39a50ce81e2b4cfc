"""A program for any CPython: times operations on `bytes` and `str` that the C library does most of. Knows no peer.

`python operations.py` lists them, and then times each that it reads the name of, so that two interpreters can take turns. It
imports nothing of this package, so that any interpreter can run it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from operator import add, eq

SIZES = (64, 4096, 64 << 20)
ROUNDS = 5
LEAST = 0.002
_SOURCE = 128 << 10  # f-strings are compiled in time that grows with the square of what follows them

Operation = tuple[str, int, Callable[[], object]]


def operations(size: int) -> Iterator[Operation]:
    """What is timed on `size` bytes."""
    for make in (_finding, _comparing, _copying, _strings):
        for name, call in make(size):
            yield name, size, call


def _text(size: int) -> bytes:
    """Lines without `z` and without digits."""
    line = b"the quick brown fox jumps over a lamb and does not look back for a while\n"
    return (line * (size // len(line) + 1))[:size]


def _finding(size: int) -> Iterator[tuple[str, Callable[[], object]]]:
    data = _text(size)
    yield "bytes.find(byte)", lambda: data.find(b"z")
    yield "bytes.rfind(byte)", lambda: data.rfind(b"z")
    yield "bytes.find(word)", lambda: data.find(b"lazy dog")
    yield "bytes.rfind(word)", lambda: data.rfind(b"lazy dog")
    yield "bytes.count(byte)", lambda: data.count(b"z")
    yield "bytes.count(word)", lambda: data.count(b"lamb")
    yield "bytes.startswith", lambda: data.startswith(data)
    yield "bytes.split(line end)", lambda: data.split(b"\n")
    yield "bytes.splitlines", data.splitlines
    blank = b" " * (size // 2) + b"x" + b" " * (size // 2)
    yield "bytes.strip", blank.strip


def _comparing(size: int) -> Iterator[tuple[str, Callable[[], object]]]:
    left, right, less = _text(size), bytes(bytearray(_text(size))), _text(size)[:-1] + b"\0"
    yield "bytes ==", lambda: left == right
    yield "bytes <", lambda: less < left


def _copying(size: int) -> Iterator[tuple[str, Callable[[], object]]]:
    data = _text(size)
    array = bytearray(data)

    def overwrite() -> None:
        array[:] = data

    def move() -> None:
        array[1:] = memoryview(data)[:-1]

    half = data[: size // 2]
    pieces = [data[: size // 8]] * 8
    yield "bytearray[:] = bytes", overwrite
    yield "bytearray[1:] = view", move
    yield "bytearray[:]", lambda: array[:]
    yield "bytes + bytes", lambda: half + half
    yield "bytes.join", lambda: b"".join(pieces)
    yield "bytes * n", lambda: b"x" * size
    yield "bytes.replace(byte)", lambda: data.replace(b"q", b"Q")
    yield "bytes.replace(word)", lambda: data.replace(b"lamb", b"wolves")


def _strings(size: int) -> Iterator[tuple[str, Callable[[], object]]]:
    text = _text(size).decode()
    wide = {
        1: text,
        2: (text[: size // 2 - 1] + "Ω"),
        4: (text[: size // 4 - 1] + "😀"),
    }
    for width, value in wide.items():
        yield f"str.find(char), {width}-byte", partial(value.find, "z")
        yield f"str.rfind(char), {width}-byte", partial(value.rfind, "z")
        yield f"str.find(word), {width}-byte", partial(value.find, "lazy dog")
        yield f"str ==, {width}-byte", partial(eq, value, value[:1] + value[1:])
        yield f"str + str, {width}-byte", partial(add, value, value)
        yield f"str.encode, {width}-byte", value.encode
        yield f"bytes.decode, {width}-byte", value.encode().decode
    yield "str.split(line end)", lambda: text.split("\n")
    yield "str.replace(char)", lambda: text.replace("q", "Q")
    yield "str.replace(word)", lambda: text.replace("lamb", "wolves")


def other_operations() -> Iterator[Operation]:
    """What has sizes of its own: numbers and sources."""
    for digits in (64, 4096):
        number = int("7" * digits)
        yield "str(int)", digits, partial(str, number)
        yield "int(str)", digits, partial(int, str(number))
    lines = {"compile": "value = [call(a, b + 1), 'text', 3.5]\n", "compile, f-strings": "value = f'{a} of {b!r}: {c:>5}'\n"}
    for name, line in lines.items():
        for size in (64, 4096, _SOURCE):
            yield name, size, partial(compile, line * max(1, size // len(line)), "x", "exec")


def seconds(call: Callable[[], object]) -> float:
    """What one call takes: the best of some rounds of as many calls as fill LEAST seconds."""
    clock = time.perf_counter
    loops = 1
    while True:
        turns = [None] * loops
        start = clock()
        for _ in turns:
            call()
        taken = clock() - start
        if taken >= LEAST:
            break
        loops = max(loops + 1, min(loops * 10, int(loops * LEAST / max(taken, 1e-9)) + 1))
    best = taken
    for _ in range(ROUNDS - 1 if taken < 10 * LEAST else 0):
        start = clock()
        for _ in turns:
            call()
        best = min(best, clock() - start)
    return best / loops


def main() -> None:
    """Say what there is, a name and a size in a line, then an empty line; answer each line with that operation's seconds."""
    others = {(name, size): call for name, size, call in other_operations()}
    names = [name for name, _, _ in operations(SIZES[0])]
    for name, size in [*((name, size) for size in SIZES for name in names), *others]:
        print(f"{name}\t{size}")
    print(flush=True)
    current: tuple[int, dict[str, Callable[[], object]]] = (0, {})
    for line in sys.stdin:
        name, _, text = line.rstrip("\n").partition("\t")
        size = int(text)
        call = others.get((name, size))
        if call is None:
            if current[0] != size:
                current = (size, {each: call for each, _, call in operations(size)})
            call = current[1][name]
        print(seconds(call), flush=True)


if __name__ == "__main__":
    main()
