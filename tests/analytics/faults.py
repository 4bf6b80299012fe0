"""A receiver that answers wrongly in every way that a deliverer has to stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cecli.analytics.inspection.receiver import MODES, Handler, Receiver, Request

FAULTS = {
    "201": "answer 201 Created",
    "204": "answer 204 without a body",
    "400-list": "refuse the batch with a JSON list",
    "401": "refuse the key",
    "403": "forbid",
    "404": "know nothing of it",
    "408": "say that the request took too long",
    "410": "be gone for good",
    "413": "find it too large",
    "429": "ask to wait for 7200 seconds",
    "429-inf": "ask to wait for ever",
    "500": "fail",
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
"""What it does beside :data:`MODES`; each takes nothing, except ``cookie``."""


class FaultyReceiver(Receiver):
    """Also answers as :data:`FAULTS` say, and refuses what a test wants refused."""

    def __init__(
        self,
        *,
        mode: str = "ok",
        accept: Callable[[dict[str, Any]], None] = lambda item: None,
        refuses: Callable[[dict[str, Any]], bool] = lambda item: False,
    ) -> None:
        """Bind a port of loopback; in mode ``ok``, answer 400 to a batch that *refuses* finds."""
        super().__init__(mode=mode, accept=accept)
        self.location = "http://127.0.0.1:9/"
        """Where ``redirect`` points to."""
        self._refuses = refuses

    def __enter__(self) -> FaultyReceiver:
        self.start()
        return self

    def receive(self, handler: Handler) -> None:
        if self.mode == "drop":
            handler.close_connection = True
        else:
            super().receive(handler)

    def answer(self, handler: Handler, request: Request) -> None:
        mode, status = self.mode, self.mode.partition("-")[0]
        if mode == "ok" and any(self._refuses(item) for item in request.items):
            handler.reply(400, {"detail": "an event is bad"})
        elif mode in MODES:
            super().answer(handler, request)
        elif mode == "cookie":
            self.take(request)
            reply(handler, 200, {"status": "Ok"}, **{"Set-Cookie": "track=1; Path=/"})
        elif mode == "400-list":
            reply(handler, 400, ["bad"])
        elif mode == "204":
            handler.send_response(204)
            handler.end_headers()
        elif status == "429":
            wait = "inf" if mode == "429-inf" else "7200"
            reply(handler, 429, {"detail": "slow down"}, **{"Retry-After": wait})
        elif status.isdigit():
            handler.reply(int(status), {"detail": mode})
        elif status == "redirect":
            code = 302 if mode == "redirect-302" else 307
            reply(handler, code, {}, Location=self.location)
        elif mode == "quota":
            reply(handler, 200, {"status": "Ok", "quota_limited": ["events"]})
        elif mode == "html":
            reply(handler, 200, "<html>Welcome to the hotel</html>")
        elif mode == "huge":
            self._pour(handler, b" " * 1_000_000, 50, 0)
        elif mode == "trickle":
            self._pour(handler, b" ", 1_000_000, 0.05)
        elif mode == "trickle-header":
            self._trickle(handler, b"HTTP/1.1 200 OK\r\nX-Long: ", 0.05)
        elif mode == "hang":
            self.wait()
            handler.close_connection = True
        else:
            raise ValueError(mode)

    def _pour(self, handler: Handler, piece: bytes, times: int, pause: float) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(piece) * times))
        handler.end_headers()
        for _ in range(times):
            handler.wfile.write(piece)
            if self._stopping.wait(pause):
                break

    def _trickle(self, handler: Handler, start: bytes, pause: float) -> None:
        handler.wfile.write(start)
        while not self._stopping.wait(pause):
            handler.wfile.write(b"x")


def reply(handler: Handler, status: int, body: object, **headers: str) -> None:
    """Answer with further headers, and with any JSON, or with a page if *body* is text."""
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kind = "text/html" if isinstance(body, str) else "application/json"
    headers = {"Content-Type": kind, "Content-Length": str(len(raw)), **headers}
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(raw)
