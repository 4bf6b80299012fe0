"""The parser of cecli's command line, variables and config files; others put their options on it.

Owns how strictly these are read, and what a user is told of a mistake. Of options it knows
``--config``, ``--version`` and ``--help`` alone.
"""

from __future__ import annotations

import argparse
import glob
import os
import re
from collections.abc import Mapping, Sequence

import configargparse

from cecli import TYPE_CHECKING, __version__, places
from cecli.config_file import ConfigFile, StrictYaml, opposite
from cecli.messages import LONGEST, MOST_PROBLEMS, Showing, cut, harmless, sentences, shown

if TYPE_CHECKING:
    from typing import Any, NoReturn

_SOURCES = """\
Every option can also be set by a variable (CECLI_SOME_OPTION for --some-option) and, without the
dashes, in .cecli.conf.yml in your home folder, at the root of the git repository or in the current
folder (the later wins), or in a file named with --config. The command line is stronger than the
environment, which is stronger than a file.
"""

_LONGEST_SENTENCE = 2000
"""Characters of a sentence of argparse's: one may list many choices, or repeat a value."""
_REPEATED = r"(: invalid (?:\S+ value|choice)): .*?( \(choose from .*)?$"


class ArgumentParser(Showing, configargparse.ArgumentParser):  # type: ignore[misc]
    """A configargparse parser that reads its sources strictly and shows every problem at once.

    A problem ends the program with exit code 2, after a sentence for each. No sentence holds a
    value that could be a secret.
    """

    def __init__(
        self,
        *,
        environ: Mapping[str, str] | None = None,
        folder: str | None = None,
        prog: str = "cecli",
    ) -> None:
        """Make the parser for a user in *folder*, the current one by default.

        No config file is touched before it parses.
        """
        environ = os.environ if environ is None else environ
        folder = folder or places.current_folder()
        self._yaml = StrictYaml()
        super().__init__(
            prog=prog,
            description="A coding assistant for the command line.",
            epilog=_SOURCES,
            default_config_files=[
                glob.escape(path) for path in places.config_files(environ, folder)
            ],
            add_help=False,
            allow_abbrev=False,
            add_config_file_help=False,
            add_env_var_help=False,
            auto_env_var_prefix="CECLI_",
            config_file_open_func=ConfigFile,
            config_file_parser_class=self._yaml,
            ignore_unknown_config_file_keys=True,  # we name them ourselves, and stop
        )
        self.add_argument("-h", "--help", action=_Help, nargs=0, help="Show this message and exit")
        self.add_argument(
            "--version",
            action="version",
            version=f"%(prog)s {__version__}",
            help="Show the version and exit",
        )
        self.add_argument(
            "-c",
            "--config",
            metavar="FILE",
            is_config_file_arg=True,
            env_var="CECLI_CONFIG",
            help="Read options from this YAML file too [env var: CECLI_CONFIG]",
        )

    def parse_args(self, args: Any = None, namespace: Any = None, **kwargs: Any) -> Any:
        """Parse like argparse, but don't repeat a misspelt option's value: it may be a secret."""
        parsed, rest = self.parse_known_args(args, namespace, **kwargs)
        self.fail_for_keys()
        self.fail_for_words(rest)
        return parsed

    def parse_known_args(
        self,
        args: Any = None,
        namespace: Any = None,
        config_file_contents: str | None = None,
        env_vars: Mapping[str, str] | None = None,
        ignore_help_args: bool = False,
    ) -> Any:
        """Parse like configargparse, where an empty ``CECLI_`` variable counts as not set.

        Keys of config files that no option has are left to :meth:`fail_for_keys`.
        """
        self._yaml.problems.clear()
        self._yaml.keys.clear()
        given = os.environ if env_vars is None else env_vars
        variables = {n: text for n, text in given.items() if text or not n.startswith("CECLI_")}
        parsed = super().parse_known_args(
            args, namespace, config_file_contents, variables, ignore_help_args
        )
        if self._yaml.problems:
            self.fail(self._yaml.problems + self._unknown_keys())
        return parsed

    parse, parse_known = parse_args, parse_known_args  # as configargparse names them too

    def fail_for_keys(self) -> None:
        """Stop if a config file that was parsed has a key that no option has."""
        if problems := self._unknown_keys():
            self.fail(problems)

    def fail_for_words(self, rest: Sequence[str]) -> None:
        """Stop if there are words in *rest*, the part of a command line that nobody knew."""
        if unknown := unknown_options(rest):
            problems = [
                f"there is no option {self._without_value(word)}{self.nearest(word)}"
                for word in unknown
            ]
            self.fail(problems)
        if rest:
            words = [harmless(word, "(not shown)") for word in rest if word != "--"]
            self.fail([f"unexpected argument {word}" for word in words])

    def _without_value(self, word: str) -> str:
        """Show an unknown option, but not a value that stands right behind a known name."""
        known = [name for name in self._option_string_actions if word.startswith(name)]
        name = max(known, key=len, default="")
        is_value = name.startswith("--") and not word[len(name) :].startswith("-")
        return f"{name}..." if is_value else shown(word)

    def convert_item_to_command_line_arg(
        self, action: argparse.Action | None, key: str, value: Any
    ) -> Any:
        """Translate a setting for argparse; ``no-option: true`` means what ``--no-option`` does."""
        if not self._can_be_in_file(key) and not key.startswith("CECLI_"):
            return []  # parse_known_args names it
        if value is None:
            return []  # a null in a file: nothing is said
        if isinstance(action, argparse.BooleanOptionalAction) and key.startswith("no-"):
            value = opposite(value)
        return super().convert_item_to_command_line_arg(action, key, value)

    def get_items_for_config_file_output(self, *words: Any) -> Any:
        """Return what configargparse would write, without what no config file may say."""
        items = super().get_items_for_config_file_output(*words).items()
        return {key: value for key, value in items if self._can_be_in_file(key)}

    def write_config_file(self, *words: Any, **options: Any) -> None:
        """Write like configargparse, and stop at what can't be written."""
        try:
            super().write_config_file(*words, **options)
        except ValueError as error:
            self.fail([cut(str(error), _LONGEST_SENTENCE)])

    def error(self, message: str) -> NoReturn:
        """Exit with 2 after a sentence for each line; ``--help`` has the usage."""
        # What is repeated may be a key in the wrong place.
        message = re.sub(r": ignored explicit argument .*", ": it takes no value", message)
        message = re.sub(_REPEATED, r"\1\2", message, flags=re.MULTILINE)
        self.fail([cut(line, _LONGEST_SENTENCE) for line in message.split("\n")])

    def fail(self, problems: Sequence[str]) -> NoReturn:
        """Exit with 2 after a sentence for each problem."""
        self.exit(2, sentences(self.prog, problems))
        raise AssertionError("exit has returned")

    def nearest(self, option: str) -> str:
        """Return the end of a sentence that names the option most like *option*, if any is."""
        import difflib  # 1 ms, and only a mistake needs it

        known = [name for name in self._option_string_actions if name.startswith("--")]
        near = difflib.get_close_matches(option[:LONGEST], known, n=1, cutoff=0.7)
        return f"; did you mean {near[0]}?" if near else ""

    def _unknown_keys(self) -> list[str]:
        unknown = [(path, key) for path, key in self._yaml.keys if not self._can_be_in_file(key)]
        problems = [
            f"config file {shown(path)}: there is no option {_name(key)}" for path, key in unknown
        ]
        for number, (_, key) in enumerate(unknown[:MOST_PROBLEMS]):  # a file may hold 100,000
            is_known = f"--{key}" in self._option_string_actions  # as --config is
            hint = " for files" if is_known else self.nearest("--" + key)
            problems[number] += hint.replace("--", "")
        return problems

    def _can_be_in_file(self, key: str) -> bool:
        action = self._option_string_actions.get(f"--{key}")
        return action is not None and not (
            isinstance(action, _Help | argparse._VersionAction) or action.is_config_file_arg
        )


def unknown_options(rest: Sequence[str]) -> list[str]:
    """Return the options among the words that a parser didn't know, without their values.

    >>> unknown_options(["--modle=x", "-mSECRET", "file", "--", "--no-option"])
    ['--modle', '-m']
    """
    options = rest[: rest.index("--")] if "--" in rest else rest
    return [
        word.partition("=")[0] if word.startswith("--") else word[:2]
        for word in options
        if word.startswith("-")
    ]


def _name(key: str) -> str:
    """Quote a key up to where a value may have slipped into it."""
    name = re.split(r"[^\w-]", key[:LONGEST])[0]
    return ascii(name if name == key else f"{name}...")


class _Help(argparse.Action):
    """Prints the help.

    Not argparse's own class: for that one configargparse skips the config files as soon as ``-h``
    stands anywhere, even behind ``--``, and what they switch off would be on.
    """

    env_var = property(lambda self: None, lambda self, name: None)  # nor CECLI_HELP

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> NoReturn:
        parser.print_help()
        parser.exit()
