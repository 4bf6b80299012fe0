"""The moment that ``--since`` means."""

from __future__ import annotations

import argparse
import time
from datetime import datetime

import pytest

from cecli.analytics.inspection.view.options import since


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90m", 5400), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600), ("1 d", 86_400)],
)
def test_some_time_ago(text: str, seconds: int) -> None:
    before = time.time()
    assert before - seconds <= since(text) <= time.time() - seconds


@pytest.mark.parametrize("text", ["2026-11-20", "2026-11-20 14:30", "2026-11-20T14:30:05"])
def test_a_date_is_in_the_users_time_zone(text: str) -> None:
    assert since(text) == datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize("text", ["", "yesterday", "7", "d", "2026-13-01", "-1d", "9999999d", "٣d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no time; expected one like"):
        since(text)
