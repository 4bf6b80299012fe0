"""Who asks: what a program may be called, and that all that its user meets speaks in its name."""

from __future__ import annotations

import re
from pathlib import Path

import configargparse
import pytest

from cecli.analytics import Catalogue, Program, add_arguments, inspect
from cecli.analytics.facts.environment import facts
from cecli.analytics.paths import Paths
from cecli.analytics.program import CECLI, DEFAULT_HOST
from cecli.analytics.testing import RecordingAnalytics
from tests.analytics.notes import NotesUser

URL = "https://example.com/notes/analytics"
SECRET = "Zanzibar-secret"


def program(**fields: object) -> Program:
    return Program(**{"name": "notes", "info_url": URL, "version": "1.0", **fields})  # type: ignore[arg-type]


NAME = "expected at most 32 small letters, digits and single dashes, a letter first"
BAD = [
    *(
        ("name", value, NAME)
        for value in (
            *("", "Notes", "my notes", "my_notes", "-notes", "notes-", "my--notes", "1notes"),
            *("../notes", "notes/", "n\u00f6tes", "notes\n", "n" * 33, None, 7, b"notes"),
        )
    ),
    *(
        ("info_url", value, "an http or https URL")
        for value in (
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            f"{URL}\nYes?",
            URL * 9,
            None,
        )
    ),
    ("name", "notes-no", "doesn't end in '-no'"),
    *(
        ("version", value, "a version, as in '1.4.2'")
        for value in ("", "-1", "1 0", "1\n", "\u0661.\u0662", "1" * 33, None, 1.0)
    ),
    *(
        ("posthog_host", value, expected)
        for value, expected in (
            ("", "no http or https URL"),
            ("ftp://posthog.example.com", "no http or https URL"),
            ("https://posthog.example.com?x=1", "no http or https URL"),
            ("posthog", "a name with a dot was expected"),
            (None, "a name with a dot was expected"),
            ("http://posthog.example.com", "https was expected"),
        )
    ),
]


@pytest.mark.parametrize(("field", "value", "expected"), BAD)
def test_what_cannot_be_is_an_error_that_says_what_was_expected(
    field: str, value: object, expected: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(expected)) as found:
        program(**{field: value})
    message = str(found.value)
    assert message.startswith("Program: ")
    assert message.isprintable()
    assert len(message) < 400


@pytest.mark.parametrize(
    "key",
    [
        *("", f"phc {SECRET}", f"phc_{SECRET}\n", f"phx_{SECRET}", f"PHX_{SECRET}"),
        *(f"phc_{SECRET}\u00e9", f"phc_{SECRET}" * 9, SECRET.encode(), 7),
    ],
)
def test_a_bad_key_is_an_error_that_does_not_show_it(key: object) -> None:
    with pytest.raises(ValueError, match="project API key") as found:
        program(posthog_project_api_key=key)
    assert SECRET not in str(found.value)


@pytest.mark.parametrize("name", ["notes", "n", "my-notes", "a1-b2-c3", "n" * 32])
def test_a_name_gives_the_prefix_and_the_folder(name: str) -> None:
    assert program(name=name).prefix == name.upper().replace("-", "_") + "_"
    assert Paths("/home/ada", name).consent == f"/home/ada/.{name}/analytics.json"


@pytest.mark.parametrize("host", ["posthog.example.com/", "https://POSTHOG.example.com"])
def test_a_host_is_spelled_as_a_users_is(host: str) -> None:
    assert program(posthog_host=host).posthog_host == "https://posthog.example.com"


def test_without_more_events_go_nowhere_but_the_log() -> None:
    assert program().posthog_project_api_key is None
    assert program().posthog_host == DEFAULT_HOST


def test_nothing_shows_the_key_by_mistake() -> None:
    shown = program(posthog_project_api_key=f"phc_{SECRET}")
    assert SECRET not in repr(shown) + str(shown) + f"{[shown]}"
    assert repr(shown) == "Program('notes', version='1.0')"


def test_the_source_tree_carries_no_key() -> None:
    assert CECLI.posthog_project_api_key is None


@pytest.mark.parametrize(
    ("version", "sent"),
    [
        *(("1.0", "1.0"), ("2.0rc1", "2.0rc1"), ("0.1.dev5", "0.1.dev5")),
        *(("1.0+ada.laptop", "other"), ("2024.11.25.1", "other")),
    ],
)
def test_every_event_names_the_program_and_a_released_version(version: str, sent: str) -> None:
    analytics = RecordingAnalytics(Catalogue(), program(version=version))
    analytics.event("launched")
    [event] = analytics.envelopes
    assert event.properties["program"] == "notes"
    assert event.properties["program_version"] == sent


def test_the_facts_of_programs_differ_in_nothing_else() -> None:
    mine, theirs = facts(program(name="mine")), facts(program(name="theirs", version="2.0"))
    differing = {name for name in mine if mine[name] != theirs[name]}
    assert (set(mine), differing) == (set(theirs), {"program", "program_version"})


def test_a_program_that_does_not_say_who_it_is_is_cecli() -> None:
    parser = configargparse.ArgumentParser()
    add_arguments(parser)
    assert parser.analytics_program is CECLI
    assert "CECLI_NO_ANALYTICS" in parser.format_help()


def test_the_key_and_host_of_a_program_are_its_own_destination(notes: NotesUser) -> None:
    one = program(posthog_project_api_key="phc_notes", posthog_host="posthog.example.com")
    parser = configargparse.ArgumentParser()
    add_arguments(parser, one)
    found = notes.parse(parser, variables={"CECLI_ANALYTICS_POSTHOG_HOST": "other.example.com"})
    assert found.destination == ("https://posthog.example.com", "phc_notes", True)
    assert found.destination_set_by == ()


@pytest.mark.parametrize("variable", ["CECLI_NO_ANALYTICS", "CECLI_ANALYTICS_DISABLE"])
def test_the_variables_of_another_program_mean_nothing(notes: NotesUser, variable: str) -> None:
    parser = configargparse.ArgumentParser()
    add_arguments(parser, program())
    found = notes.parse(parser, variables={variable: "true"})
    assert (found.analytics, found.disable) == (None, None)


def test_the_question_is_asked_in_the_programs_name(notes: NotesUser) -> None:
    terminal = notes.terminal("show", "--analytics")
    terminal.wait_for("[Yes]: ")
    assert terminal.shown == (
        "notes respects your privacy and never collects your code, prompts, chats, keys or any "
        "personal\ninfo.\n"
        "For more info: https://example.com/notes/analytics\n"
        "Allow collection of anonymous analytics to help improve notes? (Y)es/(N)o [Yes]: "
    )
    terminal.type("y\n")
    terminal.finish()
    assert notes.consent == notes.home / ".notes" / "analytics.json"
    assert notes.consent.exists()
    assert not (notes.home / ".cecli").exists()


# Everything that a user of another program can be told


@pytest.mark.parametrize(
    ("words", "variables", "code", "says"),
    [
        (["notes", "--help"], {}, 0, "[env var: NOTES_NO_ANALYTICS]"),
        (["notes", "show", "--analytics-log", "."], {}, 2, "can't be opened: is a directory"),
        (["notes", "show", "--analytics-posthog-host", "x"], {}, 2, "--analytics-posthog-host"),
        (["notes", "show"], {"NOTES_ANALYTICS": "perhaps"}, 2, "NOTES_ANALYTICS (environment)"),
        (
            ["notes", "show"],
            {"NOTES_NO_ANALYTCS": "1"},
            2,
            "did you mean NOTES_NO_ANALYTICS?",
        ),
        (
            ["notes", "show"],
            {"NOTES_ANALYTICS_POSTHOG_PROJECT_API_KEY": f"phx_{SECRET}"},
            2,
            "NOTES_ANALYTICS_POSTHOG_PROJECT_API_KEY (environment)",
        ),
        (
            ["notes", "show", "--analytics"],
            {"NOTES_ANALYTICS_DISABLE": "1"},
            1,
            "NOTES_ANALYTICS_DISABLE=true (environment)",
        ),
        (["notes", "show", "--analytics"], {"DO_NOT_TRACK": "1"}, 1, "--analytics has no effect"),
        (["notes", "--analytics-disable", "show"], {}, 0, "permanently disabled"),
        (["notes", "--analytics-disable", "no-such-command"], {}, 0, "permanently disabled"),
        (["notes-analytics", "--help"], {}, 0, "usage: notes-analytics"),
        (["notes-analytics", "nonsense"], {}, 2, "notes-analytics: error"),
        (["notes-analytics", "status"], {}, None, "~/.notes/"),
        (["notes-analytics", "deliver"], {}, 0, "nothing waits"),
        (["notes-analytics", "deliver"], {"NOTES_NO_ANALYTICS": "1"}, 1, "NOTES_NO_ANALYTICS=true"),
        (["notes-analytics", "view", "nothing"], {}, 2, "notes-analytics: 'nothing'"),
        (["notes-analytics", "receiver", "--mode", "x"], {}, 2, "notes-analytics: --mode"),
    ],
)
def test_a_message_to_its_user_names_no_other_program(
    notes: NotesUser, words: list[str], variables: dict[str, str], code: int | None, says: str
) -> None:
    ended = notes.run_notes(*words, variables=variables)
    shown = ended.stdout + ended.stderr
    assert says in " ".join(shown.split()), shown
    assert code is None or ended.returncode == code, shown
    assert "cecli" not in shown.lower()
    assert SECRET not in shown
    assert "Traceback" not in shown


def test_a_disable_of_a_project_or_of_damage_names_the_programs_own_files(
    notes: NotesUser,
) -> None:
    notes.agree()
    notes.consent.write_text("{")
    shown = notes.run_notes("notes", "show", "--analytics").stderr
    assert "~/.notes/analytics.json" in shown
    assert "cecli" not in shown


def test_events_that_cannot_be_queued_name_the_programs_own_folder(notes: NotesUser) -> None:
    notes.agree()
    Path(notes.paths.spool).write_text("no folder")
    shown = notes.run_notes("notes", "show", variables=notes.destination_variables).stderr
    assert "~/.notes/analytics-spool is no folder" in shown
    assert "cecli" not in shown


def test_the_catalogue_that_a_program_shows_holds_its_name(notes: NotesUser) -> None:
    shown = notes.run_notes("notes-analytics", "events").stdout
    [row] = [line for line in shown.splitlines() if line.startswith("| `program` |")]
    assert "`notes`" in row
    assert "`command_add`" in shown


@pytest.mark.parametrize("folder", [".notes", ".cecli", ".git", "logs"])
def test_a_project_may_not_have_a_log_written_into_the_programs_folder(
    notes: NotesUser, folder: str
) -> None:
    (notes.folder / folder).mkdir()
    notes.write(folder=f"analytics-log: {folder}/events.jsonl\n")
    parser = configargparse.ArgumentParser(
        default_config_files=[str(notes.config("folder"))],
        config_file_parser_class=configargparse.YAMLConfigFileParser,
    )
    add_arguments(parser, program())
    found = notes.parse(parser)
    assert bool(found.log) is (folder == "logs")


def test_what_inspects_needs_the_options_on_its_parser() -> None:
    with pytest.raises(TypeError, match="add_arguments was called on"):
        inspect(configargparse.ArgumentParser(), argv=["status"])


def test_a_deliverer_of_one_program_starts_none_of_another(notes: NotesUser) -> None:
    notes.agree()
    variables = {**notes.destination_variables, "CECLI_DELIVERER": "another program's"}
    notes.run_notes("notes", "add", "milk", variables=variables)
    assert notes.waiting == ["ready"]
    assert not Path(notes.paths.spool, "deliverer.token").exists()


def test_a_terminal_is_told_of_the_program_by_its_name(notes: NotesUser) -> None:
    notes.run_notes("notes", "--analytics-disable")
    terminal = notes.terminal("show", "--analytics")
    terminal.finish()
    assert "notes: --analytics has no effect" in terminal.shown
    assert "cecli" not in terminal.shown
