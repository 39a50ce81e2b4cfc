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
    if sys.platform != "linux" or not _is_single_threaded():
        return work()
    reader, writer = os.pipe()
    try:
        child = os.fork()
    except OSError:  # no more processes: better without a limit than not at all
        os.close(reader)
        os.close(writer)
        return work()
    if child == 0:
        os.close(reader)
        _answer(work, writer, memory)
    os.close(writer)
    try:
        answer = _receive(reader, time.monotonic() + seconds)
    except BaseException:  # Ctrl-C, too: the child ignores it
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        os.close(reader)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 0:
        return answer
    if status in _OUT_OF_MEMORY:
        raise ChildDiedError(f"takes more than {memory / 2**30:.2g} GB of memory")
    raise ChildDiedError("crashes the Starlark interpreter" if status < 0 else "fails without a word")


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


def _answer(work: Callable[[], bytes], writer: int, memory: int) -> NoReturn:
    """What the child does. It never returns, and runs nothing that the parent registered for its own end."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _limit(memory)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 2)  # Rust writes its panics there
        faulthandler.disable()  # so that the parent alone tells of an abort
        answer = work()
        position = 0
        while position < len(answer):
            position += os.write(writer, answer[position : position + _CHUNK])
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


def _receive(reader: int, deadline: float) -> bytes:
    """All that the child writes. Raises ChildDiedError if it takes too long."""
    chunks: list[bytes] = []
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([reader], [], [], left)[0]:
            raise ChildDiedError("takes too long")
        chunk = os.read(reader, _CHUNK)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
