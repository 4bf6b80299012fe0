"""Single events: what all have is said once."""

from __future__ import annotations

from cecli.analytics.inspection.view.listing import Listing
from cecli.analytics.inspection.view.reading import Recorded


def event(name: str = "x", user_id: str = "me", uuid: str = "1", **properties: object) -> Recorded:
    return (name, properties, user_id, 0.0, uuid)


def lines(*events: Recorded) -> list[str]:
    listing = Listing()
    return "".join(map(listing.told, events)).splitlines()


def test_common_facts_are_said_once() -> None:
    found = lines(event(os="Linux", n=1), event(os="Linux", n=2))
    assert found[:3] == ["on each event:", "    id: me", "    os: Linux"]
    assert [each for each in found if "os" in each or "me" in each] == found[1:3]
    assert [each for each in found if "n:" in each] == ["    n: 1", "    n: 2"]


def test_a_common_fact_that_changes_is_said_again() -> None:
    found = lines(event(os="Linux", machine="x"), event(os="Windows", machine="x"))
    assert found[5:7] == ["on each event from here:", "    os: Windows"]
    assert len(found) == 8


def test_a_common_fact_that_goes_is_told() -> None:
    assert "    no os" in lines(event(os="Linux"), event())


def test_a_flag_that_becomes_a_number_is_told() -> None:
    assert "    cut: 1" in lines(event(cut=True), event(cut=1))


def test_an_event_has_its_id() -> None:
    assert lines(event("name", uuid="the-uuid"))[-1].endswith("  name  the-uuid")


def test_an_event_without_an_id_has_none() -> None:
    assert lines(event("name", uuid=""))[-1].endswith("  name")


def test_a_name_in_letters_that_look_like_others_is_told_by_their_numbers() -> None:
    assert lines(event("l\u0430unched"))[-1].endswith(r"  l\u0430unched  1")


def test_values_are_shown_as_they_are() -> None:
    found = lines(event(words=["a", "b"], flag=True, none=None, text="a b", nested=[{"a": 1}]))
    assert found[-5:] == [
        "    words: a, b",
        "    flag: true",
        "    none: null",
        "    text: a b",
        '    nested: [{"a": 1}]',
    ]
