"""A company's network: a proxy that tunnels, and a certificate that the company has signed."""

from __future__ import annotations

import base64
import select
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from cecli.analytics.inspection.receiver import Receiver
from tests.analytics.scene import KEY, Scene
from tests.support import PROGRAM
from tools.user import until

NOT_TRUSTED = "its certificate isn't trusted"


class Proxy:
    """A proxy on loopback that takes CONNECT alone, and writes down what it was told."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                piece = client.recv(1)
                if not piece:
                    return
                head += piece
            if not head.startswith(b"CONNECT "):
                return  # a deliverer of another test, whose server had this number before
            self.heads.append(head.decode())
            host, _, port = head.split()[1].decode().rpartition(":")
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                ends = {client: server, server: client}
                while True:
                    for end in select.select(list(ends), [], [])[0]:
                        piece = end.recv(65536)
                        if not piece:
                            return
                        ends[end].sendall(piece)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as proxy:
        yield proxy


@pytest.fixture
def secure(certificate: Path) -> Iterator[Receiver]:
    """Return a receiver that speaks TLS, with a certificate that nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    receiver = Receiver()
    receiver._server.socket = context.wrap_socket(receiver._server.socket, server_side=True)
    with receiver:
        yield receiver


@pytest.fixture
def agreed(home: Path, secure: Receiver) -> Scene:
    """Return a user who has agreed to send events there."""
    return Scene(home, secure.url.replace("http:", "https:"))


def deliver(scene: Scene, variables: Mapping[str, str]) -> tuple[int, str]:
    done = scene.run("cecli-analytics", "deliver", variables=variables)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("bundle", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_session_delivers_through_a_proxy_that_sees_nothing_of_it(
    agreed: Scene, secure: Receiver, proxy: Proxy, certificate: Path, name: str, bundle: str
) -> None:
    agreed.run(
        "python",
        *("-c", PROGRAM, "--analytics-posthog-host", agreed.destination.host),
        variables={
            "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": KEY,
            name: f"http://{proxy.address}",
            bundle: str(certificate),
        },
        check=True,
    )
    until(lambda: len(secure.items) == 10, "the events")
    agreed.wait_for_quiet()
    target = agreed.destination.host.removeprefix("https://")
    assert [head.split(" HTTP/")[0] for head in proxy.heads] == [f"CONNECT {target}"]
    assert agreed.waiting == []


def test_a_proxy_gets_the_name_and_password_that_its_url_holds(
    agreed: Scene, proxy: Proxy, certificate: Path
) -> None:
    agreed.queue(1)
    variables = {
        "HTTPS_PROXY": f"http://ada:secret@{proxy.address}",
        "REQUESTS_CA_BUNDLE": str(certificate),
    }
    code, shown = deliver(agreed, variables)
    assert code == 0, shown
    word = base64.b64encode(b"ada:secret").decode()
    assert f"Proxy-Authorization: Basic {word}" in proxy.heads[0]


def test_what_no_proxy_names_is_reached_directly(
    agreed: Scene, secure: Receiver, proxy: Proxy, certificate: Path
) -> None:
    agreed.queue(1)
    variables = {
        "HTTPS_PROXY": f"http://{proxy.address}",
        "NO_PROXY": "127.0.0.1,.internal.example.com",
        "REQUESTS_CA_BUNDLE": str(certificate),
    }
    code, shown = deliver(agreed, variables)
    assert code == 0, shown
    assert (len(secure.items), proxy.heads) == (1, [])


def test_a_proxy_that_is_not_there_is_no_answer(agreed: Scene) -> None:
    agreed.queue(1)
    code, shown = deliver(agreed, {"HTTPS_PROXY": "http://127.0.0.1:9"})
    assert code == 1
    assert "no answer (ProxyError)" in shown
    assert agreed.waiting == ["ready"]


@pytest.mark.parametrize("by_proxy", [False, True])
def test_a_certificate_that_is_not_trusted_is_told_apart_from_no_answer(
    agreed: Scene, secure: Receiver, proxy: Proxy, by_proxy: bool
) -> None:
    agreed.queue(1)
    code, shown = deliver(agreed, {"HTTPS_PROXY": f"http://{proxy.address}"} if by_proxy else {})
    assert code == 1
    assert f"{agreed.destination.host}: {NOT_TRUSTED}" in shown
    assert "REQUESTS_CA_BUNDLE" in shown
    assert "no answer" not in shown
    status = agreed.run("cecli-analytics", "status").stdout
    assert NOT_TRUSTED in " ".join(status.split())
    assert (agreed.waiting, secure.items) == (["ready"], [])


def test_a_server_that_speaks_no_tls_is_no_question_of_trust(home: Path) -> None:
    with Receiver() as plain:
        scene = Scene(home, plain.url.replace("http:", "https:"))
        scene.queue(1)
        code, shown = deliver(scene, {})
    assert code == 1
    assert "no answer (SSLError)" in shown


@pytest.mark.parametrize("content", [None, "", "no certificate"])
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_is_none_is_named_by_its_variable(
    agreed: Scene, tmp_path: Path, variable: str, content: str | None
) -> None:
    agreed.queue(1)
    bundle = tmp_path / "company.pem"
    if content is not None:
        bundle.write_text(content)
    code, shown = deliver(agreed, {variable: str(bundle)})
    assert code == 1
    assert f"{agreed.destination.host}: {variable} names no file of certificates" in shown
    assert agreed.waiting == ["ready"]


def test_a_bundle_that_is_mended_delivers_what_has_waited(
    agreed: Scene, secure: Receiver, certificate: Path
) -> None:
    agreed.queue(3)
    deliver(agreed, {})
    code, shown = deliver(agreed, {"REQUESTS_CA_BUNDLE": str(certificate)})
    assert code == 0, shown
    assert len(secure.items) == 3
