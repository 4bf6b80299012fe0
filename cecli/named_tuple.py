"""typing's ``NamedTuple``, without what it takes to load typing: 2 ms of every session.

``python -X importtime -c "import re, typing"`` shows how many on your machine. To a type checker
this is typing's own, and what that forbids only the checker forbids here. A module that has such
classes begins with ``from __future__ import annotations``, so that no annotation is evaluated.
"""

from __future__ import annotations

from collections import namedtuple

from cecli import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - it is handed on
else:

    class _Making(type):
        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.get("__annotations__", {})
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            for key, value in body.items():
                setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Making):
        """The base of a class whose annotated fields, in order, are those of a tuple."""
