"""The precedence table: six options, from every source, in every spelling."""

from __future__ import annotations

import itertools
from pathlib import Path

import configargparse
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecli.analytics import add_arguments
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.destination import Destination
from cecli.analytics.facts.options_used import OptionUse, option_uses
from cecli.analytics.settings.merge import InvalidSettings, Settings
from cecli.analytics.settings.options import OPTIONS
from cecli.analytics.settings.spelling import FALSE, TRUE
from tools.user import User

SOURCES = ("flag", "variable", "--config", "folder", "root", "home")
"""The strongest first."""

PAIRS = list(itertools.combinations(SOURCES, 2))
"""Every source with each weaker one."""

YES = [*TRUE, "TRUE", "Yes", "oN", " true "]
NO = [*FALSE, "FALSE", "No", "oFF", " false "]

KEY = "analytics-posthog-project-api-key"
HOST = "analytics-posthog-host"


def say(user: User, said: dict[str, tuple[str, str]]) -> Settings:
    """Say the option and value of each source there, and return what it comes to."""
    argv: list[str] = []
    variables = {}
    for source, (name, value) in said.items():
        if source == "flag":
            argv = [f"--{name}"] if value == "true" else [f"--{name}={value}"]
        elif source == "variable":
            variables["CECLI_" + name.replace("-", "_").upper()] = value
        else:
            user.config(source).write_text(f'{name}: "{value}"\n')
    return user.read(argv, variables)


ON, OFF = ("analytics", "true"), ("no-analytics", "true")


@pytest.mark.parametrize("spelling", YES)
@pytest.mark.parametrize("source", SOURCES[1:])
def test_every_spelling_of_yes_is_read_alike_from_every_source(
    user: User, source: str, spelling: str
) -> None:
    found = say(user, {source: ("analytics", spelling)})
    assert found.analytics is not None
    assert found.analytics.value is True


@pytest.mark.parametrize("spelling", NO)
@pytest.mark.parametrize("source", SOURCES[1:])
def test_every_spelling_of_no_is_read_alike_from_every_source(
    user: User, source: str, spelling: str
) -> None:
    found = say(user, {source: ("analytics", spelling)})
    assert found.analytics is not None
    assert found.analytics.value is False


@pytest.mark.parametrize("spelling", ["true", "yes", "on", "1", "y", "no", "off", "0", "n"])
@pytest.mark.parametrize("name", ["analytics", "no-analytics", "analytics-disable"])
def test_a_switch_in_yaml_needs_no_quotes(user: User, name: str, spelling: str) -> None:
    user.write(home=f"{name}: {spelling}\n")
    plain = user.read()
    user.write(home=f'{name}: "{spelling}"\n')
    assert user.read() == plain


@pytest.mark.parametrize("spelling", YES)
@pytest.mark.parametrize("source", SOURCES[1:])
def test_no_analytics_means_off_from_every_source(user: User, source: str, spelling: str) -> None:
    found = say(user, {source: ("no-analytics", spelling)})
    assert found.analytics is not None
    assert found.analytics.value is False


@pytest.mark.parametrize("spelling", NO)
@pytest.mark.parametrize("source", SOURCES[1:])
def test_no_analytics_false_says_nothing(user: User, source: str, spelling: str) -> None:
    assert say(user, {source: ("no-analytics", spelling)}).analytics is None


@pytest.mark.parametrize("name", [option.name for option in OPTIONS if option.metavar is None])
@pytest.mark.parametrize("source", SOURCES[1:])
@pytest.mark.parametrize("spelling", ["maybe", "2", "-1", "truefalse", "yes no", "none", "ja"])
def test_any_other_spelling_of_a_switch_is_refused(
    user: User, source: str, name: str, spelling: str
) -> None:
    with pytest.raises(InvalidSettings, match="neither true nor false"):
        say(user, {source: (name, spelling)})


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("disable", YES)
def test_a_disable_is_heard_from_every_source(user: User, source: str, disable: str) -> None:
    if source == "flag":
        disable = "true"
    found = say(user, {source: ("analytics-disable", disable)})
    assert found.disable is not None
    assert (found.disable.kind == "project") == (source in ("folder", "root"))


@pytest.mark.parametrize(("stronger", "weaker"), PAIRS)
def test_a_disable_from_a_weaker_source_survives_a_stronger_false(
    user: User, stronger: str, weaker: str
) -> None:
    if stronger == "flag":  # a flag can't say false; what it can say is "on"
        found = say(user, {stronger: ON, weaker: ("analytics-disable", "true")})
    else:
        found = say(
            user,
            {stronger: ("analytics-disable", "false"), weaker: ("analytics-disable", "true")},
        )
    assert found.disable is not None


@pytest.mark.parametrize("project", ["folder", "root"])
@pytest.mark.parametrize("own", ["flag", "variable", "--config", "home"])
def test_a_disable_of_the_users_own_is_the_one_that_counts(
    user: User, own: str, project: str
) -> None:
    found = say(user, {own: ("analytics-disable", "true"), project: ("analytics-disable", "true")})
    assert found.disable is not None
    assert found.disable.kind != "project"


@pytest.mark.parametrize(("stronger", "weaker"), PAIRS)
def test_an_off_overrides_every_weaker_on(user: User, stronger: str, weaker: str) -> None:
    found = say(user, {stronger: OFF, weaker: ON})
    assert found.analytics is not None
    assert found.analytics.value is False


@pytest.mark.parametrize(("stronger", "weaker"), PAIRS)
def test_an_on_overrides_a_weaker_off_unless_it_is_a_projects_over_the_users(
    user: User, stronger: str, weaker: str
) -> None:
    found = say(user, {stronger: ON, weaker: OFF})
    refused = stronger in ("folder", "root") and weaker == "home"
    assert found.analytics is not None
    assert found.analytics.value is not refused
    assert bool(found.warnings) is refused


@pytest.mark.parametrize("source", SOURCES)
def test_on_and_off_in_one_source_is_a_contradiction_and_means_off(user: User, source: str) -> None:
    if source == "flag":
        both = [user.read(["--analytics", "--no-analytics"])]
        both.append(user.read(["--no-analytics", "--analytics"]))
    elif source == "variable":
        both = [user.read([], {"CECLI_ANALYTICS": "1", "CECLI_NO_ANALYTICS": "1"})]
    else:
        user.config(source).write_text("analytics: true\nno-analytics: true\n")
        both = [user.read()]
        user.config(source).write_text("no-analytics: true\nanalytics: true\n")
        both.append(user.read())
    assert [found.analytics.value for found in both if found.analytics] == [False] * len(both)


def test_false_then_no_analytics_is_off(user: User) -> None:
    user.write(home="analytics: false\nno-analytics: true\n")
    found = user.read()
    assert found.analytics is not None
    assert found.analytics.value is False


TEXTS = {
    "analytics-log": ("one.jsonl", "two.jsonl"),
    KEY: ("phc_one", "phc_two"),
    HOST: ("https://one.example", "https://two.example"),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("source", SOURCES)
def test_a_text_is_read_from_every_source(user: User, name: str, source: str) -> None:
    value = TEXTS[name][0]
    assert value_of(say(user, {source: (name, value)}), name).endswith(value)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(("stronger", "weaker"), PAIRS)
def test_a_text_of_the_stronger_source_wins(
    user: User, name: str, stronger: str, weaker: str
) -> None:
    strong, weak = TEXTS[name]
    found = say(user, {stronger: (name, strong), weaker: (name, weak)})
    assert value_of(found, name).endswith(strong)


@pytest.mark.parametrize("name", TEXTS)
def test_an_empty_variable_counts_as_not_set(user: User, name: str) -> None:
    value = TEXTS[name][0]
    found = say(user, {"variable": (name, ""), "home": (name, value)})
    assert value_of(found, name).endswith(value)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_empty_variable_of_any_option_changes_nothing(user: User, option: object) -> None:
    assert user.read([], {option.variable(): ""}) == user.read()  # type: ignore[attr-defined]


SWITCHES_OFF = [option.name for option in OPTIONS if option.switches_off]


@pytest.mark.parametrize("name", [o.name for o in OPTIONS if o.name not in SWITCHES_OFF])
@pytest.mark.parametrize("null", ["", "~", "null"])
def test_a_yaml_null_changes_nothing(user: User, name: str, null: str) -> None:
    user.write(home=f"{name}: {null}\n")
    assert user.read() == Settings()


@pytest.mark.parametrize("name", SWITCHES_OFF)
@pytest.mark.parametrize("null", ["", "~", "null"])
def test_a_yaml_null_for_what_switches_off_is_in_doubt(user: User, name: str, null: str) -> None:
    user.write(home=f"{name}: {null}\n")
    with pytest.raises(InvalidSettings, match=f"{name} in .*: true or false was expected"):
        user.read()


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("key", ["{}", "--{}"])
@pytest.mark.parametrize("old", ["-", "_"])
def test_a_yaml_key_may_be_written_with_dashes_or_underscores(
    user: User, name: str, key: str, old: str
) -> None:
    value = TEXTS[name][0]
    user.write(home=f"{key.format(name.replace('-', old))}: {value}\n")
    assert value_of(user.read(), name).endswith(value)


@pytest.mark.parametrize("text", ["010", "12:30:45", "1e3", "no", "0x1F", "2026-11-22", "1_000"])
def test_yaml_changes_no_text(user: User, text: str) -> None:
    user.write(home=f"analytics-log: {text}\n")
    assert value_of(user.read(), "analytics-log") == str(user.folder / text)


def value_of(found: Settings, name: str) -> str:
    if name == "analytics-log":
        assert found.log is not None
        return found.log.value
    return str(found.destination.key if name == KEY else found.destination.host)


# What a project may not do


@pytest.mark.parametrize("source", ["folder", "root"])
@pytest.mark.parametrize("own", ["variable", "--config", "home"])
def test_a_project_cant_undo_an_off_of_the_users(user: User, source: str, own: str) -> None:
    found = say(user, {own: OFF, source: ON})
    assert found.analytics is not None
    assert found.analytics.source.kind != "project"
    assert found.analytics.value is False


@pytest.mark.parametrize("source", ["folder", "root"])
def test_a_project_may_switch_off(user: User, source: str) -> None:
    found = say(user, {"home": ON, source: OFF})
    assert found.analytics is not None
    assert found.analytics.value is False


@pytest.mark.parametrize(
    "path",
    ["/tmp/elsewhere.jsonl", "../../outside.jsonl", "~/home.jsonl", ".git/config", "../.GIT/x"],
)
@pytest.mark.parametrize("source", ["folder", "root"])
def test_a_projects_log_outside_of_it_or_in_gits_folder_is_named_and_ignored(
    user: User, source: str, path: str
) -> None:
    found = say(user, {source: ("analytics-log", path)})
    assert found.log is None
    assert "must lie inside the project" in found.warnings[0]


def test_a_projects_log_behind_a_link_out_of_it_is_ignored(user: User) -> None:
    (user.folder / "logs").symlink_to(user.home)
    found = say(user, {"folder": ("analytics-log", "logs/x.jsonl")})
    assert (found.log, len(found.warnings)) == (None, 1)


def test_an_ignored_log_of_a_project_uncovers_the_users(user: User) -> None:
    found = say(user, {"folder": ("analytics-log", "/etc/x"), "home": ("analytics-log", "mine")})
    assert value_of(found, "analytics-log") == str(user.folder / "mine")


def test_a_config_file_that_is_a_link_still_belongs_to_the_project(user: User) -> None:
    user.named.write_text("analytics: true\n")
    user.write(home="analytics: false\n")
    user.named.rename(target := user.home / "elsewhere.yml")
    user.config("folder").symlink_to(target)
    found = user.read()
    assert found.analytics is not None
    assert found.analytics.value is False


def test_in_the_home_folder_itself_the_file_is_the_users(user: User) -> None:
    user.folder = user.home
    user.write(home="analytics-log: /tmp/x.jsonl\n")
    assert value_of(user.read(), "analytics-log") == "/tmp/x.jsonl"


def test_who_named_another_destination_is_known(user: User) -> None:
    found = say(user, {"folder": (HOST, "posthog.example.com")})
    assert found.destination == Destination("https://posthog.example.com", None)
    assert [source.kind for source in found.destination_set_by] == ["project"]


# Mistakes


def test_all_problems_are_told_at_once_with_their_sources(user: User) -> None:
    user.write(home="analytics: maybe\n", root="analytics-posthog-host: ftp://x\n")
    with pytest.raises(InvalidSettings) as caught:
        user.read(["--analytics-log", ""], {"CECLI_NO_ANALYTICS": "perhaps"})
    assert caught.value.problems == [
        "--analytics-log: '' is no file name",
        "CECLI_NO_ANALYTICS (environment): 'perhaps' is neither true nor false",
        "analytics-posthog-host in ~/projects/repository/.cecli.conf.yml:1: "
        "'ftp://x' is no http or https URL of a PostHog host",
        "analytics in ~/.cecli.conf.yml:1: 'maybe' is neither true nor false",
    ]


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("CECLI_ANALYTICS_DISABLED", "CECLI_ANALYTICS_DISABLE"),
        ("CECLI_NO_ANALYTIC", "CECLI_NO_ANALYTICS"),
        ("CECLI_ANALYTICS_LOGS", "CECLI_ANALYTICS_LOG"),
        ("CECLI_NO_ANALYTCS", "CECLI_NO_ANALYTICS"),
        ("CECLI_NOANALYTICS", "CECLI_NO_ANALYTICS"),
        ("CECLI_DISABLE_ANALYTICS", "CECLI_ANALYTICS_DISABLE"),
        ("CECLI_ANALITICS_DISABLE", "CECLI_ANALYTICS_DISABLE"),
        ("CECLI_ON_ANALYTICS", "CECLI_NO_ANALYTICS"),
    ],
)
def test_a_misspelt_variable_is_no_silence(user: User, variable: str, nearest: str) -> None:
    with pytest.raises(InvalidSettings, match=f"did you mean {nearest}\\?"):
        user.read([], {variable: "1"})


@pytest.mark.parametrize(
    "variable",
    [
        *("CECLI_MODEL", "CECLI_AUTO_COMMITS", "CECLI_SERVER_ANALYTICS"),
        # of a program called cecli-web, and of a service called cecli-analytics
        *("CECLI_WEB_ANALYTICS", "CECLI_GUI_ANALYTICS_DISABLE", "CECLI_WEB_NO_ANALYTICS"),
        *("CECLI_ANALYTICS_SERVICE_HOST", "CECLI_ANALYTICS_SERVICE_PORT_HTTP"),
        *("CECLI_ANALYTICS_PORT", "CECLI_ANALYTICS_PORT_80_TCP_ADDR"),
    ],
)
def test_a_variable_of_another_option_or_program_is_no_misspelling(
    user: User, variable: str
) -> None:
    assert user.read([], {variable: "1"}) == Settings()


@given(
    st.dictionaries(
        st.sampled_from([option.variable() for option in OPTIONS]),
        # With surrogates: that is how os.environ has bytes that are no UTF-8.
        st.text(st.characters(exclude_characters="\0", exclude_categories=())),
    )
)
def test_no_environment_does_anything_but_set_or_name_a_problem(
    user: User, variables: dict[str, str]
) -> None:
    try:
        found = user.read([], variables)
    except InvalidSettings as error:
        assert all(problem.isprintable() for problem in error.problems)
    else:
        assert set(found.said) <= {option.name for option in OPTIONS}


def test_which_options_were_used_is_known_without_their_values(user: User) -> None:
    user.write(home=f"{KEY}: phc_secret\n")
    parser = user.parser()
    user.parse(parser, [], {"CECLI_ANALYTICS_LOG": "x"})
    found = {OptionUse("analytics-log", "variable"), OptionUse(KEY, "file")}
    assert set(option_uses(parser, [])) == found


@pytest.mark.parametrize("path", ["../../.bashrc", "../../.cecli/analytics.json", "~/x"])
def test_in_a_home_under_git_a_folders_log_must_lie_in_the_folder(user: User, path: str) -> None:
    (user.home / ".git").mkdir()
    (user.home / ".git" / "HEAD").touch()
    user.folder = user.home / "Downloads" / "theirs"
    user.folder.mkdir(parents=True)
    user.write(folder=f"analytics-log: {path}\n")
    found = user.read()
    assert (found.log, len(found.warnings)) == (None, 1)


def test_a_projects_log_that_has_another_name_elsewhere_is_ignored(user: User) -> None:
    (user.home / "diary").touch()
    (user.folder / "log.jsonl").hardlink_to(user.home / "diary")
    user.write(folder="analytics-log: log.jsonl\n")
    assert user.read().log is None


@pytest.mark.parametrize(
    "argv",
    [
        ["--analytics-posthog-host", "phc_SECRETSECRETSECRET"],
        ["--analytics-posthog-host", "sk-proj-SECRETSECRETSECRET"],
        ["--analytics-posthog-host", "https://user:SECRET@example.com"],
        ["--analytics-posthog-host", "https://example.com?key=SECRET"],
    ],
)
def test_a_key_that_was_given_to_another_option_is_not_shown(user: User, argv: list[str]) -> None:
    with pytest.raises(InvalidSettings, match="not shown") as caught:
        user.read(argv)
    assert "SECRET" not in str(caught.value)


def test_a_variable_that_holds_a_key_by_mistake_is_not_shown(user: User) -> None:
    with pytest.raises(InvalidSettings, match="not shown"):
        user.read([], {"CECLI_ANALYTICS": "phc_SECRETSECRETSECRET"})


# A home inside a project


@pytest.fixture
def around(tmp_path: Path) -> User:
    """Return a user whose home lies in a repository of somebody else's."""
    user = User(tmp_path / "theirs")
    user.root = tmp_path / "theirs"
    (user.root / ".git").mkdir()
    (user.root / ".git" / "HEAD").touch()
    user.folder = user.root
    (user.home / ".ssh").mkdir()
    return user


FROM_THE_HOME = {"above": "..", "at": ".", "below": "work"}
"""Where the current folder lies, seen from the home folder."""


@pytest.mark.parametrize("path", ["home/.ssh/config", "home/new.jsonl", "{home}/.bashrc"])
@pytest.mark.parametrize("root", [True, False])
def test_a_home_inside_a_project_is_out_of_its_logs_reach(
    around: User, path: str, root: bool
) -> None:
    if not root:
        (around.root / ".git" / "HEAD").unlink()
    around.write(root=f"analytics-log: {path.format(home=around.home)}\n")
    found = around.read()
    assert found.log is None
    assert "must lie inside the project" in found.warnings[0]


def test_a_home_is_out_of_reach_under_another_name_too(around: User) -> None:
    (around.root / "link").symlink_to(around.home)
    around.write(root="analytics-log: link/.ssh/config\n")
    assert around.read().log is None


def test_a_project_around_a_home_may_log_beside_it(around: User) -> None:
    around.write(root="analytics-log: log.jsonl\n")
    assert value_of(around.read(), "analytics-log") == str(around.root / "log.jsonl")


@pytest.mark.parametrize("current", FROM_THE_HOME)
def test_the_root_of_a_project_around_a_home_has_no_log_in_it(around: User, current: str) -> None:
    around.folder = around.home / FROM_THE_HOME[current]
    around.folder.mkdir(exist_ok=True)
    around.write(root=f"analytics-log: {around.home}/work.jsonl\n")
    found = around.read()
    assert (found.log, len(found.warnings)) == (None, 1)


def test_a_folder_below_a_home_in_a_project_has_its_own_log(around: User) -> None:
    around.folder = around.home / "work"
    around.folder.mkdir()
    around.write(folder="analytics-log: log.jsonl\n")
    assert value_of(around.read(), "analytics-log") == str(around.folder / "log.jsonl")


@pytest.mark.parametrize("current", FROM_THE_HOME)
def test_the_homes_file_is_the_users_wherever_the_current_folder_lies(
    around: User, current: str
) -> None:
    around.folder = around.home / FROM_THE_HOME[current]
    around.folder.mkdir(exist_ok=True)
    around.write(home="analytics: false\n")
    found = around.read()
    assert found.analytics is not None
    assert found.analytics.source.kind == "home"


@pytest.mark.parametrize("current", ["above", "below"])
def test_a_file_around_or_below_the_home_is_a_projects(around: User, current: str) -> None:
    around.folder = around.home / FROM_THE_HOME[current]
    around.folder.mkdir(exist_ok=True)
    around.write(folder="analytics: true\n")
    found = around.read()
    assert found.analytics is not None
    assert found.analytics.source.kind == "project"


@pytest.mark.parametrize("current", FROM_THE_HOME)
def test_a_programs_file_in_the_home_is_the_users(around: User, current: str) -> None:
    around.folder = around.home / FROM_THE_HOME[current]
    around.folder.mkdir(exist_ok=True)
    file = around.home / ".config" / "notes.yml"
    file.parent.mkdir()
    file.write_text("analytics: true\n")
    parser = configargparse.ArgumentParser(
        config_file_parser_class=configargparse.YAMLConfigFileParser,
        default_config_files=[str(file)],
    )
    add_arguments(parser)
    found = around.parse(parser)
    assert found.analytics is not None
    assert found.analytics.source.kind == "home"


PLACES = {
    "notes.yml": "home",
    ".notes/config.yml": "home",
    "Library/Application Support/notes.yml": "home",
    "AppData/Roaming/notes.yml": "home",
    "src/clone/notes.yml": "project",
    "src/.hidden/notes.yml": "project",
    "Downloads/notes.yml": "project",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_programs_file_is_the_users_where_a_users_settings_lie(user: User, place: str) -> None:
    """Elsewhere in the home it may have come as a whole, wherever the program runs."""
    file = user.home / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("analytics: true\n")
    parser = configargparse.ArgumentParser(
        config_file_parser_class=configargparse.YAMLConfigFileParser,
        default_config_files=[str(file)],
    )
    add_arguments(parser)
    found = user.parse(parser)
    assert found.analytics is not None
    assert found.analytics.source.kind == PLACES[place]


def test_a_programs_file_outside_the_home_is_a_projects(user: User, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "notes.yml"
    file.parent.mkdir()
    file.write_text("analytics: true\n")
    parser = configargparse.ArgumentParser(
        config_file_parser_class=configargparse.YAMLConfigFileParser,
        default_config_files=[str(file)],
    )
    add_arguments(parser)
    found = user.parse(parser)
    assert found.analytics is not None
    assert found.analytics.source.kind == "project"


def test_a_link_beside_a_projects_file_makes_it_no_users(user: User) -> None:
    (user.folder / "file").symlink_to(user.home)
    user.write(folder="analytics: true\n")
    found = user.read()
    assert found.analytics is not None
    assert found.analytics.source.kind == "project"


# What is too long to follow or to show


def chain(folder: Path, name: str, links: int = 1500) -> Path:
    """Make a chain of links that begins at *name*, to a file."""
    target = folder / f"{name}-end"
    target.touch()
    for number in range(links):
        link = folder / (name if number == links - 1 else f"{name}-{number}")
        link.symlink_to(target)
        target = link
    return target


@pytest.mark.parametrize("name", ["chain", "missing/../chain", "chain/log.jsonl"])
@pytest.mark.parametrize("source", ["folder", "home"])
def test_a_chain_of_links_as_a_log_is_no_recursion(user: User, source: str, name: str) -> None:
    chain(user.folder, "chain")
    found = say(user, {source: ("analytics-log", name)})
    if source == "folder":
        assert (found.log, len(found.warnings)) == (None, 1)
    else:
        assert value_of(found, "analytics-log") == str(user.folder / name)


@pytest.mark.parametrize("source", ["folder", "root", "home"])
def test_a_chain_of_links_as_a_config_file_is_one_sentence(user: User, source: str) -> None:
    config = user.config(source)
    chain(config.parent, config.name)
    ended = user.cecli()
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "too many levels of symbolic links" in ended.stderr


@pytest.mark.parametrize("source", ["folder", "root", "home"])
def test_a_chain_of_links_hinders_no_disable(user: User, source: str) -> None:
    config = user.config(source)
    chain(config.parent, config.name)
    user.cecli("--analytics-disable")
    assert ConsentFile(user.paths).load().permanently_disable


@pytest.mark.usefixtures("unmeasured")  # what measures fails in such a home
def test_a_home_behind_a_chain_of_links_is_no_recursion(user: User) -> None:
    home = chain(user.folder, "home")
    user.write(folder="analytics-log: log.jsonl\n")
    ended = user.cecli("--no-analytics", variables={"HOME": str(home), "USERPROFILE": str(home)})
    assert ended.returncode == 0
    assert "a project's log must lie inside the project" in ended.stderr  # that can't be known
    assert "Traceback" not in ended.stderr


LONG = 900_000


@pytest.mark.parametrize("text", ["x" * LONG, "a/" * (LONG // 2), "../" * (LONG // 3)])
@pytest.mark.parametrize("source", ["folder", "home"])
def test_a_name_that_no_file_can_have_is_refused_in_a_short_sentence(
    user: User, source: str, text: str
) -> None:
    with pytest.raises(
        InvalidSettings, match="is too long: a file name of at most 4,096"
    ) as caught:
        say(user, {source: ("analytics-log", text)})
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "line",
    [
        "analytics: {}",
        "analytics-posthog-host: {}",
        "analytics-posthog-project-api-key: {}",
        "analytics-log: {}",
        "analytics{}: true",
        "no-such-option{}: true",
        "'{0}: 1\n{0}': 1",
        "? no-such-option{}\n: 1",
        "? analytics{}\n: 1",
        "? {0}\n: 1\n? {0}\n: 2",
        "analytics: *{}",
        "analytics: !{}",
    ],
)
@pytest.mark.parametrize("filling", ["x" * (LONG // 2), "a.b/" * (LONG // 8)])
def test_no_message_repeats_what_is_too_long(user: User, line: str, filling: str) -> None:
    user.write(folder=line.format(filling) + "\n")
    ended = user.cecli()
    assert ended.returncode == 2
    assert len(ended.stderr) < 3000


def test_the_name_of_a_log_may_hold_no_half_of_a_character(user: User) -> None:
    with pytest.raises(InvalidSettings, match="a character that no file name can"):
        user.read([], {"CECLI_ANALYTICS_LOG": "\ud800"})
