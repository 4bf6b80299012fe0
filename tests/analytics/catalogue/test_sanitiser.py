"""One event, one line of bytes, and what becomes of a value that doesn't fit."""

from __future__ import annotations

import enum
import json
from types import SimpleNamespace
from typing import Any

import pytest

from cecli.analytics import ids
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.event import Event, Property
from cecli.analytics.catalogue.sanitiser import LONGEST_LINE, Sanitised, Sanitiser
from cecli.analytics.facts.options_used import OptionUse
from cecli.analytics.spool.segment import Envelope, read_event
from tests.analytics.samples import FACTS, SAMPLES, SHARED

USER = "00000000-0000-4000-8000-00000000000a"
UUID = "00000000-0000-4000-8000-00000000000b"
TIME = 1_700_000_000.1234


@pytest.fixture
def catalogue() -> Catalogue:
    catalogue = Catalogue()
    catalogue.declare_options("model", "analytics", "verbose")
    properties = (
        Property("tool", "version", "To know."),
        Property("fixes", "flag", "To know."),
        Property("format", "choice", "To know.", ("diff",)),
    )
    catalogue.declare(Event("lint", "The linter ran.", "To know.", properties))
    others = (
        Property("weak_model", "model name", "To know."),
        Property("judge", "model name", "To know."),
        Property("family", "choice", "To know.", ("gpt",)),
    )
    catalogue.declare_properties("message_send", *others)
    return catalogue


def run(catalogue: Catalogue, name: object, properties: object = None) -> Sanitised:
    return Sanitiser(catalogue, USER, FACTS).sanitise(name, properties, time=TIME, uuid=UUID)


def envelope(sanitised: Sanitised) -> Envelope:
    assert sanitised.line is not None, sanitised.why_not
    found = read_event(sanitised.line.rstrip(b"\n"))
    assert found is not None
    return found


def own(sanitised: Sanitised) -> dict[str, object]:
    properties = envelope(sanitised).properties
    return {name: value for name, value in properties.items() if name not in SHARED}


def raised(error: BaseException) -> BaseException:
    try:
        raise error  # noqa: TRY301
    except BaseException as caught:  # noqa: BLE001
        return caught


@pytest.mark.parametrize("each", list(Catalogue()), ids=lambda each: each.name)
def test_every_built_in_event_has_all_its_properties(catalogue: Catalogue, each: Event) -> None:
    sanitised = run(catalogue, each.name, SAMPLES[each.name])
    assert sanitised.changed == ()
    assert set(own(sanitised)) == {declared.name for declared in each.properties}


def test_a_line_holds_an_event_and_nothing_else(catalogue: Catalogue) -> None:
    line = run(catalogue, "exit", {"reason": "crash"}).line
    fields = json.loads(line or "")
    session = fields["properties"]["$session_id"]
    assert list(fields.items()) == [
        ("event", "exit"),
        ("properties", {"reason": "crash", **FACTS, "$session_id": session}),
        ("user_id", USER),
        ("time", 1_700_000_000.123),
        ("uuid", UUID),
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_line_is_compact_ascii_json(catalogue: Catalogue, name: str) -> None:
    line = run(catalogue, name, SAMPLES[name]).line or b""
    text = json.dumps(json.loads(line), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    assert line == text.encode("ascii") + b"\n"


def test_every_fact_about_the_surroundings_stands_on_the_event(catalogue: Catalogue) -> None:
    assert FACTS.items() <= envelope(run(catalogue, "message_send_starting")).properties.items()


def test_a_fact_that_is_not_declared_does_not_leave(catalogue: Catalogue) -> None:
    sanitiser = Sanitiser(catalogue, USER, {**FACTS, "hostname": "ada", "machine": "ada's"})
    made = envelope(sanitiser.sanitise("message_send_starting", time=TIME, uuid=UUID))
    session = made.properties["$session_id"]
    assert made.properties == {**FACTS, "machine": "other", "$session_id": session}


@pytest.mark.parametrize("facts", [{}, {"os": "Linux"}])
@pytest.mark.parametrize("properties", [{}, {"reason": "crash"}])
def test_the_line_is_json_with_and_without_properties(
    catalogue: Catalogue, facts: dict[str, object], properties: dict[str, object]
) -> None:
    sanitiser = Sanitiser(catalogue, USER, facts)
    made = envelope(sanitiser.sanitise("exit", properties, time=TIME, uuid=UUID))
    session = made.properties["$session_id"]
    assert made.properties == {**properties, **facts, "$session_id": session}


def test_an_id_that_is_no_uuid_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="user_id"):
        Sanitiser(catalogue, "ada@example.com", FACTS)


@pytest.mark.parametrize("name", ["launched", "exit"])
def test_no_caller_can_name_the_session(catalogue: Catalogue, name: str) -> None:
    chosen = ids.SessionId().id_at(TIME)
    sanitiser = Sanitiser(catalogue, USER, {**FACTS, "$session_id": chosen})
    sanitised = sanitiser.sanitise(name, {"$session_id": chosen}, time=TIME, uuid=UUID)
    assert sanitised.changed == ("$session_id",)
    assert envelope(sanitised).properties["$session_id"] != chosen


class Shouting(str):
    def __str__(self) -> str:
        raise AssertionError("asked")

    __repr__ = __eq__ = __hash__ = __len__ = __str__  # type: ignore[assignment]


class Format(str, enum.Enum):
    DIFF = "diff"


class Large(int):
    pass


NOT_A_NUMBER = float("nan")
DROPPED = object()
FITS: list[tuple[str, str, object, object]] = [
    # event, property, value, what leaves
    ("message_send", "prompt_tokens", 0, 0),
    ("message_send", "prompt_tokens", 10**12, 10**12),
    ("message_send", "prompt_tokens", 10**12 + 1, DROPPED),
    ("message_send", "prompt_tokens", -1, DROPPED),
    ("message_send", "prompt_tokens", 1.0, DROPPED),
    ("message_send", "prompt_tokens", True, DROPPED),
    ("message_send", "prompt_tokens", "12", DROPPED),
    ("message_send", "prompt_tokens", Large(12), DROPPED),
    ("message_send", "prompt_tokens", 10**5000, DROPPED),
    ("message_send", "cost", 0.1, 0.1),
    ("message_send", "cost", 2, 2),
    ("message_send", "cost", 10**9, 10**9),
    ("message_send", "cost", 1e9, 1e9),
    ("message_send", "cost", 10**9 + 1, DROPPED),
    ("message_send", "cost", NOT_A_NUMBER, DROPPED),
    ("message_send", "cost", float("inf"), DROPPED),
    ("message_send", "cost", float("-inf"), DROPPED),
    ("message_send", "cost", -0.5, DROPPED),
    ("message_send", "cost", 10**5000, DROPPED),
    ("message_send", "cost", False, DROPPED),
    ("lint", "fixes", False, False),
    ("lint", "fixes", 1, DROPPED),
    ("lint", "fixes", "true", DROPPED),
    ("lint", "format", "diff", "diff"),
    ("lint", "format", "other", "other"),
    ("lint", "format", Format.DIFF, "diff"),
    ("lint", "format", Shouting("diff"), "diff"),
    ("lint", "format", Shouting("/home/ada"), "other"),
    ("lint", "format", ["diff"], "other"),
    ("lint", "tool", "3.12.1", "3.12.1"),
    ("lint", "tool", "3.14.0rc1", "3.14.0rc1"),
    ("lint", "tool", "192.168.1.10", "other"),
    ("lint", "tool", "1.0+ada", "other"),
    ("lint", "tool", "1.0\n", "other"),
    ("lint", "tool", "\u0661.\u0662", "other"),
    ("lint", "tool", 3, "other"),
    ("message_send", "main_model", "gpt-4o", "gpt-4o"),
    ("message_send", "main_model", "openai/ours", "openai/REDACTED"),
    ("message_send", "main_model", "ours", "REDACTED"),
    ("message_send", "main_model", Shouting("gpt-4o"), "gpt-4o"),
    ("message_send", "main_model", 7, "REDACTED"),
    ("message_send", "main_model", b"gpt-4o", "REDACTED"),
    ("message_send_exception", "exception", ValueError("x"), "ValueError"),
    ("message_send_exception", "exception", ValueError, "ValueError"),
    ("message_send_exception", "exception", "ValueError: x", "other"),
    ("message_send_exception", "exception", int, "other"),
    ("launched", "options", [OptionUse("model", "file")], ["file:model"]),
    ("launched", "options", (), []),
    ("launched", "options", (OptionUse("ours", "flag"),), ["other"]),
    ("launched", "options", (OptionUse("model", "/etc"),), ["other"]),
    ("launched", "options", ("model",), ["other"]),
    ("launched", "options", "model", DROPPED),
    ("$exception", "$exception_list", "Traceback", DROPPED),
    ("$exception", "$exception_list", ValueError, DROPPED),
]


# Numbered: pytest would write some of these values out.
@pytest.mark.parametrize(("name", "key", "value", "leaves"), FITS, ids=range(len(FITS)))
def test_what_leaves_of_a_value(
    catalogue: Catalogue, name: str, key: str, value: object, leaves: object
) -> None:
    expected = {} if leaves is DROPPED else {key: leaves}
    assert own(run(catalogue, name, {key: value})) == expected


@pytest.mark.parametrize(
    ("name", "key", "value", "is_changed"),
    [
        ("message_send", "cost", 0.5, False),
        ("message_send", "cost", "0.5", True),
        ("message_send", "main_model", "ours", False),
        ("message_send", "main_model", 7, True),
        ("lint", "format", "mine", True),
        ("message_send", "main_model", None, False),
        ("message_send", "prompt", "secret", True),
        ("launched", "options", (OptionUse("ours", "flag"),), True),
    ],
)
def test_a_misfit_is_named_and_a_missing_value_is_not(
    catalogue: Catalogue, name: str, key: str, value: object, is_changed: bool
) -> None:
    assert run(catalogue, name, {key: value}).changed == ((key,) if is_changed else ())


@pytest.mark.parametrize(("used", "leave", "is_changed"), [(128, 128, False), (129, 128, True)])
def test_of_more_than_128_options_the_first_leave(
    catalogue: Catalogue, used: int, leave: int, is_changed: bool
) -> None:
    names = [f"o{number:03}" for number in range(used)]
    catalogue.declare_options(*names)
    made = run(catalogue, "launched", {"options": [OptionUse(name, "flag") for name in names]})
    assert own(made) == {"options": [f"flag:{name}" for name in names[:leave]]}
    assert made.changed == (("options",) if is_changed else ())


def test_a_property_of_another_event_does_not_leave(catalogue: Catalogue) -> None:
    assert own(run(catalogue, "exit", {"cost": 1.0, "reason": "crash"})) == {"reason": "crash"}


def test_a_caller_cannot_set_what_every_event_holds(catalogue: Catalogue) -> None:
    sanitised = run(catalogue, "message_send_starting", {"$ip": "127.0.0.1", "os": "Plan 9"})
    assert sanitised.changed == ("$ip", "os")
    assert envelope(sanitised).properties["$ip"] == "0.0.0.0"


@pytest.mark.parametrize(
    "name", ["typo", "", None, 7, b"exit", Shouting("exit"), ["exit"]], ids=range(7)
)
def test_an_event_that_is_not_declared_does_not_leave(catalogue: Catalogue, name: object) -> None:
    made = run(catalogue, name)
    assert (made.line, made.changed) == (None, ())
    assert made.why_not == "the event isn't declared in the catalogue"


@pytest.mark.parametrize("properties", ["reason=crash", ["reason"], 7, SimpleNamespace()])
def test_properties_that_are_no_dict_do_not_leave(catalogue: Catalogue, properties: object) -> None:
    sanitised = run(catalogue, "exit", properties)
    assert own(sanitised) == {}
    assert sanitised.changed == ("(properties that are no dict)",)


def test_a_key_that_is_no_str_is_not_asked_for_its_hash(catalogue: Catalogue) -> None:
    class Lying:
        hash = 7

        def __hash__(self) -> int:
            return type(self).hash

        def __eq__(self, other: object) -> bool:
            raise AssertionError("asked")

    properties = {Lying(): 1}
    Lying.hash = hash("reason")
    assert run(catalogue, "exit", properties).changed == ("(a name that is no str)",)


def test_a_model_object_names_the_other_models_that_are_declared(catalogue: Catalogue) -> None:
    weak = SimpleNamespace(name="gpt-4o-mini")
    model = SimpleNamespace(
        name="gpt-4o", weak_model=weak, judge="openai/ours", editor_model="gpt-4o", family="gpt"
    )
    assert own(run(catalogue, "message_send", {"main_model": model})) == {
        "main_model": "gpt-4o",
        "weak_model": "gpt-4o-mini",
        "judge": "openai/REDACTED",
    }


def test_another_models_object_names_no_models(catalogue: Catalogue) -> None:
    weak = SimpleNamespace(name="gpt-4o-mini", judge="gpt-4o")
    properties = {"main_model": "gpt-4o", "weak_model": weak}
    assert own(run(catalogue, "message_send", properties)) == {
        "main_model": "gpt-4o",
        "weak_model": "gpt-4o-mini",
    }


def test_another_model_that_the_caller_names_wins(catalogue: Catalogue) -> None:
    model = SimpleNamespace(name="gpt-4o", weak_model="gpt-4o-mini", judge=None)
    properties = {"main_model": model, "weak_model": "gpt-4o"}
    assert own(run(catalogue, "message_send", properties))["weak_model"] == "gpt-4o"


def deep() -> BaseException:
    """Return an exception with as many causes and frames as are ever described."""
    error: BaseException | None = None
    for _ in range(10):
        try:
            json.loads("[" * 30, parse_constant=None, object_pairs_hook=None, cls=Nested)
        except ValueError as caught:
            caught.__cause__ = error
            error = caught
    assert error is not None
    return error


class Nested(json.JSONDecoder):
    def decode(self, s: str, _w: Any = None) -> Any:
        # Each level passes through a function of the standard library.
        return json.loads(s[1:], cls=Nested) if s else super().decode("!")


def test_a_long_event_loses_frames_first_and_says_so(catalogue: Catalogue) -> None:
    made = envelope(run(catalogue, "$exception", {"$exception_list": deep()}))
    errors: Any = made.properties["$exception_list"]
    assert len(made.line) <= LONGEST_LINE
    assert made.properties["cut"] is True
    assert len(errors) == 8
    assert errors[0]["stacktrace"]["frames"][-1]["function"] == "raw_decode"


def test_a_short_event_is_not_cut(catalogue: Catalogue) -> None:
    made = envelope(run(catalogue, "$exception", {"$exception_list": raised(ValueError("x"))}))
    assert "cut" not in made.properties


@pytest.mark.parametrize(("size", "is_cut"), [(16 * 1024, False), (16 * 1024 + 1, True)])
def test_a_line_of_sixteen_kibibytes_is_whole_and_a_longer_one_is_cut(
    catalogue: Catalogue, size: int, is_cut: bool
) -> None:
    names = [f"o{n:03}".ljust(50, "x") for n in range(384)]
    fillers = ["y" * n for n in range(1, 61)]
    catalogue.declare_options(*names, *fillers)
    parts = tuple(Property(name, "option names", "To know.") for name in ("a", "b", "c", "filler"))
    catalogue.declare(Event("many", "Many.", "To know.", parts))

    def line(count: int, filler: str) -> bytes:
        uses = [OptionUse(name, "flag") for name in names[:count]]
        properties = {"a": uses[:128], "b": uses[128:256], "c": uses[256:]}
        filling = {"filler": [OptionUse(filler, "flag")]}
        return run(catalogue, "many", properties | filling).line or b""

    by_name = len(line(3, "y")) - len(line(2, "y"))
    count = 2 + (size - 1 - len(line(2, "y"))) // by_name
    missing = size - len(line(count, "y"))
    made = line(count, fillers[missing])
    assert (len(made) == size) is not is_cut
    assert (b'"cut":true' in made) is is_cut


def test_very_many_options_are_cut(catalogue: Catalogue) -> None:
    names = [f"{n:03}" + "x" * 60 for n in range(1000)]
    catalogue.declare_options(*(f"o{name}"[:64] for name in names))
    catalogue.declare(
        Event(
            "many",
            "Many.",
            "To know.",
            tuple(Property(f"p{n}", "option names", "To know.") for n in range(32)),
        )
    )
    uses = [OptionUse(f"o{name}"[:64], "flag") for name in names]
    made = envelope(run(catalogue, "many", {f"p{n}": uses for n in range(32)}))
    assert len(made.line) <= LONGEST_LINE
    assert made.properties["cut"] is True
