"""What one server refuses in one delivery: which events of it are at fault, and which must wait.

A server that refuses a batch may mean one event of it, or it may take nothing at all, as a gateway
that answers 400 to everybody. So an event is at fault, and set aside, only if the server has taken
another one in the same delivery. Before anything is halved, one that it takes is looked for among
events from all over the queue, others in each delivery, so that no event hides the others for good.
If none is found everything waits, as after any other failure.

What the server has taken is never sent again. An event that it has refused alone isn't posted
again, either, with one exception: if it took no other after that, the refusal says nothing of the
event, which waits. It is posted once more, to be judged, in a delivery in which the server has
taken others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest
from random import Random

from cecli.analytics.delivery.part import Part, Parts
from cecli.analytics.delivery.sender import LeaveAlone, Sender
from cecli.analytics.delivery.state import State
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.segment import Envelope

MOST_REFUSED_IN_A_ROW = 20
"""Requests that a server may refuse one after the other before others are tried; the most that one
gets in a delivery which takes nothing. A server that takes some may refuse one more for each event
that it has refused alone in earlier deliveries: it is ever clearer that those are at fault."""
_REFUSES_ALL = "refuses every single event"


class Refusals:
    """Remembers what one server has refused, and judges it."""

    def __init__(self, parts: Parts, sender: Sender, state: State, *, chance: Random) -> None:
        """Prepare; *chance* chooses the events that are tried alone."""
        self.taken = False
        """Whether the server has taken anything in this delivery."""
        self._parts, self._sender, self._state, self._chance = parts, sender, state, chance
        self._earlier = frozenset(state.refused.get(sender.id, ()))
        """The uuids of events that were refused alone in earlier deliveries, and wait."""
        self._alone: set[str] = set()
        """The uuids of those that were refused alone in this one."""
        self._sure: set[str] = set()
        """The uuids of those after which the server has taken others."""
        self._in_a_row = 0

    def send(self, events: list[Envelope]) -> bool:
        """Tell whether the server takes events, by one request if that isn't known already.

        Raises:
            LeaveAlone: they must wait.
            Stop: nothing may be sent any more.
        """
        if not events:
            return True
        first = events[0].uuid
        in_vain = len(events) == 1 and first in self._earlier and not self.taken
        if in_vain or any(event.uuid in self._alone for event in events):
            return False
        if self._sender.send(events):
            self._in_a_row, self.taken = 0, True
            self._sure |= self._alone
            return True
        self._in_a_row += 1
        if len(events) == 1:
            self._alone.add(first)
            self._remember()
        return False

    def find_taken(self, names: list[SegmentName], mine: Part | None = None) -> None:
        """Send single events of several segments until the server takes one.

        Args:
            names: the segments.
            mine: the one of them that is claimed already.

        Raises:
            LeaveAlone: it takes none.
        """
        most = MOST_REFUSED_IN_A_ROW + (self._in_a_row if self.taken else 0)
        for name, event in self._sample(names, mine):
            if self._in_a_row >= most:
                break
            if name is None:
                if mine and self.send([event]):
                    self._parts.arrived(mine, [event])
                    return
                continue
            with self._parts.claimed([name]) as found:
                for part in found:
                    if event.uuid in part.left and self.send([event]):
                        self._parts.arrived(part, [event])
                        return
        self._sender.leave_alone(_REFUSES_ALL)

    def _sample(
        self, names: list[SegmentName], mine: Part | None
    ) -> Iterator[tuple[SegmentName | None, Envelope]]:
        """Yield events by chance, one of each segment before a second one of any.

        Half of the segments are chosen by their size and half regardless of it: neither a few long
        sessions nor many short ones hide the others.
        """
        sizes = [self._parts.size(name) + 1 for name in names]
        evenly = self._chance.sample(names, min(len(names), MOST_REFUSED_IN_A_ROW))
        by_size = self._chance.choices(names, sizes, k=len(evenly))
        chosen = dict.fromkeys(chain.from_iterable(zip(evenly, by_size, strict=True)))
        rows = [self._untried(None, mine)] if mine else []
        for name in chosen:
            with self._parts.claimed([name]) as found:
                rows += [self._untried(name, part) for part in found]
        yield from (each for row in zip_longest(*rows) for each in row if each)

    def _untried(
        self, name: SegmentName | None, part: Part
    ) -> list[tuple[SegmentName | None, Envelope]]:
        refused = self._earlier | self._alone
        events = [event for event in part.events if event.uuid not in refused]
        return [(name, event) for event in self._chance.sample(events, len(events))]

    def look_into(self, names: list[SegmentName]) -> None:
        """Settle segments that were refused alone by a server that takes others.

        Raises:
            LeaveAlone: the rest must wait.
            Stop: nothing may be sent any more.
        """
        for name in names:
            with self._parts.claimed([name]) as found:
                for part in found:
                    try:
                        self._judge(part, names)
                    except LeaveAlone:
                        # Sure are also those that were refused twice, now beside others.
                        self._set_aside(part, self._sure | self._earlier & self._alone)
                        raise
        self._earlier, self._alone = frozenset(), set()
        self._remember()

    def _judge(self, part: Part, names: list[SegmentName]) -> None:
        """Find out by halves which events of a segment are at fault, which was refused whole."""
        groups = _halves(part.events)
        while groups:
            group = [event for event in groups.pop() if event.uuid in part.left]
            if self._in_a_row >= MOST_REFUSED_IN_A_ROW + len(self._earlier):
                self.find_taken(names, part)
                group = [event for event in group if event.uuid in part.left]
            if not group:
                continue
            if self.send(group):
                self._parts.arrived(part, group)
            else:
                groups += _halves(group)
        self._set_aside(part, list(part.left))

    def _set_aside(self, part: Part, uuids: Iterable[str]) -> None:
        events = [part.left[uuid] for uuid in uuids if uuid in part.left]
        if events:
            self._parts.refused(part, events)
            self._alone -= {event.uuid for event in events}
            self._earlier -= {event.uuid for event in events}
            self._remember()

    def _remember(self) -> None:
        self._state.set_refused(
            self._sender.id, sorted(self._earlier - self._alone) + sorted(self._alone)
        )


def _halves(events: list[Envelope]) -> list[list[Envelope]]:
    """Return both halves of what was refused together, the second one first; none of a single."""
    middle = len(events) // 2
    return [events[middle:], events[:middle]] if middle else []
