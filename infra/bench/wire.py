"""A server for HTTP/1.1 as the functions speak it, quick enough to be small beside what is measured: one thread, one
loop, whole requests in and prepared bytes out.

It counts its own time (`busy_ns`), so that a report can say how much of a measured time is the harness.
"""

import re
import selectors
import socket
import time

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


def response(status, body, headers=()):
    """An answer as bytes; `status` with its reason, as in "200 OK"."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode() + body


class Connection:
    """One client's connection: what came in of its next request."""

    def __init__(self, sock, service):
        self.sock = sock
        self.service = service
        self.received = b""

    def send(self, answer):
        # Answers are small: the socket's buffer takes each of them whole.
        self.sock.sendall(answer)

    def requests(self):
        """Takes the complete requests out of what was received: (head, body)."""
        while True:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.received[:end]
            if CHUNKED.search(head):
                raise ValueError("a request without a content-length")
            length = LENGTH.search(head)
            stop = end + 4 + (int(length.group(1)) if length else 0)
            if len(self.received) < stop:
                return
            body, self.received = self.received[end + 4 : stop], self.received[stop:]
            yield head, body


class Loop:
    """Serves any number of services. A service is a function of (connection, head, body) that answers by
    `connection.send`, at once or later."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self.busy_ns = 0

    def listen(self, service):
        """Starts to serve on a free port of 127.0.0.1 and returns it."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._selector.register(listener, selectors.EVENT_READ, service)
        return listener.getsockname()[1]

    def run_until(self, done, timeout_secs):
        """Serves until `done()`; False when nothing has come for `timeout_secs`."""
        while not done():
            events = self._selector.select(timeout_secs)
            if not events:
                return False
            started = time.perf_counter_ns()
            for key, _ in events:
                if isinstance(key.data, Connection):
                    self._read(key.data)
                else:
                    self._accept(key.fileobj, key.data)
            self.busy_ns += time.perf_counter_ns() - started
        return True

    def _accept(self, listener, service):
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(sock, selectors.EVENT_READ, Connection(sock, service))

    def _read(self, connection):
        try:
            data = connection.sock.recv(262144)
        except ConnectionResetError:
            data = b""
        if not data:
            self._selector.unregister(connection.sock)
            connection.sock.close()
            return
        connection.received += data
        for head, body in connection.requests():
            connection.service(connection, head, body)

    def close(self):
        """Closes every socket."""
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()
