"""Secrets of every shape in every place that a caller can put a value: none of them leaves.

A case is one canary in one place. What may stand in its stead is looked up in a table of this
file, so that the suite doesn't believe the code that it tests.
"""

from __future__ import annotations

import builtins
import decimal
import getpass
import json
import random
import re
import socket
import sys
import tempfile
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import configargparse
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cecli.analytics import ids
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.event import Event, Property
from cecli.analytics.catalogue.property_types import SESSION_ID, TYPES
from cecli.analytics.catalogue.sanitiser import LONGEST_LINE, Sanitiser
from cecli.analytics.client import Analytics
from cecli.analytics.consent.decision import Status
from cecli.analytics.facts import model_names
from cecli.analytics.facts.options_used import OptionUse, option_names, option_uses
from cecli.analytics.log import Log
from cecli.analytics.settings import command_line
from cecli.sessions import aider_events
from tests.analytics.samples import FACTS, SHARED

quick = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)


def catalogue_of_all_types() -> Catalogue:
    """Return all that a session can record, and an event with a property of each type."""
    catalogue = aider_events.catalogue()
    catalogue.declare_options("model", "analytics")
    every = tuple(
        Property(
            f"p_{kind.replace(' ', '_')}", kind, "To know.", ("a",) if kind == "choice" else ()
        )
        for kind in TYPES
        if kind != SESSION_ID
    )
    catalogue.declare(Event("everything", "It happened.", "To know.", every))
    return catalogue


CATALOGUE = catalogue_of_all_types()
MODEL_NAMES = set(Path(model_names._DATA).read_text(encoding="utf-8").split())
SANITISER = Sanitiser(CATALOGUE, ids.new(), FACTS)
PLACES = [(event.name, each.name, each.type) for event in CATALOGUE for each in event.properties]


class Recorder:
    """An Analytics that logs to a real file, and what it has just logged."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name, "log.jsonl")
        self.analytics = Analytics(
            Status("log only", "a test", "nowhere", str(path), None),
            sanitiser=SANITISER,
            log=Log(str(path)),
        )
        self._log = path.open("r+b")

    def record(self, name: Any, properties: dict[str, Any]) -> bytes:
        self.analytics.event(name, **properties)
        self._log.seek(0)
        line = self._log.read()
        self._log.truncate(0)
        return line


RECORDER = Recorder()


def record(name: Any, properties: Any) -> bytes:
    """Record an event and return the line that it leaves in the log, or nothing."""
    made = SANITISER.sanitise(name, properties, time=1.5, uuid=ids.new())
    line = made.line or b""
    if type(properties) is dict and all(type(key) is str for key in properties):
        logged = RECORDER.record(name, properties)  # what Python lets through ** at all
        assert bool(logged) == bool(line)
        return logged
    return line


ABSENT = object()
STAND_INS: dict[str, Callable[[Any], object]] = {
    "amount": lambda left: left is ABSENT,
    "choice": lambda left: left == "other",
    "count": lambda left: left is ABSENT,
    "exception": lambda left: left is ABSENT or is_public(left),
    "exception type": lambda left: left in ("other", "ValueError", "OSError", "RuntimeError"),
    "flag": lambda left: left is ABSENT,
    "model name": lambda left: re.fullmatch(r"([a-z0-9_-]+/)?REDACTED", str(left)),
    "option names": lambda left: left in (ABSENT, ["other"]),
    "version": lambda left: left == "other",
}
PUBLIC_NAMES = {
    *("BaseException", "Exception", "ExceptionGroup", "FileNotFoundError", "JSONDecodeError"),
    *(
        "KeyError",
        "OSError",
        "RuntimeError",
        "UnicodeEncodeError",
        "ValueError",
        "ZeroDivisionError",
    ),
    *("<module>", "loads", "decode", "raw_decode", "builtins", "json", "json.decoder"),
    *("json.py", "json/decoder.py", "(not collected)", "python", "raw"),
    *("generic", "chained", "cause", "context", "member"),
}


def is_public(value: object) -> bool:
    """Tell whether all text in *value* is on this file's list, and all numbers are small."""
    if isinstance(value, dict):
        return all(is_public(inner) for inner in value.values())
    if isinstance(value, list):
        return all(is_public(inner) for inner in value)
    if isinstance(value, str):
        return value in PUBLIC_NAMES
    return isinstance(value, int) and value < 500


def own_properties(line: bytes) -> dict[str, Any]:
    """Return what a line holds beside the facts that are on every one."""
    properties: dict[str, Any] = json.loads(line)["properties"]
    assert FACTS.items() <= properties.items()
    return {name: value for name, value in properties.items() if name not in SHARED}


class Canary(NamedTuple):
    """A secret, and the text by which it is known if it gets out."""

    value: Any
    text: str


class Hostile:
    """Raises whatever it is asked."""

    def _raise(self, *_: object) -> Any:
        raise RuntimeError("asked")

    __str__ = __repr__ = __hash__ = __eq__ = __len__ = __bool__ = _raise
    __iter__ = __index__ = __float__ = __getattr__ = __format__ = _raise


class LyingText(str):
    """Says that it is something harmless, and shows itself as something else."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("a")

    def __str__(self) -> str:
        return "a"

    __repr__ = __str__

    __class__ = int  # type: ignore[assignment]


class LyingNumber(int):
    def __le__(self, other: object) -> bool:
        return True

    def __repr__(self) -> str:
        return "sk-number"

    __ge__ = __lt__ = __gt__ = __le__
    __str__ = __repr__


class LyingDict(dict[Any, Any]):
    def __iter__(self) -> Iterator[str]:
        return iter(["reason"])

    def items(self) -> Any:
        raise RuntimeError("asked")


class Model:
    """A program's model object with secrets, or with attributes that raise."""

    def __init__(self, name: object, weak: object = None, editor: object = None) -> None:
        self.name, self.weak_model, self.editor_model = name, weak, editor


class RaisingModel:
    @property
    def name(self) -> str:
        raise ValueError("asked")

    weak_model = editor_model = name


def texts(token: str) -> list[str]:
    """Return secrets of all shapes that hold *token*, and names of this machine."""
    return [
        f"sk-proj-{token}",
        f"sk-ant-api03-{token}-AA",
        f"ghp_{token}",
        f"AKIA{token.upper()}",
        f"xoxb-1-{token}",
        f"AIza{token}",
        f"eyJhbGciOiJIUzI1NiJ9.{token}.x",
        f"-----BEGIN PRIVATE KEY-----\n{token}\n",
        f"{token}@example.com",
        f"/home/{token}/projects/app.py",
        f"~/{token}",
        f"../{token}.py",
        f"C:\\Users\\{token}\\app.py",
        f"\\\\{token}\\share",
        f"https://{token}:pw@example.com/x?k={token}",
        f"openai/{token}",
        f"ft:gpt-4o:{token}::1",
        f"gpt-4o-{token}",
        f"def {token}():\n    return 1\n",
        f"Please rename {token} to x",
        f"diff {token}",
        f"1.2.3+{token}",
        f"{token[:8]}-{token[8:12]}-4{token[:3]}-8{token[:3]}-{token}",
        f"\x00{token}",
        f"\ud800{token}\udfff",
        f"{token}\u202e\u0130",
        f'"}},"{token}":"',
        token * 5000,
        f"KeyError: {token}",
        f"command_{token}",
        "10.11.12.13",
        "fe80::1",
        socket.gethostname(),
        getpass.getuser(),
        sys.executable,
    ]


def objects(token: str) -> list[Any]:
    """Return secrets that are no text, and objects that lie or raise."""
    number = int(token, 36)
    looped: list[Any] = [token]
    looped.append(looped)
    around: dict[str, Any] = {token: token}
    around["self"] = around
    return [
        token.encode(),
        bytearray(token.encode()),
        memoryview(token.encode()),
        float("nan"),
        float("inf"),
        float("-inf"),
        -1.5,
        number**3,
        -number,
        10**5000 + number,
        complex(number, 1),
        decimal.Decimal(number),
        looped,
        around,
        {token},
        (token, [token]),
        (value for value in token),
        lambda: token,
        type(token, (), {}),
        Hostile(),
        Hostile,
        LyingText(token),
        LyingNumber(number),
        LyingDict({token: token}),
        Model(token, Model(token), LyingText(token)),
        Model(Hostile(), Hostile(), 7),
        RaisingModel(),
        types.ModuleType(token),
        OptionUse(token, "flag"),
        [OptionUse(token, "flag")],
        (OptionUse("model", token), OptionUse(LyingText("model"), LyingText(token))),
        (OptionUse(Hostile(), Hostile()), Hostile()),  # type: ignore[arg-type]
        sys.stdin,
        ...,
    ]


def canaries(seed: int) -> list[Canary]:
    """Return canaries that hold a text which stands nowhere else."""
    letters = random.Random(seed)
    token = "qz" + "".join(letters.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=14))
    values = texts(token) + objects(token)
    return [Canary(value, token) for value in values]


def has_token(line: bytes, token: str) -> bool:
    text = line.decode().lower()
    return token in text or str(int(token, 36)) in text


@pytest.mark.parametrize("what", ["a value", "a name"])
def test_at_least_100_000_canaries_stay_at_home(what: str) -> None:
    cases = 0

    @settings(quick, max_examples=60 if what == "a value" else 300)
    @given(st.integers(0, 2**63))
    def run(seed: int) -> None:
        nonlocal cases
        for canary in canaries(seed):
            cases += as_value(canary) if what == "a value" else as_name(canary)

    run()
    assert cases >= (100_000 if what == "a value" else 50_000)


def as_value(canary: Canary) -> int:
    """Put a canary into each property of each event; return how many that were."""
    for event, name, kind in PLACES:
        line = record(event, {name: canary.value})
        assert not has_token(line, canary.text), (event, name)
        assert len(line) <= LONGEST_LINE
        properties = own_properties(line)
        left = properties.pop(name, ABSENT)
        assert STAND_INS[kind](left), (event, name, left)
        # Of a model object, the companions too.
        assert set(properties.values()) <= {"REDACTED"}, (event, name, properties)
    return len(PLACES)


def as_name(canary: Canary) -> int:
    """Use a canary as an event, as a property's name, as a user's fact and as the properties."""
    try:
        named: dict[Any, Any] = {canary.value: canary.value}
    except (TypeError, RuntimeError):  # has no hash
        named = {"unknown": canary.value}
    assert record(canary.value, {"reason": "crash"}) == b""
    for event in ("exit", "message_send"):
        assert own_properties(record(event, named)) == {}
        assert own_properties(record(event, canary.value)) == {}
    return 5


@settings(quick, max_examples=1000)
@given(
    st.one_of(
        st.text(),
        st.binary(),
        st.integers(min_value=10**12 + 1),
        st.floats(max_value=-1e-9),
        st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.tuples(inner)),
    )
)
def test_no_value_that_hypothesis_thinks_of_leaves(value: object) -> None:
    if value is None or value == () or (isinstance(value, str) and is_word(value)):
        return
    for event, name, kind in PLACES:
        left = own_properties(record(event, {name: value})).get(name, ABSENT)
        if not (value == [] and kind == "option names"):
            assert STAND_INS[kind](left), (event, name, left)


def is_word(text: str) -> bool:
    """Tell whether *text* is no secret: hypothesis also tries the words of the sources."""
    choices = {
        choice for event in CATALOGUE for each in event.properties for choice in each.choices
    }
    is_version = re.fullmatch(r"[0-9][0-9a-z.]*", text) is not None
    return is_version or text in choices or text in MODEL_NAMES or text == "other"


def run_source(source: str, filename: str, namespace: dict[str, Any]) -> BaseException:
    try:
        exec(compile(source, filename, "exec"), namespace)
    except Exception as error:  # noqa: BLE001
        return error
    raise AssertionError(source)


class HostileError(ValueError):
    def _raise(self, *_: object) -> Any:
        raise RuntimeError("asked")

    __str__ = __repr__ = __hash__ = __eq__ = __reduce__ = _raise
    args = __cause__ = __context__ = __traceback__ = property(_raise)
    __dict__ = __class__ = property(_raise)


def errors(token: str) -> list[BaseException]:
    """Return exceptions that hold *token* in each place that an exception has."""
    code = f"def {token}():\n    {token} = 1 / 0\n{token}()\n"
    json_file = str(json.__file__)
    found: list[BaseException] = [
        ValueError(token),
        OSError(2, token, token),
        KeyError(token),
        UnicodeEncodeError("ascii", token, 0, 1, token),
        HostileError(token),
        *(run_source(code, name, {"__name__": token}) for name in (token, f"/{token}/a.py")),
        *(run_source(code, name, {"__name__": "json"}) for name in (json_file, "<string>")),
        run_source(f"import json\njson.loads('[{token}')", token, {}),
        run_source(f"class {token}(OSError): pass\nraise {token}()", json_file, {}),
        run_source(
            f"class {token}(OSError): __module__ = 'json.decoder'\nraise {token}", "x.py", {}
        ),
        run_source(f"raise type('{token}', (KeyError,), {{'__module__': 'builtins'}})", "x", {}),
        run_source(
            f"try: 1/0\nexcept Exception as e: raise ValueError('{token}') from e", token, {}
        ),
        run_source(f"try: 1/0\nexcept Exception: raise ValueError('{token}')", token, {}),
    ]
    noted = ValueError("x")
    noted.__dict__["__notes__"] = [token]
    looped = ValueError(token)
    looped.__context__ = looped.__cause__ = KeyError(token)
    looped.__cause__.__context__ = looped
    found += [noted, looped]
    if sys.version_info >= (3, 11):
        group: Any = vars(builtins)["ExceptionGroup"]
        found.append(group(token, [ValueError(token), *found[5:9]]))
    return found


def test_no_canary_in_an_exception_leaves() -> None:
    cases = 0

    @quick
    @given(st.integers(0, 2**63))
    def run(seed: int) -> None:
        nonlocal cases
        token = canaries(seed)[0].text
        for error in errors(token):
            for event, name in (
                ("$exception", "$exception_list"),
                ("message_send_exception", "exception"),
                ("message_send", "main_model"),
                ("exit", "reason"),
            ):
                cases += 1
                line = record(event, {name: error})
                assert not has_token(line, token)
                properties = own_properties(line)
                if name == "$exception_list":
                    assert is_public(properties.pop(name))
                assert set(properties.values()) <= PUBLIC_NAMES | {
                    "other",
                    "REDACTED",
                    "json.JSONDecodeError",
                }

    run()
    assert cases >= 6000


def test_no_canary_on_the_command_line_or_in_the_environment_leaves() -> None:
    cases = 0
    parser: Any = configargparse.ArgumentParser(auto_env_var_prefix="PROGRAM_", allow_abbrev=False)
    parser.add_argument("files", nargs="*")
    parser.add_argument("-m", "--model")
    parser.add_argument("--analytics", action="store_true")
    names = {f"{source}:{name}" for name in option_names(parser) for source in ("flag", "variable")}
    here = Catalogue()
    here.declare_options(*option_names(parser))
    sanitiser = Sanitiser(here, ids.new(), FACTS)

    @quick
    @given(st.integers(0, 2**63))
    def run(seed: int) -> None:
        nonlocal cases
        for canary in canaries(seed):
            if type(canary.value) is not str:
                continue
            for argv in (
                ["--model=" + canary.value],
                ["-m" + canary.value],
                ["--", canary.value],
                ["--" + canary.value.replace("=", "")],
                ["-" + canary.value],
                ["--analytics", "file", canary.value],
            ):
                cases += 1
                env = {"PROGRAM_MODEL": canary.value, canary.value: canary.value}
                try:
                    parser.parse_known_args(argv, env_vars=env)
                except SystemExit:
                    continue
                properties = {
                    "options": option_uses(
                        parser, [each.action for each in command_line.read(parser, argv)]
                    )
                }
                made = sanitiser.sanitise("launched", properties, time=1.5, uuid=ids.new())
                assert made.line is not None
                assert made.changed == ()
                assert set(own_properties(made.line)["options"]) <= names

    run()
    assert cases >= 10_000
