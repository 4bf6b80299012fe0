"""A receiver, and a user who has agreed to have events delivered to it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.analytics.faults import FaultyReceiver
from tests.analytics.notes import NotesUser
from tests.analytics.scene import Scene


@pytest.fixture
def receiver() -> Iterator[FaultyReceiver]:
    with FaultyReceiver() as receiver:
        yield receiver


@pytest.fixture
def scene(home: Path, receiver: FaultyReceiver) -> Scene:
    return Scene(home, receiver.url)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl to make a certificate")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
    request += "subjectAltName=IP:127.0.0.1"
    command = ["openssl", *request.split(), "-keyout", str(file), "-out", f"{file}.crt"]
    subprocess.run(command, check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@pytest.fixture
def notes(tmp_path: Path) -> NotesUser:
    """Return a user of another program than cecli."""
    return NotesUser(tmp_path)
