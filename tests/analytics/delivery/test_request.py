"""A privacy reading of a request: every header and every byte of it, as a socket gets them."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics.spool.names import STATE
from tests.analytics.scene import KEY, Scene, start
from tests.support import RESOLVES
from tools.user import until
from tools.wire import as_logged

ACCEPTANCE = b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"status": "Ok"}'


class Raw:
    """Takes connections on loopback and keeps every byte that comes."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def serving(self) -> Iterator[Raw]:
        thread = threading.Thread(target=self._serve)
        thread.start()
        try:
            yield self
        finally:
            self._listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        got = b""
        while piece := connection.recv(65536):
            got += piece
            head, end, body = got.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if end and length and len(body) >= int(length[1]):
                self.requests.append(got)
                connection.sendall(ACCEPTANCE)
                got = b""


@pytest.fixture
def raw() -> Iterator[Raw]:
    with Raw().serving() as raw:
        yield raw


def head_of(request: bytes) -> list[str]:
    return request.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def body_of(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[2]


def test_these_are_all_the_headers_and_all_that_they_say(home: Path, raw: Raw) -> None:
    scene = Scene(home, raw.url)
    scene.queue(3)
    scene.deliver()
    (request,) = raw.requests
    first, *headers = head_of(request)
    assert first == "POST /batch/ HTTP/1.1"
    assert sorted(headers) == sorted(
        [
            f"Host: 127.0.0.1:{raw.port}",
            "User-Agent: cecli",
            "Accept: */*",
            "Accept-Encoding: identity",
            "Connection: keep-alive",
            "Content-Type: application/json",
            "Content-Encoding: gzip",
            f"Content-Length: {len(body_of(request))}",
        ]
    )


def test_this_is_all_that_a_body_holds(home: Path, raw: Raw) -> None:
    scene = Scene(home, raw.url)
    logged = scene.queue(3)
    scene.deliver()
    (request,) = raw.requests
    body = json.loads(gzip.decompress(body_of(request)))
    assert body.keys() == {"api_key", "batch"}
    assert body["api_key"] == KEY
    assert [as_logged(item) for item in body["batch"]] == logged


def test_the_header_of_gzip_holds_no_time_no_name_and_no_system(home: Path, raw: Raw) -> None:
    scene = Scene(home, raw.url)
    scene.queue(1)
    scene.deliver()
    # RFC 1952, 2.3: magic, deflate, no flags, no time, no extra flags, an unknown system.
    assert body_of(raw.requests[0])[:10] == b"\x1f\x8b\x08\0" + b"\0\0\0\0" + b"\0" + b"\xff"


def test_the_same_events_make_the_same_bytes_whenever_they_are_sent(
    home: Path, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So nothing in a request comes from the clock, from chance or from the environment."""
    scene = Scene(home, raw.url)
    lines = scene.lines(4)
    for number in range(3):
        scene.queue_lines(lines)
        monkeypatch.setenv("LANG", f"de_{number}")
        monkeypatch.setenv("USER", f"ada{number}")
        with start("deliver") as child:
            child.communicate()
    assert len(raw.requests) == 3
    assert len(set(raw.requests)) == 1


def test_the_posthog_sdks_own_settings_add_nothing(
    home: Path, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("POSTHOG_CAPTURE_MODE", "POSTHOG_RELEASE_ID"):
        monkeypatch.setenv(name, "v1")
    scene = Scene(home, raw.url)
    scene.queue(1)
    with start("deliver") as child:
        child.communicate()
    (request,) = raw.requests
    assert json.loads(gzip.decompress(body_of(request))).keys() == {"api_key", "batch"}


def test_no_two_sessions_share_anything_but_the_id_and_the_facts_of_the_machine(
    home: Path, raw: Raw
) -> None:
    scene = Scene(home, raw.url)
    for _ in range(2):
        scene.run_program(RESOLVES + "analytics.event('launched')\nanalytics.close()\n")
        scene.wait_for_quiet()
        (scene.folder / STATE).unlink()  # so that the next deliverer is the first, and won't pause
    until(lambda: len(raw.requests) == 2)
    items = [json.loads(gzip.decompress(body_of(each)))["batch"][0] for each in raw.requests]
    texts = [words_of(item) for item in items]
    own = [{word for word in words if UUID.fullmatch(word)} for words in texts]
    assert [len(each) for each in own] == [3, 3]  # the user's, the event's, the session's
    assert own[0] & own[1] == {scene.user_id}


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def words_of(value: Any) -> set[str]:
    """Return every text and number in a JSON value."""
    if isinstance(value, dict):
        return set().union(*map(words_of, value.values()))
    if isinstance(value, list):
        return set().union(*map(words_of, value))
    return {str(value)}
