"""A server answers a client on one loop."""

import asyncio

from tornado import httpclient, httpserver, netutil, web
from tornado.speedups import websocket_mask


class Handler(web.RequestHandler):
    def get(self) -> None:
        self.write({"n": int(self.get_argument("n")) * 2})


async def talk() -> bytes:
    server = httpserver.HTTPServer(web.Application([("/", Handler)]))
    sockets = netutil.bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    address = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/?n=4"
    response = await httpclient.AsyncHTTPClient().fetch(address)
    server.stop()
    return response.body


assert asyncio.run(talk()) == b'{"n": 8}'
assert websocket_mask(b"abcd", b"text") == b"\x15\x07\x1b\x10"
