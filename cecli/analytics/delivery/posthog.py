"""Everything that is PostHog's: the form of an event on the wire, the request, the reply.

The only module that names the SDK, and it uses one function of it,
:func:`posthog.request.batch_post`: that adds nothing to the events, unlike its client. Importing
this module costs a quarter of a second, so only a deliverer does, when it has something to send.
"""

from __future__ import annotations

import io
import json
import math
import os
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from enum import Enum
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple

import requests
import urllib3
from posthog.request import APIError, batch_post, determine_server_host
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection

from cecli.analytics.delivery.state import LONGEST_DELAY
from cecli.analytics.destination import Destination
from cecli.analytics.spool.segment import Envelope

PIECE_SECONDS = 15
"""How long to wait for a connection, or for the next piece of a reply."""
_LARGEST_REPLY = 64 * 1024


class Answer(Enum):
    """What a reply means for the events that were sent."""

    ACCEPTED = "accepted"
    HALVE = "halve"
    """At least one of them is the trouble: find it by halving."""
    KEEP = "keep"


class Outcome(NamedTuple):
    """What came of one request."""

    answer: Answer
    why: str
    """In words, without anything of the server's that isn't a number."""
    retry_after: float = 0
    """Seconds that the server asks to wait."""


class _Reply(NamedTuple):
    status: int
    body: bytes
    retry_after: float = 0


def item(envelope: Envelope) -> dict[str, object]:
    """Return an event as PostHog's ``/batch/`` takes it; nothing is added."""
    seconds, milliseconds = divmod(round(envelope.time * 1000), 1000)
    moment = datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=milliseconds * 1000)
    return {
        "event": envelope.event,
        "properties": envelope.properties,
        "distinct_id": envelope.user_id,
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "uuid": envelope.uuid,
    }


class Connection:
    """A way to one destination; keeps its connection open between requests."""

    def __init__(self, destination: Destination, *, patience: float) -> None:
        self._key = destination.key or ""
        # The SDK maps app.posthog.com to the host that takes events; it doubles a final slash.
        self._host = determine_server_host(destination.host.rstrip("/")).rstrip("/")
        self._patience = patience
        self._adapter = _Adapter()
        self._session: requests.Session | None = None

    def send(self, batch: Sequence[Envelope], may_go: Callable[[], bool]) -> Outcome:
        """Post events in one request and judge the reply; never raises.

        The request runs in a thread: timeouts bound a single read, not a name that can't be
        resolved nor a server that trickles. One that takes too long is left behind. It begins no
        body any more; if it has begun one, its events may arrive twice, with the same uuid.

        Args:
            batch: the events.
            may_go: asked when the connection stands and takes the body, before each piece of it.
        """
        outcome: list[Outcome] = []
        waiting = threading.Event()
        waiting.set()
        self._adapter.may_go = lambda: waiting.is_set() and may_go()
        thread = threading.Thread(
            target=lambda: outcome.append(self._send([item(event) for event in batch])),
            daemon=True,
        )
        thread.start()
        thread.join(self._patience)
        waiting.clear()
        return outcome[0] if outcome else Outcome(Answer.KEEP, "no answer in time")

    def close(self) -> None:
        """Close the connection, as a server expects it."""
        self._adapter.close()

    def _send(self, items: list[dict[str, object]]) -> Outcome:
        self._adapter.reply = None
        failure = ""
        try:
            if self._session is None:
                self._session = _session(self._host, self._adapter)
            batch_post(
                self._key,
                self._host,
                gzip=True,
                timeout=PIECE_SECONDS,
                batch=items,
                session=self._session,
            )
        except _MayNotGo:
            return Outcome(Answer.KEEP, "may not be sent any more")
        except (
            APIError,
            OSError,  # requests' exceptions are, and a CA bundle that isn't there raises it bare
            urllib3.exceptions.HTTPError,
            ValueError,
            RecursionError,  # from the SDK, for a reply of brackets
            TypeError,  # from the SDK, for an error reply that holds a JSON list
        ) as error:
            failure = type(error).__name__
        reply = self._adapter.reply
        return judge(reply) if reply else Outcome(Answer.KEEP, f"no answer ({failure})")


def judge(reply: _Reply) -> Outcome:
    """Return what a reply means, by the table of docs/analytics.md.

    >>> judge(_Reply(200, b'{"status": "Ok"}')).answer.value
    'accepted'
    >>> judge(_Reply(200, b"<html>")).why
    'status 200 without an acceptance'
    """
    why = f"status {reply.status}"
    if reply.status in (400, 413):
        return Outcome(Answer.HALVE, why)
    if reply.status == 200:
        if _accepts(reply.body):
            return Outcome(Answer.ACCEPTED, why)
        why += " without an acceptance"
    elif reply.status in (401, 403, 404):
        why += ": the project key or the host is wrong"
    return Outcome(Answer.KEEP, why, reply.retry_after)


def _accepts(body: bytes) -> bool:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(answer, dict)
        and (answer.get("status") == "Ok" or answer.get("status") == 1)
        and not answer.get("quota_limited")
    )


class _MayNotGo(Exception):
    """The user has withdrawn the consent before the body was sent."""


class _Body(io.BytesIO):
    """A request's body, which asks whether it may go each time that a piece of it is taken.

    What sends it takes the first piece when the connection stands: the name was resolved, TLS was
    agreed and the headers were sent, which may have taken long.
    """

    def __init__(self, content: bytes, may_go: Callable[[], bool]) -> None:
        super().__init__(content)
        self._may_go = may_go

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if piece and not self._may_go():
            raise _MayNotGo
        return piece


_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 0, 0)
_LINGER_FOR_NOTHING = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_SOCKET_OPTIONS = [
    *HTTPConnection.default_socket_options,
    (socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_FOR_NOTHING),
]
"""When this process is killed, the system drops what the connection hasn't sent (socket(7))."""


class _Plain(HTTPConnection):
    def close(self) -> None:
        _close_in_order(self.sock)
        super().close()


class _Secure(HTTPSConnection):
    def close(self) -> None:
        _close_in_order(self.sock)
        super().close()


def _close_in_order(sock: socket.socket | None) -> None:
    """Let a connection that is closed, and not killed, end as a server expects it."""
    if sock is not None:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


_POOLS = {"http": _PlainPool, "https": _SecurePool}


class _Adapter(HTTPAdapter):
    """Sends a body as long as it may go; keeps a bounded piece of the reply.

    The reply is kept whatever the SDK makes of it.
    """

    reply: _Reply | None = None
    may_go: Callable[[], bool]

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        super().init_poolmanager(*sizes, **options, socket_options=_SOCKET_OPTIONS)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options, socket_options=_SOCKET_OPTIONS)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        assert isinstance(request.body, bytes)
        request.body = _Body(request.body, self.may_go)  # type: ignore[assignment]  # a file will do
        response = super().send(request, **{**options, "stream": True})
        raw = response.raw
        body = raw.read(_LARGEST_REPLY, decode_content=False)
        if len(body) == _LARGEST_REPLY:
            raw.close()  # the rest isn't wanted
        raw.release_conn()
        response.raw = io.BytesIO(body)
        self.reply = _Reply(
            response.status_code, body, _retry_after(response.headers.get("Retry-After", ""))
        )
        return response


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Refuse redirects: they would take the events, and the key, to somebody else."""


def _session(host: str, adapter: _Adapter) -> requests.Session:
    session = _Session()
    # Not trusting the environment keeps ~/.netrc out, and with it what is wanted of the
    # environment: proxies and CA bundles.
    session.trust_env = False
    session.proxies.update(get_environ_proxies(host))
    session.verify = _ca_bundle() or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["Accept-Encoding"] = "identity"
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session


def _ca_bundle() -> str | None:
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
    return next((os.environ[name] for name in names if os.environ.get(name)), None)


def _retry_after(text: str) -> float:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3); 0 for nonsense."""
    try:
        seconds = float(text)
    except ValueError:
        return _until(text)
    return min(max(seconds, 0), LONGEST_DELAY) if not math.isnan(seconds) else 0


def _until(date: str) -> float:
    from email.utils import parsedate_to_datetime

    try:
        seconds = (parsedate_to_datetime(date) - datetime.now(timezone.utc)).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, or one without a time zone
        return 0
    return min(max(seconds, 0), LONGEST_DELAY)
