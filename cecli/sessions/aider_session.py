"""A coding session: aider, from its start to the end of its main loop, in this process.

What aider tells its analytics goes to our recorder, as far as
:mod:`~cecli.sessions.aider_events` declares it. Its options are
:mod:`~cecli.sessions.aider_options`'s.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from cecli.analytics.integrations.litellm import answer_facts
from cecli.messages import CantShow, say, show
from cecli.sessions.aider_events import GOES_ON, PASSED, REASONS, STEPS
from cecli.sessions.aider_options import parser_of_aider

if TYPE_CHECKING:
    from cecli.analytics.client import Analytics


class Ending(NamedTuple):
    """How a session ended, if neither by an interrupt nor by a crash."""

    code: int
    """The exit code."""
    reason: str
    """One of the catalogue's reasons for ``exit``."""


def run(recorder: Analytics, argv: Sequence[str], settings: Mapping[str, Any]) -> Ending:
    """Run a session to its end.

    Args:
        recorder: what aider's events go to.
        argv: the command line without our options.
        settings: what :func:`~cecli.sessions.aider_options.settings` has returned.
    """
    from aider import main as aider_main
    from aider.coders import base_coder

    stand_in, coder = _StandIn(recorder), base_coder.Coder
    count = "calculate_and_show_tokens_and_cost"
    with ExitStack() as changes:
        for owner, name, value in (
            (aider_main, "Analytics", stand_in.analytics),
            (base_coder, "Analytics", stand_in.analytics),
            (aider_main, "get_parser", lambda files, root: parser_of_aider(files, root, settings)),
            (aider_main, "select_default_model", stand_in.noting(aider_main.select_default_model)),
            (coder, "send", stand_in.watching(coder.send, base_coder.FinishReasonLength)),
            (coder, count, stand_in.counting(getattr(coder, count))),
        ):
            changes.enter_context(_replaced(owner, name, value))
        _say_that_it_is_on(recorder)
        try:
            code = aider_main.main(list(argv))
        except SystemExit as ended:
            code = ended.code
    if code is not None and not isinstance(code, int):
        with suppress(CantShow):
            show(f"{code}\n", sys.stderr)
        code = 1
    return Ending(code or 0, stand_in.reason or ("usage error" if code else "completed"))


def _say_that_it_is_on(recorder: Analytics) -> None:
    """Tell once in a session whose events leave, and how to look at them."""
    if recorder.status.state == "on":
        say("Analytics: on, anonymous; `cecli-analytics status` shows more", sys.stdout)


class _StandIn:
    """What stands where aider expects its analytics, and watches what aider doesn't tell it."""

    def __init__(self, recorder: Analytics) -> None:
        self.reason: str | None = None
        """Why the session ended, as far as aider has said."""
        self._recorder = recorder
        self._started = 0.0
        self._answer: dict[str, object] = {}
        self._missed = {"prompt_tokens": 0, "completion_tokens": 0}

    def analytics(self, *_: object, **__: object) -> _StandIn:
        """Take the call of aider's class, whatever its arguments."""
        return self

    def need_to_ask(self, *_: object) -> bool:
        """Never let aider ask; cecli has."""
        return False

    def enable(self) -> None:
        """Do nothing: what is on was settled before."""

    def disable(self, *_: object) -> None:
        """Do nothing: aider has nothing to disable."""

    def event(self, name: str, /, main_model: object = None, **properties: Any) -> None:
        """Record what aider reports, if it is among what is declared."""
        if name == "exit":
            said = properties.get("reason")
            if said not in GOES_ON:
                self.reason = REASONS.get(str(said), "other")
        elif name in PASSED:
            with suppress(Exception):  # what goes wrong here must not be the user's trouble
                self._fill_in(name, properties)
                told = {key: properties[key] for key in PASSED[name] if key in properties}
                if main_model is not None:
                    told["main_model"] = main_model
                self._recorder.event(name, **told)

    def _fill_in(self, name: str, properties: dict[str, Any]) -> None:
        """Put types, choices and what was measured in the place of what aider passes."""
        if name == "message_send_starting":
            self._started = time.monotonic()
            self._answer = {}
            self._missed = dict.fromkeys(self._missed, 0)
        elif name == "message_send":
            self._complete(properties)
        elif name == "oauth_flow_failed" and properties.get("reason") not in (
            None,
            *STEPS,
        ):
            properties["reason"] = "other"  # it may be an error's text
        elif name == "auto_model_selection":
            from aider.models import MODEL_ALIASES

            # Beside names it has short ones of its own, which no list of public models has.
            properties["model"] = MODEL_ALIASES.get(properties["model"], properties["model"])
        elif "exception" in PASSED[name]:
            properties["exception"] = sys.exc_info()[1]

    def _complete(self, properties: dict[str, Any]) -> None:
        """Put what the server has reported in the place of aider's estimates."""
        for name, missed in self._missed.items():
            properties[name] += missed
            self._missed[name] = 0
        properties["total_tokens"] = properties["prompt_tokens"] + properties["completion_tokens"]
        properties["duration"] = round(time.monotonic() - self._started, 3)
        properties["outcome"] = self._answer.get("outcome")

    def watching(self, send: Any, goes_on: type[Exception]) -> Any:
        """Return aider's generator that sends a message, with its failures recorded."""

        def watched(coder: Any, *args: Any, **options: Any) -> Iterator[Any]:
            try:
                yield from send(coder, *args, **options)
            except goes_on:
                raise
            except Exception as error:
                self._recorder.event("message_send_exception", exception=error)
                raise

        return watched

    def counting(self, calculate: Any) -> Any:
        """Return aider's count of tokens, with what a stream has reported kept beside it."""

        def counted(coder: Any, messages: Any, completion: Any = None) -> None:
            before = coder.message_tokens_sent, coder.message_tokens_received
            calculate(coder, messages, completion)
            with suppress(Exception):  # as in event
                after = coder.message_tokens_sent, coder.message_tokens_received
                self._compare(completion, before, after)

        return counted

    def _compare(self, completion: Any, before: Iterable[int], after: Iterable[int]) -> None:
        """Note what a response reports, and how far aider's count of tokens was from it."""
        self._answer = answer_facts(completion)
        chunks = getattr(completion, "chunks", None)
        if type(chunks) is not list:
            return  # no stream: aider has counted what the response reports
        self._answer["outcome"] = getattr(completion, "received_finish_reason", None)
        for chunk in reversed(chunks):
            reported: dict[str, Any] = answer_facts(chunk)
            if "prompt_tokens" in reported:
                for name, old, new in zip(self._missed, before, after, strict=True):
                    self._missed[name] += reported.get(name, 0) - (new - old)
                return

    def noting(self, select_model: Any) -> Any:
        """Return aider's choice of a model, with its failure noted as the reason of the end."""

        def noted(*args: Any, **options: Any) -> Any:
            model = select_model(*args, **options)
            if not model:
                self.reason = "no model"
            return model

        return noted


@contextmanager
def _replaced(owner: Any, name: str, value: object) -> Iterator[None]:
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)
