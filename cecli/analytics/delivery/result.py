"""What came of a delivery, in numbers and in words."""

from __future__ import annotations

from typing import NamedTuple


class Delivery(NamedTuple):
    """What one delivery did, in events."""

    sent: int = 0
    set_aside: int = 0
    dropped: int = 0
    damaged: int = 0
    refused: int = 0
    problems: tuple[str, ...] = ()
    """Why events still wait: a sentence for each destination, or one for all."""

    def __str__(self) -> str:
        """Say it in words.

        >>> str(Delivery(sent=3, refused=1, problems=("https://x: status 503.",)))
        'sent 3 events; deleted 1 unsent, not agreed to. https://x: status 503.'
        """
        counts = {
            "set aside {} that the server refuses": self.set_aside,
            "dropped {} over the limits of age and size": self.dropped,
            "passed over {} damaged lines": self.damaged,
            "deleted {} unsent, not agreed to": self.refused,
        }
        did = [f"sent {self.sent} event{'' if self.sent == 1 else 's'}"]
        did += [words.format(count) for words, count in counts.items() if count]
        return " ".join(["; ".join(did) + ".", *self.problems]) if self.problems else "; ".join(did)
