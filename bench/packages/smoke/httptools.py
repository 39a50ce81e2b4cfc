"""A request is parsed by llhttp."""

import httptools


class Seen:
    def __init__(self) -> None:
        self.url, self.headers = b"", {}

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name] = value


seen = Seen()
parser = httptools.HttpRequestParser(seen)
parser.feed_data(b"POST /a?b=1 HTTP/1.1\r\nX-Y: z\r\n\r\n")
assert (seen.url, seen.headers, parser.get_method()) == (b"/a?b=1", {b"X-Y": b"z"}, b"POST")
assert httptools.parse_url(b"http://host:8/p").port == 8
