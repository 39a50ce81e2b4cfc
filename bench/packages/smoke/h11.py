"""A request is parsed in pieces."""

import h11

connection = h11.Connection(h11.SERVER)
connection.receive_data(b"GET /a HTTP/1.1\r\nHost: b\r\n")
assert connection.next_event() is h11.NEED_DATA
connection.receive_data(b"\r\n")
request = connection.next_event()
assert (request.method, request.target) == (b"GET", b"/a")
