"""How processes take turns."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cecli.analytics.consent.lock import CantLock, held


@pytest.fixture
def lock(tmp_path: Path) -> str:
    return str(tmp_path / "lock")


@pytest.fixture
def holder(lock: str) -> Iterator[int]:
    """Hold the lock, as another process would: what is opened apart is locked apart."""
    descriptor = os.open(lock, os.O_CREAT | os.O_WRONLY, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield descriptor
    os.close(descriptor)


def is_free(path: str) -> bool:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def test_a_lock_is_held_within_and_free_after(lock: str) -> None:
    with held(lock):
        assert not is_free(lock)
    assert is_free(lock)


def test_a_lock_is_free_after_a_failure(lock: str) -> None:
    with pytest.raises(KeyError), held(lock):
        raise KeyError
    assert is_free(lock)


def test_a_lock_that_is_let_go_of_soon_is_waited_for(
    lock: str, holder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    def let_go(seconds: float) -> None:
        pauses.append(seconds)
        fcntl.flock(holder, fcntl.LOCK_UN)

    monkeypatch.setattr(time, "sleep", let_go)
    with held(lock):
        assert not is_free(lock)
    (pause,) = pauses
    assert pause < 0.1


def test_a_lock_that_isnt_let_go_of_is_given_up(
    lock: str, holder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]

    def go_on(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", go_on)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with pytest.raises(CantLock, match=r"^is held by another process$") as caught, held(lock):
        pass
    assert caught.value.path == lock
    assert 2 <= now[0] < 2.1
    assert not is_free(lock)


def test_where_there_can_be_no_lock_its_folder_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "missing" / "lock")
    with pytest.raises(CantLock, match=r"^can't be written: ") as caught, held(path):
        pass
    assert caught.value.path == str(tmp_path / "missing")


def test_a_file_system_that_has_no_locks_is_named(
    lock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(CantLock, match=r"^can't be locked: ") as caught, held(lock):
        pass
    assert caught.value.path == lock
