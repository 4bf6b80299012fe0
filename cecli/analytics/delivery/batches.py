"""What one server gets in one delivery: whole segments, in batches, as long as it takes them.

What becomes of those that it refuses is :mod:`~cecli.analytics.delivery.refusals`'.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from cecli.analytics.delivery.part import Part, Parts
from cecli.analytics.delivery.permission import Permission
from cecli.analytics.delivery.refusals import Refusals
from cecli.analytics.delivery.sender import Sender
from cecli.analytics.delivery.state import State
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.queue import Queue

BATCH_BYTES = 512 * 1024
"""About 950 events: few requests for a backlog, and far below the server's 20 MB."""


def fit(sizes: Iterable[int]) -> int:
    """Return how many of the next segments go into one request, by their bytes; one at least.

    >>> fit([BATCH_BYTES // 2] * 5), fit([2 * BATCH_BYTES, 1]), fit([])
    (2, 1, 0)
    """
    count = total = 0
    for size in sizes:
        total += size
        if count and total > BATCH_BYTES:
            break
        count += 1
    return count


class Batches:
    """Sends segments to one destination; the server's refusals are remembered for a delivery."""

    def __init__(
        self,
        queue: Queue,
        sender: Sender,
        permission: Permission,
        state: State,
        *,
        chance: Random,
    ) -> None:
        """Prepare.

        Args:
            queue: where the segments are.
            sender: makes the requests.
            permission: which events the user agrees to send.
            state: where it is counted what isn't sent.
            chance: chooses the events that are tried alone while the server has taken nothing.
        """
        self._queue = queue
        self._parts = Parts(queue, sender.target, permission, state)
        self._refusals = Refusals(self._parts, sender, state, chance=chance)

    @property
    def sent(self) -> int:
        """How many events the server has accepted and the queue has lost."""
        return self._parts.sent

    def deliver(self, names: list[SegmentName]) -> None:
        """Deliver segments; look last into what is refused, so that it blocks nothing else.

        Raises:
            LeaveAlone: the rest must wait.
            Stop: nothing may be sent any more.
        """
        waiting, refused = names[::-1], set[str]()
        while waiting:
            with self._parts.claimed(self._next(waiting)) as batch:
                refused |= self._send_whole(batch)
            if refused and not self._refusals.taken:
                self._refusals.find_taken(names)
                waiting, refused = names[::-1], set()
        self._refusals.look_into([name for name in names if name.base in refused])

    def _next(self, waiting: list[SegmentName]) -> list[SegmentName]:
        """Take from the end of *waiting* what fits into one request."""
        count = fit(self._queue.size(name) for name in reversed(waiting))
        return [waiting.pop() for _ in range(count)]

    def _send_whole(self, batch: list[Part]) -> set[str]:
        """Send segments, in fewer and fewer; return the bases of those that are refused alone.

        As long as the server has taken nothing they aren't halved: all of them count as refused.
        """
        if not batch:
            return set()
        if self._refusals.send([event for part in batch for event in part.events]):
            for part in batch:
                self._parts.arrived(part, part.events)
            return set()
        if len(batch) == 1 or not self._refusals.taken:
            return {part.name.base for part in batch}
        middle = len(batch) // 2
        return self._send_whole(batch[:middle]) | self._send_whole(batch[middle:])
