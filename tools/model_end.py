"""An OpenAI-compatible end on loopback that answers what a test has put in a list."""

from __future__ import annotations

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

PROMPT_TOKENS, COMPLETION_TOKENS = 1234, 56
"""What an answer reports, unless it says otherwise."""


class Answer(NamedTuple):
    """How to answer one request."""

    text: str = "Hello."
    status: int = 200
    hangs: bool = False
    """Send the start of a streamed answer, and nothing more until the end is closed."""
    prompt_tokens: int = PROMPT_TOKENS
    completion_tokens: int = COMPLETION_TOKENS


class ModelEnd:
    """Listens from its making to :meth:`close`; as a context manager it closes itself."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answers: deque[Answer] = deque()
        """The next answers; a plain one when there are none."""
        self.closing = threading.Event()
        end = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                end.requests.append(body)
                end.answer(self, body, end.answers.popleft() if end.answers else Answer())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def answer(self, request: BaseHTTPRequestHandler, body: dict[str, Any], how: Answer) -> None:
        """Send an answer to a request for a chat completion."""
        if how.status != 200:
            error = {"error": {"message": f"SECRET refusal: {body['messages']}", "type": "x"}}
            self._send(request, how.status, "application/json", json.dumps(error))
            return
        common = {"id": "1", "created": 0, "model": body["model"]}
        usage = {
            "prompt_tokens": how.prompt_tokens,
            "completion_tokens": how.completion_tokens,
            "total_tokens": how.prompt_tokens + how.completion_tokens,
        }
        if not body.get("stream"):
            message = {"role": "assistant", "content": how.text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            whole = {**common, "object": "chat.completion", "choices": [choice], "usage": usage}
            self._send(request, 200, "application/json", json.dumps(whole))
            return
        common["object"] = "chat.completion.chunk"
        delta = {"role": "assistant", "content": how.text}
        last = {**common, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        pieces = [
            {**common, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
            last,
        ]
        # OpenAI reports the tokens of a stream to those who ask, in a piece of its own; others
        # report them to everybody, with the last piece.
        if (body.get("stream_options") or {}).get("include_usage"):
            pieces.append({**common, "choices": [], "usage": usage})
        else:
            last["usage"] = usage
        lines = [f"data: {json.dumps(piece)}\n\n" for piece in pieces]
        if how.hangs:
            self._start(request, 200, "text/event-stream", len("".join(lines)))
            request.wfile.write(lines[0].encode())
            request.wfile.flush()
            self.closing.wait()
            return
        self._send(request, 200, "text/event-stream", "".join(lines) + "data: [DONE]\n\n")

    @staticmethod
    def _start(request: BaseHTTPRequestHandler, status: int, kind: str, length: int) -> None:
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(length))
        request.end_headers()

    def _send(self, request: BaseHTTPRequestHandler, status: int, kind: str, text: str) -> None:
        self._start(request, status, kind, len(text))
        request.wfile.write(text.encode("ascii"))

    def close(self) -> None:
        """Stop listening; an answer that hangs is broken off."""
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> ModelEnd:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
