"""Which names are public, and that nothing of any other is kept but a known provider."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import cecli
from cecli.analytics.facts import model_names
from cecli.analytics.facts.model_names import carried, looks_public, of, public
from tests.support import loaded_by
from tools.user import run


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    model_names._look_up.cache_clear()


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o",
        "openai/gpt-4o",
        "claude-3-5-sonnet-20241022",
        "anthropic/claude-3-5-sonnet-20241022",
        "openrouter/anthropic/claude-3.5-sonnet",
        "gemini/gemini-2.5-pro",
        "deepseek/deepseek-chat",
        "ollama/llama3",
    ],
)
def test_a_published_name_is_public(name: str) -> None:
    assert public(name) == name


@pytest.mark.parametrize(
    ("name", "stand_in"),
    [
        ("", "REDACTED"),
        ("GPT-4O", "REDACTED"),
        ("gpt-4o ", "REDACTED"),
        ("gpt-4o\n", "REDACTED"),
        ("ft:gpt-4o:acme:secret:1", "REDACTED"),
        ("openai/ft:gpt-4o:acme:secret:1", "openai/REDACTED"),
        ("openai/", "openai/REDACTED"),
        ("openai/REDACTED", "openai/REDACTED"),
        ("acme/gpt-4o", "REDACTED"),
        ("azure/acme-deployment", "azure/REDACTED"),
        ("ollama/acme/secret", "ollama/REDACTED"),
        ("openrouter/acme/secret", "openrouter/REDACTED"),
        ("/srv/models/acme.gguf", "REDACTED"),
        ("C:\\models\\acme.gguf", "REDACTED"),
        ("https://ada:pw@acme.example/v1", "REDACTED"),
        ("sample_spec", "REDACTED"),
        ("# Public model names", "REDACTED"),
        ("\ud800", "REDACTED"),
        ("x" * 1_000_000, "REDACTED"),
    ],
)
def test_of_any_other_name_only_a_known_provider_is_kept(name: str, stand_in: str) -> None:
    assert public(name) == stand_in


def test_every_name_on_the_list_has_the_shape_of_a_public_one() -> None:
    names = model_names._list().decode().partition("\n\n")[2].split()
    assert len(names) > 3000
    assert [name for name in names if not looks_public(name)] == []


def test_a_list_that_cannot_be_read_makes_no_name_public(tmp_path: Path) -> None:
    package = Path(cecli.__file__).parent
    without = shutil.ignore_patterns("__pycache__", "model-names.txt")
    copy = shutil.copytree(package, tmp_path / "cecli", ignore=without)
    program = (
        "from cecli.analytics.facts import model_names as m; print(m.__file__, m.public('gpt-4o'))"
    )
    shown = run(sys.executable, "-c", program, cwd=tmp_path, check=True).stdout
    assert shown.split() == [str(copy / "analytics" / "facts" / "model_names.py"), "REDACTED"]


class Raising:
    @property
    def name(self) -> str:
        raise RuntimeError("secret")


class Anything:
    def __getattr__(self, name: str) -> Anything:
        return self


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o", "gpt-4o"),
        (SimpleNamespace(name="gpt-4o"), "gpt-4o"),
        (SimpleNamespace(name="secret"), "REDACTED"),
        (SimpleNamespace(name=b"gpt-4o"), None),
        (SimpleNamespace(), None),
        (Raising(), None),
        (Anything(), None),
        (None, None),
        (7, None),
        (b"gpt-4o", None),
    ],
)
def test_the_name_of_a_model_object(model: object, name: str | None) -> None:
    assert of(model) == name


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o", None),
        (None, None),
        (Raising(), None),
        (Anything(), None),
        (SimpleNamespace(), None),
        (SimpleNamespace(small=None), None),
        (SimpleNamespace(small=Raising()), None),
        (SimpleNamespace(small="gpt-4o-mini"), "gpt-4o-mini"),
        (SimpleNamespace(small=SimpleNamespace(name="x")), "REDACTED"),
    ],
)
def test_another_model_that_a_model_object_carries(model: object, name: str | None) -> None:
    assert carried(model, "small") == name


def load_litellm(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Put a litellm into *folder* and load it; its table has a name that the list doesn't have."""
    package = folder / "litellm"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("model_cost = {'registered-secret': {}}\n")
    table = {"sample_spec": {"secret-key": {}}, "brand-new-1": {"mode": "chat"}, "ft:new": {}}
    path = package / "model_prices_and_context_window_backup.json"
    path.write_text(json.dumps(table, indent=4), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setitem(sys.modules, "litellm", ModuleType("litellm"))
    del sys.modules["litellm"]
    importlib.import_module("litellm")


@pytest.fixture
def litellm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Load a litellm that pip has installed; return its folder."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    folder = tmp_path / "lib" / "site-packages"
    load_litellm(monkeypatch, folder)
    return folder / "litellm"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("brand-new-1", "brand-new-1"),
        ("registered-secret", "REDACTED"),
        ("ft:new", "REDACTED"),
        ("sample_spec", "REDACTED"),
        ("secret-key", "REDACTED"),
        ("mode", "REDACTED"),
        ("brand-new", "REDACTED"),
    ],
)
@pytest.mark.usefixtures("litellm")
def test_a_loaded_litellm_adds_the_names_that_it_ships(name: str, expected: str) -> None:
    assert public(name) == expected


def test_without_litellm_such_a_name_is_not_public() -> None:
    assert public("brand-new-1") == "REDACTED"


def test_a_litellm_without_its_table_adds_nothing(litellm: Path) -> None:
    (litellm / "model_prices_and_context_window_backup.json").unlink()
    assert public("brand-new-1") == "REDACTED"


def test_a_litellm_of_a_project_adds_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load_litellm(monkeypatch, tmp_path / "project")
    assert public("brand-new-1") == "REDACTED"


def test_a_litellm_that_is_loaded_later_counts_from_then_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert public("brand-new-1") == "REDACTED"
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    load_litellm(monkeypatch, tmp_path / "lib" / "site-packages")
    assert public("brand-new-1") == "brand-new-1"


def test_looking_a_name_up_imports_nothing() -> None:
    given = "from cecli.analytics.facts import model_names"
    assert loaded_by("model_names.public('acme')", given=given) == set()
