"""Identities of processes, and what can be told of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from cecli.analytics.spool import process
from tests.analytics.scene import dead, living


def test_an_identity_has_the_form_that_file_names_are_read_by() -> None:
    assert re.fullmatch(process.IDENTITY, process.identity())


def test_an_identity_stays_the_same_and_is_no_other_processes() -> None:
    code = "from cecli.analytics.spool import process; print(process.identity())"
    other = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    assert process.identity() == process.identity() != other


def _space_and_number() -> tuple[str, str]:
    space, number, _ = process.identity().rsplit("-", 2)
    return space, number


@pytest.mark.skipif(sys.platform != "linux", reason="needs the time at which a process began")
def test_a_number_that_was_given_out_again_is_another_process() -> None:
    space, number = _space_and_number()
    assert process.lives(f"{space}-{number}-1") is False


@pytest.mark.parametrize(
    ("who", "lives"),
    [
        ("this process", True),
        ("a parent", True),
        ("a process whose beginning isn't known", True),
        ("a dead process", False),
        ("a number that no process can have", False),
        ("a process elsewhere", None),
    ],
)
def test_whether_a_process_lives_is_known_only_in_its_space(who: str, lives: bool | None) -> None:
    space, number = _space_and_number()
    identities = {
        "this process": process.identity(),
        "a parent": f"{space}-{os.getppid()}-0",
        "a process whose beginning isn't known": f"{space}-{number}-0",
        "a dead process": dead(),
        "a number that no process can have": f"{space}-9999999999-0",
        "a process elsewhere": f"elsewhere-{number}-0",
    }
    assert process.lives(identities[who]) is lives


@pytest.mark.skipif(sys.platform != "linux", reason="needs the state of a process")
def test_a_process_whose_first_thread_has_ended_lives_while_it_has_others() -> None:
    code = (
        "import ctypes, os, sys, threading\n"
        "from cecli.analytics.spool import process\n"
        "def go_on():\n"
        "    while open('/proc/self/stat').read().rpartition(')')[2].split()[0] != 'Z': pass\n"
        "    os.write(1, process.identity().encode() + b'\\n'); os.read(0, 1); os._exit(0)\n"
        "process.identity(); threading.Thread(target=go_on).start()\n"
        "ctypes.CDLL(None).pthread_exit(None)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin and child.stdout
        identity = child.stdout.readline().strip()
        assert process.lives(identity) is True
        child.communicate("x")
    assert process.lives(identity) is False


@pytest.mark.skipif(sys.platform != "linux", reason="needs the state of a process")
def test_a_process_that_nobody_has_reaped_is_dead() -> None:
    with living() as (child, identity):
        space, number, _ = identity.rsplit("-", 2)
        assert process.lives(identity) is True
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process.lives(identity) is False
        assert process.lives(f"{space}-{number}-0") is False
