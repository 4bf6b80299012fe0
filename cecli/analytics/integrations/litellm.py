"""Records the messages that a program sends through litellm: its callback, in one line.

::

    litellm.callbacks.append(callback(analytics))

Sync or async, streamed or not, each answer is one ``message_send`` and each failure one
``message_send_exception``. Of a response only counts and the reason of its end are read. Imports
litellm only to make the callback; the program has done so already.
"""

from __future__ import annotations

import atexit
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cecli.analytics.facts import model_names

if TYPE_CHECKING:
    from cecli.analytics.client import Analytics

_MESSAGES = frozenset(
    {
        *("completion", "acompletion", "text_completion", "atext_completion"),
        *("responses", "aresponses", "anthropic_messages"),
    }
)
"""The calls of litellm, as it names them in a callback, that send a message to a model."""
_TOKENS = {
    "prompt_tokens": ("prompt_tokens", "input_tokens"),
    "completion_tokens": ("completion_tokens", "output_tokens"),
    "total_tokens": ("total_tokens",),
}


def callback(analytics: Analytics) -> Any:
    """Return a callback for ``litellm.callbacks`` that records each message.

    litellm calls it a moment after an answer, from another thread or task. What is under way when
    the program ends is still recorded, unless *analytics* was closed before.
    """
    from litellm.integrations.custom_logger import CustomLogger

    class MessageCallback(CustomLogger):  # type: ignore[misc]
        """Records each message; the names of the parameters are litellm's."""

        def log_success_event(
            self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
        ) -> None:
            """Record an answer."""
            with suppress(Exception):  # whatever litellm passes, its caller must not notice
                if kwargs.get("call_type") in _MESSAGES:
                    analytics.event(
                        "message_send",
                        main_model=_model(kwargs),
                        cost=kwargs.get("response_cost"),
                        duration=_seconds(start_time, end_time),
                        **answer_facts(response_obj),
                    )

        def log_failure_event(
            self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
        ) -> None:
            """Record a failure by its type."""
            with suppress(Exception):
                if kwargs.get("call_type") in _MESSAGES and failed.is_new(kwargs):
                    analytics.event("message_send_exception", exception=kwargs.get("exception"))

        async def async_log_success_event(
            self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
        ) -> None:
            """Record an answer to an async call."""
            self.log_success_event(kwargs, response_obj, start_time, end_time)

        async def async_log_failure_event(
            self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
        ) -> None:
            """Record a failure of an async call."""
            self.log_failure_event(kwargs, response_obj, start_time, end_time)

    failed = _Failures()
    _flush_before_close()
    return MessageCallback()


class _Failures:
    """The latest failures: of one async call litellm may tell twice, as of a sync one too."""

    def __init__(self) -> None:
        self._seen: deque[tuple[str, int]] = deque(maxlen=1000)
        self._lock = threading.Lock()

    def is_new(self, kwargs: Mapping[str, Any]) -> bool:
        """Tell whether a call's failure is told for the first time, and remember it."""
        call, error = kwargs.get("litellm_call_id"), kwargs.get("exception")
        if type(call) is not str:
            return True
        with self._lock:
            known = (call, id(error)) in self._seen
            if not known:
                self._seen.append((call, id(error)))
        return not known


def answer_facts(response: Any) -> dict[str, object]:
    """Return the tokens and the outcome that a response of litellm's reports.

    Its types are many and loose: what isn't there is left out.
    """
    usage = getattr(response, "usage", None)
    facts: dict[str, object] = {}
    for name, sources in _TOKENS.items():
        for source in sources:
            value = getattr(usage, source, None)
            if type(value) is int:
                facts.setdefault(name, value)
    choices = getattr(response, "choices", None)
    if type(choices) is list and choices:
        outcome = getattr(choices[0], "finish_reason", None)
        if type(outcome) is str:
            facts["outcome"] = outcome
    return facts


def _model(kwargs: Mapping[str, Any]) -> str | None:
    """Return the model's name, with its provider in front unless it is public without."""
    name, provider = kwargs.get("model"), kwargs.get("custom_llm_provider")
    if type(name) is not str:
        return None
    if type(provider) is str and model_names.public(name) != name:
        return f"{provider}/{name}"
    return name


def _seconds(start: Any, end: Any) -> float | None:
    if type(start) is datetime and type(end) is datetime:
        return round(max(0.0, (end - start).total_seconds()), 3)
    return None


def _flush_before_close() -> None:
    """Let litellm's queue of async callbacks run out before the recorder closes itself at exit.

    Its own flush may be registered earlier than the recorder, and would come too late then: what
    is registered last runs first.
    """
    from litellm.litellm_core_utils import logging_worker

    flush = getattr(logging_worker.GLOBAL_LOGGING_WORKER, "_flush_on_exit", None)
    if flush is not None:
        atexit.unregister(flush)
        atexit.register(flush)
