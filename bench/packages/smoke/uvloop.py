"""A loop in C talks over a socket and runs a program."""

import asyncio

import uvloop


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write((await reader.readline()).upper())
    writer.close()


async def talk() -> tuple[bytes, bytes]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"text\n")
    line = await reader.readline()
    server.close()
    process = await asyncio.create_subprocess_exec("/bin/echo", "hi", stdout=asyncio.subprocess.PIPE)
    return line, (await process.communicate())[0]


assert uvloop.run(talk()) == (b"TEXT\n", b"hi\n")
