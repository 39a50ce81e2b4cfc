"""A client asks an application without a network."""

import httpx


def answer(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"path": request.url.path})


with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://demo") as client:
    assert client.get("/a").json() == {"path": "/a"}
assert httpx.create_ssl_context().verify_mode
