"""Runs ConfigArgParse's own tests, and argparse's, with our options on every parser in them.

They come with the source distribution of the version that is installed, which pip fetches:

    python -m tests.their_suite

Ours are left out of a help text and of a namespace where these are compared as a whole. What then
can't pass is listed, with the reason.
"""

from __future__ import annotations

import argparse
import functools
import glob
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path
from typing import Any

import configargparse
import pytest

from cecli.analytics import add_arguments
from cecli.analytics.settings.action import options_of
from cecli.analytics.settings.options import INITIAL

CANT_PASS = {
    "compares the dictionary of a namespace": (
        "TestCompositeConfigParser::test_missing_primary_config",
        "TestCompositeConfigParser::test_plain",
        "testMethodAliases",
    ),
    "compares a namespace that is no argparse.Namespace": (
        "test_set_defaults_no_args",
        "test_set_defaults_with_args",
    ),
    "its action compares the namespace while it is parsed": (
        "TestActionUserDefined::test_successes",
    ),
    "has two parents, which here have the same options": (
        "TestParentParsers::test_multiple_parents",
        "TestParentParsers::test_parent_help",
        "TestParentParsers::test_same_argument_name_parents",
        "TestParentParsers::test_subparser_parents_mutex",
        "AnArgSharingItsDestCantChooseThePath",
    ),
    "replaces the method that makes a parser": ("testKwrgsArePassedToArgParse",),
}
"""Parts of names of their tests, by the reason why they can't pass."""


def _patch() -> None:
    """Put our options on each parser, where nobody sees them."""
    original = configargparse.ArgumentParser.__init__

    @functools.wraps(original)
    def made(self: Any, *words: Any, **options: Any) -> None:
        original(self, *words, **options)
        if "-" in getattr(self, "prefix_chars", ""):
            add_arguments(self)
            for action in options_of(self):
                action.help = argparse.SUPPRESS
            self._action_groups.pop()

    configargparse.ArgumentParser.__init__ = made
    equal = unittest.TestCase.assertEqual
    unittest.TestCase.assertEqual = (  # type: ignore[method-assign]
        lambda self, first, second, msg=None: equal(self, _theirs(first), _theirs(second), msg)
    )


def _theirs(value: Any) -> Any:
    if type(value) is tuple:
        return tuple(map(_theirs, value))
    if not isinstance(value, argparse.Namespace):
        return value
    return argparse.Namespace(**{k: v for k, v in vars(value).items() if k not in INITIAL})


def pytest_configure() -> None:
    """Begin, as a plug-in of the pytest that runs their tests."""
    _patch()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what can't pass."""
    names = [name for each in CANT_PASS.values() for name in each]
    left_out = [item for item in items if any(name in item.nodeid for name in names)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def main() -> int:
    """Fetch their tests and run them; return pytest's exit code."""
    version = importlib.metadata.version("configargparse")
    with tempfile.TemporaryDirectory() as folder:
        fetch = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        fetch += ["--no-binary", ":all:", "--dest", folder, f"configargparse=={version}"]
        subprocess.run([sys.executable, *fetch], check=True, cwd=folder)
        (archive,) = glob.glob(os.path.join(folder, "*.tar.gz"))
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                source = tar.extractfile(member) if "/tests/test_" in member.name else None
                if source:
                    target = Path(folder, "suite", os.path.basename(member.name))
                    target.parent.mkdir(exist_ok=True)
                    target.write_bytes(source.read())
        suite = os.path.join(folder, "suite")
        shutil.copy(__file__, suite)
        Path(suite, "pytest.ini").write_text("[pytest]\n")
        run = ["-m", "pytest", "--quiet", "-p", "their_suite", "-p", "no:cacheprovider"]
        run += ["-p", "no:randomly", "."]  # whether theirs depend on their order is not ours to say
        path = os.pathsep.join([suite, str(Path(__file__).parents[1])])
        environ = {**os.environ, "HOME": folder, "PYTHONPATH": path}
        return subprocess.run(
            [sys.executable, *run], cwd=suite, env=environ, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
