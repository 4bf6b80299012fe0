"""What came of a delivery, in numbers and in words."""

from __future__ import annotations


class Delivery:
    """What one delivery did, in events."""

    def __init__(self) -> None:
        self.sent = self.set_aside = self.dropped = self.damaged = self.not_agreed = 0
        self.problems: list[str] = []
        """Why events still wait: a sentence for each destination, or one for all."""

    def __str__(self) -> str:
        """Say it in words.

        >>> done = Delivery()
        >>> done.sent, done.not_agreed = 3, 1
        >>> done.problems.append("https://x: status 503.")
        >>> str(done)
        'sent 3 events; deleted 1 unsent, not agreed to. https://x: status 503.'
        """
        counts = {
            "set aside {} that the server refuses": self.set_aside,
            "dropped {} over the limits of age and size": self.dropped,
            "passed over {} damaged lines": self.damaged,
            "deleted {} unsent, not agreed to": self.not_agreed,
        }
        did = [f"sent {self.sent} event{'' if self.sent == 1 else 's'}"]
        did += [words.format(count) for words, count in counts.items() if count]
        return " ".join(["; ".join(did) + ".", *self.problems]) if self.problems else "; ".join(did)
