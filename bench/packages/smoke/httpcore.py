"""A response is read from a connection that is none."""

import httpcore

raw = [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"text"]
with httpcore.ConnectionPool(network_backend=httpcore.MockBackend(raw)) as pool:
    assert pool.request("GET", "http://example.org/").content == b"text"
