"""A message goes over a socket and back."""

import asyncio

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve


async def echo(connection) -> None:
    async for message in connection:
        await connection.send(message[::-1])


async def talk() -> str:
    async with serve(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as connection:
            await connection.send("abc")
            return await connection.recv()


assert asyncio.run(talk()) == "cba"
