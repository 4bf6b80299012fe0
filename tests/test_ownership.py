"""What is the user's own, on real files with real modes, owners and links."""

from __future__ import annotations

import os
import shlex
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from cecli import ownership
from cecli.ownership import NotOwn
from tests.support import ANOTHER, needs_root
from tools.user import PATIENCE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such owners")

FINE = [0o600, 0o400, 0o644, 0o444, 0o755]
WRITABLE = [0o666, 0o602, 0o646, 0o777]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "it's a file"
    file.write_text("x")
    return file


@pytest.mark.parametrize("mode", FINE, ids=oct)
def test_what_only_the_user_can_write_is_their_own(file: Path, mode: int) -> None:
    file.chmod(mode)
    ownership.require(str(file))
    assert ownership.read(str(file), 10) == b"x"


@pytest.mark.parametrize("mode", WRITABLE, ids=oct)
def test_what_others_can_write_isnt_until_the_command_that_is_named_was_run(
    file: Path, mode: int
) -> None:
    file.chmod(mode)
    with pytest.raises(NotOwn, match="can be written by others") as caught:
        ownership.read(str(file), 10)
    subprocess.run(["/bin/sh", "-c", caught.value.mend], check=True)
    assert ownership.read(str(file), 10) == b"x"


def is_private(gid: int) -> bool:
    import grp
    import pwd

    user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    return user.pw_gid == gid and [group.gr_name, *group.gr_mem] in (
        [user.pw_name],
        [user.pw_name] * 2,
    )


def test_what_a_group_of_the_users_alone_can_write_is_their_own(file: Path) -> None:
    if not is_private(os.getegid()):
        pytest.skip("this user has no group of their own")
    os.chown(file, -1, os.getegid())
    file.chmod(0o664)  # as umask 002 makes it
    ownership.require(str(file))


@needs_root
@pytest.mark.parametrize(("mode", "own"), [(0o640, True), (0o660, False), (0o620, False)])
def test_another_group_may_read_but_not_write(file: Path, mode: int, own: bool) -> None:
    os.chown(file, -1, ANOTHER)
    file.chmod(mode)
    if own:
        ownership.require(str(file))
    else:
        with pytest.raises(NotOwn, match="can be written by others"):
            ownership.require(str(file))


def acl(group: int) -> bytes:
    """Return an access list with which the user ANOTHER may write as far as *group* lets it."""
    anyone = 0xFFFFFFFF
    entries = [(0x01, 6, anyone), (0x02, 6, ANOTHER), (0x04, 4, anyone), (0x10, group, anyone)]
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", *entry) for entry in [*entries, (0x20, 4, anyone)]
    )


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_an_access_list_lets_others_write_isnt_the_users_own(
    file: Path, tmp_path: Path, what: str
) -> None:
    if not is_private(os.getegid()):
        pytest.skip("this user has no group of their own")
    path = file if what == "file" else tmp_path
    os.chown(path, -1, os.getegid())
    path.chmod(0o775)
    ownership.require(str(path))
    try:
        os.setxattr(path, "system.posix_acl_access", acl(group=6))
    except (AttributeError, OSError):
        pytest.skip("this file system has no access lists")
    with pytest.raises(NotOwn, match="can be written by others") as caught:
        ownership.require(str(path))
    subprocess.run(["/bin/sh", "-c", caught.value.mend], check=True)
    ownership.require(str(path))


def test_an_access_list_that_lets_others_only_read_is_fine(file: Path) -> None:
    try:
        os.setxattr(file, "system.posix_acl_access", acl(group=4))
    except (AttributeError, OSError):
        pytest.skip("this file system has no access lists")
    ownership.require(str(file))


@needs_root
def test_what_belongs_to_another_user_isnt_the_users_own(file: Path) -> None:
    os.chown(file, ANOTHER, -1)
    with pytest.raises(NotOwn, match="belongs to another user") as caught:
        ownership.require(str(file), system=True)
    assert caught.value.mend.startswith(f"sudo chown {os.geteuid()} ")
    with pytest.raises(NotOwn):
        ownership.read(str(file), 10)


# -- links


def test_a_link_of_the_users_own_is_followed(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(file)
    ownership.require(str(tmp_path / "link"))
    assert ownership.read(str(tmp_path / "link"), 10, follow=True) == b"x"


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_link_counts_as_what_it_leads_to(file: Path, tmp_path: Path, what: str) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "link").symlink_to(file)
    (file if what == "file" else tmp_path).chmod(0o777)
    with pytest.raises(NotOwn, match="can be written by others") as caught:
        ownership.require(str(tmp_path / "links" / "link"))
    assert caught.value.path == str(file if what == "file" else tmp_path)


@needs_root
def test_a_link_that_another_user_has_made_isnt_the_users_own(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(file)
    os.lchown(tmp_path / "link", ANOTHER, -1)
    with pytest.raises(NotOwn, match="belongs to another user"):
        ownership.read(str(tmp_path / "link"), 10, follow=True)


def test_a_chain_of_links_ends_in_an_error(tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / str(number)).symlink_to(tmp_path / str(number + 1))
    with pytest.raises(OSError, match="symbolic links"):
        ownership.require(str(tmp_path / "0"))


# -- what the system owns

SYSTEM = """
import os, shlex, sys
from cecli import ownership
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
path, system = sys.argv[1], sys.argv[2] == "system"
try:
    ownership.require(path, system=system)
except ownership.NotOwn as error:
    print(error.what)
else:
    print("own")
"""


@pytest.mark.parametrize(
    ("path", "system", "what"),
    [
        ("/etc/passwd", True, "own"),
        ("/etc/passwd", False, "belongs to another user"),
        ("/", True, "own"),
        ("/", False, "belongs to another user"),
    ],
)
def test_what_is_roots_is_enough_only_where_that_is_asked_for(
    path: str, system: bool, what: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SYSTEM, path, "system" if system else "own"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert ended.stdout.strip() == what


@pytest.mark.parametrize(("system", "own"), [(True, True), (False, False)])
def test_a_sticky_folder_is_enough_only_where_the_systems_is(
    tmp_path: Path, system: bool, own: bool
) -> None:
    tmp_path.chmod(0o1777)
    if own:
        ownership.require(str(tmp_path), system=system)
    else:
        with pytest.raises(NotOwn, match="can be written by others"):
            ownership.require(str(tmp_path), system=system)


# What nobody but root can have written


@needs_root
@pytest.mark.parametrize("path", ["/", "/etc/passwd", "/proc/self/mounts"])
def test_a_file_of_the_systems_is_roots(path: str) -> None:
    ownership.require_roots(path)


@needs_root
@pytest.mark.parametrize("mode", [0o602, 0o620, 0o664, 0o666])
def test_what_others_can_write_is_not_roots_alone(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(NotOwn, match="can be written by others") as found:
        ownership.require_roots(str(file))
    assert found.value.mend == f"sudo chmod go-w {shlex.quote(str(file))}"


@needs_root
def test_each_link_on_the_way_is_looked_at_and_the_folder_that_it_lies_in(
    file: Path, tmp_path: Path
) -> None:
    first, second, folder = tmp_path / "first", tmp_path / "folder" / "second", tmp_path / "folder"
    folder.mkdir(mode=0o755)
    second.symlink_to(Path(os.pardir) / file.name)
    first.symlink_to(Path("folder", "second"))
    ownership.require_roots(str(first))
    for each in (first, second):
        os.chown(each, ANOTHER, 0, follow_symlinks=False)
        with pytest.raises(NotOwn, match=f"{each} doesn't belong to root"):
            ownership.require_roots(str(first))
        os.chown(each, 0, 0, follow_symlinks=False)
    os.chown(folder, ANOTHER, 0)
    with pytest.raises(NotOwn, match="folder doesn't belong to root") as found:
        ownership.require_roots(str(first))
    said = found.value.about(str(first), None)
    assert said == f"is in {folder}, which doesn't belong to root"


@needs_root
def test_links_without_an_end_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("other")
    (tmp_path / "other").symlink_to("one")
    with pytest.raises(OSError, match="symbolic links"):
        ownership.require_roots(str(tmp_path / "one"))


@needs_root
def test_what_is_not_there_is_nobodys(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ownership.require_roots(str(tmp_path / "nothing"))
