"""``cecli-analytics`` as a user runs it: what holds for every verb."""

from __future__ import annotations

from pathlib import Path

import pytest

from cecli import __version__
from tests.analytics.scene import Scene, run, start

VERBS = (
    *("status", "preview", "enable", "disable"),
    *("events", "view", "deliver", "receiver"),
)


def test_alone_it_shows_its_help() -> None:
    shown = run()
    assert shown.returncode == 0
    assert shown.stdout == run("--help").stdout


def test_it_has_the_programs_version() -> None:
    assert run("--version").stdout == f"cecli-analytics {__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    assert run(verb, "--help").returncode == 0


def test_no_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "")
    shown = run("status")
    assert shown.returncode == 1
    assert "home folder is unknown" in shown.stderr


def test_a_reader_that_goes_away_is_no_traceback(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"".join(scene.lines(20_000)))
    with start("view", "--events", str(tmp_path / "log")) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == ""
        assert child.wait() == 1
