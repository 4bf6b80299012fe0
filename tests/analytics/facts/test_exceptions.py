"""What is told of an exception: names that stand in public source, and nothing else."""

from __future__ import annotations

import builtins
import json
import os
import sys
from typing import Any

import configargparse
import pytest

from cecli.analytics import ids
from cecli.analytics.facts.exceptions import describe, public_type
from tests.analytics.samples import decoding, frames


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause  # noqa: TRY301
    except BaseException as caught:  # noqa: BLE001
        return caught


class Private(KeyError):
    pass


class LyingMeta(type):
    __module__ = "builtins"

    def __getattribute__(cls, name: str) -> Any:
        raise AssertionError("asked")


class Lying(OSError, metaclass=LyingMeta):
    @property
    def __traceback__(self) -> Any:  # type: ignore[override]
        raise AssertionError("asked")

    @property
    def __cause__(self) -> Any:  # type: ignore[override]
        raise AssertionError("asked")


Renamed = type("sk_secret", (ValueError,), {"__module__": "builtins"})
Planted = type("sk_planted", (ValueError,), {"__module__": "json.decoder"})
WithoutModule = type("sk_secret", (ValueError,), {"__module__": 7})


@pytest.mark.parametrize(
    ("kind", "module", "name"),
    [
        (ValueError, "builtins", "ValueError"),
        (KeyboardInterrupt, "builtins", "KeyboardInterrupt"),
        (json.JSONDecodeError, "json.decoder", "JSONDecodeError"),
        (configargparse.ArgumentError, "argparse", "ArgumentError"),
        (configargparse.ConfigFileParserException, "configargparse", "ConfigFileParserException"),
        (Private, "builtins", "KeyError"),
        (Lying, "builtins", "OSError"),
        (Renamed, "builtins", "ValueError"),
        (Planted, "builtins", "ValueError"),
        (WithoutModule, "builtins", "ValueError"),
        (int, "builtins", "int"),
    ],
    ids=range(11),
)
def test_the_nearest_public_type(kind: type, module: str, name: str) -> None:
    assert public_type(kind) == (module, name)


def test_a_type_that_is_put_among_the_builtins_is_not_public(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(builtins, "sk_secret", Renamed, raising=False)
    assert public_type(Renamed) == ("builtins", "ValueError")


def test_a_type_that_exec_puts_into_a_public_module_is_not_public(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json.decoder, "sk_planted", Planted, raising=False)
    assert public_type(Planted) == ("builtins", "ValueError")


def test_frames_are_those_of_public_modules_innermost_last() -> None:
    assert [(frame["module"], frame["function"]) for frame in frames(decoding())] == [
        ("json", "loads"),
        ("json.decoder", "decode"),
        ("json.decoder", "raw_decode"),
    ]


def test_a_frame_has_what_error_tracking_needs_and_no_path() -> None:
    for frame in frames(decoding()):
        assert frame["platform"] == "python"
        assert frame["filename"] == frame["module"].replace(".", "/") + ".py"
        assert frame["in_app"] is False
        assert set(frame) <= {"platform", "filename", "module", "function", "in_app", "lineno"}


def test_a_line_counts_from_the_start_of_its_function() -> None:
    code = json.loads.__code__
    [outer, *_] = frames(decoding())
    assert 1 < outer["lineno"] <= max(line or 0 for _, _, line in code.co_lines())
    assert outer["lineno"] < code.co_firstlineno


def test_ceclis_frames_leave_from_every_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> bytes:
        raise OSError("secret")

    monkeypatch.setattr(os, "urandom", fail)
    try:
        ids.new()
    except OSError as caught:
        error = caught
    assert [(frame["module"], frame["function"]) for frame in frames(error)] == [
        ("cecli.analytics.ids", "new")
    ]


def test_the_tests_own_frames_do_not_leave() -> None:
    assert frames(raised(ValueError("x"))) == []


def test_no_more_than_24_frames_leave_and_they_are_the_innermost() -> None:
    class Nested(json.JSONDecoder):
        def decode(self, s: str, _w: Any = None) -> Any:
            return json.loads(s[1:], cls=Nested) if s else super().decode("!")

    try:
        json.loads("x" * 50, cls=Nested)
    except ValueError as caught:
        found = frames(caught)
    assert len(found) == 24
    assert found[-1]["function"] == "raw_decode"


def test_very_deep_recursion_is_described() -> None:
    def dig() -> None:
        dig()

    try:
        dig()
    except RecursionError as caught:
        assert describe(caught)[0]["type"] == "RecursionError"


def types_and_links(error: BaseException) -> list[tuple[object, object, object]]:
    found = []
    for each in describe(error):
        mechanism: Any = each["mechanism"]
        found.append((each["type"], mechanism.get("source"), mechanism.get("parent_id")))
    return found


def test_a_cause_stands_after_what_it_caused() -> None:
    error = raised(KeyError("a"), raised(OSError("b")))
    assert types_and_links(error) == [("KeyError", None, None), ("OSError", "cause", 0)]


def test_a_context_leaves_unless_it_is_suppressed() -> None:
    try:
        try:
            raise OSError("a")  # noqa: TRY301
        except OSError:
            raise KeyError("b")  # noqa: B904
    except KeyError as caught:
        error = caught
    assert types_and_links(error) == [("KeyError", None, None), ("OSError", "context", 0)]
    error.__suppress_context__ = True
    assert types_and_links(error) == [("KeyError", None, None)]


def test_a_circle_of_causes_ends() -> None:
    first, second = KeyError("a"), OSError("b")
    first.__cause__, second.__cause__ = second, first
    assert len(describe(first)) == 2


def test_a_long_chain_ends_after_eight() -> None:
    error: BaseException | None = None
    for _ in range(50):
        error = raised(ValueError("x"), error)
    assert error is not None
    assert len(describe(error)) == 8


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")
def test_the_members_of_a_group_leave_in_their_order() -> None:
    group = vars(builtins)["ExceptionGroup"]
    error = group("secret", [KeyError("a"), group("b", [OSError("c")]), TypeError("d")])
    assert types_and_links(error) == [
        ("ExceptionGroup", None, None),
        ("KeyError", "member", 0),
        ("ExceptionGroup", "member", 0),
        ("OSError", "member", 2),
        ("TypeError", "member", 0),
    ]


def test_a_lying_exception_is_not_asked() -> None:
    assert describe(Lying("secret"))[0]["type"] == "OSError"


def test_messages_notes_and_arguments_do_not_leave() -> None:
    error = raised(OSError(2, "secret", "/home/secret"))
    error.__dict__["__notes__"] = ["secret"]
    assert "secret" not in json.dumps(describe(error))
