"""A server runs an application."""

import asyncio

import uvicorn


async def application(scope: dict[str, object], _receive: object, send) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def talk() -> bytes:
    server = uvicorn.Server(uvicorn.Config(application, port=0, lifespan="off", log_level="error"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    server.should_exit = True
    await running
    return answer


assert asyncio.run(talk()).endswith(b"\r\n\r\nok")
