"""A server that takes its time before TLS is agreed, or before it answers."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from pathlib import Path
from types import TracebackType

ACCEPTANCE = b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"status": "Ok"}'


class LateServer:
    """Takes one connection; waits at *stage* until it is told to go on."""

    def __init__(self, certificate: Path, stage: str = "handshake") -> None:
        """Listen on loopback; *stage* is ``handshake``, or ``answer``, with the body read."""
        self.came = threading.Event()
        """Set once a client waits at the stage."""
        self.go_on = threading.Event()
        self.headers: list[str] = []
        """The headers of the request, if any came."""
        self.body = b""
        """What of a body came."""
        self._stage = stage
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> LateServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.finish()

    def finish(self) -> None:
        """Go on, and wait until the client has gone."""
        self.go_on.set()
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        accepted, _ = self._listening.accept()
        with accepted:
            try:
                if self._stage == "handshake":
                    self._wait()
                with self._context.wrap_socket(accepted, server_side=True) as connection:
                    self._answer(connection)
            except OSError:
                return  # the client has gone

    def _answer(self, connection: ssl.SSLSocket) -> None:
        with connection.makefile("rb") as file:
            file.readline()
            headers = http.client.parse_headers(file)
            self.headers = list(headers.keys())
            length = int(headers["Content-Length"])
            while len(self.body) < length and (piece := file.read1(length - len(self.body))):
                self.body += piece
            if self._stage == "answer":
                self._wait()
            if len(self.body) == length:
                connection.sendall(ACCEPTANCE)

    def _wait(self) -> None:
        self.came.set()
        self.go_on.wait()
