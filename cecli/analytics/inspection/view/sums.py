"""What is summed up for a model, a day and a session."""

from __future__ import annotations

from typing import Any

from cecli.analytics.inspection.view.reading import Properties
from cecli.analytics.inspection.view.tally import Tally

MOST_MODELS = 200
OTHER_MODELS = "(others)"
"""Stands for the models for which there is no place."""
_HIGHEST = 1e15
"""A number above is no number of tokens, and no price: it isn't added up."""


class Usage:
    """What messages to a model have used."""

    __slots__ = ("completion_tokens", "cost", "messages", "prompt_tokens")

    def __init__(self) -> None:
        self.messages = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.cost = 0.0
        """In US dollars."""

    def add(self, properties: Properties) -> None:
        """Add one message; what is no sound number counts as 0."""
        self.messages += 1
        self.prompt_tokens += int(amount(properties.get("prompt_tokens")))
        self.completion_tokens += int(amount(properties.get("completion_tokens")))
        self.cost += amount(properties.get("cost"))

    @property
    def tokens(self) -> int:
        """Those of both ways."""
        return self.prompt_tokens + self.completion_tokens


class Usages(dict[str, Usage]):
    """Usages by the names of models; those for which there is no place have one together."""

    def of(self, model: str) -> Usage:
        """Return a model's usage, to be added to."""
        if model not in self:
            if len(self) >= MOST_MODELS:
                model = OTHER_MODELS
            self.setdefault(model, Usage())
        return self[model]

    def ranked(self) -> list[tuple[str, Usage]]:
        """Return names and usages, the most messages first."""
        return sorted(self.items(), key=lambda item: (-item[1].messages, item[0]))

    @property
    def total(self) -> Usage:
        """That of all models together."""
        found = Usage()
        for each in self.values():
            found.messages += each.messages
            found.prompt_tokens += each.prompt_tokens
            found.completion_tokens += each.completion_tokens
            found.cost += each.cost
        return found


class Day:
    """What happened on one day."""

    __slots__ = ("events", "models")

    def __init__(self) -> None:
        self.events = Tally()
        self.models = Usages()


class Session:
    """One run of a program."""

    __slots__ = ("cost", "crashed", "events", "first", "last", "messages", "reason")

    def __init__(self, moment: float) -> None:
        self.first, self.last = moment, 0.0
        self.events = self.messages = 0
        self.cost = 0.0
        self.reason = ""
        """How it ended; empty if the log doesn't say."""
        self.crashed = False


def amount(value: Any) -> float:
    """Return a value as a number to be added up: 0 for one that can't be."""
    return value if type(value) in (int, float) and 0 <= value <= _HIGHEST else 0
