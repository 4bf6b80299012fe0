"""Owns random sessions, each made from its seed; what is promised of them is the oracle's."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

from cecli.analytics.destination import Destination
from tests.oracle import NAMED, File, Session
from tools.user import Home

HOST, KEY = "analytics-posthog-host", "analytics-posthog-project-api-key"
HOSTS = ("https://app.posthog.com", "http://127.0.0.1:9", "http://127.0.0.1:10")
KEYS = ("phc_one", "phc_two")
FILES = ("named", "folder", "root", "home", "machine")
SOURCES = ("argv", "variables", *FILES[:-1])

ODD_WORDS = (
    *("--analytic", "--no-analytic", "--analytics-disab", "--analytics-log", f"--{HOST}="),
    *("--analytics=true", "--version", "--help", "--", "-x", "-c", "file.py"),
)
"""Words of a command line that end it, or make no sense."""

ODD_LINES = (
    *("analytics-lgo: x", "no-analytcs: true", "Analytics: true", "analytics: [true"),
    *("\tanalytics: true", "- analytics", "analytics", "a: &a true", "\x07"),
    *("no-analytics:", "no-analytics: null", "analytics-disable:"),
    *("--analytics: true", "--no-analytics: true"),
)
"""Lines of a config file that are nearly right."""

BAD = (
    *((HOST, "a b"), (HOST, "ftp://a.example"), (HOST, "http://posthog.example")),
    *((HOST, "posthog"), (KEY, "phc a"), (KEY, "phx_one")),
)
"""Hosts and keys that can't be read."""

NEARLY = ("NO_ANALYTCS", "NO_ANALITICS", "ANALYTIC", "ANALYTICS_DISABLED", "NOANALYTICS")
"""Variables that are nearly ours."""

Names = Callable[[str, str], str]
Said = dict[str, list[tuple[str, str]]]
"""By source, the options that it sets, and to what."""


def names(folder: Path) -> Names:
    """Return how a record names a host and a key: as the name under which a yes is stored."""
    found: dict[tuple[str, str], str] = {}
    for host in (*HOSTS, "https://localhost"):
        for key in KEYS:
            home = Home(folder / str(len(found)))
            home.home.mkdir(parents=True)
            home.agree(Destination(host, key))
            (found[host, key],) = json.loads(home.consent.read_text())["destinations"]
    return lambda host, key: found[host, key]


class Chance:
    """Draws for one session; how often it departs from the plain differs by session."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.temper = self.random.choice((0.1, 0.3, 1.0))

    def departs(self, share: float) -> bool:
        return self.random.random() < share * self.temper

    def of(self, weights: Mapping[str, int]) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]


def combination(seed: int, name_of: Names) -> Session:
    """Make the session of a seed."""
    chance = Chance(seed)
    said, (host, key) = _said(chance)
    here, elsewhere = name_of(host, key), name_of(HOSTS[1], "phc_" + "onetwo".replace(key[4:], ""))
    argv, variables, files = _command_line(chance, said), _variables(chance, said), {}
    for source in FILES:
        if said[source] or chance.departs(0.05):
            text = _config_file(chance, said[source])
            # Named by the user, it is the user's, whoever has written it.
            files[source] = File(text) if source == "named" else _owned(chance, text)
    if "named" in files:
        if chance.departs(0.3):
            variables["CECLI_CONFIG"] = NAMED
        else:
            argv.insert(0, f"--config={NAMED}")
    elif chance.departs(0.02):
        variables["CECLI_CONFIG"] = NAMED
    record = _record(chance, here, elsewhere)
    return Session(
        argv=tuple(argv),
        variables=variables,
        files=files,
        home="the user's"
        if not chance.departs(0.08)
        else chance.of({"another's": 1, "nowhere": 1}),
        record=None if record is None else _owned(chance, record),
        record_folder=None if record is None and chance.departs(2) else _owned(chance, "", 0o111),
        terminal="both"
        if not chance.departs(0.4)
        else chance.of({"input": 1, "output": 1, "none": 2}),
        typed=_typed(chance),
    )


def _said(chance: Chance) -> tuple[Said, tuple[str, str]]:
    """Draw what the sources say, and a host and a key that most of them leave standing."""
    draw = chance.random
    said: Said = {source: [] for source in (*SOURCES, "machine")}
    host, key = draw.choice(HOSTS), draw.choice(KEYS)
    source = draw.choice(SOURCES)
    if not chance.departs(0.05):
        said[source].append((KEY, key))
    if chance.departs(0.2):
        source = draw.choice(SOURCES)
    if host != HOSTS[0]:
        said[source].append((HOST, host))
    if chance.departs(0.15):
        said[draw.choice(SOURCES)].append((HOST, draw.choice((*HOSTS, "localhost"))))
    if chance.departs(0.15):
        said[draw.choice(SOURCES)].append((KEY, draw.choice(KEYS)))
    if draw.random() < 0.6:
        said[draw.choice(SOURCES)].append(("analytics", "true"))
    if chance.departs(0.1):
        said["home"].append(("analytics", "false"))
        said[draw.choice(("folder", "root"))].append(("analytics", "true"))
    while chance.departs(0.35):
        option = chance.of({"analytics": 6, "no-analytics": 3, "analytics-disable": 2})
        said[draw.choice(SOURCES)].append((option, draw.choice(("true", "false"))))
    if chance.departs(0.1):
        log = draw.choice(("log.jsonl", "log.jsonl", ".", "~/log.jsonl"))
        said[draw.choice(SOURCES)].append(("analytics-log", log))
    if chance.departs(0.06):
        option = draw.choice(("analytics", "no-analytics", "analytics-disable"))
        said[draw.choice(SOURCES)].append((option, draw.choice(("maybe", "2", "y", "n", "[true]"))))
    if chance.departs(0.06):
        said[draw.choice(SOURCES)].append(draw.choice(BAD))
    while chance.departs(0.2):
        switch = (chance.of({"analytics": 3, "no-analytics": 1, "analytics-disable": 1}), "true")
        texts = (HOST, draw.choice((*HOSTS, host))), (KEY, draw.choice((*KEYS, key)))
        said["machine"].append(draw.choice((switch, ("analytics", "false"), *texts)))
    return said, (host, key)


def _spelled(chance: Chance, value: str) -> str:
    """Spell true and false in one of their ways."""
    if value not in ("true", "false") or not chance.departs(0.5):
        return value
    words = ("yes", "on", "True", "TRUE") if value == "true" else ("no", "off", "False", "FALSE")
    return chance.random.choice(words)


def _command_line(chance: Chance, said: Said) -> list[str]:
    argv = []
    for option, value in said["argv"]:
        if option.startswith("analytics-posthog") or option == "analytics-log":
            argv += [f"--{option}={value}"] if chance.departs(0.5) else [f"--{option}", value]
        elif value == "true":
            argv.append(f"--{option}")
        elif value == "false":
            argv += ["--no-analytics"] * (option == "analytics")
        else:
            argv.append(f"--{option}={value}")
    if chance.departs(0.06):
        argv.insert(chance.random.randrange(len(argv) + 1), chance.random.choice(ODD_WORDS))
    return argv


def _variables(chance: Chance, said: Said) -> dict[str, str]:
    def name(option: str) -> str:
        return "CECLI_" + option.upper().replace("-", "_")

    variables = {name(option): _spelled(chance, value) for option, value in said["variables"]}
    if chance.departs(0.1):
        option = chance.random.choice(("analytics", "no-analytics", "analytics-disable", HOST, KEY))
        variables.setdefault(name(option), "")
    if chance.departs(0.06):
        nearly = chance.random.choice((*NEARLY, "MODEL"))
        variables[f"CECLI_{nearly}"] = chance.random.choice(("1", "true", "0", ""))
    if chance.departs(0.15):
        variables["DO_NOT_TRACK"] = chance.random.choice(
            ("1", "true", "no", " ", "False", "0", "false", "")
        )
    if chance.departs(0.3):
        variables["CI"] = chance.random.choice(("1", "true", "github", "0", "false", ""))
    return variables


def _config_file(chance: Chance, pairs: list[tuple[str, str]]) -> str:
    lines = []
    for option, value in pairs:
        key = option.replace("-", "_") if chance.departs(0.4) else option
        lines.append(f"{key}: {_spelled(chance, value)}{' # so' * chance.departs(0.1)}")
    if chance.departs(0.1):
        lines.insert(0, "# a file")
    if chance.departs(0.06):
        lines.insert(chance.random.randrange(len(lines) + 1), chance.random.choice(ODD_LINES))
    return "".join(f"{line}\n" for line in lines)


def _owned(chance: Chance, text: str, execute: int = 0) -> File:
    mode = chance.random.choice((0o644, 0o660, 0o622, 0o666)) if chance.departs(0.25) else 0o600
    return File(
        text,
        owner="another" if chance.departs(0.06) else "the user",
        group="another" if chance.departs(0.15) else "the user's",
        mode=mode | execute,
    )


def _record(chance: Chance, here: str, elsewhere: str) -> str | None:
    """Draw the text of a record, whole or damaged, or none."""
    kinds = {"agreed": 8, "none": 5, "new": 2, "elsewhere": 3, "refused": 1, "disabled": 1}
    kind = chance.of(kinds)
    if kind == "none":
        return None
    answers = {
        "agreed": {here: True},
        "elsewhere": {elsewhere: True} if elsewhere != here else {},
        "refused": {elsewhere: True, here: False},
    }
    first = chance.random.choice("0000123f")
    parts = {
        "uuid": f'"{first}7c1d2aa-5d0b-4c1f-9e55-0242ac130003"' if kind != "disabled" else "null",
        "asked_opt_in": "false" if kind == "new" else "true",
        "permanently_disable": "true" if kind == "disabled" else "false",
        "destinations": json.dumps(answers.get(kind, {})),
    }
    pairs = list(parts.items())
    if chance.departs(0.2):
        pairs = [*_damaged(chance, parts, here)]
    text = "{" + ", ".join(f'"{key}": {value}' for key, value in pairs) + "}"
    if chance.departs(0.05):
        damage = (text[:-1], text + "}", f"[{text}]", "", "\ufeff" + text, "null", "{}", "\x00")
        text = chance.random.choice(damage)
    return text


def _damaged(chance: Chance, parts: dict[str, str], here: str) -> Iterator[tuple[str, str]]:
    """Yield a record's keys with one that is missing, odd, or there twice."""
    key = chance.random.choice(list(parts))
    odd = {
        "uuid": ("null", '"x"', "7", '"77c1d2aa-5d0b-1c1f-9e55-0242ac130003"'),
        "asked_opt_in": ("false", "1", '"true"', "null"),
        "permanently_disable": ("true", "0", '"false"', "null"),
        "destinations": ("[]", "null", json.dumps({here: 1}), json.dumps({here: "true"})),
    }[key]
    how = chance.of({"missing": 1, "odd": 2, "before": 2, "after": 1, "inside": 1, "more": 1})
    if how == "inside":
        parts["destinations"] = f'{{"{here}": false, "{here}": true}}'
    elif how == "more":
        yield "permanently_disabled", "true"
    elif how == "before":
        yield key, chance.random.choice((*odd, parts[key]))
    for name, value in parts.items():
        if name != key or how != "missing":
            yield name, chance.random.choice(odd) if name == key and how == "odd" else value
    if how == "after":
        yield key, chance.random.choice((*odd, parts[key]))


def _typed(chance: Chance) -> tuple[str, ...]:
    draw = chance.random
    lines = draw.choices(("maybe", "ja", "yesno", "1"), k=2) if chance.departs(0.15) else []
    answers = ["y", "yes", "Y", " YES ", ""]
    if chance.departs(0.4):
        answers = ["n", "no", "N", "", " "]
    return (*lines, *([] if chance.departs(0.1) else [draw.choice(answers)]))


def as_possible(session: Session) -> Session:
    """Leave out what only root can make: files and homes of others, and the machine's file."""
    if os.geteuid() == 0:
        return session

    def mine(file: File | None) -> File | None:
        return file and file._replace(owner="the user", group="the user's")

    files = {
        source: mine(file) or file for source, file in session.files.items() if source != "machine"
    }
    home = "the user's" if session.home == "another's" else session.home
    return session._replace(
        files=files,
        home=home,
        record=mine(session.record),
        record_folder=mine(session.record_folder),
    )
