"""Owns what the README and its pages say about "on"; what the code makes of it is the code's.

It is written from their words and shares nothing with the package: where both are wrong, they are
not wrong in the same way. Where the words leave a doubt it says off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple

NAMED = "{named}"
"""Stands on a command line and in a variable for the path of the file for ``--config``."""


class File(NamedTuple):
    """A file or a folder, as ``ls -l`` shows it."""

    text: str = ""
    owner: str = "the user"  # or "another"
    group: str = "the user's"  # or "another"
    mode: int = 0o600


class Session(NamedTuple):
    """All that a session finds; the texts are raw."""

    argv: tuple[str, ...] = ()
    variables: Mapping[str, str] = {}
    files: Mapping[str, File] = {}
    """The config files, by source: home, root, folder, named, machine. Named is always the user's.

    Of the machine's file, "the user" is root.
    """
    home: str = "the user's"  # or "another's", or "nowhere"
    record: File | None = None
    record_folder: File | None = None
    terminal: str = "both"  # or "input", "output", "none"
    typed: tuple[str, ...] = ()
    """What a person answers, line by line; then comes Ctrl-D."""


class Why(Enum):
    """Why a session is on or off."""

    WORDS = "the command line has words that the README hasn't"
    FILE_MISSING = "the config file that was named isn't there"
    UNREADABLE = "a config file can't be read, or has a key that the README hasn't"
    BAD_VALUE = "a value can't be read"
    MISSPELT = "a variable is nearly one of the README's"
    TWO_IN_ONE_SOURCE = "one source names two hosts or two keys"
    DO_NOT_TRACK = "DO_NOT_TRACK is set"
    DISABLE = "a source disables"
    HOME = "the home isn't the user's"
    OFF = "the strongest word is off"
    OFF_OF_THE_MACHINE = "the off of the machine's owner is final"
    OFF_OF_THE_USER = "a project can't undo an off of the user's own"
    FOREIGN = "others could have written the record"
    RECORD = "the record can't be read or contradicts itself"
    DISABLED = "the user refused for good"
    NO_KEY = "there is no key to send with"
    REFUSED = "the user refused this destination"
    NOT_ASKED = "nobody asked for analytics, and the id isn't in the first tenth"
    NO_TERMINAL = "there is no terminal to ask on"
    CI = "CI is set"
    NO_ANSWER = "the question got no answer"
    NO = "the answer was no"
    ENTER = "Enter agrees to nothing that a project brought about"
    AGREED = "the user agreed before"
    YES = "the user agrees now"


class Verdict(NamedTuple):
    """Whether a session may be on, and whether it must be; an off is sure either way."""

    may: bool
    must: bool
    why: Why


class _Off(Exception):
    """Analytics must be off."""


class Said(NamedTuple):
    """What one source says."""

    project: bool
    pairs: tuple[tuple[str, str], ...]

    def all(self, option: str) -> list[str]:
        return [value for name, value in self.pairs if name == option]

    def one(self, option: str) -> str | None:
        return next(iter(self.all(option)), None)

    @property
    def on(self) -> bool | None:
        """What it says of being on; off wins within a source. A false no-analytics says nothing."""
        if "false" in self.all("analytics") or "true" in self.all("no-analytics"):
            return False
        return True if self.all("analytics") else None


SWITCHES = ("analytics", "no-analytics", "analytics-disable")
HOST, KEY, LOG = (
    "analytics-posthog-host",
    "analytics-posthog-project-api-key",
    "analytics-log",
)
OPTIONS = (*SWITCHES, HOST, KEY, LOG)
DEFAULT_HOST = "https://app.posthog.com"
LOOPBACK = r"localhost|127\.\d+\.\d+\.\d+"
TRUE, FALSE = ("true", "yes", "y", "on", "1"), ("false", "no", "n", "off", "0")


def judge(session: Session, name_of: Callable[[str, str], str]) -> Verdict:
    """Tell whether a session may be on; ``name_of(host, key)`` is how a record names the two."""
    try:
        return _judge(session, name_of)
    except _Off as off:
        return Verdict(False, False, off.args[0])


def _judge(session: Session, name_of: Callable[[str, str], str]) -> Verdict:
    users = list(_sources(session))
    machine = _machine(session.files.get("machine"))
    sources = [*users, machine]
    if session.variables.get("DO_NOT_TRACK", "").lower() not in ("", "0", "false"):
        raise _Off(Why.DO_NOT_TRACK)
    if any("true" in source.all("analytics-disable") for source in sources):
        raise _Off(Why.DISABLE)
    if session.home != "the user's":
        raise _Off(Why.HOME)
    wish = next((source for source in sources if source.on is not None), None)
    if machine.on is False and not machine.project:
        raise _Off(Why.OFF_OF_THE_MACHINE)
    if wish and wish.on is False:
        raise _Off(Why.OFF)
    if wish and wish.project and False in (users[-1].on, machine.on):
        raise _Off(Why.OFF_OF_THE_USER)
    host, key, log = (_strongest(sources, option) for option in (HOST, KEY, LOG))
    # A destination that the machine's owner names is the only one. A key of his goes to no host
    # but his; a host of his takes the key that others name for it.
    if machine.one(HOST) or machine.one(KEY):
        host = machine if machine.one(HOST) else None
        key = machine if machine.one(KEY) else key
    if not key:
        raise _Off(Why.NO_KEY)
    if log and not log.project and log.one(LOG) == ".":
        raise _Off(Why.BAD_VALUE)  # a folder: the session has no log to write
    name = name_of((host and host.one(HOST)) or DEFAULT_HOST, key.one(KEY) or "")
    record = _record(session)
    if record["permanently_disable"]:
        raise _Off(Why.DISABLED)
    answer = record["destinations"].get(name)
    if answer:
        return Verdict(True, _is_plain(session, sources), Why.AGREED)
    if answer is False:
        raise _Off(Why.REFUSED)
    _asked(session, record, wish)
    by_project = any(source and source.project for source in (wish, host, key))
    _answered_yes(session.typed, by_project)
    surely_asked = bool(wish) and not record["asked_opt_in"]
    return Verdict(True, surely_asked and _is_plain(session, sources), Why.YES)


def _sources(session: Session) -> Iterator[Said]:
    """Yield what each source says, the strongest first, the home's file last."""
    words = tuple(_words(session.argv))
    # On a command line the last word for an option is the one that holds.
    last = {pair[0]: pair for pair in words if pair[0] in (HOST, KEY)}
    heard = [pair for pair in words if last.get(pair[0], pair) is pair]
    yield Said(False, tuple(_checked(pair for pair in heard if pair[0] != "config")))
    variables = dict(_variables(session.variables))
    named = dict(words).get("config", variables.pop("config", None))
    yield Said(False, tuple(_checked(variables.items())))
    if named is not None and (named != NAMED or "named" not in session.files):
        raise _Off(Why.FILE_MISSING)
    for source in ("named", "folder", "root", "home"):
        file = session.files.get(source) if source != "named" or named else None
        project = source in ("folder", "root")
        if file and source == "home":
            project = not _is_the_users_alone(file)
        yield Said(project, tuple(_checked(_lines(file.text))) if file else ())


def _machine(file: File | None) -> Said:
    """Return what the machine's owner says.

    Of a file that others than root could have written nothing holds but an off, as any project's.
    """
    said = tuple(_checked(_lines(file.text))) if file else ()
    if file is None or (file.owner == "the user" and not file.mode & 0o022):
        return Said(False, said)
    offs = [("analytics", "false"), *((switch, "true") for switch in SWITCHES[1:])]
    return Said(True, tuple(pair for pair in said if pair in offs))


def _words(argv: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the options of a command line with their values."""
    rest = list(argv)
    while rest:
        word = "--config" if rest[0] == "-c" else rest[0]
        del rest[0]
        option, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or option not in (*OPTIONS, "config"):
            raise _Off(Why.WORDS)
        if option in SWITCHES:
            value = "true"
            if equals:
                raise _Off(Why.WORDS)
        elif not equals:
            if not rest or rest[0].startswith("-"):
                raise _Off(Why.WORDS)
            value = rest.pop(0)
        yield option, value


def _variables(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the options that variables set; an empty one counts as not set."""
    for name, value in variables.items():
        if name.startswith("CECLI_"):
            option = name.removeprefix("CECLI_").lower().replace("_", "-")
            if value and option in (*OPTIONS, "config"):
                yield option, value
            elif value and any(_letters_apart(option, each) <= 2 for each in OPTIONS):
                raise _Off(Why.MISSPELT)


def _letters_apart(one: str, other: str) -> int:
    """Return how many letters must be put in, left out or changed to make one of the other."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row = row, [number]
        for place, each in enumerate(other, 1):
            row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != each)))
    return row[-1]


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of a config file; it knows the simplest YAML alone."""
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        found = re.fullmatch(r"(?:--)?([a-z_-]+):(?: +([^\s\[{&*!|>'\"%@`#,]\S*))?(?: +#.*)?", line)
        if not found or (option := found[1].replace("_", "-")) not in OPTIONS:
            raise _Off(Why.UNREADABLE)
        # Nothing after the colon is as nothing said, but a bare "no-analytics:" may mean it.
        if found[2] not in (None, "null"):
            yield option, found[2]
        elif option in ("no-analytics", "analytics-disable"):
            raise _Off(Why.BAD_VALUE)


def _checked(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield what a source says, switches as true or false; a value that can't be read is an off."""
    seen: dict[str, str] = {}
    for option, raw in pairs:
        value = _read(option, raw)
        if option in (HOST, KEY) and seen.setdefault(option, value) != value:
            raise _Off(Why.TWO_IN_ONE_SOURCE)
        yield option, value


def _read(option: str, value: str) -> str:
    if option in SWITCHES and value.lower() in TRUE + FALSE:
        return "true" if value.lower() in TRUE else "false"
    host = re.fullmatch(r"(?:(https?)://)?([a-z0-9.]+)(:[0-9]+)?", value)
    if option == HOST and host:
        here = bool(re.fullmatch(LOOPBACK, host[2]))
        if (here or "." in host[2]) and (here or host[1] != "http"):
            return value if "://" in value else f"https://{value}"
    if (option == KEY and re.fullmatch(r"phc_[a-z0-9]+", value)) or (option == LOG and value):
        return value
    raise _Off(Why.BAD_VALUE)


def _strongest(sources: list[Said], option: str) -> Said | None:
    """Return the source whose word holds for an option."""
    return next((source for source in sources if source.one(option)), None)


def _is_plain(session: Session, sources: list[Said]) -> bool:
    """Tell whether the sources leave no room: nothing is said twice, or by a no-analytics."""
    machine = session.files.get("machine")
    sources = [*sources, Said(False, tuple(_lines(machine.text)))] if machine else sources
    twice = any(len({name for name, _ in each.pairs}) < len(each.pairs) for each in sources)
    return not twice and not any(each.all("no-analytics") for each in sources)


def _is_the_users_alone(file: File) -> bool:
    """Tell whether nobody else can have written a file."""
    foreign_group = file.group == "another" and file.mode & 0o020
    return file.owner == "the user" and not file.mode & 0o002 and not foreign_group


RECORD_NAMES = {"uuid", "asked_opt_in", "permanently_disable", "destinations"}


def _record(session: Session) -> dict[str, Any]:
    """Return the consent record; what isn't wholly as it should be is no consent."""
    if not all(_is_the_users_alone(f) for f in (session.record, session.record_folder) if f):
        raise _Off(Why.FOREIGN)
    if session.record is None:
        return {"uuid": "", "asked_opt_in": False, "permanently_disable": False, "destinations": {}}

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError
        return dict(pairs)

    try:
        record = json.loads(session.record.text.removeprefix("\ufeff"), object_pairs_hook=once)
        disabled, asked = record["permanently_disable"], record["asked_opt_in"]
        uuid = record.setdefault("uuid", None)
        answers = record.setdefault("destinations", {})
        flags = (disabled, asked, *answers.values())
        shape = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        good = all(isinstance(flag, bool) for flag in flags)
        # Nobody has an id who was never asked, or has refused.
        needs_none = uuid is None and (disabled or not asked)
        good = good and (needs_none or bool(re.fullmatch(shape, uuid)))
        good = good and (asked or not answers)
        # Be it a misspelt refusal: a name that no record has is doubt.
        good = good and record.keys() <= RECORD_NAMES
    except (ValueError, TypeError, AttributeError, KeyError):
        good = False
    if not good:
        raise _Off(Why.RECORD)
    return dict(record)


def _asked(session: Session, record: dict[str, Any], wish: Said | None) -> None:
    """Raise unless this user may be asked in this session."""
    if session.terminal != "both":
        raise _Off(Why.NO_TERMINAL)
    if session.variables.get("CI", "") not in ("", "0", "false"):
        raise _Off(Why.CI)
    # An id that isn't made yet may come to lie anywhere.
    in_first_tenth = not record["uuid"] or int(record["uuid"][:8], 16) / 2**32 < 0.1
    if not (wish or in_first_tenth or record["asked_opt_in"]):
        raise _Off(Why.NOT_ASKED)


def _answered_yes(typed: tuple[str, ...], by_project: bool) -> None:
    """Raise unless what is typed agrees."""
    for line in typed:
        word = line.strip().lower()
        if word in ("n", "no"):
            raise _Off(Why.NO)
        if not word and by_project:
            raise _Off(Why.ENTER)
        if word in ("y", "yes", ""):
            return
    raise _Off(Why.NO_ANSWER)
