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


def test_frames_of_the_programs_own_packages_are_in_the_app_and_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packages stand where pip installs; each calls the next, and the last one fails."""
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "aider.py").write_text("import openai\ndef run():\n    openai.ask()\n")
    (folder / "openai.py").write_text("import json\ndef ask():\n    json.loads('{')\n")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.syspath_prepend(str(folder))
    for name in ("aider", "openai"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, name)
    aider: Any = importlib.import_module("aider")
    with pytest.raises(ValueError, match="Expecting") as caught:
        aider.run()
    found = [(frame["module"], frame["in_app"]) for frame in frames(caught.value)]
    assert found[:3] == [("aider", True), ("openai", False), ("json", False)]
    assert not any(in_app for _, in_app in found[1:])


@pytest.mark.parametrize("module", ["cecliffe", "aiderx.main", "json", "requests.sessions"])
def test_only_the_programs_own_packages_are_its_own(module: str) -> None:
    assert not public_code.is_own(module)


@pytest.mark.parametrize("name", sorted(public_code.KNOWN_PACKAGES))
def test_a_known_package_is_none_of_the_standard_library(name: str) -> None:
    assert name not in sys.stdlib_module_names
