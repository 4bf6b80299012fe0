from __future__ import annotations

from pathlib import Path

import pytest

from cecli import places


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
