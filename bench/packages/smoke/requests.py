"""A server on this machine is asked."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(body[::-1])

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.handle_request, daemon=True).start()
session = requests.Session()
session.trust_env = False
response = session.post(f"http://127.0.0.1:{server.server_address[1]}/", data=b"abc", timeout=20)
assert (response.status_code, response.content) == (201, b"cba")
