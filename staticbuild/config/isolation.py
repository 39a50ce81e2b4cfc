"""Runs an evaluation in a child process, whose memory the system bounds. Knows nothing of what is evaluated.

A config can ask for any amount of memory in one step (`[0] * 2000000000`), and starlark-rust answers a refused allocation with
an abort as often as with a panic. No check within the process is sound: the interpreter polls once per thousand steps, and
doubling a string forty times takes forty. A forked child with a limit on its address space is: it may die in any way, and the
parent says so. The same catches what no poll interrupts (one long builtin) and keeps Rust's panics off the terminal.

The child is forked, not started anew, because a new interpreter would take longer than most evaluations. Where forking is not
safe (other threads run, or this is not Linux) the work is done in this process, with the engine's own limits.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Final, NoReturn

MEMORY: Final = 2 * 2**30  # bytes that an evaluation may take on top of what the process has
SECONDS: Final = 90.0  # more than the engine's own limit, which says where
_STACK: Final = 2**30  # address space for the engine's thread, twice its size
_CHUNK: Final = 2**20


class ChildDiedError(Exception):
    """The child ended without an answer: `reason` reads well after "evaluating `staticbuild.bzl`"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def in_child(work: Callable[[], bytes], *, memory: int = MEMORY, seconds: float = SECONDS) -> bytes:
    """What `work` returns, computed in a child process where that is possible. Raises ChildDiedError."""
    return in_asking_child(lambda _: work(), _nobody_asks, memory=memory, seconds=seconds)


def in_asking_child(
    work: Callable[[Answer], bytes], answer: Answer, *, memory: int = MEMORY, seconds: float = SECONDS
) -> bytes:
    """The same for work that asks: what it calls with a question waits until `answer` has been called here, in this process.

    The time that answers take does not count. What `answer` raises ends the child.
    """
    if sys.platform != "linux" or not _is_single_threaded():
        return work(answer)
    reader, writer = os.pipe()
    answers, answering = os.pipe()
    try:
        child = os.fork()
    except OSError:  # no more processes: better without a limit than not at all
        for each in (reader, writer, answers, answering):
            os.close(each)
        return work(answer)
    if child == 0:
        os.close(reader)
        os.close(answering)
        _work(work, writer, answers, memory)
    os.close(writer)
    os.close(answers)
    outcome = b""
    try:
        while True:
            kind, outcome = _receive(reader, time.monotonic() + seconds)
            if kind != _QUESTION:
                break
            _send(answering, _ANSWER, answer(outcome))
    except BaseException:  # Ctrl-C, too: the child ignores it
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        os.close(reader)
        os.close(answering)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 0 and kind == _ANSWER:
        return outcome
    if status in _OUT_OF_MEMORY:
        raise ChildDiedError(f"takes more than {memory / 2**30:.2g} GB of memory")
    raise ChildDiedError("crashes the Starlark interpreter" if status < 0 else "fails without a word")


Answer = Callable[[bytes], bytes]
_QUESTION: Final = b"?"
_ANSWER: Final = b"="
_END: Final = b""
_HEAD: Final = 9  # one byte for the kind of a message, eight for its length


def _nobody_asks(question: bytes) -> bytes:
    raise AssertionError(question)


def _is_single_threaded() -> bool:
    """Whether a fork takes all of this process along. A thread that has been joined may be listed for a moment longer."""
    if threading.active_count() > 1:
        return False
    for _ in range(10):
        if len(os.listdir("/proc/self/task")) == 1:
            return True
        time.sleep(0.001)
    return False


# An abort is how Rust answers a refused allocation, and a kill is how Linux ends who takes too much.
_OUT_OF_MEMORY: Final = (-signal.SIGABRT, -signal.SIGKILL, -signal.SIGBUS)


def _work(work: Callable[[Answer], bytes], writer: int, answers: int, memory: int) -> NoReturn:
    """What the child does. It never returns, and runs nothing that the parent registered for its own end."""
    status = 1

    def ask(question: bytes) -> bytes:
        _send(writer, _QUESTION, question)
        return _receive(answers, None)[1]

    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _limit(memory)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 2)  # Rust writes its panics there
        faulthandler.disable()  # so that the parent alone tells of an abort
        _send(writer, _ANSWER, work(ask))
        status = 0
    finally:
        os._exit(status)


def _limit(memory: int) -> None:
    import resource  # noqa: PLC0415 - Linux has it, not every host

    with open("/proc/self/statm", encoding="ascii") as file:
        taken = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = taken + _STACK + memory
    if hard == resource.RLIM_INFINITY or wanted < hard:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _send(writer: int, kind: bytes, message: bytes) -> None:
    whole = memoryview(kind + len(message).to_bytes(_HEAD - 1, "little") + message)
    position = 0
    while position < len(whole):
        position += os.write(writer, whole[position : position + _CHUNK])


def _receive(reader: int, deadline: float | None) -> tuple[bytes, bytes]:
    """The next message of the other side, with its kind: `_END` if that has closed. Raises ChildDiedError after `deadline`."""
    head = _read(reader, _HEAD, deadline)
    if len(head) < _HEAD:
        return _END, b""
    size = int.from_bytes(head[1:], "little")
    message = _read(reader, size, deadline)
    return (head[:1], message) if len(message) == size else (_END, b"")


def _read(reader: int, size: int, deadline: float | None) -> bytes:
    """`size` bytes, or fewer if the other side has closed."""
    chunks: list[bytes] = []
    while size:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and (left <= 0 or not select.select([reader], [], [], left)[0]):
            raise ChildDiedError("takes too long")
        chunk = os.read(reader, min(size, _CHUNK))
        if not chunk:
            break
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
