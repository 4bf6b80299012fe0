"""The parser of the ``cecli`` command: our options, and those of a coding session if there is one.

Owns when somebody looks for a session: not before ``--version`` or a disable has ended the program.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from cecli import TYPE_CHECKING
from cecli.analytics.settings.options import BY_NAME
from cecli.args import ArgumentParser, unknown_options
from cecli.messages import harmless
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

    def parse_known_args(self, args: Any = None, *others: Any, **options: Any) -> Any:
        """Parse like cecli's parser; with a session, unique beginnings of its options count, too.

        They are written out before anybody reads them: configargparse looks for the full name on
        the command line, and without it lets a variable or a file add to the option, or win.
        """
        if self._has_session:
            args = self._written_out(args)
        return super().parse_known_args(args, *others, **options)

    def words_for_session(self, rest: Sequence[str]) -> list[str]:
        """Return what a session's own parser is to read of *rest*, each option in full.

        *rest* is the part of the command line that we didn't know before there was a session.
        """
        ours = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        ours.add_argument("--config")  # it may have been shortened, and the file is read already
        _, words = ours.parse_known_args(self._written_out(rest))
        return words

    def _written_out(self, words: Sequence[str]) -> list[str]:
        """Put the name of an option in the place of a beginning that no other option has.

        Analytics has to be named in full: nothing shortened switches it on or off. What it could
        mean as well stays as it is, and ends the program as an option that there isn't.
        """
        end = words.index("--") if "--" in words else len(words)
        found = []
        for word in words[:end]:
            typed, equals, value = word.partition("=")
            fitting = [] if typed in self._option_string_actions else self._beginning_with(typed)
            is_clear = len(fitting) == 1 and fitting[0][2:] not in BY_NAME
            found.append(f"{fitting[0]}{equals}{value}" if is_clear else word)
        return found + list(words[end:])

    def _beginning_with(self, text: str) -> list[str]:
        """Return the long options that begin with *text*, sorted; none for dashes alone."""
        if not text.startswith("--") or text == "--":
            return []
        return sorted(name for name in self._option_string_actions if name.startswith(text))

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
        files = [harmless(word, "(not shown)") for word in rest if word != "--"]
        if first := (unknown + files)[:1]:
            self.fail([f"{first[0]} is for a coding session; to have one: {EXTRA}"])

    def nearest(self, option: str) -> str:
        """Return the end of a sentence: what *option* may be short for, is like, or needs.

        *option* is what was typed, or the name of a key in a file behind two dashes.
        """
        if fitting := self._beginning_with(option):
            *others, last = fitting
            return f"; did you mean {', '.join(others) + ' or ' if others else ''}{last}?"
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
