"""Greenlets wait for each other, and sockets do not block."""

import gevent
from gevent import socket
from gevent.server import StreamServer


def echo(connection: socket.socket, _address: object) -> None:
    connection.sendall(connection.recv(10).upper())


server = StreamServer(("127.0.0.1", 0), echo)
server.start()


def ask(text: bytes) -> bytes:
    with socket.create_connection(server.address[:2]) as connection:
        connection.sendall(text)
        return connection.recv(10)


jobs = [gevent.spawn(ask, text) for text in (b"one", b"two")]
gevent.joinall(jobs, timeout=20)
assert [job.value for job in jobs] == [b"ONE", b"TWO"]
server.stop()
