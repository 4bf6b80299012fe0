"""Tells which names are nearly those of our options: a misspelt off must not pass for a yes."""

import re

from cecli.analytics.settings.options import BY_NAME

_MOST_LETTERS = 3
"""How many letters of both may be without a partner. Words may stand in any order."""
_SERVICE = r"service-host|(service-)?port(-.*)?"
"""What Kubernetes sets for a service that is called like a program's analytics."""
_OFF = ("dis", "disable", "disabled", "dont", "never", "non", "not", "off", "stop")
"""First words of what may be meant as an off."""


def is_one(name: str) -> bool:
    """Tell whether *name*, which isn't one of ours, is nearly so.

    >>> is_one("no-analytcs"), is_one("disable-analytics"), is_one("analytics-x")
    (True, True, True)
    >>> is_one("model"), is_one("web-analytics"), is_one("analytics-service-host")
    (False, False, False)
    """
    first, _, rest = name.partition("-")
    if len(first) > 2 and rest in BY_NAME and first not in _OFF:
        return False  # the variable of another program, whose name begins with this one's
    if re.fullmatch(f"analytics-(?:{_SERVICE})", name):
        return False
    if name.startswith(("analytic", "no-analytic")):
        return True
    return any(_apart(name, ours) <= _MOST_LETTERS for ours in BY_NAME)


def nearest(name: str) -> str:
    """Return the name of ours that is most like *name*.

    >>> nearest("disable-analytics")
    'analytics-disable'
    """
    # Where it may be meant as an off, or not, it is.
    return min(BY_NAME, key=lambda ours: (_apart(name, ours), ours != "no-analytics"))


def _apart(one: str, other: str) -> int:
    """Return how many letters of both are left when their common runs are taken away."""
    if abs(len(one) - len(other)) > 2 * _MOST_LETTERS:
        return len(one) + len(other)
    from difflib import SequenceMatcher  # 1 ms, and few have such a variable

    found = []
    for left, right in (
        (one.replace("-", ""), other.replace("-", "")),
        ("".join(sorted(one.split("-"))), "".join(sorted(other.split("-")))),
    ):
        blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
        found.append(len(left) + len(right) - 2 * sum(block.size for block in blocks))
    return min(found)
