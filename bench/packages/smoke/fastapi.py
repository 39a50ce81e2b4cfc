"""A request is checked and answered."""

import asyncio

from fastapi import FastAPI
from pydantic import BaseModel

application = FastAPI()


class Item(BaseModel):
    name: str
    price: float


@application.post("/items")
def create(item: Item) -> dict[str, object]:
    return {"name": item.name, "total": item.price * 2}


async def ask(body: bytes) -> tuple[int, bytes]:
    sent: list[dict[str, object]] = []
    scope = {
        "type": "http", "method": "POST", "path": "/items", "raw_path": b"/items", "query_string": b"", "root_path": "",
        "scheme": "http", "headers": [(b"content-type", b"application/json")], "http_version": "1.1",
    }  # fmt: skip

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


assert asyncio.run(ask(b'{"name": "a", "price": 1.5}')) == (200, b'{"name":"a","total":3.0}')
assert asyncio.run(ask(b'{"name": "a"}'))[0] == 422
assert "/items" in application.openapi()["paths"]
