from __future__ import annotations

from pathlib import Path

import pytest

from cecli import places
from tools.user import User


@pytest.mark.parametrize("home", ["", "relative/home", "~"])
def test_a_home_that_depends_on_the_current_folder_is_none(home: str) -> None:
    assert places.home_folder({"HOME": home}) is None


def test_an_absolute_home_is_taken_as_it_is() -> None:
    assert places.home_folder({"HOME": "/home/ada"}) == "/home/ada"


def test_the_git_root_is_found_from_a_folder_inside(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").touch()
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    assert places.git_root(str(inside)) == str(tmp_path)


def test_a_linked_work_tree_has_a_root(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /elsewhere/.git/worktrees/x\n")
    assert places.git_root(str(tmp_path)) == str(tmp_path)


def test_an_empty_git_folder_is_no_root(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert places.git_root(str(tmp_path)) != str(tmp_path)


def test_a_link_out_of_a_folder_is_not_inside(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    assert places.is_inside(str(inside / "log"), str(inside))
    assert not places.is_inside(str(inside / "link" / "log"), str(inside))
    assert not places.is_inside(str(tmp_path / "inner"), str(inside))


def test_a_folder_is_inside_itself_whatever_it_holds(tmp_path: Path) -> None:
    (tmp_path / "file").symlink_to("/")
    assert places.is_inside(str(tmp_path), str(tmp_path))


@pytest.mark.parametrize("name", ["missing/log", "nowhere", "loop", "loop/log", "x" * 5000])
@pytest.mark.parametrize("doubt", [False, True])
def test_what_the_system_doesnt_follow_is_in_doubt(tmp_path: Path, name: str, doubt: bool) -> None:
    (tmp_path / "nowhere").symlink_to("missing")
    (tmp_path / "loop").symlink_to("loop")
    assert places.is_inside(str(tmp_path / name), str(tmp_path), doubt=doubt) is doubt
    with pytest.raises(OSError):
        places.real(str(tmp_path / name))


def test_a_file_that_isnt_there_yet_has_a_real_path(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    assert places.real(str(tmp_path / "link" / "new")) == str(tmp_path / "folder" / "new")


@pytest.mark.parametrize(
    ("project", "path", "belongs"),
    [
        ("home/repository", "home/repository/log", True),
        ("home/repository", "home/log", False),
        (".", "log", True),
        (".", "home/log", False),
        (".", "home/repository/log", False),
        ("home", "home/log", False),
        ("home", "home", False),
    ],
)
@pytest.mark.parametrize("doubt", [False, True])
def test_a_home_in_a_project_is_none_of_it(
    tmp_path: Path, project: str, path: str, belongs: bool, doubt: bool
) -> None:
    (tmp_path / "home" / "repository").mkdir(parents=True)
    found = places.is_of_project(
        str(tmp_path / path), str(tmp_path / project), str(tmp_path / "home"), doubt=doubt
    )
    assert found is belongs


def test_each_config_file_is_listed_once(user: User) -> None:
    assert places.config_files(user.environ, str(user.home)) == [str(user.config("home"))]
    assert places.config_files(user.environ, str(user.root)) == [
        str(user.config("home")),
        str(user.config("root")),
    ]


def test_outside_of_a_repository_only_home_and_folder_are_read(user: User) -> None:
    (user.root / ".git" / "HEAD").unlink()
    assert places.config_files(user.environ, str(user.folder)) == [
        str(user.config("home")),
        str(user.config("folder")),
    ]
