"""A small server that takes events as PostHog's ``/batch/`` does, on this machine only.

For trying an integration without a PostHog project, and for the tests: it hands on each received
event, or refuses it in one of two ways that a deliverer must bear.
"""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any, NamedTuple

MODES = {
    "ok": "accept",
    "400": "refuse the batch",
    "503": "be unavailable",
}
"""What a receiver can do with a request."""
_LARGEST_REQUEST = 64 * 1024 * 1024


class Request(NamedTuple):
    """One request that was received."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    items: list[dict[str, Any]]


class Receiver:
    """Listens on a loopback address from :meth:`start` to :meth:`stop`.

    Raises:
        ValueError: *address* is not one of this machine's own.
    """

    def __init__(
        self,
        address: str = "127.0.0.1",
        port: int = 0,
        *,
        mode: str = "ok",
        accept: Callable[[dict[str, Any]], None] = lambda item: None,
    ) -> None:
        """Bind the address.

        Args:
            address: where to listen, as an IP address.
            port: 0 for any free one.
            mode: one of :data:`MODES`; may be changed at any time.
            accept: called with each accepted item, one at a time.
        """
        if not ip_address(address).is_loopback:
            raise ValueError(f"the receiver listens on this machine only, not on {address!r}")
        self.mode, self.items, self.requests = mode, list[dict[str, Any]](), list[Request]()
        self._accept = accept
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = _Server(self, address, port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def url(self) -> str:
        """What to give as the PostHog host."""
        host, port = self._server.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def wait(self) -> None:
        """Wait until it is stopped."""
        self._stopping.wait()

    def stop(self) -> None:
        """Stop answering."""
        self._stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Receiver:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def receive(self, handler: Handler) -> None:
        """Read one request and answer it."""
        length = int(handler.headers.get("Content-Length") or 0)
        raw = handler.rfile.read(min(length, _LARGEST_REQUEST))
        try:
            if handler.headers.get("Content-Encoding") == "gzip":
                raw = gzip.decompress(raw)
            body = json.loads(raw)
            items = [dict(item) for item in body["batch"]]
        except (OSError, EOFError, ValueError, TypeError, KeyError):
            return handler.reply(400, {"detail": "this is no batch"})
        request = Request(handler.path, dict(handler.headers), body, items)
        with self._lock:
            self.requests.append(request)
        return self.answer(handler, request)

    def answer(self, handler: Handler, request: Request) -> None:
        """Answer a batch as the mode says."""
        if self.mode != "ok":
            return handler.reply(int(self.mode), {"detail": MODES[self.mode]})
        self.take(request)
        return handler.reply(200, {"status": "Ok"})

    def take(self, request: Request) -> None:
        """Accept a batch, and hand its items on."""
        with self._lock:
            self.items += request.items
            for item in request.items:
                self._accept(item)


class Handler(BaseHTTPRequestHandler):
    """Reads requests from a connection and answers them, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        """Hand a batch to the receiver."""
        if self.path == "/batch/":
            self.server.receiver.receive(self)
        else:
            self.close_connection = True  # its body is unread
            self.reply(404, {"detail": "only /batch/ is here"})

    def reply(self, status: int, body: dict[str, str]) -> None:
        """Answer with JSON."""
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, receiver: Receiver, address: str, port: int) -> None:
        self.receiver = receiver
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients may go away."""
