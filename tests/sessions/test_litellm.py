"""The callback, called by the real litellm in a program of its own that ends at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cecli.analytics.integrations.litellm import answer_facts
from tests.sessions.sessions import GUARD, needs_litellm
from tools.model_end import COMPLETION_TOKENS, PROMPT_TOKENS, Answer, ModelEnd
from tools.user import User

litellm = pytest.mark.litellm
PROGRAM = Path(__file__).with_name("litellm_program.py")
WAYS = ("sync", "sync-stream", "async", "async-stream")


def events(user: User, end: ModelEnd, kind: str) -> list[dict[str, Any]]:
    """Run the program and return the events that it logged, without their common properties."""
    log, report = user.home / "log.jsonl", user.home / "report"
    ended = subprocess.run(
        [sys.executable, str(PROGRAM), "--analytics-log", str(log), kind, end.url],
        cwd=Path(__file__).parents[2],
        env=user.process_environ(
            {
                "PYTHONPATH": str(GUARD),
                "GUARD_REPORT": str(report),
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            }
        ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert not report.exists(), report.read_text()
    text = log.read_text()
    for secret in ("SECRET", "Zanzibar", "acme", end.url):
        assert secret not in text
    found = []
    for line in text.splitlines():
        event = json.loads(line)
        own = {name: value for name, value in event["properties"].items() if name in OWN}
        found.append({"event": event["event"], **own})
    return found


OWN = {
    *("main_model", "prompt_tokens", "completion_tokens", "total_tokens", "cost"),
    *("duration", "outcome", "exception"),
}


@litellm
@needs_litellm
@pytest.mark.parametrize("way", WAYS)
def test_an_answer_is_one_message_send(user: User, end: ModelEnd, way: str) -> None:
    (sent,) = events(user, end, f"{way} mock")
    assert sent["event"] == "message_send"
    assert set(sent) == {"event", *OWN} - {"exception"}
    assert (sent["main_model"], sent["outcome"]) == ("gpt-4o", "stop")
    assert sent["total_tokens"] == sent["prompt_tokens"] + sent["completion_tokens"] > 0
    assert sent["cost"] > 0


@litellm
@needs_litellm
@pytest.mark.parametrize("way", WAYS)
def test_the_tokens_are_those_that_the_server_reports(user: User, end: ModelEnd, way: str) -> None:
    (sent,) = events(user, end, f"{way} private")
    assert sent["main_model"] == "openai/REDACTED"
    assert (sent["prompt_tokens"], sent["completion_tokens"]) == (PROMPT_TOKENS, COMPLETION_TOKENS)
    assert 0 <= sent["duration"] < 60
    assert "cost" not in sent or sent["cost"] == 0


@litellm
@needs_litellm
def test_a_stream_whose_usage_was_asked_for_reports_it(user: User, end: ModelEnd) -> None:
    (sent,) = events(user, end, "sync-stream usage asked for")
    assert sent["prompt_tokens"] == PROMPT_TOKENS


@litellm
@needs_litellm
def test_a_public_model_is_named_and_has_its_cost(user: User, end: ModelEnd) -> None:
    (sent,) = events(user, end, "sync public")
    assert sent["main_model"] == "gpt-4o"
    assert sent["cost"] > 0


@litellm
@needs_litellm
@pytest.mark.parametrize("way", WAYS)
def test_a_refusal_is_its_type_alone(user: User, end: ModelEnd, way: str) -> None:
    end.answers.append(Answer(status=401))
    assert events(user, end, f"{way} private") == [
        {"event": "message_send_exception", "exception": "litellm.AuthenticationError"}
    ]


@litellm
@needs_litellm
@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_failure_before_any_request_is_recorded_too(user: User, end: ModelEnd, way: str) -> None:
    assert events(user, end, f"{way} mock failure") == [
        {"event": "message_send_exception", "exception": "litellm.RateLimitError"}
    ]


@litellm
@needs_litellm
@pytest.mark.parametrize("way", WAYS)
def test_a_failure_that_litellm_tells_of_twice_is_recorded_once(
    user: User, end: ModelEnd, way: str
) -> None:
    assert events(user, end, f"{way} nobody's model") == [
        {"event": "message_send_exception", "exception": "litellm.BadRequestError"}
    ]


@pytest.mark.parametrize(
    ("response", "facts"),
    [
        (None, {}),
        (SimpleNamespace(usage=None, choices=[]), {}),
        (SimpleNamespace(usage=SimpleNamespace(prompt_tokens="many")), {}),
        (
            SimpleNamespace(usage=SimpleNamespace(input_tokens=3, output_tokens=4, total_tokens=7)),
            {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
        ),
        (
            SimpleNamespace(choices=[SimpleNamespace(finish_reason="length")]),
            {"outcome": "length"},
        ),
    ],
)
def test_what_a_response_lacks_is_left_out(response: object, facts: dict[str, object]) -> None:
    assert answer_facts(response) == facts
