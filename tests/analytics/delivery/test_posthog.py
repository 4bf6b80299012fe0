"""What goes over the socket, and by which way."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cecli.analytics.delivery import posthog, transport
from cecli.analytics.delivery.posthog import Answer, Connection, Outcome, judge
from cecli.analytics.delivery.transport import Reply
from cecli.analytics.destination import Destination
from cecli.analytics.inspection.receiver import Receiver
from cecli.analytics.spool.segment import Envelope
from tools.user import PATIENCE

EVENT = Envelope(
    event="exit",
    properties={"reason": "done", "$ip": "0.0.0.0"},
    user_id="0609e6b8-96b2-4cf2-8b97-55355c62d373",
    time=1700000000.057,
    uuid="e451d859-aefa-4627-98b9-639b821e807e",
    line=b"",
)
ACCEPTANCE = b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"status": "Ok"}'


def _send(host: str, patience: float = PATIENCE) -> Outcome:
    return Connection(Destination(host, "phc_key"), patience=patience).send([EVENT], lambda: True)


@contextmanager
def _plain_server(context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Accept connections, write down the first line of each, and answer an acceptance."""
    heard: list[bytes] = []

    def wrap(accepted: socket.socket) -> socket.socket:
        return context.wrap_socket(accepted, server_side=True) if context else accepted

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    accepted, _ = listening.accept()
                    with accepted, wrap(accepted) as connection, connection.makefile("rb") as file:
                        heard.append(file.readline())
                        headers = http.client.parse_headers(file)
                        file.read(int(headers["Content-Length"]))
                        connection.sendall(ACCEPTANCE)
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], heard
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize(
    ("time", "timestamp"),
    [
        (1700000000.057, "2023-11-14T22:13:20.057Z"),
        (1700000000, "2023-11-14T22:13:20.000Z"),
        (1700000000.999, "2023-11-14T22:13:20.999Z"),
        (0.001, "1970-01-01T00:00:00.001Z"),
        (9000000000.001, "2255-03-14T16:00:00.001Z"),
    ],
)
def test_a_time_is_sent_to_the_millisecond(time: float, timestamp: str) -> None:
    assert posthog.item(EVENT._replace(time=time))["timestamp"] == timestamp


def test_every_millisecond_survives_the_way_to_text() -> None:
    for millisecond in range(1000):
        sent = posthog.item(EVENT._replace(time=round(1789012345 + millisecond / 1000, 3)))
        assert str(sent["timestamp"]).endswith(f".{millisecond:03d}Z")


@pytest.mark.parametrize(
    ("host", "used"),
    [
        ("https://app.posthog.com", "https://us.i.posthog.com"),
        ("https://us.posthog.com/", "https://us.i.posthog.com"),
        ("https://eu.posthog.com", "https://eu.i.posthog.com"),
        ("https://posthog.example.org//", "https://posthog.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_a_host_is_mapped_as_the_sdk_does(host: str, used: str) -> None:
    assert Connection(Destination(host, "k"), patience=1)._host == used


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b'{"status": "Ok"}', Answer.ACCEPTED),
        (200, b'{"status": 1}', Answer.ACCEPTED),
        (200, b'{"status": 1, "quota_limited": []}', Answer.ACCEPTED),
        (200, b'{"status": 1, "quota_limited": ["events"]}', Answer.KEEP),
        (200, b'{"status": 0}', Answer.KEEP),
        (200, b'["Ok"]', Answer.KEEP),
        (200, b"", Answer.KEEP),
        (200, b"[" * 60_000, Answer.KEEP),
        (201, b'{"status": "Ok"}', Answer.KEEP),
        (302, b"", Answer.KEEP),
        (400, b"", Answer.HALVE),
        (413, b"", Answer.HALVE),
        (410, b"", Answer.GONE),
        (401, b"", Answer.KEEP),
        (418, b"", Answer.KEEP),
        (500, b'{"status": "Ok"}', Answer.KEEP),
    ],
)
def test_only_an_acceptance_is_one(status: int, body: bytes, answer: Answer) -> None:
    assert judge(Reply(status, body)).answer is answer


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("-5", 0),
        ("inf", 86_400),
        ("nan", 0),
        ("1e300", 86_400),
        ("soon", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Fri, 31 Dec 2999 23:59:59 GMT", 86_400),
        ("Fri, 31 Dec 2999 23:59:59 -0000", 0),
        ("", 0),
    ],
)
def test_a_wish_to_wait_is_bounded(header: str, seconds: float) -> None:
    assert transport._retry_after(header) == seconds


def test_cookies_are_not_kept(receiver: Receiver) -> None:
    receiver.mode = "cookie"
    connection = Connection(Destination(receiver.url, "k"), patience=PATIENCE)
    for _ in range(2):
        assert connection.send([EVENT], lambda: True).answer is Answer.ACCEPTED
    assert not any("Cookie" in request.headers for request in receiver.requests)


def test_netrc_is_not_read(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    _send(receiver.url)
    assert "Authorization" not in receiver.requests[0].headers


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_proxy_is_used(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with _plain_server() as (port, heard):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        assert _send("http://posthog.invalid").answer is Answer.ACCEPTED
    assert heard[0].startswith(b"POST http://posthog.invalid/batch/ ")


def test_no_proxy_is_heeded(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert _send(receiver.url).answer is Answer.ACCEPTED


def test_a_slow_reply_is_given_up_as_a_whole(receiver: Receiver) -> None:
    receiver.mode = "trickle"
    assert _send(receiver.url, patience=0.5) == Outcome(Answer.KEEP, "no answer in time")


@pytest.mark.parametrize("host", ["http://", "nonsense", "http://[::1", "ftp://127.0.0.1"])
def test_a_host_that_is_none_is_a_fault_and_no_error(host: str) -> None:
    assert _send(host).answer is Answer.KEEP


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", None])
def test_tls_is_verified_with_the_bundle_of_the_environment(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if variable:
        monkeypatch.setenv(variable, str(certificate))
    with _plain_server(context) as (port, heard):
        outcome = _send(f"https://127.0.0.1:{port}")
    assert outcome.answer is (Answer.ACCEPTED if variable else Answer.KEEP)
    assert bool(heard) is bool(variable)
    assert variable or "certificate" in outcome.why


def test_a_bundle_that_is_not_there_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent.pem")
    assert _send("https://127.0.0.1:9").answer is Answer.KEEP
