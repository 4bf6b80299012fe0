"""A small capture end that speaks PostHog's ``/batch/``, on this machine only.

For trying an integration without a PostHog project, and for the tests: it hands on each received
event, and can answer wrongly in every way that a deliverer has to stand.
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
    "201": "answer 201 Created",
    "204": "answer 204 without a body",
    "400": "refuse the batch",
    "400-list": "refuse the batch with a JSON list",
    "401": "refuse the key",
    "403": "forbid",
    "404": "know nothing of it",
    "408": "say that the request took too long",
    "413": "find it too large",
    "429": "ask to wait for 7200 seconds",
    "429-inf": "ask to wait for ever",
    "500": "fail",
    "503": "be unavailable",
    "cookie": "accept, and set a cookie",
    "drop": "close the connection without an answer",
    "hang": "accept the request and never answer",
    "html": "answer 200 with a page",
    "huge": "answer 200 with 50 MB",
    "quota": "answer 200, with the quota used up",
    "redirect": "answer 307 to the location",
    "redirect-302": "answer 302 to the location",
    "trickle": "answer a byte at a time",
    "trickle-header": "answer headers a byte at a time",
}
"""What a receiver can do with a request; every mode but the accepting ones takes nothing."""
_LARGEST_REQUEST = 64 * 1024 * 1024


class Request(NamedTuple):
    """One request that was received."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


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
        location: str = "http://127.0.0.1:9/",
        accept: Callable[[dict[str, Any]], None] = lambda item: None,
        refuses: Callable[[dict[str, Any]], bool] = lambda item: False,
    ) -> None:
        """Bind the address.

        Args:
            address: where to listen, as an IP address.
            port: 0 for any free one.
            mode: one of :data:`MODES`; may be changed at any time.
            location: where ``redirect`` points to.
            accept: called with each accepted item, one at a time.
            refuses: in mode ``ok``, answer 400 to a batch that holds such an item.
        """
        if not ip_address(address).is_loopback:
            raise ValueError(f"the receiver listens on this machine only, not on {address!r}")
        self.mode, self.location, self.items = mode, location, list[dict[str, Any]]()
        self.requests = list[Request]()
        self._accept, self._refuses = accept, refuses
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        kind = type("_Server", (_Server,), {"address_family": _family(address)})
        self._server = kind((address, port), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def url(self) -> str:
        """What to give as the PostHog host."""
        host, port = self._server.server_address[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def wait(self) -> None:
        """Wait until it is stopped."""
        self._stopping.wait()

    def stop(self) -> None:
        """Stop answering, also those requests that were to hang."""
        self._stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Receiver:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request as the mode says."""
        length = int(handler.headers.get("Content-Length") or 0)
        raw = handler.rfile.read(min(length, _LARGEST_REQUEST))
        try:
            if handler.headers.get("Content-Encoding") == "gzip":
                raw = gzip.decompress(raw)
            body = json.loads(raw)
            items = [dict(item) for item in body["batch"]]
            request = Request(handler.path, dict(handler.headers), body)
        except (OSError, EOFError, ValueError, TypeError, KeyError):
            return _reply(handler, 400, {"detail": "this is no batch"})
        mode = self.mode
        with self._lock:
            self.requests.append(request)
        if mode in ("ok", "cookie"):
            if any(self._refuses(item) for item in items):
                return _reply(handler, 400, {"detail": "an event is bad"})
            with self._lock:
                self.items += items
                for item in items:
                    self._accept(item)
            cookies = {"Set-Cookie": "track=1; Path=/"} if mode == "cookie" else {}
            return _reply(handler, 200, {"status": "Ok"}, **cookies)
        return self._fail(handler, mode)

    def _fail(self, handler: BaseHTTPRequestHandler, mode: str) -> None:
        status = mode.partition("-")[0]
        if mode == "400-list":
            _reply(handler, 400, ["bad"])
        elif mode == "204":
            handler.send_response(204)
            handler.end_headers()
        elif mode.startswith("429"):
            wait = "inf" if mode == "429-inf" else "7200"
            _reply(handler, 429, {"detail": "slow down"}, **{"Retry-After": wait})
        elif status.isdigit():
            _reply(handler, int(status), {"detail": mode})
        elif status == "redirect":
            where = {"Location": self.location}
            _reply(handler, 302 if mode == "redirect-302" else 307, {}, **where)
        elif mode == "quota":
            _reply(handler, 200, {"status": "Ok", "quota_limited": ["events"]})
        elif mode == "html":
            _reply(handler, 200, "<html>Welcome to the hotel</html>")
        elif mode == "huge":
            self._pour(handler, b" " * 1_000_000, 50, 0)
        elif mode == "trickle":
            self._pour(handler, b" ", 1_000_000, 0.05)
        elif mode == "trickle-header":
            self._trickle(handler, b"HTTP/1.1 200 OK\r\nX-Long: ", 0.05)
        elif mode == "hang":
            self._stopping.wait()
            handler.close_connection = True

    def _pour(
        self, handler: BaseHTTPRequestHandler, piece: bytes, times: int, pause: float
    ) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(piece) * times))
        handler.end_headers()
        for _ in range(times):
            handler.wfile.write(piece)
            if self._stopping.wait(pause):
                break

    def _trickle(self, handler: BaseHTTPRequestHandler, start: bytes, pause: float) -> None:
        handler.wfile.write(start)
        while not self._stopping.wait(pause):
            handler.wfile.write(b"x")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away are what faults are for."""


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            if receiver.mode == "drop":
                self.close_connection = True
            elif self.path == "/batch/":
                receiver.answer(self)
            else:
                self.close_connection = True  # its body is unread
                _reply(self, 404, {"detail": "only /batch/ is here"})

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


def _reply(handler: BaseHTTPRequestHandler, status: int, body: object, **headers: str) -> None:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    handler.send_response(status)
    kind = "text/html" if isinstance(body, str) else "application/json"
    for name, value in {"Content-Type": kind, "Content-Length": str(len(raw)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(raw)
