from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from cecli.analytics import consent, ids
from cecli.analytics.consent import CantStore, ConsentRecord
from cecli.analytics.defaults import DEFAULT_HOST
from cecli.analytics.paths import Paths
from tests.support import WAIT, User, all_at_once

OTHER = "https://posthog.example.com"
ID = "00000000-0000-4000-8000-000000000000"
AGREED = ConsentRecord(ID, True, False, {DEFAULT_HOST: True})

BROKEN = {
    "empty": b"",
    "truncated": b'{"uuid": "00000000-0000-4000-8000-000000000000", "asked_opt',
    "no JSON": b"yes\n",
    "not UTF-8": b'{"uuid": "\xff"}',
    "another's": b'{"version": 1}',
    "a list": b"[]",
    "null": b"null",
    "a word for a boolean": b'{"uuid": null, "asked_opt_in": "no", "permanently_disable": false}',
    "a number for a boolean": b'{"uuid": null, "asked_opt_in": true, "permanently_disable": 0}',
    "no uuid": b'{"uuid": "me", "asked_opt_in": true, "permanently_disable": false}',
    "an answer that is none": json.dumps(
        {
            "uuid": ID,
            "asked_opt_in": True,
            "permanently_disable": False,
            "destinations": {OTHER: 1},
        }
    ).encode(),
    "agreed without an id": b'{"uuid": null, "asked_opt_in": true, "permanently_disable": false}',
    "deeply nested": b"[" * 60_000,
    "too large": b" " * 100_000 + b"{}",
}


@pytest.fixture
def files(user: User) -> Paths:
    return user.paths


def test_no_file_is_a_new_record_and_reading_it_creates_none(files: Paths, user: User) -> None:
    assert consent.load(files) == ConsentRecord()
    assert not user.consent.parent.exists()


def test_a_record_comes_back_as_it_was_stored(files: Paths) -> None:
    consent.update(files, lambda _: AGREED)
    assert consent.load(files) == AGREED


def test_the_file_holds_the_names_that_are_documented(files: Paths, user: User) -> None:
    consent.update(files, lambda _: AGREED)
    assert json.loads(user.consent.read_text()) == {
        "uuid": ID,
        "asked_opt_in": True,
        "permanently_disable": False,
        "destinations": {DEFAULT_HOST: True},
    }


def test_a_record_of_three_keys_agrees_to_the_default_destination(files: Paths, user: User) -> None:
    user.consent.parent.mkdir()
    user.consent.write_text(
        json.dumps({"uuid": ID, "asked_opt_in": True, "permanently_disable": False})
    )
    assert consent.load(files) == AGREED


def test_only_the_user_can_read_file_and_folder(files: Paths, user: User) -> None:
    old = os.umask(0)
    try:
        consent.update(files, consent.with_id)
    finally:
        os.umask(old)
    assert stat.S_IMODE(user.consent.stat().st_mode) == 0o600
    assert stat.S_IMODE(user.consent.parent.stat().st_mode) == 0o700


def test_nothing_is_left_beside_file_and_lock(files: Paths, user: User) -> None:
    consent.update(files, consent.with_id)
    assert {path.name for path in user.consent.parent.iterdir()} == {
        "analytics.json",
        "analytics.json.lock",
    }


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_cant_be_read_is_a_refusal_and_stays_as_it_is(
    files: Paths, user: User, content: bytes
) -> None:
    user.consent.parent.mkdir()
    user.consent.write_bytes(content)
    record = consent.load(files)
    assert record.problem
    assert record.agreed(DEFAULT_HOST) is False
    assert consent.update(files, lambda _: AGREED) == record
    assert user.consent.read_bytes() == content


@pytest.mark.parametrize("kind", ["folder", "fifo", "dangling link", "loop"])
def test_what_is_no_file_is_a_refusal_and_hangs_nobody(files: Paths, user: User, kind: str) -> None:
    user.consent.parent.mkdir()
    if kind == "folder":
        user.consent.mkdir()
    elif kind == "fifo":
        os.mkfifo(user.consent)
    else:
        user.consent.symlink_to("nothing" if kind == "dangling link" else user.consent.name)
    assert consent.load(files).problem


def test_a_disable_forgets_the_id_and_every_answer(files: Paths) -> None:
    consent.update(files, lambda _: AGREED)
    assert consent.disable(files) is True
    assert consent.load(files) == ConsentRecord(asked_opt_in=True, permanently_disable=True)


def test_a_second_disable_says_that_it_is_none(files: Paths) -> None:
    consent.disable(files)
    assert consent.disable(files) is False


def test_a_disable_replaces_what_cant_be_read(files: Paths, user: User) -> None:
    user.consent.parent.mkdir()
    user.consent.write_text("{")
    assert consent.disable(files) is True
    assert consent.load(files).permanently_disable


def test_a_disable_is_never_changed(files: Paths) -> None:
    consent.disable(files)
    assert consent.update(files, lambda _: AGREED).permanently_disable
    assert consent.load(files).permanently_disable


@pytest.mark.parametrize(
    ("before", "destination", "agreed", "after"),
    [
        (ConsentRecord(ID), DEFAULT_HOST, True, AGREED),
        (ConsentRecord(ID), DEFAULT_HOST, False, ConsentRecord(None, True, True)),
        (ConsentRecord(ID), OTHER, False, ConsentRecord(None, True, True)),
        (AGREED, OTHER, True, AGREED._replace(destinations={DEFAULT_HOST: True, OTHER: True})),
        (AGREED, OTHER, False, AGREED._replace(destinations={DEFAULT_HOST: True, OTHER: False})),
        (
            AGREED._replace(destinations={DEFAULT_HOST: True, OTHER: False}),
            OTHER,
            True,
            AGREED._replace(destinations={DEFAULT_HOST: True, OTHER: False}),
        ),
    ],
    ids=[
        "a first yes",
        "a first no disables",
        "a first no disables, wherever to",
        "a yes for another destination",
        "a no for another destination is for it alone",
        "a refusal stands against a yes from another process",
    ],
)
def test_an_answer_belongs_to_its_destination(
    before: ConsentRecord, destination: str, agreed: bool, after: ConsentRecord
) -> None:
    assert consent.with_answer(before, destination, agreed) == after


REFUSED = ConsentRecord(ID, False, False, {OTHER: False})


@pytest.mark.parametrize(
    ("before", "agreed", "after"),
    [
        (ConsentRecord(ID), False, REFUSED),
        (ConsentRecord(ID), True, ConsentRecord(ID, True, False, {OTHER: True})),
        (AGREED, False, AGREED._replace(destinations={DEFAULT_HOST: True, OTHER: False})),
        (REFUSED, True, REFUSED),
    ],
    ids=["a first no", "a first yes", "a later no", "a yes after another process's no"],
)
def test_a_no_to_what_a_project_named_is_for_that_destination_alone(
    before: ConsentRecord, agreed: bool, after: ConsentRecord, files: Paths
) -> None:
    def answer(now: ConsentRecord) -> ConsentRecord:
        return consent.with_answer(before, OTHER, agreed, named_by_project=True)

    assert consent.update(files, answer) == after
    assert consent.load(files) == after
    assert after.agreed(DEFAULT_HOST) is before.agreed(DEFAULT_HOST)


def test_a_no_to_a_project_and_one_to_cecli_disable_for_good() -> None:
    assert consent.with_answer(REFUSED, DEFAULT_HOST, False).permanently_disable


def test_a_destination_that_was_not_asked_about_has_no_answer() -> None:
    assert AGREED.agreed(OTHER) is None


def test_a_home_that_cant_be_written_is_named(unwritable: Path) -> None:
    with pytest.raises(CantStore, match="can't be written: "):
        consent.update(Paths(str(unwritable)), consent.with_id)


def test_a_file_in_the_folders_place_is_named(files: Paths, user: User) -> None:
    user.consent.parent.write_text("")
    with pytest.raises(CantStore, match="file exists"):
        consent.update(files, consent.with_id)


def test_a_folder_in_the_files_place_is_named_and_leaves_nothing(files: Paths, user: User) -> None:
    user.consent.mkdir(parents=True)
    with pytest.raises(CantStore, match="can't be written"):
        consent.disable(files)
    assert not list(user.consent.parent.glob("*.tmp"))


UPDATE = f"""
import sys
from cecli.analytics import consent
from cecli.analytics.paths import Paths
files = Paths(sys.argv[1])
consent.load(files)
{WAIT}
def update(change):
    while True:
        try:
            return consent.update(files, change)
        except consent.CantStore:
            pass  # on a busy machine fifty may need longer than one is willing to wait
"""


def test_fifty_first_runs_at_once_get_one_id(user: User) -> None:
    program = f"{UPDATE}print(update(consent.with_id).uuid)"
    ended = all_at_once(
        [("-c", program, str(user.home))] * 50, cwd=user.folder, env=user.process_environ()
    )
    assert {code for code, _ in ended} == {0}
    (only,) = {out.strip() for _, out in ended}
    assert ids.is_uuid4(only)


def test_a_disable_among_fifty_starts_stays(user: User) -> None:
    program = f"{UPDATE}update(lambda now: consent.with_answer(now, {DEFAULT_HOST!r}, True))"
    agree = ("-c", program, str(user.home))
    disable = (
        f"from cecli.main import main\n{WAIT}"
        "ended = 1\n"
        "while ended:\n"
        "    try:\n        main(['--analytics-disable'])\n"
        "    except SystemExit as end:\n        ended = end.code\n"
    )
    programs = [agree] * 25 + [("-c", disable)] + [agree] * 24
    ended = all_at_once(programs, cwd=user.folder, env=user.process_environ())
    assert {code for code, _ in ended} == {0}, ended
    assert consent.load(user.paths) == ConsentRecord(
        asked_opt_in=consent.load(user.paths).asked_opt_in, permanently_disable=True
    )


def test_a_process_that_holds_the_lock_and_dies_blocks_nobody(files: Paths, user: User) -> None:
    import signal
    import subprocess

    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from cecli.analytics import consent;"
            "from cecli.analytics.paths import Paths;"
            f"consent.update(Paths({str(user.home)!r}), lambda r: print('held', flush=True)"
            " or sys.stdin.read() and r)",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert consent.update(files, consent.with_id).uuid


def test_a_lock_that_is_held_too_long_is_named(files: Paths, user: User) -> None:
    with consent._locked(files), pytest.raises(CantStore, match="held by another process"):
        consent.update(files, consent.with_id)
    assert not Path(user.consent).exists()
