"""The report on real terminals: wide, narrow, poor, and without colours."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from cecli.analytics.inspection.view.reading import PROGRESS_LINES
from tests.analytics.inspection.view import logs
from tests.analytics.scene import run
from tools.user import SCRIPTS, Terminal

COLOUR = re.compile(r"\x1b\[(?:\d+;)*3\d(?:;\d+)*m")
STYLE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return logs.write(tmp_path / "log.jsonl", logs.sessions(30))


def shown(log: Path, *words: str, **variables: str) -> str:
    """Return what a terminal gets of a view."""
    environ = {**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1"}
    environ = {**environ, "PYTHONIOENCODING": "-", "NO_COLOR": "-", **variables}
    environ = {name: value for name, value in environ.items() if value != "-"}
    terminal = Terminal(
        str(SCRIPTS / "cecli-analytics"), "view", str(log), *words, cwd=log.parent, env=environ
    )
    assert terminal.finish() == 0, terminal.shown
    return terminal.shown


def widest(text: str) -> int:
    return max(len(STYLE.sub("", line).rstrip()) for line in text.splitlines())


def test_on_a_terminal_it_has_colours_and_bars(log: Path) -> None:
    text = shown(log, COLUMNS="80")
    assert COLOUR.search(text)
    assert "█" in text


@pytest.mark.parametrize(
    "variables",
    [
        {"TERM": "dumb"},
        {"TERM": ""},
        {"TERM": "-"},
        {"PYTHONUTF8": "0", "LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=str,
)
def test_on_a_poor_terminal_it_is_plain(log: Path, variables: dict[str, str]) -> None:
    text = shown(log, COLUMNS="80", **variables)
    assert "EVENTS\n" in text
    assert text.isascii()
    assert "\x1b" not in text


@pytest.mark.parametrize("value", ["1", "0", "x"])
def test_no_color_means_none(log: Path, value: str) -> None:
    text = shown(log, COLUMNS="80", NO_COLOR=value)
    assert not COLOUR.search(text)
    assert "█" in text


def test_an_empty_no_color_means_nothing(log: Path) -> None:
    assert COLOUR.search(shown(log, COLUMNS="80", NO_COLOR=""))


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_no_line_is_wider_than_the_terminal(log: Path, columns: int, term: str) -> None:
    text = shown(log, COLUMNS=str(columns), TERM=term)
    assert 20 < widest(text) <= columns
    assert "gpt-4o-mini" in text


@pytest.mark.parametrize("columns", [40, 80])
def test_a_pipe_gets_plain_text(log: Path, columns: int) -> None:
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)}
    text = run("view", str(log), environ=environ).stdout
    assert "\x1b" not in text
    assert widest(text) <= columns


def test_without_rich_it_is_plain(log: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden" / "rich"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError\n")
    text = shown(log, COLUMNS="80", PYTHONPATH=str(hidden.parent))
    assert "EVENTS\n" in text
    assert "\x1b" not in text


def test_hostile_names_and_values_are_text(tmp_path: Path) -> None:
    events = [logs.event(each, **{each: each}) for each in logs.HOSTILE]
    events += [logs.message(each, edit_format=each) for each in logs.HOSTILE]
    text = STYLE.sub("", shown(logs.write(tmp_path / "log", events), COLUMNS="120"))
    assert not [each for each in text if not each.isprintable() and each != "\n"]
    assert "[bold]markup[/bold] :smile:" in text
    assert r"\x1b[31mred\x1b]0;title\x07" in text


def test_a_long_view_tells_how_far_it_is_and_leaves_a_clean_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    raw = logs.write(log, [logs.event("launched")] * 100).read_bytes()
    environ = {**os.environ, "TERM": "xterm"}
    script = str(SCRIPTS / "cecli-analytics")
    terminal = Terminal(script, "view", str(fifo), cwd=tmp_path, env=environ)
    with fifo.open("wb") as file:
        for _ in range(2_000_000 // PROGRESS_LINES):  # ends as soon as it tells
            for _ in range(PROGRESS_LINES // 100):
                file.write(raw)
            file.flush()
            if _told(terminal):
                break
    assert terminal.finish() == 0
    assert re.search(r"\rreading: [\d,]+ lines of '.*?\x1b\[K", terminal.shown)
    assert "\x1b[K\r\x1b[K" in terminal.shown


def _told(terminal: Terminal) -> bool:
    import select

    ready, _, _ = select.select([terminal._master], [], [], 0)
    if ready:
        terminal._read()
    return "reading" in terminal.shown


def test_a_short_view_is_silent(log: Path) -> None:
    assert "reading" not in shown(log)
