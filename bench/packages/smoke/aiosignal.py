"""A signal calls its receivers."""

import asyncio

from aiosignal import Signal

seen: list[int] = []


async def receive(number: int) -> None:
    seen.append(number)


async def send() -> None:
    signal = Signal(object())
    signal.append(receive)
    signal.freeze()
    await signal.send(7)


asyncio.run(send())
assert seen == [7]
