from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cecli.analytics import ids
from cecli.analytics.consent.file import CantStore, ConsentFile
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.paths import Paths
from cecli.analytics.program import DEFAULT_HOST
from tests.support import ANOTHER, WAIT, all_at_once, needs_root
from tools.user import User

OTHER = "https://posthog.example.com"
ID = "00000000-0000-4000-8000-000000000000"
AGREED = ConsentRecord(ID, True, False, {DEFAULT_HOST: True})


def _said(**more: str) -> bytes:
    """Return a record that has agreed, with more said first."""
    rest = {"asked_opt_in": "true", "permanently_disable": "false", "uuid": f'"{ID}"'}
    pairs = [*more.items(), *rest.items()]
    return ("{" + ", ".join(f'"{key}": {value}' for key, value in pairs) + "}").encode()


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
    "a word for a yes, with an id": _said().replace(
        b'"asked_opt_in": true', b'"asked_opt_in": "no"'
    ),
    "a number for a disable, with an id": _said().replace(b"false", b"0"),
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
    "disabled, then not": _said(permanently_disable="true"),
    "disabled, in other letters": _said(Permanently_Disable="true"),
    "disabled by a name like the real one": _said(permanently_disabled="true"),
    "a destination refused, then agreed to": _said(
        destinations=f'{{"{OTHER}": false, "{OTHER}": true}}'
    ),
    "a destination in two spellings": _said(
        destinations=f'{{"{OTHER}": false, "{OTHER.upper()}": true}}'
    ),
    "an answer at a time that is a word": _said(answered=f'{{"{OTHER}": "1700000000"}}'),
    "an answer at a time that is true": _said(answered=f'{{"{OTHER}": true}}'),
    "an answer before all time": _said(answered=f'{{"{OTHER}": -1}}'),
    "an answer after all time": _said(answered=f'{{"{OTHER}": {2**40}}}'),
    "answers at times that are a list": _said(answered="[]"),
    "two ids": _said(uuid=f'"{ID}"'),
    "a key twice behind an escape": _said(**{"permanently\\u005fdisable": "true"}),
    "a key twice, deep inside": _said(more='[{"a": 1, "a": 1}]'),
    "another key": _said(more="1"),
    "NaN": _said(destinations=f'{{"{OTHER}": NaN}}'),
    "two objects": 2 * _said(),
    "NULs behind it": _said() + bytes(8),
    "UTF-16": _said().decode().encode("utf-16"),
    "deeply nested": b"[" * 60_000,
    "too large": b" " * 100_000 + b"{}",
}


@pytest.fixture
def consent(user: User) -> ConsentFile:
    return ConsentFile(user.paths)


def test_no_file_is_a_new_record_and_reading_it_creates_none(
    consent: ConsentFile, user: User
) -> None:
    assert consent.load() == ConsentRecord()
    assert not user.consent.parent.exists()


def test_a_record_comes_back_as_it_was_stored(consent: ConsentFile) -> None:
    consent.update(lambda _: AGREED)
    assert consent.load() == AGREED


def test_the_file_holds_the_names_that_are_documented(consent: ConsentFile, user: User) -> None:
    consent.update(lambda _: AGREED)
    assert json.loads(user.consent.read_text()) == {
        "uuid": ID,
        "asked_opt_in": True,
        "permanently_disable": False,
        "destinations": {DEFAULT_HOST: True},
    }


def test_a_record_of_three_keys_agrees_to_the_default_destination(
    consent: ConsentFile, user: User
) -> None:
    user.consent.parent.mkdir()
    user.consent.write_text(
        json.dumps({"uuid": ID, "asked_opt_in": True, "permanently_disable": False})
    )
    assert consent.load() == AGREED


def test_only_the_user_can_read_file_and_folder(consent: ConsentFile, user: User) -> None:
    old = os.umask(0)
    try:
        consent.update(ConsentRecord.with_id)
    finally:
        os.umask(old)
    assert stat.S_IMODE(user.consent.stat().st_mode) == 0o600
    assert stat.S_IMODE(user.consent.parent.stat().st_mode) == 0o700


def test_nothing_is_left_beside_file_and_lock(consent: ConsentFile, user: User) -> None:
    consent.update(ConsentRecord.with_id)
    assert {path.name for path in user.consent.parent.iterdir()} == {
        "analytics.json",
        "analytics.json.lock",
    }


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_cant_be_read_is_a_refusal_and_stays_as_it_is(
    consent: ConsentFile, user: User, content: bytes
) -> None:
    user.consent.parent.mkdir()
    user.consent.write_bytes(content)
    record = consent.load()
    assert record.problem
    assert record.agreed(DEFAULT_HOST) is False
    assert consent.update(lambda _: AGREED) == record
    assert user.consent.read_bytes() == content


@pytest.mark.parametrize("kind", ["folder", "fifo", "dangling link", "loop"])
def test_what_is_no_file_is_a_refusal_and_hangs_nobody(
    consent: ConsentFile, user: User, kind: str
) -> None:
    user.consent.parent.mkdir()
    if kind == "folder":
        user.consent.mkdir()
    elif kind == "fifo":
        os.mkfifo(user.consent)
    else:
        user.consent.symlink_to("nothing" if kind == "dangling link" else user.consent.name)
    assert consent.load().problem


@pytest.mark.parametrize("moment", ["0", "1700000000", "1.5", str(2**40 - 1)])
def test_an_answer_has_a_time(consent: ConsentFile, user: User, moment: str) -> None:
    user.consent.parent.mkdir()
    user.consent.write_bytes(_said(answered=f'{{"{OTHER}": {moment}}}'))
    assert consent.load() == ConsentRecord(
        ID, True, False, {DEFAULT_HOST: True}, {OTHER: float(moment)}
    )


def test_a_byte_order_mark_is_no_doubt(consent: ConsentFile, user: User) -> None:
    user.consent.parent.mkdir()
    user.consent.write_bytes(b"\xef\xbb\xbf" + _said())
    assert consent.load() == AGREED


# -- whoever wrote it

WHERE = ("record", "folder", "home")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such owners")


def at(user: User, where: str) -> Path:
    return {"record": user.consent, "folder": user.consent.parent, "home": user.home}[where]


@posix
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("mode", [0o777, 0o707, 0o702], ids=oct)
def test_what_others_can_write_is_a_refusal_until_the_mode_is_mended(
    consent: ConsentFile, user: User, where: str, mode: int
) -> None:
    consent.update(lambda _: AGREED)
    at(user, where).chmod(mode)
    record = consent.load()
    assert record.agreed(DEFAULT_HOST) is False
    assert f"chmod go-w {at(user, where)}" in (record.problem or "")
    assert consent.update(lambda _: AGREED) == record
    at(user, where).chmod(0o700)
    assert consent.load() == AGREED


@needs_root
@pytest.mark.parametrize("where", WHERE)
def test_what_another_group_can_write_is_a_refusal(
    consent: ConsentFile, user: User, where: str
) -> None:
    consent.update(lambda _: AGREED)
    os.chown(at(user, where), -1, ANOTHER)
    assert consent.load() == AGREED
    at(user, where).chmod(0o770)
    assert "can be written by others" in (consent.load().problem or "")


@needs_root
@pytest.mark.parametrize("where", WHERE)
def test_what_belongs_to_another_user_is_a_refusal(
    consent: ConsentFile, user: User, where: str
) -> None:
    consent.update(lambda _: AGREED)
    os.chown(at(user, where), ANOTHER, -1)
    assert "belongs to another user" in (consent.load().problem or "")


@posix
def test_a_record_in_a_sticky_home_is_the_users_own(consent: ConsentFile, user: User) -> None:
    user.home.chmod(0o1777)
    consent.update(lambda _: AGREED)
    assert consent.load() == AGREED


@posix
def test_in_a_home_that_others_can_write_no_record_is_a_refusal(
    consent: ConsentFile, user: User
) -> None:
    user.home.chmod(0o777)
    assert consent.load().problem
    consent.update(lambda _: AGREED)
    assert not user.consent.parent.exists() or not user.consent.exists()


PLANT = f"""
umask 022
mkdir .cecli
echo '{{"uuid": "{ID}", "asked_opt_in": true, "permanently_disable": false}}' \\
    >.cecli/analytics.json
echo 'analytics: true' >.cecli.conf.yml
echo 'analytics-posthog-project-api-key: phc_theirs' >>.cecli.conf.yml
"""


@needs_root
@pytest.mark.parametrize("mode", [0o777, 0o1777], ids=oct)
@pytest.mark.parametrize("mended", [False, True])
def test_what_another_user_plants_in_a_home_switches_nothing_on(
    user: User, mode: int, mended: bool
) -> None:
    user.home.chmod(mode)
    subprocess.run(
        ["/bin/sh", "-ec", PLANT], cwd=user.home, user=ANOTHER, group=ANOTHER, check=True
    )
    if mended:
        user.home.chmod(0o755)
    done = user.cecli()
    assert done.stdout.startswith("analytics  off: the consent record ")
    assert "analytics is off: ~/.cecli/analytics.json " in done.stderr
    assert "warning: ~/.cecli.conf.yml " in done.stderr
    assert not Path(user.paths.spool).exists()


@needs_root
def test_in_the_home_of_another_user_nothing_is_made(consent: ConsentFile, user: User) -> None:
    os.chown(user.home, ANOTHER, -1)
    done = user.cecli("--analytics-disable")
    assert (done.returncode, "belongs to another user" in done.stderr) == (1, True)
    assert user.cecli().stdout.startswith("analytics  off: ")
    assert not user.consent.parent.exists()


@posix
@pytest.mark.parametrize("where", WHERE)
def test_a_disable_works_whatever_others_can_write(
    consent: ConsentFile, user: User, where: str
) -> None:
    consent.update(lambda _: AGREED)
    at(user, where).chmod(0o777)
    assert consent.disable() is True
    at(user, where).chmod(0o700)
    assert consent.load() == ConsentRecord(permanently_disable=True)


def test_a_link_in_the_locks_place_makes_nothing_elsewhere(
    consent: ConsentFile, user: User
) -> None:
    user.consent.parent.mkdir()
    Path(user.paths.lock).symlink_to(user.home / "elsewhere")
    with pytest.raises(CantStore, match=r"^~/\.cecli/analytics\.json\.lock can't be written: "):
        consent.update(ConsentRecord.with_id)
    assert not (user.home / "elsewhere").exists()


def test_a_disable_reaches_the_file_that_the_users_link_leads_to(
    consent: ConsentFile, user: User
) -> None:
    consent.update(lambda _: AGREED)
    kept = user.consent.rename(user.home / "kept.json")
    user.consent.symlink_to(kept)
    consent.disable()
    assert ID not in kept.read_text()
    assert consent.load().permanently_disable


# -- what a kill has left

KILLED = """
import os, signal, sys
from cecli.analytics.consent.file import CantStore, ConsentFile
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.paths import Paths
def hook(event, args):
    if event == "os.rename":
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
ConsentFile(Paths(sys.argv[1])).update(ConsentRecord.with_id)
"""


@pytest.fixture
def killed(user: User) -> Path:
    """Return what a process leaves that is killed between writing a record and renaming it."""
    ended = subprocess.run([sys.executable, "-c", KILLED, str(user.home)], check=False)
    assert ended.returncode == -signal.SIGKILL
    (left,) = user.consent.parent.glob("*.tmp")
    assert "uuid" in left.read_text()
    return left


@pytest.mark.parametrize("before", ["nothing", "a yes", "a disable", "doubt"])
def test_a_disable_sweeps_what_a_kill_has_left(
    consent: ConsentFile, user: User, killed: Path, before: str
) -> None:
    kept = killed.read_bytes()
    if before == "a yes":
        consent.update(lambda _: AGREED)
    elif before == "a disable":
        consent.disable()
    elif before == "doubt":
        user.consent.write_text("{")
    killed.write_bytes(kept)
    consent.disable()
    assert not killed.exists()


def test_a_no_sweeps_too(consent: ConsentFile, killed: Path) -> None:
    consent.update(lambda now: now.with_answer(DEFAULT_HOST, False))
    assert not killed.exists()


def test_a_disable_sweeps_nothing_else(consent: ConsentFile, user: User) -> None:
    consent.update(ConsentRecord.with_id)
    precious = user.home / "precious"
    precious.write_text("x")
    strangers = ["analytics.json.0123456.tmp", "analytics.json.0123456789.tmp", "x.01234567.tmp"]
    for name in strangers:
        (user.consent.parent / name).touch()
    (user.consent.parent / "analytics.json.01234567.tmp").symlink_to(precious)
    (user.consent.parent / "analytics.json.89abcdef.tmp").mkdir()
    consent.disable()
    assert {path.name for path in user.consent.parent.iterdir()} == {
        *strangers,
        "analytics.json",
        "analytics.json.lock",
        "analytics.json.89abcdef.tmp",
    }
    assert precious.read_text() == "x"


def test_a_disable_forgets_the_id_and_every_answer(consent: ConsentFile) -> None:
    consent.update(lambda _: AGREED)
    assert consent.disable() is True
    assert consent.load() == ConsentRecord(asked_opt_in=True, permanently_disable=True)


def test_a_second_disable_says_that_it_is_none(consent: ConsentFile) -> None:
    consent.disable()
    assert consent.disable() is False


def test_a_refusal_stands_that_came_while_another_change_was_thought_about(
    consent: ConsentFile, user: User
) -> None:
    def change(record: ConsentRecord) -> ConsentRecord:
        refusal = b'{"uuid": null, "asked_opt_in": true, "permanently_disable": true}'
        user.consent.write_bytes(refusal)  # as one that doesn't wait for the lock
        return AGREED

    assert consent.update(change).permanently_disable
    assert consent.load().permanently_disable


def test_what_is_in_doubt_is_not_agreed_to_again(consent: ConsentFile, user: User) -> None:
    user.consent.parent.mkdir()
    user.consent.write_text("{")
    with pytest.raises(CantStore, match=r"^~/\.cecli/analytics\.json is not JSON; "):
        consent.agree_again(DEFAULT_HOST, 1_700_000_000.0)
    assert user.consent.read_text() == "{"


def test_a_disable_replaces_what_cant_be_read(consent: ConsentFile, user: User) -> None:
    user.consent.parent.mkdir()
    user.consent.write_text("{")
    assert consent.disable() is True
    assert consent.load().permanently_disable


def test_a_disable_is_never_changed(consent: ConsentFile) -> None:
    consent.disable()
    assert consent.update(lambda _: AGREED).permanently_disable
    assert consent.load().permanently_disable


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
    assert before.with_answer(destination, agreed) == after


NOW = 1_700_000_000.4


@pytest.mark.parametrize("before", [ConsentRecord(ID), AGREED, ConsentRecord(None, True, True)])
def test_a_yes_that_takes_back_a_no_is_stored_and_returned(
    consent: ConsentFile, before: ConsentRecord
) -> None:
    consent.update(lambda _: before)
    after = consent.agree_again(OTHER, NOW)
    assert after.agreed(OTHER)
    assert consent.load() == after


def test_without_a_home_nothing_is_stored_and_the_folder_is_named(
    consent: ConsentFile, user: User
) -> None:
    user.home.rename(user.home.with_name("away"))
    with pytest.raises(CantStore, match=r"^~/\.cecli can't be written: "):
        consent.update(ConsentRecord.with_id)


def test_a_yes_after_a_disable_is_for_its_destination_with_an_id_that_is_new() -> None:
    after = ConsentRecord(None, True, True).agreed_again(OTHER, NOW)
    assert ids.is_uuid4(after.uuid)
    assert after == ConsentRecord(after.uuid, True, False, {OTHER: True}, {OTHER: 1_700_000_000})


def test_a_yes_after_a_no_to_one_destination_leaves_the_others_and_the_id() -> None:
    before = AGREED._replace(destinations={DEFAULT_HOST: True, OTHER: False})
    after = before.agreed_again(OTHER, NOW)
    assert after == before._replace(
        destinations={DEFAULT_HOST: True, OTHER: True}, answered={OTHER: 1_700_000_000}
    )


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
    before: ConsentRecord, agreed: bool, after: ConsentRecord, consent: ConsentFile
) -> None:
    def answer(now: ConsentRecord) -> ConsentRecord:
        return before.with_answer(OTHER, agreed, named_by_project=True)

    assert consent.update(answer) == after
    assert consent.load() == after
    assert after.agreed(DEFAULT_HOST) is before.agreed(DEFAULT_HOST)


def test_a_no_to_a_project_and_one_to_cecli_disable_for_good() -> None:
    assert REFUSED.with_answer(DEFAULT_HOST, False).permanently_disable


def test_a_destination_that_was_not_asked_about_has_no_answer() -> None:
    assert AGREED.agreed(OTHER) is None


def test_a_home_that_cant_be_written_is_named(unwritable: Path) -> None:
    with pytest.raises(CantStore, match="can't be written: "):
        ConsentFile(Paths(str(unwritable))).update(ConsentRecord.with_id)


def test_a_file_in_the_folders_place_is_named(consent: ConsentFile, user: User) -> None:
    user.consent.parent.write_text("")
    with pytest.raises(CantStore, match=r"^~/\.cecli can't be written: not a directory$"):
        consent.update(ConsentRecord.with_id)


def test_a_folder_in_the_files_place_is_named_and_leaves_nothing(
    consent: ConsentFile, user: User
) -> None:
    user.consent.mkdir(parents=True)
    with pytest.raises(CantStore, match=r"^~/\.cecli/analytics\.json can't be written: "):
        consent.disable()
    assert not list(user.consent.parent.glob("*.tmp"))


UPDATE = f"""
import sys
from cecli.analytics.consent.file import CantStore, ConsentFile
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.paths import Paths
consent = ConsentFile(Paths(sys.argv[1]))
consent.load()
{WAIT}
def update(change):
    while True:
        try:
            return consent.update(change)
        except CantStore:
            pass  # on a busy machine fifty may need longer than one is willing to wait
"""


def test_fifty_first_runs_at_once_get_one_id(user: User) -> None:
    program = f"{UPDATE}print(update(ConsentRecord.with_id).uuid)"
    ended = all_at_once(
        [("-c", program, str(user.home))] * 50, cwd=user.folder, env=user.process_environ()
    )
    assert {code for code, _ in ended} == {0}
    (only,) = {out.strip() for _, out in ended}
    assert ids.is_uuid4(only)


def test_a_disable_among_fifty_starts_stays(user: User) -> None:
    program = f"{UPDATE}update(lambda now: now.with_answer({DEFAULT_HOST!r}, True))"
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
    assert ConsentFile(user.paths).load() == ConsentRecord(
        asked_opt_in=ConsentFile(user.paths).load().asked_opt_in, permanently_disable=True
    )


def test_a_process_that_holds_the_lock_and_dies_blocks_nobody(
    consent: ConsentFile, user: User
) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from cecli.analytics.consent.file import ConsentFile;"
            "from cecli.analytics.paths import Paths;"
            f"ConsentFile(Paths({str(user.home)!r})).update(lambda r: print('held', flush=True)"
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
    assert consent.update(ConsentRecord.with_id).uuid


def test_a_lock_that_is_held_too_long_is_named(consent: ConsentFile, user: User) -> None:
    consent.update(lambda record: record)  # makes the lock
    held = "import fcntl, sys; file = open(sys.argv[1]); fcntl.flock(file, fcntl.LOCK_EX); "
    program = [sys.executable, "-c", held + "print(flush=True); input()", user.paths.lock]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(
            CantStore, match=r"^~/\.cecli/analytics\.json\.lock is held by another process$"
        ):
            consent.update(ConsentRecord.with_id)
        holder.communicate(b"\n")
    assert not Path(user.consent).exists()
