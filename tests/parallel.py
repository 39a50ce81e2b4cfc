"""Runs the collected tests in several processes, of which each takes whole files. Knows nothing of what is tested.

The processes are forked after collection, so that they start at once, and have one thread each: what is forked off for the
evaluation of a config must take all of its process along (staticbuild/config/isolation.py). That is why this is not
pytest-xdist, whose workers have a second thread, and would evaluate hostile configs without a limit on memory.

Files are handed out in the order of collection. What a file's tests share is thus made once, and what is made once for a
session is made once in each process, unless the processes share it on purpose.
"""

from __future__ import annotations

import itertools
import json
import os
import selectors
import signal
import struct
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import pytest

_NUMBER: Final = struct.Struct("<I")


@dataclass
class Process:
    """One that runs tests: its identity, where its reports arrive, what has arrived of the next one, and the test it is at."""

    pid: int
    reader: int
    received: bytearray = field(default_factory=bytearray)
    running: str = "no test"


def run(session: pytest.Session, count: int) -> bool:
    """In place of pytest's own loop: all tests of `session` in `count` processes. What they report is reported by this one."""
    files = [list(items) for _, items in itertools.groupby(session.items, key=lambda item: item.path)]
    # All of them fit into a pipe, and one read takes one number: no lock is needed.
    numbers, supply = os.pipe()
    os.write(supply, b"".join(_NUMBER.pack(number) for number in range(len(files))))
    os.close(supply)
    processes: list[Process] = []
    try:
        processes.extend(_fork(session, files, numbers) for _ in range(min(count, len(files))))
        os.close(numbers)
        _report(session, processes)
    finally:
        for process in processes:
            os.kill(process.pid, signal.SIGKILL)
            os.waitpid(process.pid, 0)
    return True


def _report(session: pytest.Session, processes: list[Process]) -> None:
    with selectors.DefaultSelector() as selector:
        for process in processes:
            selector.register(process.reader, selectors.EVENT_READ, process)
        while selector.get_map():
            for key, _ in selector.select():
                one: Process = key.data
                if data := os.read(one.reader, 1 << 16):
                    one.received += data
                    for message in _messages(one.received):
                        _tell(session, one, message)
                    continue
                selector.unregister(one.reader)
                os.close(one.reader)
                if one.running:
                    session.shouldfail = f"a process of the tests died while it ran {one.running}"
                    raise session.Failed(session.shouldfail)


def _tell(session: pytest.Session, process: Process, message: dict[str, Any]) -> None:
    """What the process says: the test that it begins ("" at its end), or a report."""
    if "running" in message:
        process.running = message["running"]
        return
    hook = session.config.hook
    report = hook.pytest_report_from_serializable(config=session.config, data=message["report"])
    if isinstance(report.longrepr, list):
        # Where and why a test was skipped. JSON has no tuples, and pytest insists on one.
        report.longrepr = tuple(report.longrepr)
    hook.pytest_runtest_logreport(report=report)
    if report.when == "teardown":
        hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)


def _fork(session: pytest.Session, files: list[list[pytest.Item]], numbers: int) -> Process:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _work(session, files, numbers, _Sender(session.config, writer))
    os.close(writer)
    return Process(pid, reader)


class _Sender:
    """A plugin of a process that runs tests: sends what they report to the one that tells of it."""

    def __init__(self, config: pytest.Config, writer: int) -> None:
        self._config = config
        self._writer = writer

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Pass it on."""
        self.send(report=self._config.hook.pytest_report_to_serializable(config=self._config, report=report))

    def send(self, **message: object) -> None:
        """Say something; `_tell` understands it."""
        text = json.dumps(message).encode()
        data = memoryview(_NUMBER.pack(len(text)) + text)
        while data:
            data = data[os.write(self._writer, data) :]


def _messages(received: bytearray) -> Iterator[dict[str, Any]]:
    """Take out of `received` what is complete."""
    while len(received) >= _NUMBER.size:
        end = _NUMBER.size + _NUMBER.unpack_from(received)[0]
        if len(received) < end:
            return
        text = bytes(received[_NUMBER.size : end])
        del received[:end]
        yield json.loads(text)


def _work(session: pytest.Session, files: list[list[pytest.Item]], numbers: int, sender: _Sender) -> NoReturn:
    """What such a process does. It leaves without the ends of the session, which are the other process' affair."""
    status = 1
    try:
        plugins = session.config.pluginmanager
        plugins.unregister(name="terminalreporter")
        plugins.register(sender)
        # Output is caught in files, and those that were opened before the fork belong to all.
        if (capture := plugins.getplugin("capturemanager")) is not None:
            capture.stop_global_capturing()
            capture.start_global_capturing()
        items = _taken(files, numbers)
        item = next(items, None)
        while item is not None:
            sender.send(running=item.nodeid)
            # Asked for before this one runs: what both have in common is not torn down.
            following = next(items, None)
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = following
        sender.send(running="")
        status = 0
    except KeyboardInterrupt:
        pass  # whoever pressed Ctrl-C hears of it from the other process
    except BaseException:  # noqa: BLE001 - nothing but this process is left to hear of it
        traceback.print_exc()
    finally:
        os._exit(status)


def _taken(files: list[list[pytest.Item]], numbers: int) -> Iterator[pytest.Item]:
    """The tests of files that no other process has taken, as long as there are any."""
    while number := os.read(numbers, _NUMBER.size):
        yield from files[_NUMBER.unpack(number)[0]]
