"""The rules for a declaration, and that the code records nothing that isn't declared."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

import cecli
from cecli.analytics.catalogue.declaration import Catalogue, CatalogueError
from cecli.analytics.catalogue.event import Event, Property
from cecli.analytics.catalogue.property_types import SESSION_ID, TYPES
from cecli.analytics.settings.options import OPTIONS

if TYPE_CHECKING:
    from cecli.analytics.catalogue.property_types import PropertyType

SOURCES = sorted(Path(cecli.__file__).parent.rglob("*.py"))


GOOD = Property("it", "count", "To know.")


def event(name: str = "lint", *properties: Property) -> Event:
    return Event(name, "The linter ran.", "Whether it is used.", properties)


def names(catalogue: Catalogue) -> set[str]:
    return {each.name for each in catalogue}


def test_the_built_in_events_are_those_of_any_program() -> None:
    assert names(Catalogue()) == {
        "launched",
        "message_send_starting",
        "message_send",
        "message_send_exception",
        "events_lost",
        "exit",
        "$exception",
    }


def test_message_send_has_the_model_tokens_and_cost() -> None:
    assert list(Catalogue().checks("message_send") or ()) == [
        "main_model",
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "cost",
        "total_cost",
        "duration",
        "outcome",
    ]


@pytest.mark.parametrize("each", list(Catalogue()), ids=lambda each: each.name)
def test_a_built_in_event_says_when_and_why(each: Event) -> None:
    assert each.description.endswith(".")
    assert each.why.endswith(".")
    assert all(declared.why for declared in each.properties)


def test_options_leave_through_one_property_which_takes_their_names_alone() -> None:
    found = {
        (each.name, declared.name)
        for each in Catalogue()
        for declared in each.properties
        if declared.type == "option names"
    }
    assert found == {("launched", "options")}


def test_no_property_is_named_like_an_option_whose_value_it_could_be_taken_for() -> None:
    options = {option.name.replace("-", "_") for option in OPTIONS}
    declared = {declared.name for each in Catalogue() for declared in each.properties}
    assert not options & declared


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind != SESSION_ID])
def test_a_program_declares_an_event_with_any_type_but_the_sessions_id(kind: PropertyType) -> None:
    catalogue = Catalogue()
    choices = ("a", "b") if kind == "choice" else ()
    catalogue.declare(event("lint", Property("it", kind, "To know.", choices)))
    assert list(catalogue.checks("lint") or ()) == ["it"]


def test_a_program_declares_no_id_of_a_session_which_could_tell_people_apart() -> None:
    with pytest.raises(CatalogueError, match="'session id' is no property type"):
        Catalogue().declare(event("lint", Property("it", SESSION_ID, "To know.")))


@pytest.mark.parametrize("wrong", ["lint", None, ("lint", "It ran.", "To know.")])
def test_only_an_event_is_declared(wrong: Event) -> None:
    with pytest.raises(CatalogueError, match="expected an Event, not "):
        Catalogue().declare(wrong)


@pytest.mark.parametrize("wrong", [None, "it", [GOOD], ("it",)])
def test_an_event_has_a_tuple_of_properties(wrong: tuple[Property, ...]) -> None:
    with pytest.raises(CatalogueError, match="expected a tuple of Property objects"):
        Catalogue().declare(event()._replace(properties=wrong))


def test_only_properties_are_added_to_an_event() -> None:
    with pytest.raises(CatalogueError, match="expected a tuple of Property objects"):
        Catalogue().declare_properties("exit", "it")  # type: ignore[arg-type]


def test_an_event_that_is_not_declared_has_no_checks() -> None:
    assert Catalogue().checks("lint") is None


def test_commands_are_events() -> None:
    catalogue = Catalogue()
    catalogue.declare_commands("add", "chat-mode")
    assert {"command_add", "command_chat-mode"} <= names(catalogue)


def test_catalogues_share_nothing() -> None:
    catalogue = Catalogue()
    catalogue.declare_commands("add")
    catalogue.declare_choices("outcome", "refused")
    catalogue.declare_properties("exit", GOOD)
    assert Catalogue().checks("command_add") is None
    assert "refused" not in Catalogue().choices("message_send", "outcome")
    assert list(Catalogue().checks("exit") or ()) == ["reason"]
    (declared,) = (each for each in Catalogue() if each.name == "exit")
    assert len(declared.properties) == 1


def test_a_new_choice_counts_in_every_event_that_has_the_property() -> None:
    catalogue = Catalogue()
    catalogue.declare_features("search", "import")
    catalogue.declare_choices("outcome", "refused")
    for name in ("message_send", "search", "import"):
        assert "refused" in catalogue.choices(name, "outcome")


def test_the_same_word_in_two_events_keeps_its_own_choices() -> None:
    catalogue = Catalogue()
    catalogue.declare(event("lint", Property("reason", "choice", "To know.", ("asked",))))
    assert catalogue.choices("lint", "reason") == ("asked", "other")
    assert "asked" not in catalogue.choices("exit", "reason")


BAD_EVENTS = {
    "a name that is taken": event("exit"),
    "capitals": event("Lint"),
    "a dollar": event("$lint"),
    "a newline": event("lint\n"),
    "no name": event(""),
    "a long name": event("l" * 65),
    "a name that is no str": event(cast(Any, 7)),
    "no description": Event("lint", " ", "Whether it is used."),
    "no reason": Event("lint", "The linter ran.", ""),
    "too many properties": event("lint", *(GOOD._replace(name=f"p{n}") for n in range(33))),
    "a property twice": event("lint", GOOD, GOOD),
    "a property of every event": event("lint", GOOD._replace(name="os")),
    "a property name with capitals": event("lint", GOOD._replace(name="It")),
    "a property name with a dollar": event("lint", GOOD._replace(name="$it")),
    "a property name that is no str": event("lint", GOOD._replace(name=cast(Any, b"it"))),
    "free text": event("lint", GOOD._replace(type=cast(Any, "text"))),
    "a Python type": event("lint", GOOD._replace(type=cast(Any, str))),
    "a property without a reason": event("lint", GOOD._replace(why="")),
    "a choice without choices": event("lint", GOOD._replace(type="choice")),
    "choices without a choice": event("lint", GOOD._replace(choices=("a",))),
    "choices that are one str": event(
        "lint", GOOD._replace(type="choice", choices=cast(Any, "abc"))
    ),
    "a choice that is a path": event("lint", GOOD._replace(type="choice", choices=("/etc",))),
    "a choice that is a number": event(
        "lint", GOOD._replace(type="choice", choices=cast(Any, (1,)))
    ),
}


def test_a_built_in_event_takes_another_property_and_keeps_its_own() -> None:
    catalogue = Catalogue()
    catalogue.declare_choices("reason", "bored")
    way = Property("way", "choice", "To know.", ("door", "window"))
    catalogue.declare_properties("exit", GOOD, way)
    (exit,) = (each for each in catalogue if each.name == "exit")
    assert [each.name for each in exit.properties] == ["reason", "it", "way"]
    assert list(catalogue.checks("exit") or ()) == ["reason", "it", "way"]
    assert catalogue.choices("exit", "way") == ("door", "window", "other")
    assert "bored" in catalogue.choices("exit", "reason")


BAD_PROPERTIES: dict[str, tuple[str, tuple[Property, ...]]] = {
    "an event that isn't declared": ("lint", (GOOD,)),
    "a property that it has": ("exit", (GOOD._replace(name="reason"),)),
    "a property of every event": ("exit", (GOOD._replace(name="os"),)),
    "a property twice": ("exit", (GOOD, GOOD)),
    "free text": ("exit", (GOOD, GOOD._replace(name="that", type=cast(Any, "text")))),
    "a property without a reason": ("exit", (GOOD._replace(why=" "),)),
    "too many properties": ("exit", tuple(GOOD._replace(name=f"p{n}") for n in range(32))),
}


@pytest.mark.parametrize("why", BAD_PROPERTIES)
def test_a_bad_property_for_an_event_is_refused_and_leaves_nothing_behind(why: str) -> None:
    name, properties = BAD_PROPERTIES[why]
    catalogue = Catalogue()
    before = list(catalogue)
    with pytest.raises(CatalogueError, match="event"):
        catalogue.declare_properties(name, *properties)
    assert list(catalogue) == before
    assert list(catalogue.checks("exit") or ()) == ["reason"]


@pytest.mark.parametrize("why", BAD_EVENTS)
def test_a_bad_declaration_is_refused_and_leaves_nothing_behind(why: str) -> None:
    catalogue = Catalogue()
    before = list(catalogue)
    with pytest.raises(CatalogueError, match=r"event|property"):
        catalogue.declare(BAD_EVENTS[why])
    assert list(catalogue) == before


def test_the_refusal_of_free_text_names_the_types_that_there_are() -> None:
    with pytest.raises(CatalogueError, match=r"'text' is no property type.*amount, choice, count"):
        Catalogue().declare(BAD_EVENTS["free text"])


@pytest.mark.parametrize("name", ["/add", "Add", "", "a" * 41, "add file", "sk-ant/../x"])
def test_a_malformed_command_is_refused(name: str) -> None:
    with pytest.raises(CatalogueError, match="command"):
        Catalogue().declare_commands(name)


def test_a_command_is_declared_once() -> None:
    with pytest.raises(CatalogueError, match="'command_add' is declared already"):
        Catalogue().declare_commands("add", "add")


@pytest.mark.parametrize("name", ["", "a b", "/etc", "notes.store", "2notes", "notes\n", "nötes"])
def test_a_malformed_package_is_refused(name: str) -> None:
    catalogue = Catalogue()
    with pytest.raises(CatalogueError, match="package"):
        catalogue.declare_packages("notes", name)
    assert catalogue.packages == ("cecli",)


@pytest.mark.parametrize("name", ["--model", "", "a b", "/etc", "model\n"])
def test_a_malformed_option_is_refused(name: str) -> None:
    with pytest.raises(CatalogueError, match="option"):
        Catalogue().declare_options(name)


def test_an_option_may_start_with_a_digit() -> None:
    Catalogue().declare_options("4o", "no-auto-commits", "read_only")


@pytest.mark.parametrize("name", ["cost", "nothing", "os", "$ip"])
def test_choices_are_added_only_to_a_choice_of_an_event(name: str) -> None:
    with pytest.raises(CatalogueError, match="choice"):
        Catalogue().declare_choices(name, "xml")


def test_a_session_that_has_started_takes_no_declarations() -> None:
    catalogue = Catalogue()
    catalogue.freeze()
    late = "after the session has started"
    with pytest.raises(CatalogueError, match=late):
        catalogue.declare(event())
    with pytest.raises(CatalogueError, match=late):
        catalogue.declare_commands("add")
    with pytest.raises(CatalogueError, match=late):
        catalogue.declare_choices("outcome", "refused")
    with pytest.raises(CatalogueError, match=late):
        catalogue.declare_properties("exit", GOOD)
    with pytest.raises(CatalogueError, match=late):
        catalogue.declare_packages("notes")
    catalogue.declare_options("model")  # names of a parser's, which tell nothing of a user


def recorded(source: str) -> set[str | None]:
    """Return the names that a source passes to ``.event(…)``; None for what can't be told."""
    found: set[str | None] = set()
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "event"
        ):
            name = node.args[0] if node.args else None
            is_text = isinstance(name, ast.Constant) and isinstance(name.value, str)
            found.add(name.value if is_text else None)  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("analytics.event('exit', reason=1)", {"exit"}),
        ("self._analytics.event('typo')", {"typo"}),
        ("analytics.event(name)", {None}),
        ("analytics.event(f'command_{x}')", {None}),
        ("analytics.close()", set()),
    ],
)
def test_the_reader_of_sources_finds_what_is_recorded(source: str, found: set[str | None]) -> None:
    assert recorded(source) == found


DYNAMIC = {"aider_session.py", "client.py"}
"""Sources that record a name which stands elsewhere: a declared one, tested in its own test."""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_event_that_the_code_records_is_declared(path: Path) -> None:
    found = recorded(path.read_text(encoding="utf-8"))
    if path.name in DYNAMIC:
        found.discard(None)
    assert found <= names(Catalogue())
