"""A server and a client talk over a socket."""

import asyncio

from aiohttp import ClientSession, web
from aiohttp.http_parser import HttpRequestParser


async def answer(request: web.Request) -> web.Response:
    return web.json_response({"twice": 2 * int(request.query["n"])})


async def talk() -> dict[str, int]:
    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/?n=21") as response:
        found = await response.json()
    await runner.cleanup()
    return found


assert asyncio.run(talk()) == {"twice": 42}
assert HttpRequestParser is not None
