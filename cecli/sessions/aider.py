"""A coding session: aider, from its options to the end of its main loop, in this process.

aider's own analytics isn't even imported: a module of that name stands in its place, and what it is
told goes to our recorder, as far as :mod:`~cecli.sessions.aider_events` declares it. Nothing of
aider is imported before a session is certain.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from cecli import places
from cecli.analytics.integrations.litellm import answer_facts
from cecli.analytics.settings.options import BY_NAME
from cecli.args import ArgumentParser, opposite
from cecli.messages import CantShow, show
from cecli.sessions.aider_events import GOES_ON, PASSED, REASONS, STEPS

if TYPE_CHECKING:
    from cecli.analytics.client import Analytics

VERSIONS = ("0.86.2",)
"""The versions of aider that this module knows."""


class UnknownVersion(Exception):
    """The aider that is installed isn't one that this module knows; the message says so."""


class Ending(NamedTuple):
    """How a session ended, if neither by an interrupt nor by a crash."""

    code: int
    """The exit code."""
    reason: str
    """One of the catalogue's reasons for ``exit``."""


def add_options(parser: ArgumentParser) -> None:
    """Add aider's options, and the files to edit, to our parser, unless it has them already.

    Raises:
        UnknownVersion: nothing was added.
    """
    engine = _parser_of_aider([], None, {})
    for action in list(engine._actions):
        if any(name in parser._option_string_actions for name in action.option_strings):
            _remove(engine, action)
    parser._add_container_actions(engine)


def settings(parser: ArgumentParser) -> dict[str, Any]:
    """Return what cecli's variables and config files say about aider's options, by their names.

    The parser has those options and has parsed.
    """
    found: dict[str, Any] = {}
    for place, items in parser.get_source_to_settings_dict().items():
        if place == "environment_variables" or place.startswith("config_file"):
            for key, (action, value) in items.items():
                names = [name for name in action.option_strings if name.startswith("--")]
                no = key.startswith("no-") and isinstance(action, argparse.BooleanOptionalAction)
                found.setdefault(names[0][2:], opposite(value) if no else value)
    return found


def note_sources(parser: ArgumentParser) -> None:
    """Let our parser know which options were set by aider's own files and variables."""
    folder = places.current_folder()
    folders = (folder, places.git_root(folder) if folder else None, places.home_folder(os.environ))
    files = [os.path.join(each, ".aider.conf.yml") for each in folders if each]
    engine = _parser_of_aider(list(dict.fromkeys(files)), None, {})
    engine.parse_known_args([])
    parser.further_sources = {
        place: {key: (action, None) for key, (action, _) in items.items()}
        for place, items in engine.get_source_to_settings_dict().items()
        if place == "environment_variables" or place.startswith("config_file")
    }


def run(recorder: Analytics, argv: Sequence[str], settings: Mapping[str, Any]) -> Ending:
    """Run a session to its end.

    Args:
        recorder: what aider's events go to.
        argv: the command line without our options.
        settings: what :func:`settings` has returned.
    """
    from aider import main as program
    from aider.coders import base_coder

    session, coder = _Session(recorder), base_coder.Coder
    count = "calculate_and_show_tokens_and_cost"
    with ExitStack() as changes:
        for place, name, value in (
            (program, "Analytics", session.analytics),
            (base_coder, "Analytics", session.analytics),
            (program, "get_parser", lambda files, root: _parser_of_aider(files, root, settings)),
            (program, "select_default_model", session.noting(program.select_default_model)),
            (coder, "send", session.watching(coder.send, base_coder.FinishReasonLength)),
            (coder, count, session.counting(getattr(coder, count))),
        ):
            changes.enter_context(_replaced(place, name, value))
        try:
            code = program.main(list(argv))
        except SystemExit as ended:
            code = ended.code
    if code is not None and not isinstance(code, int):
        with suppress(CantShow):
            show(f"{code}\n", sys.stderr)
        code = 1
    return Ending(code or 0, session.reason or ("usage error" if code else "completed"))


class _Session:
    """What stands where aider expects its analytics, and watches what aider doesn't tell it."""

    def __init__(self, recorder: Analytics) -> None:
        self.reason: str | None = None
        """Why the session ended, as far as aider has said."""
        self._recorder = recorder
        self._started = 0.0
        self._answer: dict[str, object] = {}
        self._missed = {"prompt_tokens": 0, "completion_tokens": 0}

    def analytics(self, *_: object, **__: object) -> _Session:
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


def _parser_of_aider(files: Sequence[str], git_root: str | None, ours: Mapping[str, Any]) -> Any:
    """Return aider's parser, which knows of no analytics and reads *ours* as its strongest file."""
    from aider import __version__

    if __version__ not in VERSIONS:
        raise UnknownVersion(
            f"this cecli works with aider {' or '.join(VERSIONS)}, not with {__version__}: "
            "pip install 'cecli[aider]'"
        )
    stand_in: Any = ModuleType("aider.analytics")
    stand_in.Analytics = None  # run puts one of ours wherever it was imported to
    sys.modules["aider.analytics"] = stand_in
    from aider.args import get_parser

    parser = get_parser(list(files), git_root)
    for action in list(parser._actions):
        if any(name.lstrip("-") in BY_NAME for name in action.option_strings):
            _remove(parser, action)
            parser.set_defaults(**{action.dest: False if action.nargs == 0 else None})
    parser._config_file_parser = _WithoutAnalytics(parser._config_file_parser, ours)
    open_files = parser._open_config_files
    parser._open_config_files = lambda argv: [*open_files(argv), _OURS]
    return parser


_OURS = SimpleNamespace(name="cecli", close=lambda: None)
"""Stands among aider's open config files for what cecli has read."""


_ANALYTICS = ("analytics", "no-analytics")


class _WithoutAnalytics:
    """aider's reader of config files, which passes over every analytics option."""

    def __init__(self, inner: Any, ours: Mapping[str, Any]) -> None:
        self._inner = inner
        self._ours = ours

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def parse(self, stream: Any) -> Mapping[str, Any]:
        """Return the items of a file that are for aider."""
        if stream is _OURS:
            return self._ours
        return {
            key: value
            for key, value in self._inner.parse(stream).items()
            if not str(key).lstrip("-").replace("_", "-").lower().startswith(_ANALYTICS)
        }


def _remove(parser: Any, action: argparse.Action) -> None:
    """Take an option out of a parser."""
    for name in action.option_strings:
        parser._option_string_actions.pop(name, None)
    container: Any = action.container  # type: ignore[attr-defined]
    container._remove_action(action)


@contextmanager
def _replaced(place: Any, name: str, value: object) -> Iterator[None]:
    original = getattr(place, name)
    setattr(place, name, value)
    try:
        yield
    finally:
        setattr(place, name, original)
