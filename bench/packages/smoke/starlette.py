"""A request is routed."""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.path_params["name"].upper())


application = Starlette(routes=[Route("/{name}", hello)])
scope = {"type": "http", "method": "GET", "path": "/ada", "query_string": b"", "headers": [], "root_path": ""}


async def ask() -> list[dict[str, object]]:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    return sent


assert asyncio.run(ask())[1]["body"] == b"ADA"
