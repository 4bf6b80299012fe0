"""``cecli-analytics receiver`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cecli.analytics.inspection.receiver import MODES, Receiver
from tests.analytics.scene import Scene, run, start, uuids


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::", "example.org", ""])
def test_an_address_that_isnt_this_machines_own_is_refused(address: str) -> None:
    refused = run("receiver", "--address", address)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize("to_file", [True, False])
def test_as_a_process_it_prints_where_it_is_and_what_came(
    home: Path, tmp_path: Path, to_file: bool
) -> None:
    file = tmp_path / "received.jsonl"
    options = ["--file", str(file)] if to_file else []
    with start("receiver", *options) as process:
        assert process.stdout
        scene = Scene(home, process.stdout.readline().strip())
        sent = scene.queue(3)
        assert scene.deliver().sent == 3
        process.send_signal(2)
        printed = process.stdout.read()
        assert process.wait() == 130
    lines = (file.read_text() if to_file else printed).splitlines()
    assert uuids(json.loads(line) for line in lines) == uuids(sent)


def test_a_mode_that_is_none_is_refused_with_those_there_are() -> None:
    refused = run("receiver", "--mode", "polite")
    assert refused.returncode == 2
    assert "'polite' is none of ok, 400, 503" in refused.stderr


def test_it_lists_its_modes() -> None:
    shown = run("receiver", "--modes").stdout
    assert [line.split()[0] for line in shown.splitlines()] == list(MODES)


def test_a_port_in_use_is_told(receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    refused = run("receiver", "--port", port)
    assert refused.returncode == 2
    assert refused.stderr == (
        f"cecli-analytics: --port: {port} can't be used: address already in use\n"
    )
