"""The guard of the tests, in sessions of pytest whose home is a temporary one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PREFACE = """
import os, socket
from contextlib import suppress
from pathlib import Path
from tests.guard import REAL_HOME
HOME = REAL_HOME + "/"
RAW = os.fsencode(HOME)
def connect(*address, family=socket.AF_INET):
    with socket.socket(family) as connection:
        connection.settimeout(0)
        connection.connect(address)
def send(host):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", (host, 9))
"""
FORBIDDEN = {
    "reading a config file": 'open(HOME + ".cecli.conf.yml")',
    "reading by a Path": 'Path(HOME, ".cecli.conf.yml").read_text()',
    "writing": 'open(HOME + ".cecli/x", "w")',
    "a path of bytes": 'os.open(RAW + b".cecli/x", os.O_RDONLY)',
    "a path that isn't normal": 'open(HOME + "x/../.cecli/x")',
    "a relative path": 'os.chdir(HOME); open(".cecli/x")',
    "listing": 'os.listdir(HOME + ".cecli")',
    "scanning": 'os.scandir(RAW + b".cecli")',
    "making a folder": 'os.mkdir(HOME + ".cecli")',
    "removing": 'os.remove(RAW + b".cecli/x")',
    "removing a folder": 'os.rmdir(HOME + ".cecli")',
    "renaming from": 'os.rename(HOME + ".cecli", "x")',
    "renaming to": 'os.replace(__file__, RAW + b".cecli/x")',
    "linking from": 'os.link(HOME + ".cecli.conf.yml", "x")',
    "linking to": 'os.link(__file__, HOME + ".cecli.conf.yml")',
    "a symbolic link": 'os.symlink("x", HOME + ".cecli")',
    "changing a mode": 'os.chmod(HOME + ".cecli", 0)',
    "setting a time": 'os.utime(HOME + ".cecli")',
    "connecting": 'connect("192.0.2.1", 9)',
    "connecting over IPv6": 'connect("2001:db8::1", 9, family=socket.AF_INET6)',
    "connecting to a name": 'socket.create_connection(("posthog.invalid", 9))',
    "a name that only begins like loopback": 'socket.create_connection(("127.0.0.1.invalid", 9))',
    "sending a datagram": 'send("192.0.2.1")',
    "asking for an address": 'socket.getaddrinfo("posthog.invalid", 443)',
    "asking for an address in bytes": 'socket.getaddrinfo(b"localhost.invalid", 443)',
}
ALLOWED = {
    "another file of the home": 'Path(HOME, "x").touch(); os.remove(HOME + "x")',
    "a name that only begins alike": 'os.mkdir(HOME + ".cecli-other")',
    "a file of a temporary home": 'os.chdir(os.environ["HOME"]); os.mkdir(".cecli"); '
    'open(b".cecli.conf.yml", "w").close()',
    "a descriptor": "read, write = os.pipe(); os.close(write); open(read).close()",
    "loopback": 'server = socket.create_server(("127.0.0.1", 0)); '
    "connection = socket.create_connection(server.getsockname()); "
    "connection.close(); server.close()",
    "loopback by name": 'socket.getaddrinfo("localhost", 9)',
    "no name": "socket.getaddrinfo(None, 9)",
    "a datagram to loopback": 'send("127.0.0.1")',
    "a local socket": "one, other = socket.socketpair(); one.close(); other.close(); "
    "unix = socket.socket(socket.AF_UNIX); unix.connect_ex('nothing'); unix.close()",
}


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))


def outcomes(pytester: pytest.Pytester, cases: Iterable[str], catch: str = "()") -> dict[str, int]:
    """Run each case as a test that catches *catch*; return how many passed, failed or erred."""
    tests = [
        f"def test_{number}():\n    with suppress({catch}):\n        {code}\n"
        for number, code in enumerate(cases)
    ]
    pytester.makepyfile(PREFACE + "\n".join(tests))
    return pytester.runpytest_subprocess("-p", "tests.conftest").parseoutcomes()


def test_what_is_forbidden_fails_the_test(pytester: pytest.Pytester) -> None:
    found = outcomes(pytester, FORBIDDEN.values())
    assert found == {"failed": len(FORBIDDEN), "errors": len(FORBIDDEN)}


def test_what_is_forbidden_fails_also_a_test_in_which_it_is_swallowed(
    pytester: pytest.Pytester,
) -> None:
    found = outcomes(pytester, FORBIDDEN.values(), catch="BaseException")
    assert found == {"passed": len(FORBIDDEN), "errors": len(FORBIDDEN)}


def test_what_is_allowed_passes(pytester: pytest.Pytester) -> None:
    assert outcomes(pytester, ALLOWED.values()) == {"passed": len(ALLOWED)}


def test_a_violation_fails_one_test_alone(pytester: pytest.Pytester) -> None:
    cases = [FORBIDDEN["listing"], "pass"]
    assert outcomes(pytester, cases, catch="BaseException") == {"passed": 2, "errors": 1}


def test_a_test_starts_in_an_empty_home_and_a_bare_environment(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CECLI_ANALYTICS", "POSTHOG_KEY", "CI", "DO_NOT_TRACK", "https_proxy"):
        monkeypatch.setenv(name, "1")
    checks = (
        "assert os.path.expanduser('~') == os.environ['HOME'] != REAL_HOME",
        "assert os.listdir(os.environ['HOME']) == []",
        "assert not {'CECLI_ANALYTICS', 'POSTHOG_KEY', 'CI', 'DO_NOT_TRACK', 'https_proxy'}"
        " & set(os.environ)",
    )
    assert outcomes(pytester, checks) == {"passed": len(checks)}
