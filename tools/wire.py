"""Owns what an event is on its way to PostHog, told in the names of the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def as_logged(item: dict[str, Any]) -> dict[str, Any]:
    """Return a received item under the log's names; fail if it holds more than the log's line."""
    assert set(item) == {"event", "properties", "distinct_id", "timestamp", "uuid"}, set(item)
    moment = datetime.strptime(item["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
    return {
        "event": item["event"],
        "properties": item["properties"],
        "user_id": item["distinct_id"],
        "time": round(moment.timestamp(), 3),
        "uuid": item["uuid"],
    }
