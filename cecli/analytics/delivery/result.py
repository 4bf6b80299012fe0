"""What came of a delivery, in numbers and in words."""

from __future__ import annotations

from cecli.analytics.delivery.state import Unsent
from cecli.layout import many
from cecli.named_tuple import NamedTuple


class Delivery(NamedTuple):
    """What one delivery did, in events."""

    sent: int = 0
    unsent: Unsent = Unsent()
    problems: tuple[str, ...] = ()
    """Why events still wait: a sentence for each destination, or one for all."""

    def __str__(self) -> str:
        """Say it in words.

        >>> str(Delivery(3, Unsent(not_agreed=1), ("https://x: status 503.",)))
        'sent 3 events; deleted 1 unsent, not agreed to. https://x: status 503.'
        """
        counts = {
            "set aside {} that the server refuses": self.unsent.set_aside,
            "dropped {} over the limits of age and size": self.unsent.dropped,
            "passed over {} damaged lines": self.unsent.damaged,
            "deleted {} unsent, not agreed to": self.unsent.not_agreed,
        }
        did = [f"sent {many(self.sent, 'event')}"]
        did += [words.format(count) for words, count in counts.items() if count]
        return " ".join(["; ".join(did) + ".", *self.problems]) if self.problems else "; ".join(did)
