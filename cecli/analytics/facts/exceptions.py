"""What of an exception may leave: the public names of its type and of its frames.

Nothing is scrubbed; it is built up from what :mod:`~cecli.analytics.facts.public_code` knows. No
message, path, source line or variable is looked at.
Hooks are :mod:`~cecli.analytics.running.crash`'s.
"""

from __future__ import annotations

import builtins
import sys
from collections import deque
from collections.abc import Set
from types import CodeType, TracebackType

from cecli import TYPE_CHECKING
from cecli.analytics.facts import public_code

if TYPE_CHECKING:
    from typing import Any

MESSAGE = "(not collected)"
"""What stands where Error tracking requires a message."""

_MOST_EXCEPTIONS = 8
_MOST_FRAMES = 24
_MOST_STEPS = 5_000

# Read through the base types' own descriptors, for a subclass or metaclass may override them.
_module_name = type.__dict__["__module__"].__get__
_qualname = type.__dict__["__qualname__"].__get__
_bases = type.__dict__["__mro__"].__get__
_flags = type.__dict__["__flags__"].__get__
_traceback = BaseException.__dict__["__traceback__"].__get__
_cause = BaseException.__dict__["__cause__"].__get__
_context = BaseException.__dict__["__context__"].__get__
_suppressed = BaseException.__dict__["__suppress_context__"].__get__
_Group: Any = vars(builtins).get("BaseExceptionGroup", ())  # since Python 3.11
_HEAP_TYPE = 1 << 9
"""Py_TPFLAGS_HEAPTYPE: set on every type that Python code can make."""


def public_type(kind: type, own: Set[str] = frozenset()) -> tuple[str, str]:
    """Return the module and name of *kind*, or of its nearest base whose name is public.

    >>> public_type(type("Ada's error", (KeyError,), {}))
    ('builtins', 'KeyError')
    """
    for base in _bases(kind):
        name = _builtin(base) or _from_known_package(base, own)
        if name is not None:
            return name
    return "builtins", "BaseException"


def describe(error: BaseException, own: Set[str] = frozenset()) -> list[dict[str, object]]:
    """Return PostHog's ``$exception_list`` for *error*, its causes and its group's members.

    The caught exception stands first, each cause after what it caused; at most eight of them.
    Frames of the packages in *own* are ``in_app``: by these Error tracking groups crashes.
    """
    waiting = [(error, {"type": "generic", "handled": False})]
    seen: set[int] = set()
    described: list[dict[str, object]] = []
    while waiting and len(described) < _MOST_EXCEPTIONS:
        error, mechanism = waiting.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        number = len(described)
        module, name = public_type(type(error), own)
        described.append(
            {
                "type": name,
                "module": module,
                "value": MESSAGE,
                "mechanism": {**mechanism, "exception_id": number},
                "stacktrace": {"type": "raw", "frames": _frames(_traceback(error), own)},
            }
        )
        for source, linked in reversed(_linked(error)):
            waiting.append((linked, {"type": "chained", "source": source, "parent_id": number}))
    return described


def _linked(error: BaseException) -> list[tuple[str, BaseException]]:
    links = []
    if _cause(error) is not None:
        links.append(("cause", _cause(error)))
    elif _context(error) is not None and not _suppressed(error):
        links.append(("context", _context(error)))
    if issubclass(type(error), _Group):
        members = vars(_Group)["exceptions"].__get__(error)
        if type(members) is tuple:
            links += [("member", member) for member in members[:_MOST_EXCEPTIONS]]
    return links


def _frames(traceback: TracebackType | None, own: Set[str]) -> list[dict[str, object]]:
    """Return the innermost public frames, the outermost of them first."""
    frames: deque[dict[str, object]] = deque(maxlen=_MOST_FRAMES)
    for _ in range(_MOST_STEPS):
        if traceback is None:
            break
        frame = _frame(traceback.tb_frame.f_code, traceback.tb_lineno, own)
        if frame is not None:
            frames.append(frame)
        traceback = traceback.tb_next
    return list(frames)


def _frame(code: CodeType, line: int | None, own: Set[str]) -> dict[str, object] | None:
    filename, function = code.co_filename, code.co_name
    if type(filename) is not str or type(function) is not str:
        return None
    module = public_code.module_of(filename, own)
    if module is None:
        return None
    original = public_code.code_of(module).get((function, code.co_firstlineno))
    if original is None:
        return None
    frame: dict[str, object] = {
        "platform": "python",
        "filename": module.replace(".", "/") + ".py",
        "module": module,
        "function": original.co_name,
        "in_app": module.partition(".")[0] in own,
    }
    if any(line == known for _, _, known in original.co_lines()):
        frame["lineno"] = line - original.co_firstlineno + 1  # type: ignore[operator]
    return frame


def _builtin(kind: type) -> tuple[str, str] | None:
    module, name = _module_name(kind), _qualname(kind)
    if type(module) is not str or type(name) is not str or module != "builtins":
        return None
    # A type that Python code made and put among the builtins is none of them.
    made = _flags(kind) & _HEAP_TYPE and name != "ExceptionGroup"
    if made or vars(builtins).get(name) is not kind:
        return None
    return module, name


def _from_known_package(kind: type, own: Set[str]) -> tuple[str, str] | None:
    name, qualified = _module_name(kind), _qualname(kind)
    if type(name) is not str or type(qualified) is not str:
        return None
    module = sys.modules.get(name)
    origin = public_code.origin_of(module)
    if origin is None or public_code.module_of(origin, own) != name:
        return None
    names = {known for known, _ in public_code.code_of(name)}
    parts = qualified.split(".")
    return (name, parts[-1]) if all(part in names for part in parts) else None
