from __future__ import annotations

import os
from pathlib import Path

from cecli.analytics.paths import Paths


def test_all_files_of_a_program_lie_in_a_folder_of_its_own() -> None:
    notes = Paths("/home/ada", "notes")
    files = (notes.consent, notes.lock, notes.spool)
    assert {os.path.dirname(file) for file in files} == {notes.folder} == {"/home/ada/.notes"}
    assert len(set(files)) == len(files)


def test_paths_create_nothing(tmp_path: Path) -> None:
    found = Paths(str(tmp_path))
    assert [found.folder, found.consent, found.lock, found.spool]
    assert list(tmp_path.iterdir()) == []
