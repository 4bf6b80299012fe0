"""A machine without a network, and one whose disk is read-only: each a namespace of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cecli.analytics.destination import Destination
from tests.analytics.notes import NotesUser
from tests.analytics.scene import KEY, Scene
from tests.support import PROGRAM, needs_root
from tools.user import SCRIPTS, until

UNSHARE = [shutil.which("unshare") or "unshare", "--user", "--map-root-user"]


def _is_allowed() -> bool:
    try:
        return subprocess.run([*UNSHARE, "--net", "--mount", "true"], check=False).returncode == 0
    except OSError:
        return False


pytestmark = pytest.mark.skipif(
    not _is_allowed(), reason="this machine lets nobody make namespaces: unshare(1)"
)

NOWHERE = Destination("https://posthog.invalid", KEY)


@pytest.fixture
def scene(home: Path) -> Scene:
    """Return a user who has agreed to a host whose name nobody can resolve."""
    return Scene(home, NOWHERE.host)


VARIABLES = {
    "CECLI_ANALYTICS_POSTHOG_HOST": NOWHERE.host,
    "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": KEY,
}


def test_events_for_a_name_that_cannot_be_resolved_wait(scene: Scene) -> None:
    scene.queue(5)
    done = scene.run(*UNSHARE, "--net", SCRIPTS / "cecli-analytics", "deliver", variables=VARIABLES)
    assert done.returncode == 1
    assert "https://posthog.invalid: no answer (ConnectionError)" in done.stdout + done.stderr
    assert scene.waiting == ["ready"]
    assert scene.back_off
    assert scene.back_off.failures == 1


def test_a_session_leaves_a_name_that_cannot_be_resolved_to_its_deliverer(scene: Scene) -> None:
    done = scene.run(*UNSHARE, "--net", sys.executable, "-c", PROGRAM, variables=VARIABLES)
    assert (done.returncode, done.stdout, done.stderr) == (0, "on\n", "")
    until(lambda: scene.back_off and "no answer" in scene.back_off.why, "the deliverer's failure")
    scene.wait_for_quiet()
    assert scene.waiting == ["ready"]


def test_a_session_runs_on_where_the_disk_is_read_only(scene: Scene) -> None:
    script = 'mount --bind "$HOME" "$HOME" && mount -o remount,bind,ro "$HOME" && exec "$@"'
    inside = [*UNSHARE, "--mount", "sh", "-c", script, "sh"]
    done = scene.run(*inside, sys.executable, "-c", PROGRAM, variables=VARIABLES)
    assert (done.returncode, done.stdout, done.stderr) == (0, "on\n", "")
    assert not scene.folder.exists()


ETC = """
mkdir "$BASE/old" && mount --bind /etc "$BASE/old" && ln -s "$BASE"/old/* "$BASE/new" &&
mount --bind "$BASE/new" /etc && exec "$@"
"""
"""Gives what it runs an ``/etc`` that holds besides what lies in ``$BASE/new``."""


@needs_root
@pytest.mark.parametrize("name", ["cecli", "notes"])
def test_a_machines_owner_speaks_to_all_programs_or_to_one(
    notes: NotesUser, tmp_path: Path, name: str
) -> None:
    word = f"analytics: false in /etc/{name}/{name}.conf.yml:2"
    commands = {
        "cecli": [str(SCRIPTS / "cecli"), "--analytics"],
        "notes": [sys.executable, *notes.words("notes", "show", "--analytics")],
    }
    for program, command in commands.items():
        base = tmp_path / program
        file = base / "new" / name / f"{name}.conf.yml"
        file.parent.mkdir(parents=True)
        file.write_text("# by the owner\nanalytics: false\n")
        inside = [*UNSHARE, "--mount", "sh", "-c", ETC, "sh", *command]
        done = notes.run(*inside, variables={"BASE": str(base)})
        heeds = f"{program}: warning: --analytics is ignored: {word} is final" in done.stderr
        assert heeds is (name in ("cecli", program)), done.stderr
        assert heeds or "weren't asked" in done.stderr
    assert not Path("/etc", name).exists()
