"""A receiver, and a user who has agreed to have events delivered to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cecli.analytics.delivery.receiver import Receiver
from tests.analytics.scene import Scene


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def scene(home: Path, receiver: Receiver) -> Scene:
    return Scene(home, receiver.url)
