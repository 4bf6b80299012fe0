"""Whether a value fits the type of its property, and what stands in for one that doesn't.

A check hands back a value that was made here or compared with a closed set, never the caller's
object. It calls nothing of a foreign object, no ``str``, ``==``, ``hash`` or ``len``, with one
exception: it reads the names that a program's model object carries. Which property has which type
is the catalogue's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from functools import partial

from cecli import TYPE_CHECKING
from cecli.analytics.facts import exceptions, model_names
from cecli.analytics.facts.options_used import OptionUse

if TYPE_CHECKING:
    from typing import Literal

    PropertyType = Literal[
        "amount",
        "choice",
        "count",
        "exception",
        "exception type",
        "flag",
        "model name",
        "option names",
        "session id",
        "version",
    ]

TYPES: dict[PropertyType, str] = {
    "amount": "A number from 0 to a billion. Anything else is dropped.",
    "choice": "One word of a list that is written down here. Anything else becomes `other`.",
    "count": "A whole number from 0 to a trillion. Anything else is dropped.",
    "exception": "An exception's type, and of its stack the modules, functions and lines within "
    "a function that belong to Python, the program or a known package; the same of its causes. No "
    "message, path, source line or variable.",
    "exception type": "The name of an exception type of Python, the program or a known package; "
    "for any other, the nearest such type that it derives from.",
    "flag": "True or false. Anything else is dropped.",
    "model name": "The name of a model if it is on the list of public names; otherwise "
    "`provider/REDACTED` for a known provider, else `REDACTED`.",
    "option names": "Names of the program's own options and where each was set (`flag:`, "
    "`variable:` or `file:`); never what to. Other names become `other`.",
    "session id": "A random id that is made anew for each session; it holds the time of the "
    "session's first event, and after each full day a day more. The recorder alone sets it.",
    "version": "Up to three numbers with dots, as in `3.12.1`, and a pre-release mark. Anything "
    "else becomes `other`.",
}

SESSION_ID: PropertyType = "session id"
"""The one type that no program can declare: with an id of its own it could tell people apart."""

MOST_OPTIONS = 128

EXPECTED: dict[PropertyType, str] = {
    "session id": "nothing, for the recorder sets it",
    "amount": "a number from 0 to a billion",
    "choice": "one word of its list",
    "count": "a whole number from 0 to a trillion",
    "exception": "an exception",
    "exception type": "an exception or its type",
    "flag": "True or False",
    "model name": "a model's name, or an object that carries one",
    "option names": f"a list of uses of the program's own options, at most {MOST_OPTIONS}",
    "version": "up to three numbers with dots, as in '3.12.1'",
}
"""What fits each type, for a program's author."""

_LARGEST_COUNT = 10**12
_LARGEST_AMOUNT = 10**9
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,2}(?:(?:a|b|rc|\.dev|\.post)\d{1,3})?", re.ASCII)
_SOURCES = frozenset({"flag", "variable", "file"})


class Misfit:
    """That a value doesn't fit."""

    __slots__ = ("stand_in",)

    def __init__(self, stand_in: object) -> None:
        self.stand_in = stand_in
        """What leaves in its place; None if nothing does."""


Check = Callable[[object], object]
"""Returns the value that may leave, or a :class:`Misfit`."""

_DROPPED = Misfit(None)
_OTHER = Misfit("other")
_REDACTED = Misfit(model_names.REDACTED)


def check(kind: PropertyType, closed_set: Set[str]) -> Check:
    """Return the check for a property type.

    Args:
        kind: the type.
        closed_set: the choices, the option names, or for exceptions the program's own packages;
            the other types need none.
    """
    if kind in _CHECKS_OF_SETS:
        return partial(_CHECKS_OF_SETS[kind], closed_set)
    return _CHECKS[kind]


def _amount(value: object) -> object:
    if type(value) is float or type(value) is int:
        return value if 0 <= value <= _LARGEST_AMOUNT else _DROPPED
    return _DROPPED


def _count(value: object) -> object:
    return value if type(value) is int and 0 <= value <= _LARGEST_COUNT else _DROPPED


def _flag(value: object) -> object:
    return value if value is True or value is False else _DROPPED


def _choice(choices: Set[str], value: object) -> object:
    if type(value) is not str:
        if not issubclass(type(value), str):
            return _OTHER
        value = str.__str__(value)  # a StrEnum's plain text
    return value if value in choices else _OTHER


def _version(value: object) -> object:
    return value if type(value) is str and _VERSION.fullmatch(value) else _OTHER


def model_name(value: object) -> object:
    """Check a ``model name``."""
    if type(value) is str:
        return model_names.public(value)
    return model_names.of(value) or _REDACTED


def _exception_type(packages: Set[str], value: object) -> object:
    kind = value if issubclass(type(value), type) else type(value)
    if not issubclass(kind, BaseException):  # type: ignore[arg-type]
        return _OTHER
    module, name = exceptions.public_type(kind, packages)  # type: ignore[arg-type]
    return name if module == "builtins" else f"{module.partition('.')[0]}.{name}"


def _exception(packages: Set[str], value: object) -> object:
    if not issubclass(type(value), BaseException):
        return _DROPPED
    return exceptions.describe(value, packages)  # type: ignore[arg-type]


def _option_names(names: Set[str], value: object) -> object:
    if type(value) is not tuple and type(value) is not list:
        return _DROPPED
    found, misfit = set(), False
    for use in tuple(value):
        if type(use) is OptionUse:
            option, source = tuple.__iter__(use)
            if type(option) is type(source) is str and option in names and source in _SOURCES:
                found.add(f"{source}:{option}")
                continue
        misfit = True
    fitted = sorted(found)[:MOST_OPTIONS] + ["other"] * misfit
    return Misfit(fitted) if misfit or len(found) > MOST_OPTIONS else fitted


def _session_id(value: object) -> object:
    return _DROPPED  # the sanitiser alone sets it


_CHECKS: dict[PropertyType, Check] = {
    "amount": _amount,
    "count": _count,
    "flag": _flag,
    "model name": model_name,
    SESSION_ID: _session_id,
    "version": _version,
}

_CHECKS_OF_SETS: dict[PropertyType, Callable[[Set[str], object], object]] = {
    "choice": _choice,
    "exception": _exception,
    "exception type": _exception_type,
    "option names": _option_names,
}
