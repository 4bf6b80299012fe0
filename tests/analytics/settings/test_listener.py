"""What a config file says twice, read by every parser that configargparse has."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import configargparse
import pytest

from cecli.analytics import add_arguments
from cecli.analytics.settings.listener import ConfigFileListener
from cecli.analytics.settings.merge import InvalidSettings, Settings
from cecli.analytics.settings.options import BY_NAME
from tools.user import User

SECTIONS = ["one", "two"]


def toml(*sections: str) -> Any:
    parser = configargparse.TomlConfigParser(sections or SECTIONS)
    try:
        parser.parse(io.StringIO(""))
    except (ImportError, configargparse.ConfigFileParserException):
        pytest.skip("this configargparse, on this Python, needs a package to read TOML")
    return parser


def toml_with_sections() -> Any:
    parser = toml()
    if len(parser.parse(io.StringIO("[one]\na = 1\n[two]\nb = 1\n"))) < 2:
        pytest.skip("this configargparse reads the first of its sections alone")
    return parser


def ini() -> Any:
    return configargparse.IniConfigParser(["DEFAULT", *SECTIONS], split_ml_text_to_list=False)


def ini_with_lists() -> Any:
    return configargparse.IniConfigParser(["DEFAULT", *SECTIONS], split_ml_text_to_list=True)


def composite() -> Any:
    return configargparse.CompositeConfigParser([toml_with_sections, ini])


def composite_with_lines() -> Any:
    return configargparse.CompositeConfigParser([toml, configargparse.DefaultConfigFileParser])


class Json(configargparse.ConfigFileParser):  # type: ignore[misc]
    """A parser of the program's own."""

    def parse(self, stream: Any) -> dict[str, object]:
        return {key: str(value).lower() for key, value in json.load(stream).items()}


class Strict(Json):
    """One that has no use for a name that isn't an option's."""

    def parse(self, stream: Any) -> dict[str, object]:
        found = super().parse(stream)
        if not all(key.replace("_", "-").lower() in BY_NAME for key in found):
            raise KeyError("there is no such option")
        return found


Said = tuple[str, str]


def lines(between: str) -> Callable[[Said, Said], str]:
    return lambda one, two: f"{one[0]}{between}{one[1]}\n{two[0]}{between}{two[1]}\n"


def sections(between: str, first: str = "one", second: str = "two") -> Callable[[Said, Said], str]:
    return lambda one, two: (
        f"[{first}]\n{one[0]}{between}{one[1]}\n[{second}]\n{two[0]}{between}{two[1]}\n"
    )


def one_section(one: Said, two: Said) -> str:
    return "[one]\n" + lines("=")(one, two)


def braces(one: Said, two: Said) -> str:
    return "{" + ", ".join(f'"{key}": {value}' for key, value in (one, two)) + "}"


def merged(one: Said, two: Said) -> str:
    return f"base: &base\n  {one[0]}: {one[1]}\n<<: *base\n{two[0]}: {two[1]}\n"


LAYOUTS: dict[str, tuple[Callable[[], Any], Callable[[Said, Said], str]]] = {
    "lines with =": (configargparse.DefaultConfigFileParser, lines(" = ")),
    "lines with a space": (configargparse.DefaultConfigFileParser, lines(" ")),
    "lines in sections": (configargparse.DefaultConfigFileParser, sections(": ")),
    "configparser": (configargparse.ConfigparserConfigFileParser, one_section),
    "configparser, sections": (configargparse.ConfigparserConfigFileParser, sections("=")),
    "configparser, defaults": (
        configargparse.ConfigparserConfigFileParser,
        sections("=", "DEFAULT"),
    ),
    "YAML": (configargparse.YAMLConfigFileParser, lines(": ")),
    "YAML in braces": (configargparse.YAMLConfigFileParser, braces),
    "YAML, merged": (configargparse.YAMLConfigFileParser, merged),
    "TOML": (toml, one_section),
    "TOML, sections": (toml_with_sections, sections(" = ")),
    "TOML, dotted": (
        toml_with_sections,
        lambda one, two: lines("=")(("one." + one[0], one[1]), (f"two.{two[0]}", two[1])),
    ),
    "ini": (ini, one_section),
    "ini, sections": (ini, sections("=")),
    "ini, defaults": (ini_with_lists, sections("=", "DEFAULT")),
    "TOML or ini": (composite, sections("=")),
    "TOML or lines": (composite_with_lines, lines(" = ")),
    "a program's own": (Json, braces),
    "a program's own, strict": (Strict, braces),
}

SWITCHES: list[tuple[Said, Said]] = [
    (("analytics", "false"), ("analytics", "true")),
    (("analytics", "false"), ("Analytics", "true")),
    (("no-analytics", "true"), ("no-analytics", "false")),
    (("no-analytics", "true"), ("no_analytics", "false")),
    (("analytics-disable", "true"), ("analytics-disable", "false")),
    (("analytics_disable", "true"), ("Analytics-Disable", "false")),
]
"""An off, and what contradicts it."""

TEXTS: list[tuple[Said, Said]] = [
    (("analytics-log", '"one.jsonl"'), ("analytics-log", '"two.jsonl"')),
    (("analytics_log", '"one.jsonl"'), ("Analytics-log", '"two.jsonl"')),
    (
        ("analytics-posthog-host", '"one.example"'),
        ("analytics-posthog-host", '"two.example"'),
    ),
    (
        ("analytics-posthog-project-api-key", '"phc_one"'),
        ("analytics_posthog_project_api_key", '"phc_two"'),
    ),
]

REFUSED = {
    # One section or table with one key twice is no valid file, so all of it is refused.
    "configparser": lambda one, two: one.lower() == two.lower(),
    "ini": lambda one, two: one.lower() == two.lower(),
    "TOML": lambda one, two: one == two,
    # A reader that takes no name but an option's doesn't let us see what it has passed over.
    "a program's own, strict": lambda one, two: one == two,
    # What TOML refuses is read as lines; what TOML reads has none of the sections.
    "TOML or lines": lambda one, two: one == two,
}


def read(user: User, parser_class: Callable[[], Any], text: str, **options: Any) -> Settings:
    user.write(home=text)
    parser = configargparse.ArgumentParser(
        prog="notes",
        config_file_parser_class=parser_class if isinstance(parser_class, type) else parser_class(),
        default_config_files=[str(user.config("home"))],
        ignore_unknown_config_file_keys=True,
        **options,
    )
    add_arguments(parser)
    return user.parse(parser)


def outcome(user: User, layout: str, one: Said, two: Said) -> str:
    parser_class, text = LAYOUTS[layout]
    try:
        found = read(user, parser_class, text(one, two))
    except (InvalidSettings, SystemExit):
        return "refused"
    if found.disable:
        return "off"
    if found.analytics is None:
        return "nothing said"
    return "on" if found.analytics.value else "off"


def refused(layout: str, one: Said, two: Said) -> bool:
    return layout in REFUSED and REFUSED[layout](one[0], two[0])


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("contradiction", SWITCHES, ids=lambda pair: "/".join(pair[0]))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_off_wins_over_what_contradicts_it_in_the_same_file(
    user: User, layout: str, contradiction: tuple[Said, Said], backwards: bool
) -> None:
    one, two = reversed(contradiction) if backwards else contradiction
    if layout == "TOML or lines" and not refused(layout, one, two):
        expected = "nothing said"  # valid TOML, without one of the sections
    else:
        expected = "refused" if refused(layout, one, two) else "off"
    assert outcome(user, layout, one, two) == expected


@pytest.mark.parametrize("contradiction", TEXTS, ids=lambda pair: "/".join(pair[0]))
@pytest.mark.parametrize("layout", sorted(LAYOUTS.keys() - {"TOML or lines"}))
def test_two_texts_for_one_option_in_a_file_are_refused(
    user: User, layout: str, contradiction: tuple[Said, Said]
) -> None:
    assert outcome(user, layout, *contradiction) == "refused"


@pytest.mark.parametrize("layout", sorted(LAYOUTS.keys() - {"TOML or lines"}))
def test_what_is_said_twice_alike_is_no_contradiction(user: User, layout: str) -> None:
    one, two = ("analytics", "true"), ("Analytics", "true")
    expected = "refused" if refused(layout, one, two) else "on"
    assert outcome(user, layout, one, two) == expected


def test_texts_that_contradict_each_other_are_both_named(user: User) -> None:
    with pytest.raises(InvalidSettings) as caught:
        read(
            user,
            configargparse.YAMLConfigFileParser,
            "analytics-posthog-host: one.example\nanalytics_posthog_host: two.example\n",
        )
    assert caught.value.problems == [
        "analytics-posthog-host in ~/.cecli.conf.yml:1,2: 'https://one.example' and "
        "'https://two.example' contradict each other"
    ]


def test_keys_that_contradict_each_other_are_not_shown(user: User) -> None:
    with pytest.raises(InvalidSettings) as caught:
        read(
            user,
            configargparse.YAMLConfigFileParser,
            "analytics-posthog-project-api-key: phc_SECRET1\n"
            "analytics_posthog_project_api_key: phc_SECRET2\n",
        )
    assert "contradict each other" in str(caught.value)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["analytics: [true, false]\n", "analytics: {analytics: false}\n", "analytics-disable: [true]"],
)
def test_a_switch_with_anything_but_one_value_is_refused(user: User, text: str) -> None:
    with pytest.raises(InvalidSettings):
        read(user, configargparse.YAMLConfigFileParser, text)


YAML = configargparse.YAMLConfigFileParser

ESCAPED: dict[str, tuple[Callable[[], Any], str]] = {
    "YAML, xNN": (YAML, '"no\\x2danalytics": true\nno-analytics: false\n'),
    "YAML, the first plain": (YAML, 'no-analytics: true\n"no\\x2Danalytics": false\n'),
    "YAML, uNNNN": (YAML, '"\\u0061nalytics": false\nanalytics: true\n'),
    "YAML, UNNNNNNNN": (YAML, '"analytics\\U0000002ddisable": true\nanalytics-disable: false\n'),
    "YAML, an underscore": (YAML, '"no\\x5fanalytics": true\n"no\\x5Fanalytics": false\n'),
    "YAML, every letter": (
        YAML,
        '"\\x61\\x6e\\x61\\x6c\\x79\\x74\\x69\\x63\\x73": false\nanalytics: true\n',
    ),
    "YAML, a capital": (YAML, '"\\x41nalytics": false\n"\\x41nalytics": true\n'),
    "YAML in braces": (YAML, '{"analytics\\u002ddisable": true, "analytics-disable": false}'),
    "YAML, behind a backslash": (
        YAML,
        'a: "\\\\"\n"no\\x2danalytics": true\nno-analytics: false\n',
    ),
    "YAML, beside a line that a backslash ends": (
        YAML,
        "folder: C:\\\nanalytics: false\nanalytics: true\n",
    ),
    "TOML": (
        toml_with_sections,
        '[one]\n"no\\u002danalytics" = true\n[two]\nno-analytics = false\n',
    ),
    "a program's own": (Json, '{"no\\u002danalytics": true, "no-analytics": false}'),
}


@pytest.mark.parametrize("case", ESCAPED)
def test_an_off_wins_however_its_name_is_written(user: User, case: str) -> None:
    parser_class, text = ESCAPED[case]
    found = read(user, parser_class, text)
    assert found.disable or (found.analytics and not found.analytics.value)


@pytest.mark.parametrize(
    ("parser_class", "text"),
    [
        (YAML, '? "no-\\\n  analytics"\n: true\nno-analytics: false\n'),
        (YAML, '? "no-anal\\\n\n  ytics"\n: true\nno-analytics: false\n'),
        (YAML, '? "analytics-\\\n  disable"\n:\nanalytics-disable: false\n'),
        (YAML, '? "no-anal\\\n  ytics"\n:\nanalytics: true\n'),
        (Strict, '{"no\\u002danalytics": true, "no-analytics": false}'),
    ],
)
def test_a_value_that_cant_be_told_is_refused_in_words(
    user: User, parser_class: Callable[[], Any], text: str
) -> None:
    with pytest.raises(InvalidSettings, match="not every value that stands there can be told"):
        read(user, parser_class, text)


@pytest.mark.parametrize(
    "text",
    [
        '"\\x61nalytics": true\n',
        '"analytics": true\ngreeting: "\\x61nalytics, no\\x2danalytics: false"\n',
        "analytics: true\nfolder: C:\\\nother: no-\\\nanother: x\n",
    ],
)
def test_an_escape_alone_is_no_contradiction(user: User, text: str) -> None:
    found = read(user, YAML, text)
    assert found.analytics is not None
    assert found.analytics.value is True


@pytest.mark.parametrize(
    ("parser_class", "text"),
    [
        (YAML, "analytics-disable:\n"),
        (YAML, "no-analytics:\n"),
        (YAML, "no_analytics:  # said nowhere else\n"),
        (YAML, "'--No-Analytics' : ~\n"),
        (YAML, "no-analytics: Null\nanalytics: true\n"),
        (YAML, "no-analytics:\n  null\n"),
        (YAML, "? no-analytics\n:\n"),
        (YAML, "no-analytics: false\nno-analytics:\n"),
        (YAML, "no-analytics:\nno-analytics: false\n"),
        (YAML, '"no\\x2danalytics":\nanalytics: true\n'),
        (YAML, "{no-analytics: , analytics: true}"),
        (YAML, '{"analytics": true, "no-analytics": null}'),
        (YAML, "analytics-disabled:\n"),
        (ini, "[one]\nno-analytics=\n"),
        (ini, "[one]\nanalytics-disable =\n[two]\nanalytics = true\n"),
        (ini_with_lists, "[one]\nanalytics-disable :\n"),
        (composite, "[one]\nno-analytics=\n"),
        (configargparse.ConfigparserConfigFileParser, "[one]\nno-analytics=\n"),
        (configargparse.DefaultConfigFileParser, "no-analytics:\n"),
        (configargparse.DefaultConfigFileParser, "analytics-disable =\n"),
        (Json, '{"no-analytics": null}'),
    ],
)
def test_what_switches_off_and_has_no_value_is_refused(
    user: User, parser_class: Callable[[], Any], text: str
) -> None:
    with pytest.raises(InvalidSettings):
        read(user, parser_class, text)


def test_a_switch_without_a_value_is_told_as_such(user: User) -> None:
    with pytest.raises(InvalidSettings) as caught:
        read(user, YAML, "no-analytics:\n")
    assert caught.value.problems == [
        "no-analytics in ~/.cecli.conf.yml:1: true or false was expected, and nothing was given"
    ]


@pytest.mark.parametrize(
    ("parser_class", "text"),
    [
        (configargparse.DefaultConfigFileParser, "analytics-disable\n"),
        (YAML, "analytics-disable:\n  true\n"),
        (YAML, "analytics-disable:\n  true\nanalytics_disable:\n  false\n"),
        (ini, "[one]\nanalytics-disable =\n  true\n"),
    ],
)
def test_a_value_that_isnt_beside_its_name_is_read(
    user: User, parser_class: Callable[[], Any], text: str
) -> None:
    assert read(user, parser_class, text).disable is not None


@pytest.mark.parametrize(
    ("parser_class", "text"),
    [
        (YAML, "analytics: true\n# no-analytics:\n"),
        (YAML, "analytics: true\ntext: |\n  no-analytics:\n"),
        (YAML, "analytics: true\nother:\n  analytics-disable:\n"),
        (YAML, "analytics: true\nanalytics-log:\nanalytics-posthog-host: ~\n"),
        (YAML, "analytics-log: ~\nanalytics_log:\nanalytics: true\n"),
        (ini, "[one]\nanalytics=true\n[other]\nno-analytics=\n"),
        (ini, "[one]\nanalytics=true\n[two]\nanalytics=\n"),
    ],
)
def test_a_null_elsewhere_says_nothing(
    user: User, parser_class: Callable[[], Any], text: str
) -> None:
    found = read(user, parser_class, text)
    assert found.analytics is not None
    assert found.analytics.value is True
    assert found.log is None


@pytest.mark.parametrize(
    "text", ["analytics: false\nanalytics:\n", "analytics: ~\nanalytics: false\n"]
)
def test_a_null_takes_no_off_back(user: User, text: str) -> None:
    found = read(user, YAML, text)
    assert found.analytics is not None
    assert found.analytics.value is False


def test_a_programs_own_null_stays_its_parsers(user: User) -> None:
    user.write(home="colour:\nanalytics-colour: ~\nanalytics: true\n")
    parser = configargparse.ArgumentParser(
        config_file_parser_class=YAML, default_config_files=[str(user.config("home"))]
    )
    parser.add_argument("--colour")
    parser.add_argument("--analytics-colour")
    add_arguments(parser)
    found = parser.parse_args([], env_vars={})
    assert (found.colour, found.analytics_colour) == (None, None)


def test_a_section_that_the_program_doesnt_read_contradicts_nothing(user: User) -> None:
    text = "[other]\nanalytics = false\n[one]\nanalytics = true\n"
    found = read(user, toml, text)
    assert found.analytics is not None
    assert found.analytics.value is True


@pytest.mark.parametrize("name", ["analytics", "analytics-log", "tool.analytics", " analytics "])
def test_a_section_may_have_the_name_of_an_option(user: User, name: str) -> None:
    text = f"[{name}]\nanalytics = false\nAnalytics = true\nanalytics-log = 'analytics'\n"
    found = read(user, lambda: toml(name.strip()), text)
    assert found.analytics is not None
    assert found.analytics.value is False
    assert found.log is not None
    assert found.log.value == str(user.folder / "analytics")


def test_a_text_that_names_analytics_itself_is_read_as_it_stands(user: User) -> None:
    text = "analytics-log: ' analytics analytics-log'\nanalytics: false\nAnalytics: true\n"
    found = read(user, configargparse.YAMLConfigFileParser, text)
    assert found.log is not None
    assert found.log.value == str(user.folder / " analytics analytics-log")


def test_the_programs_own_items_are_those_of_its_parser() -> None:
    text = "[one]\nanalytics=true\ncolour=%(analytics)s\n[two]\nanalytics=false\n"
    listener = ConfigFileListener(ini()(), frozenset(BY_NAME))
    assert listener.parse(io.StringIO(text)) == {"colour": "true"}


def test_files_without_names_dont_replace_each_other(user: User) -> None:
    user.write(home="analytics: true\n", folder="no-analytics: true\n")
    parser = configargparse.ArgumentParser(
        prog="notes",
        config_file_parser_class=configargparse.YAMLConfigFileParser,
        config_file_open_func=lambda path: io.StringIO(Path(path).read_text()),
        default_config_files=[str(user.config("folder")), str(user.config("home"))],
    )
    add_arguments(parser)
    assert list(user.parse(parser).said) == ["analytics", "no-analytics"]


def test_a_stream_of_bytes_is_read_like_one_of_text(user: User) -> None:
    class Bytes(Json):
        def parse(self, stream: Any) -> dict[str, object]:
            return super().parse(io.StringIO(stream.read().decode()))

    found = read(
        user,
        Bytes,
        '{"analytics": false, "analytics": true, "color": "\N{GREEK SMALL LETTER PI}"}',
        config_file_open_func=lambda path: open(path, "rb"),  # noqa: SIM115
    )
    assert found.analytics is not None
    assert found.analytics.value is False


def test_a_file_that_can_be_read_only_once_is_read_once(user: User) -> None:
    def pipe(path: str) -> Any:
        reading, writing = os.pipe()
        with open(writing, "wb") as file:
            file.write(user.config("home").read_bytes())
        return open(reading)

    found = read(
        user,
        configargparse.DefaultConfigFileParser,
        "analytics: false\nanalytics: true\n",
        config_file_open_func=pipe,
    )
    assert found.analytics is not None
    assert found.analytics.value is False


@pytest.mark.parametrize("name", ["CECLI_ANALYTICS_disable", "CECLI_ANALYTICS-DISABLE"])
def test_variables_that_contradict_each_other_disable(user: User, name: str) -> None:
    for one, two in (("0", "1"), ("1", "0")):
        found = user.read([], {"CECLI_ANALYTICS_DISABLE": one, name: two})
        assert found.disable is not None
