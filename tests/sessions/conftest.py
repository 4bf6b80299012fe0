from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sessions.sessions import Sessions
from tools.model_end import ModelEnd
from tools.user import User


@pytest.fixture
def end() -> Iterator[ModelEnd]:
    with ModelEnd() as end:
        yield end


@pytest.fixture
def sessions(user: User, end: ModelEnd, tmp_path: Path) -> Iterator[Sessions]:
    sessions = Sessions(user, end, tmp_path)
    with sessions.receiver:
        yield sessions
    assert sessions.reached() == ""
