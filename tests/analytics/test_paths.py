from __future__ import annotations

from pathlib import Path

from cecli.analytics.paths import Paths


def test_paths_create_nothing(tmp_path: Path) -> None:
    found = Paths(str(tmp_path))
    assert found.spool.startswith(found.folder)
    assert list(tmp_path.iterdir()) == []
