"""``cecli-analytics view`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.analytics.scene import KEY, Scene, run


def test_view_shows_events_and_names_bad_lines(scene: Scene) -> None:
    scene.queue(2)
    (segment,) = scene.folder.iterdir()
    segment.write_bytes(segment.read_bytes() + b"nonsense\n\xff\x1b[31m")
    shown = run("view", str(segment))
    assert shown.returncode == 0
    first, *rest = shown.stdout.splitlines()
    assert first == f"to {scene.destination.id}"
    assert sum("launched" in line for line in rest) == 2
    assert "  number: 1" in rest
    assert rest[-2:] == ["line 4: no event", "line 5: no event"]
    assert KEY not in shown.stdout


def test_view_lets_no_control_character_through(scene: Scene, tmp_path: Path) -> None:
    event = json.loads(scene.lines(1)[0])
    event |= {"event": "\x1b[31m", "properties": {"\x07": "\x1b]0;x\x07"}}
    (tmp_path / "log").write_text(json.dumps(event) + "\n")
    shown = run("view", str(tmp_path / "log")).stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown


@pytest.mark.parametrize("file", ["missing", "."])
def test_view_of_what_is_no_file_is_told(tmp_path: Path, file: str) -> None:
    shown = run("view", str(tmp_path / file))
    assert shown.returncode == 2
    assert "can't be opened" in shown.stderr
