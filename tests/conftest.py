"""What no test may do, and the surroundings that every test starts in."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import guard
from tests.support import MEASURES
from tools.user import User

# On a machine that is busy with other things no test may fail for being slow.
settings.register_profile(
    "cecli",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("cecli")

sys.addaudithook(guard.forbid)

# A shell lets what it runs in the background ignore Ctrl-C, and the tests would hand that on.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Take no test module for one with doctests: some hold what mustn't be looked at or imported.

    Doctests are those of the package; for this folder ``--doctest-modules`` is undone.
    """
    return [each for each in (yield) if type(each) is pytest.Module]


@pytest.fixture(autouse=True)
def stays_at_home() -> Iterator[None]:
    """Fail a test in which the guard had to refuse something, also where that was swallowed."""
    yield
    found, guard.violations[:] = guard.violations[:], []
    assert not found


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test, and every process that it starts, an empty home and a bare environment."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("CECLI_", "POSTHOG_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    bundles = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
    for name in ("CI", "DO_NOT_TRACK", "COLUMNS", *bundles):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    return home


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the coverage of the processes that a test starts be measured by nothing in them."""
    monkeypatch.delenv(MEASURES, raising=False)


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    """Return a user with an empty home, who is also this process's, standing in a repository."""
    user = User(tmp_path)
    for name, value in user.environ.items():
        monkeypatch.setenv(name, value)
    return user


@pytest.fixture
def unwritable(tmp_path: Path) -> Path:
    """Return a home that can be read but not written, not even by root where there is a /proc."""
    if os.getuid() == 0:
        return Path("/proc/self")
    home = tmp_path / "unwritable"
    home.mkdir(mode=0o500)
    return home
