"""Whose word a home's config file is, by its owner and its mode."""

from __future__ import annotations

import os

import pytest

from cecli.analytics.settings import provenance
from cecli.analytics.settings.merge import Settings
from tests.support import ANOTHER, needs_root
from tools.user import User

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such owners")


def kind(found: Settings) -> str | None:
    return found.analytics.source.kind if found.analytics else None


@pytest.mark.parametrize(
    ("file", "home", "own"),
    [
        (0o644, 0o755, True),
        (0o600, 0o700, True),
        (0o600, 0o1777, True),
        (0o666, 0o755, False),
        (0o602, 0o700, False),
        (0o644, 0o777, False),
    ],
)
def test_a_file_that_others_can_write_is_worth_a_projects(
    user: User, file: int, home: int, own: bool
) -> None:
    user.write(home="analytics: true\n")
    user.config("home").chmod(file)
    user.home.chmod(home)
    found = user.read()
    assert kind(found) == ("home" if own else "project")
    assert bool(found.warnings) is not own


@needs_root
@pytest.mark.parametrize("what", ["file", "home"])
def test_a_file_of_another_user_is_worth_a_projects(user: User, what: str) -> None:
    user.write(home="analytics: true\n")
    os.chown(user.config("home") if what == "file" else user.home, ANOTHER, -1)
    assert kind(user.read()) == "project"


def test_the_warning_names_the_file_and_what_mends_it(user: User) -> None:
    user.write(home="analytics: true\n")
    user.config("home").chmod(0o666)
    assert user.read().warnings == (
        "~/.cecli.conf.yml can be written by others, so it decides no more than a project's file; "
        f"mend it: chmod go-w {user.config('home')}",
    )


def test_the_warning_names_the_folder_if_that_is_what_others_can_write(user: User) -> None:
    user.write(home="analytics: true\n")
    user.home.chmod(0o777)
    assert user.read().warnings == (
        f"~/.cecli.conf.yml is in {user.home}, which can be written by others, so it decides no "
        f"more than a project's file; mend it: chmod go-w {user.home}",
    )


def test_a_warning_without_a_home_names_whole_paths(user: User) -> None:
    user.write(home="analytics: true\n")
    user.home.chmod(0o777)
    _, warning = provenance.kind(str(user.config("home")), set(), (), None)
    assert warning is not None
    assert warning.startswith(f"{user.config('home')} is in {user.home}, which can be written by")


def test_there_is_no_warning_about_a_file_that_says_nothing_of_analytics(user: User) -> None:
    user.write(home="{}\n")
    user.config("home").chmod(0o666)
    assert user.read().warnings == ()


@pytest.mark.parametrize("off", ["analytics: false", "no-analytics: true"])
def test_an_off_in_such_a_file_still_counts(user: User, off: str) -> None:
    user.write(home=f"{off}\n")
    user.config("home").chmod(0o666)
    found = user.read()
    assert found.analytics is not None
    assert found.analytics.value is False


def test_a_disable_in_such_a_file_still_counts(user: User) -> None:
    user.write(home="analytics-disable: true\n")
    user.config("home").chmod(0o666)
    assert user.read().disable is not None


@pytest.mark.parametrize("how", ["flag", "variable"])
def test_a_file_that_the_user_names_is_the_users_word_whoever_can_write_it(
    user: User, how: str
) -> None:
    shared = user.home.parent / "team.yml"
    shared.write_text("analytics: true\n")
    shared.chmod(0o666)
    if how == "flag":
        found = user.read(["--config", str(shared)])
    else:
        found = user.read([], {"CECLI_CONFIG": str(shared)})
    assert (kind(found), found.warnings) == ("config", ())
