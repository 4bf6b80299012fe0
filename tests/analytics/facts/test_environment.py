"""What every event says about its surroundings, and that it identifies nobody."""

from __future__ import annotations

import json
import os
import socket
import sys
from types import SimpleNamespace

import pytest

import cecli
from cecli.analytics.catalogue.builtin import COMMON
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.facts import environment
from cecli.analytics.program import CECLI
from tests.support import loaded_by

USER = "00000000-0000-4000-8000-00000000000a"


def test_every_fact_is_declared_and_fits() -> None:
    facts = environment.facts(CECLI)
    made = Sanitiser(Catalogue(), USER, facts).sanitise("exit", time=0, uuid=USER)
    assert facts.items() <= json.loads(made.line or b"{}")["properties"].items()


def test_every_declared_fact_is_read_except_what_the_sanitiser_sets() -> None:
    read = {each.name for each in COMMON} - {"cut", "$session_id"}
    assert set(environment.facts(CECLI)) == read


def test_the_event_makes_no_profile_and_stores_no_address() -> None:
    facts = environment.facts(CECLI)
    assert facts["$process_person_profile"] is False
    assert facts["$geoip_disable"] is True
    assert facts["$ip"] == "0.0.0.0"


def test_versions() -> None:
    facts = environment.facts(CECLI)
    assert facts["$lib"] == "cecli"
    assert facts["$lib_version"] == facts["cecli_version"] == cecli.__version__
    assert facts["python_version"] == ".".join(map(str, sys.version_info[:3]))


def test_no_name_of_this_machine_is_among_them() -> None:
    assert socket.gethostname() not in environment.facts(CECLI).values()


@pytest.mark.skipif(os.name == "nt", reason="reads os.uname")
@pytest.mark.parametrize(
    ("release", "machine", "os_release", "known"),
    [
        ("6.8.0-45-generic", "x86_64", "6.8", "x86_64"),
        ("23.6.0", "arm64", "23.6", "arm64"),
        ("5.15.153.1-microsoft-standard-WSL2", "aarch64", "5.15", "arm64"),
        ("14.1-RELEASE-p5", "amd64", "14.1", "x86_64"),
        ("10", "armv7l", "other", "arm"),
        ("ada.laptop", "ada", "other", "other"),
        ("6.ada", "", "other", "other"),
        ("", "X86_64", "other", "x86_64"),
        ("99999.1", "i686", "other", "x86"),
    ],
)
def test_release_and_machine(
    monkeypatch: pytest.MonkeyPatch, release: str, machine: str, os_release: str, known: str
) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release=release, machine=machine))
    facts = environment.facts(CECLI)
    assert (facts["os_release"], facts["machine"]) == (os_release, known)


@pytest.mark.parametrize(
    ("platform", "name"), [("linux", "Linux"), ("darwin", "macOS"), ("freebsd14", "FreeBSD")]
)
def test_systems(monkeypatch: pytest.MonkeyPatch, platform: str, name: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert environment.facts(CECLI)["os"] == name


def test_a_system_that_is_not_known_is_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "ada-os")
    assert environment.facts(CECLI)["os"] == "other"


def test_reading_them_starts_no_process_and_imports_nothing() -> None:
    given = (
        "from cecli.analytics.facts import environment\nfrom cecli.analytics.program import CECLI\n"
        "starts = ('subprocess.Popen', 'os.system', 'os.posix_spawn', 'os.fork', 'os.exec')\n"
        "started = []\n"
        "sys.addaudithook(lambda event, _: started.append(event) if event in starts else None)"
    )
    assert loaded_by("environment.facts(CECLI)\nassert not started", given=given) == set()
