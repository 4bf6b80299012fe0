"""Everything that is PostHog's: the form of an event on the wire, the request, the reply.

The only module that names the SDK. It posts by :func:`posthog.request.batch_post`, which adds
nothing to the events; the SDK's client would. What it puts beside them is left out: the time of
sending would tell how wrong this machine's clock is, by which programs on it could be joined, and
the name of the SDK tells its version. How a request goes is
:mod:`~cecli.analytics.delivery.transport`'s. Importing this module costs a quarter of a second, so
only a deliverer does, when it has something to send.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from enum import Enum
from gzip import GzipFile
from io import BytesIO
from typing import Any, NamedTuple

from posthog.request import batch_post, determine_server_host

from cecli import files
from cecli.analytics.delivery.state import GONE
from cecli.analytics.delivery.transport import MayNotGo, Reply, Transport, why_not
from cecli.analytics.destination import Destination
from cecli.analytics.spool.segment import Envelope

PIECE_SECONDS = 15
"""How long to wait for a connection, or for the next piece of a reply."""


class Answer(Enum):
    """What a reply means for the events that were sent."""

    ACCEPTED = "accepted"
    HALVE = "halve"
    """At least one of them is the trouble: find it by halving."""
    KEEP = "keep"
    GONE = "gone"
    """The server will never take any again."""


class Outcome(NamedTuple):
    """What came of one request."""

    answer: Answer
    why: str
    """In words, without anything of the server's that isn't a number."""
    retry_after: float = 0
    """Seconds that the server asks to wait."""


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
        self._transport: _Transport | None = None

    def send(self, batch: Sequence[Envelope], may_go: Callable[[], bool]) -> Outcome:
        """Post events in one request and judge the reply; never raises.

        The request runs in a thread: timeouts bound a single read, but neither the look-up of a
        name nor a server that trickles. A request that takes too long is abandoned. It can't start
        to send a body any more. If it had started, its events may arrive twice, with the same uuid.

        Args:
            batch: the events.
            may_go: asked before each piece of the body, once the connection stands.
        """
        outcome: list[Outcome] = []
        waiting = threading.Event()
        waiting.set()

        def send() -> None:
            outcome.append(self._send(batch, lambda: waiting.is_set() and may_go()))

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        thread.join(self._patience)
        waiting.clear()
        return outcome[0] if outcome else Outcome(Answer.KEEP, "no answer in time")

    def close(self) -> None:
        """Close the connection, as a server expects it."""
        if self._transport:
            self._transport.close()

    def _send(self, batch: Sequence[Envelope], may_go: Callable[[], bool]) -> Outcome:
        try:
            transport = self._transport = self._transport or _Transport(self._host)
            transport.begin(may_go)
            batch_post(
                self._key,
                self._host,
                gzip=False,  # ours to do, with what leaves
                timeout=PIECE_SECONDS,
                batch=[item(event) for event in batch],
                session=transport,
            )
        except MayNotGo:
            return Outcome(Answer.KEEP, "may not be sent any more")
        # requests' exceptions are OSErrors; what is no host raises ValueError.
        except (OSError, ValueError) as error:
            return Outcome(Answer.KEEP, why_not(error))
        assert transport.reply
        return judge(transport.reply)


class _Transport(Transport):
    """Sends of what the SDK has put together the key and the events, and nothing beside them."""

    def post(self, url: Any, data: Any = None, json: Any = None, **options: Any) -> Any:
        """Post a batch, under headers that tell no more than its events do."""
        options["headers"] = {
            "User-Agent": "cecli",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }
        return super().post(url, data=_packed(data), **options)


def _packed(text: str) -> bytes:
    """Return the body of a request; gzip's own header holds neither a time nor a name."""
    whole = json.loads(text)
    body = {name: whole[name] for name in ("api_key", "batch")}
    packed = BytesIO()
    with GzipFile(filename="", mode="wb", fileobj=packed, compresslevel=6, mtime=0) as file:
        file.write(json.dumps(body, separators=(",", ":")).encode())
    return packed.getvalue()


def judge(reply: Reply) -> Outcome:
    """Return what a reply means, by the table of docs/analytics.md.

    >>> judge(Reply(200, b'{"status": "Ok"}')).answer.value
    'accepted'
    >>> judge(Reply(200, b"<html>")).why
    'status 200 without an acceptance'
    """
    if reply.status == 410:
        return Outcome(Answer.GONE, GONE)
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
        answer = files.parse_object(body)
    except files.Unreadable:
        return False
    status = answer.get("status")
    return status in ("Ok", 1) and not answer.get("quota_limited")
