"""What help() and pydoc say of the public names: never what a process's environment holds."""

from __future__ import annotations

import inspect
import os
import pkgutil
import sys
from importlib import import_module

import pytest

import cecli
from tools.user import run

SECRET = "SECRET-of-the-environment"
MODULES = ["cecli", *(each.name for each in pkgutil.walk_packages(cecli.__path__, "cecli."))]


def test_pydoc_of_any_module_shows_no_variable() -> None:
    code = (
        "import importlib, os, pydoc, sys\n"
        "for name in sys.argv[1:]:\n"
        "    text = pydoc.plain(pydoc.render_doc(importlib.import_module(name)))\n"
        "    print(name) if os.environ['TOKEN'] in text else None\n"
    )
    ended = run(sys.executable, "-c", code, *MODULES, environ={**os.environ, "TOKEN": SECRET})
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", "")


@pytest.mark.parametrize("name", MODULES)
def test_no_signature_holds_a_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", SECRET)
    module = import_module(name)
    for found in vars(module).values():
        if getattr(found, "__module__", "") != name:
            continue
        members = [found, *(vars(found).values() if inspect.isclass(found) else ())]
        for function in filter(inspect.isfunction, members):
            assert SECRET not in str(inspect.signature(function)), function
