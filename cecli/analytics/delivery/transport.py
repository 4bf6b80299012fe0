"""How a request goes over the network: one POST, to one server, and a bounded piece of its reply.

Owns proxies, TLS, cookies, redirects, and what becomes of bytes that were not sent. What is in a
request, and what a reply means, is :mod:`~cecli.analytics.delivery.posthog`'s.
"""

from __future__ import annotations

import io
import math
import os
import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection

from cecli.analytics.delivery.back_off import LONGEST_DELAY

_LARGEST_REPLY = 64 * 1024


class Reply(NamedTuple):
    """What a server has answered."""

    status: int
    body: bytes
    """Its first bytes."""
    retry_after: float = 0
    """Seconds that the server asks to wait."""


class MayNotGo(Exception):
    """The body wasn't sent, or not wholly, because it may no longer go."""


class BadBundle(OSError):
    """A variable names no certificates that can be trusted; the message is for people."""


class Transport(requests.Session):
    """Posts bodies as long as they may go; keeps its connection open between requests."""

    def __init__(self, url: str) -> None:
        """Prepare.

        Args:
            url: where requests will go.

        Raises:
            ValueError: that is no URL.
            BadBundle: the environment names a CA bundle that is none.
        """
        super().__init__()
        # Not trusting the environment keeps ~/.netrc out. It also keeps out proxies and CA bundles,
        # which are wanted, so these are read here.
        self.trust_env = False
        self.proxies.update(get_environ_proxies(url))
        self.verify = _ca_bundle() or True
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers["Accept-Encoding"] = "identity"
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter())
        self.begin(lambda: False)

    def begin(self, may_go: Callable[[], bool]) -> None:
        """Prepare for one request; *may_go* is asked before each piece of its body."""
        self._may_go = may_go
        self.reply: Reply | None = None
        """What has come, if anything has."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send a request and keep the reply.

        The SDK is shown a 200 in any case, so that it neither judges nor raises.

        Raises:
            MayNotGo: the body may no longer go, and hadn't wholly gone.
            OSError: no reply came.
        """
        assert isinstance(request.body, bytes)
        request.body = _Body(request.body, self._may_go)  # type: ignore[assignment]  # a file will do
        response = super().send(request, **{**options, "stream": True})
        raw = response.raw
        try:
            body = raw.read(_LARGEST_REPLY, decode_content=False)
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(error) from error
        if len(body) == _LARGEST_REPLY:
            raw.close()  # the rest isn't wanted
        raw.release_conn()
        wish = _retry_after(response.headers.get("Retry-After", ""))
        self.reply = Reply(response.status_code, body, wish)
        response.status_code, response.raw = 200, io.BytesIO()
        return response

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Refuse redirects: they would take the events, and the key, to somebody else."""


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
            raise MayNotGo
        return piece


def _linger(on: bool) -> tuple[int, int, bytes]:
    """Return a socket option; while it is on, the end of the process drops what isn't sent.

    It is SO_LINGER with a time of 0 (socket(7)).
    """
    form = "hh" if os.name == "nt" else "ii"
    return socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(form, on, 0)


class _Plain(HTTPConnection):
    """Drops what isn't sent if this process is killed, but ends in order if it is closed."""

    def __init__(self, *place: Any, **options: Any) -> None:
        options["socket_options"] = [*HTTPConnection.default_socket_options, _linger(True)]
        super().__init__(*place, **options)

    def close(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.setsockopt(*_linger(False))
        super().close()


class _Secure(_Plain, HTTPSConnection):
    """The same, over TLS."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """Makes our connections, with a proxy and without."""

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        super().init_poolmanager(*sizes, **options)
        _use_our_connections(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        _use_our_connections(manager)
        return manager


def _use_our_connections(manager: urllib3.PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def why_not(error: Exception) -> str:
    """Return in words why no reply came, without anything of the server's."""
    if isinstance(error, BadBundle):
        return str(error)
    cause: BaseException | None = error
    while cause and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__context__  # requests and urllib3 raise their own while they handle it
    if cause:
        return (
            "its certificate isn't trusted; where a company signs its own, REQUESTS_CA_BUNDLE must "
            "name a file with the company's CA"
        )
    return f"no answer ({type(error).__name__})"


def _ca_bundle() -> str | None:
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
    name = next((name for name in names if os.environ.get(name)), None)
    if name is None:
        return None
    path = os.environ[name]
    try:
        if not os.path.isdir(path):
            ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl's own are some
        raise BadBundle(f"{name} names no file of certificates (PEM) that can be read") from error
    return path


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
