"""JSON in small files: what can be read, and what counts as unreadable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cecli import files, ownership
from cecli.files import Unreadable
from tests.support import largest_file


@pytest.mark.parametrize("raw", [b'{"a": [1, null]}', b'\xef\xbb\xbf{"a": [1, null]}'])
def test_an_object_is_read(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "file").write_bytes(raw)
    assert ownership.read_object(str(tmp_path / "file"), len(raw)) == {"a": [1, None]}


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b'{"a": "\xff"}', "is not JSON"),
        ('{"a": 1}'.encode("utf-16"), "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "holds no JSON object"),
        (b"null", "holds no JSON object"),
        (b'{"a": NaN}', "holds NaN, which is no number"),
        (b'{"a": [-Infinity]}', "holds -Infinity, which is no number"),
        (b'{"a": 1, "a": 2}', "holds a name twice"),
        (b'{"x": {"a": 1, "a": 1}}', "holds a name twice"),
    ],
    ids=range(11),
)
def test_what_is_no_object_is_unreadable(raw: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as caught:
        files.parse_object(raw)
    assert str(caught.value) == why


def test_a_file_over_its_size_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text('{"a": 1}')
    with pytest.raises(Unreadable, match="is too large"):
        ownership.read_object(str(tmp_path / "file"), 7)


@pytest.mark.parametrize("obstacle", ["nothing", "folder", "fifo", "link"])
def test_what_is_no_regular_file_is_not_read(tmp_path: Path, obstacle: str) -> None:
    path = tmp_path / "file"
    if obstacle == "folder":
        path.mkdir()
    elif obstacle == "fifo":
        os.mkfifo(path)
    elif obstacle == "link":
        (tmp_path / "target").write_text("{}")
        path.symlink_to(tmp_path / "target")
    with pytest.raises(OSError):
        ownership.read_object(str(path), 100)


def test_a_file_is_overwritten_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a longer text")
    before = path.stat().st_ino
    assert files.overwrite(str(path), b"text")
    assert (path.read_bytes(), path.stat().st_ino) == (b"text", before)


@pytest.mark.parametrize("obstacle", ["nothing", "folder", "link"])
def test_nothing_is_overwritten_but_a_file(tmp_path: Path, obstacle: str) -> None:
    path, elsewhere = tmp_path / "file", tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    if obstacle == "folder":
        path.mkdir()
    elif obstacle == "link":
        path.symlink_to(elsewhere)
    assert not files.overwrite(str(path), b"text")
    assert elsewhere.read_bytes() == b"mine"


def test_on_a_full_disk_nothing_counts_as_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    with largest_file(4):
        assert not files.overwrite(str(path), b"a longer text")
