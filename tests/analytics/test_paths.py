from __future__ import annotations

from pathlib import Path

import pytest

from cecli.analytics import paths


def test_paths_create_nothing(tmp_path: Path) -> None:
    found = paths.Paths(str(tmp_path))
    assert found.spool.startswith(found.folder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("home", ["", "relative/home", "~"])
def test_a_home_that_depends_on_the_current_folder_is_none(home: str) -> None:
    assert paths.home_folder({"HOME": home}) is None


def test_an_absolute_home_is_taken_as_it_is() -> None:
    assert paths.home_folder({"HOME": "/home/ada"}) == "/home/ada"


def test_the_git_root_is_found_from_a_folder_inside(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").touch()
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    assert paths.git_root(str(inside)) == str(tmp_path)


def test_a_linked_work_tree_has_a_root(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /elsewhere/.git/worktrees/x\n")
    assert paths.git_root(str(tmp_path)) == str(tmp_path)


def test_an_empty_git_folder_is_no_root(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert paths.git_root(str(tmp_path)) != str(tmp_path)


def test_a_link_out_of_a_folder_is_not_inside(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    assert paths.is_inside(str(inside / "log"), str(inside))
    assert not paths.is_inside(str(inside / "link" / "log"), str(inside))
    assert not paths.is_inside(str(tmp_path / "inner"), str(inside))
