"""What is benchmarked reaches nothing but this machine: it is ended before it could."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import ground
from tools.user import PATIENCE

REFUSED = 97
ELSEWHERE = "192.0.2.1"
"""An address that is nobody's (RFC 5737)."""
SWALLOWED = "import socket\ntry:\n    {}\nexcept BaseException:\n    pass\n"


def run(code: str, home: Path) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=ground.environ(home),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(
    "tries",
    [
        f"socket.create_connection(({ELSEWHERE!r}, 80))",
        f"socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ({ELSEWHERE!r}, 80))",
        "socket.getaddrinfo('posthog.example', 443)",
        f"socket.getaddrinfo(b'{ELSEWHERE}', 443)",
    ],
)
def test_a_program_that_would_reach_elsewhere_is_ended(tries: str, tmp_path: Path) -> None:
    code, told = run(SWALLOWED.format(tries), tmp_path)
    assert code == REFUSED
    assert told.startswith("a benchmark tried to reach ")


def test_a_program_reaches_this_machine(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert run(f"import socket; socket.create_connection(('localhost', {port}))", tmp_path) == (
            0,
            "",
        )


def test_candidates_have_nothing_of_the_developers_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("CECLI_ANALYTICS", "DO_NOT_TRACK", "CI", "https_proxy", "POSTHOG_KEY", "PYTHONSTARTUP")
    for name in names:
        monkeypatch.setenv(name, "1")
    environ = ground.environ(tmp_path)
    assert not set(names) & set(environ)
    assert environ["HOME"] == str(tmp_path)
