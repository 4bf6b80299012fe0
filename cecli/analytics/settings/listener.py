"""What config files say of the analytics options, kept from the parser that would misread it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

from cecli import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class ConfigFileListener:
    """A config file parser that keeps the analytics keys of each file to itself.

    Everything else passes through to the parser that it stands before.
    """

    def __init__(self, parser: argparse.ArgumentParser, inner: Any, names: frozenset[str]) -> None:
        self._parser = parser
        self._inner = inner
        self._names = names
        self._run: object = None
        self._files: dict[str, Mapping[str, object]] = {}

    def __getattr__(self, name: str) -> Any:
        if name == "_inner":  # a copy that is being made has none yet
            raise AttributeError(name)
        return getattr(self._inner, name)

    def parse(self, stream: Any) -> dict[str, object]:
        """Parse a config file and return its items without those that are ours."""
        if self._run is not self._current_run():
            self._run, self._files = self._current_run(), {}
        ours: dict[str, object] = {}
        others: dict[str, object] = {}
        for key, value in self._inner.parse(stream).items():
            name = str(key).lstrip("-").replace("_", "-").lower()
            if name in self._names or self._would_pass_as_ours(name):
                ours[name] = value
            else:
                others[key] = value
        # Absolute at once: the host may leave this folder before it resolves.
        self._files[os.path.abspath(str(getattr(stream, "name", "config file")))] = ours
        return others

    def files(self) -> list[tuple[str, Mapping[str, object]]]:
        """Return the path and our items of each file that was read last, the strongest first."""
        return list(self._files.items()) if self._run is self._current_run() else []

    def _current_run(self) -> object:
        """Return what configargparse makes anew each time that it parses."""
        return getattr(self._parser, "_source_to_settings", None)

    def _would_pass_as_ours(self, name: str) -> bool:
        """Tell whether configargparse would take an unknown key for one of our flags.

        It makes ``--analytics-lo=x`` of the key ``analytics-lo`` and ``--analytics-log=x=y`` of
        ``analytics-log=x``, and argparse reads both as --analytics-log on the command line.
        """
        known = self._parser._option_string_actions
        return f"--{name}" not in known and name.startswith(("analytics", "no-analytics"))
