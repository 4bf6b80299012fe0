"""The parser of the ``cecli`` command: our options, and those of a coding session if there is one.

Owns when somebody looks for a session: not before ``--version`` or a disable has ended the program.
"""

from __future__ import annotations

from collections.abc import Sequence

from cecli import TYPE_CHECKING
from cecli.args import ArgumentParser, harmless, unknown_options
from cecli.sessions import EXTRA, is_installed

if TYPE_CHECKING:
    from typing import Any

    Sources = dict[str, dict[str, Any]]
    """As ``get_source_to_settings_dict`` of configargparse has them."""


class SessionParser(ArgumentParser):
    """A parser that may have a session's options, too, and has them in its help."""

    _has_session: bool | None = None
    """None as long as nobody has looked."""
    _further: Sources | None = None
    """What the session's own variables and files set."""

    def add_session_options(self) -> bool:
        """Add a session's options if one is installed, and tell whether it is.

        Raises:
            SystemExit: it is of a version that we don't know.
        """
        if self._has_session is None:
            self._has_session = is_installed()
            if self._has_session:
                from cecli.sessions import aider_options

                try:
                    aider_options.add_options(self)
                except aider_options.UnknownVersion as error:
                    self.exit(1, f"{self.prog}: {error}\n")
        return self._has_session

    def session_settings(self) -> dict[str, Any]:
        """Return what our variables and config files, once parsed, say about its options."""
        from cecli.sessions import aider_options

        return aider_options.settings(super().get_source_to_settings_dict())

    def refuse_session(self, rest: Sequence[str]) -> None:
        """Stop at what only a session understands, after one sentence; a value may be a secret.

        *rest* is the part of the command line that we don't know.
        """
        self.fail_for_keys()
        unknown = unknown_options(rest)
        if any(super(SessionParser, self).nearest(word) for word in unknown):
            self.fail_for_words(rest)
        files = [harmless(word) for word in rest if word != "--"]
        if first := (unknown + files)[:1]:
            self.fail([f"{first[0]} is for a coding session; to have one: {EXTRA}"])

    def nearest(self, option: str) -> str:
        """Return the end of a sentence about an option: the one most like it, or how to get it."""
        hint = f"; a coding session has more: {EXTRA}" if self._has_session is False else ""
        return super().nearest(option) or hint

    def format_help(self) -> str:
        """Return the help, a session's options included."""
        self.add_session_options()
        return str(super().format_help())

    def get_source_to_settings_dict(self) -> Sources:
        """Return what each source has set, a session's own variables and files included."""
        sources: Sources = dict(super().get_source_to_settings_dict())
        if not self._has_session:
            return sources
        if self._further is None:
            from cecli.sessions import aider_options

            self._further = aider_options.own_sources()
        for name, items in self._further.items():
            sources[name] = {**items, **sources.get(name, {})}
        return sources
