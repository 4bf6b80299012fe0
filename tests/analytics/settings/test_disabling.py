"""Who disables is decided once, for what a parser has read and for what none can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from cecli.analytics.program import CECLI
from cecli.analytics.settings.disabling import is_plain, said_plainly, who_disables
from cecli.analytics.settings.sources import Source, Switch

if TYPE_CHECKING:
    from cecli.analytics.settings.sources import Kind

VARIABLE = "CECLI_ANALYTICS_DISABLE"


def said(kind: Kind, value: bool = True) -> Switch:
    return Switch(value, Source(kind, kind, "analytics-disable"))


@pytest.mark.parametrize(
    ("switches", "by"),
    [
        ([], None),
        ([said("flag", False), said("home", False)], None),
        ([said("flag"), said("variable")], "flag"),
        ([said("variable", False), said("home")], "home"),
        ([said("project"), said("home")], "home"),  # the word that can be stored
        ([said("project"), said("program")], "project"),
    ],
)
def test_any_source_disables_and_the_users_own_word_is_preferred(
    switches: Sequence[Switch], by: Kind | None
) -> None:
    source = who_disables(switches)
    assert (source and source.kind) == by


PLAIN = [
    # words, variables, who disables
    (["--analytics-disable"], {}, "--analytics-disable"),
    (["--bogus", "--analytics-disable", "--"], {}, "--analytics-disable"),
    (["--", "--analytics-disable"], {}, None),
    (["--analytics-disabled"], {}, None),
    ([], {VARIABLE: "yes"}, f"{VARIABLE}=true (environment)"),
    ([], {"CECLI_analytics_disable": "1"}, f"{VARIABLE}=true (environment)"),
    ([], {VARIABLE: "off"}, None),
    ([], {VARIABLE: ""}, None),
    ([], {VARIABLE: "perhaps"}, None),
    ([], {"NOTES_ANALYTICS_DISABLE": "1"}, None),
    (["--analytics-disable"], {VARIABLE: "1"}, "--analytics-disable"),
]


@pytest.mark.parametrize(("words", "variables", "by"), PLAIN)
def test_the_plain_words_need_no_parser(
    words: list[str], variables: dict[str, str], by: str | None
) -> None:
    source = who_disables(said_plainly(words, [variables], CECLI))
    assert (source and source.text) == by


def test_what_can_be_looked_up_without_a_parser_is_plain() -> None:
    found = [switch.source for switch in said_plainly(["--analytics-disable"], [], CECLI)]
    assert [is_plain(source) for source in found] == [True]
    assert not is_plain(said("home").source)
