"""Whose code is public, seen by the frames of exceptions that pass through it."""

from __future__ import annotations

import importlib
import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import cecli
from cecli.analytics import ids
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.property_types import check
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.facts import public_code
from tests.analytics.samples import decoding, frames


def from_source(source: str, filename: str, namespace: dict[str, Any]) -> BaseException:
    exec(compile(source, filename, "exec"), namespace)
    try:
        namespace["sk_secret"]()
    except ZeroDivisionError as caught:
        return caught
    raise AssertionError


SECRET = "def sk_secret():\n    1 / 0\n"
FILES = [
    "<string>",
    "/home/ada/secret.py",
    str(json.__file__),
    str(json.decoder.__file__),
    str(cecli.__file__),
    "/home/ada/site-packages/openai/secret.py",
    sys.prefix + "/lib/python3/site-packages/openai/secret.py",
]


@pytest.mark.parametrize("filename", FILES)
@pytest.mark.parametrize("module", ["builtins", "json", "cecli", "openai", 7])
def test_a_function_made_with_exec_does_not_leave(filename: str, module: object) -> None:
    error = from_source(SECRET, filename, {"__name__": module, "__file__": filename})
    assert frames(error) == []


def test_a_public_name_on_another_line_is_not_that_function() -> None:
    source = SECRET.replace("sk_secret", "loads") + "sk_secret = loads\n"
    assert frames(from_source(source, str(json.__file__), {})) == []


def test_a_module_in_a_project_that_is_named_like_a_package_does_not_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "openai.py").write_text(SECRET, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "openai", raising=False)
    import openai  # type: ignore[import-not-found,unused-ignore]

    try:
        openai.sk_secret()  # type: ignore[attr-defined,unused-ignore]
    except ZeroDivisionError as caught:
        found = frames(caught)
    monkeypatch.delitem(sys.modules, "openai")
    assert found == []


def test_a_module_that_is_no_module_does_not_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    error = decoding()
    stand_in = types.SimpleNamespace(__spec__=json.decoder.__spec__)
    monkeypatch.setitem(sys.modules, "json.decoder", stand_in)
    assert [frame["module"] for frame in frames(error)] == ["json"]


@pytest.fixture
def crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BaseException:
    """The crash of a program whose packages stand where pip installs; each calls the next."""
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "notes.py").write_text("import notesx\ndef run():\n    notesx.ask()\n")
    (folder / "notesx.py").write_text("import openai\ndef ask():\n    openai.ask()\n")
    (folder / "openai.py").write_text(
        "class Refused(KeyError):\n    pass\ndef ask():\n    raise Refused\n"
    )
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.syspath_prepend(str(folder))
    for name in ("notes", "notesx", "openai"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, name)
    notes: Any = importlib.import_module("notes")
    with pytest.raises(KeyError) as caught:
        notes.run()
    return caught.value


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ((), [("openai", False)]),
        (("note",), [("openai", False)]),
        (("notes",), [("notes", True), ("openai", False)]),
        (("notesx",), [("notesx", True), ("openai", False)]),
        (("notes", "openai"), [("notes", True), ("openai", True)]),
    ],
)
def test_frames_of_the_programs_own_packages_leave_and_are_in_the_app(
    crash: BaseException, own: tuple[str, ...], found: list[tuple[str, bool]]
) -> None:
    assert [(frame["module"], frame["in_app"]) for frame in frames(crash, *own)] == found


@pytest.mark.parametrize(
    ("declared", "kind", "in_app"),
    [((), "openai.Refused", [False]), (("notes",), "openai.Refused", [True, False])],
)
def test_a_crash_leaves_with_the_packages_that_the_catalogue_declares(
    crash: BaseException, declared: tuple[str, ...], kind: str, in_app: list[bool]
) -> None:
    catalogue = Catalogue()
    catalogue.declare_packages(*declared)
    made = Sanitiser(catalogue, ids.new(), {}).sanitise(
        "$exception", {"$exception_list": crash}, time=0, uuid=ids.new()
    )
    [found] = json.loads(made.line or b"")["properties"]["$exception_list"]
    assert f"{found['module']}.{found['type']}" == kind
    assert [frame["in_app"] for frame in found["stacktrace"]["frames"]] == in_app


def test_a_type_of_an_own_package_leaves_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "memos.py").write_text("class Full(OSError):\n    pass\n")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "memos", raising=False)
    memos: Any = importlib.import_module("memos")
    kinds = [
        check("exception type", own)(memos.Full) for own in (frozenset({"memos"}), frozenset())
    ]
    monkeypatch.delitem(sys.modules, "memos")
    assert kinds == ["memos.Full", "OSError"]


def test_an_own_package_in_a_source_tree_stays_unnamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.py").write_text("def run():\n    1 / 0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "notes", raising=False)
    notes: Any = importlib.import_module("notes")
    monkeypatch.delitem(sys.modules, "notes")
    with pytest.raises(ZeroDivisionError) as caught:
        notes.run()
    assert frames(caught.value, "notes") == []


@pytest.mark.parametrize("name", sorted(public_code.KNOWN_PACKAGES))
def test_a_known_package_is_none_of_the_standard_library(name: str) -> None:
    assert name not in sys.stdlib_module_names
