"""Makes a refusal true: from now on nothing leaves, and what waited is gone.

Owns the order of the steps. The record comes first: once it is stored, no deliverer begins to send
a request's body. Then the deliverer that may be in the midst of one is ended, and then the queue
is emptied.
"""

from __future__ import annotations

import os.path

from cecli import files
from cecli.analytics.consent.file import CantStore, ConsentFile
from cecli.analytics.consent.surroundings import no_home
from cecli.analytics.console import Console
from cecli.analytics.paths import Paths
from cecli.analytics.settings.sources import Source
from cecli.messages import shown
from cecli.named_tuple import NamedTuple


class Outcome(NamedTuple):
    """What came of a refusal for good."""

    done: bool
    """Whether all that was asked for is done."""
    new: bool
    """Whether the record didn't hold the refusal before."""
    text: str
    """A sentence for the user."""


_FOR_NOW = "analytics is off for this session, but not for good: "


def carry_out(paths: Paths | None, source: Source, console: Console) -> int | None:
    """Disable as *source* says, and tell the user.

    Returns:
        the exit code of a program whose job that was, or None if the program goes on.
    """
    outcome = disable(paths, source)
    if source.kind != "flag":
        if outcome.new or not outcome.done:
            console.say(outcome.text)
        return None
    if not outcome.done:
        console.tell_problems([outcome.text])
        return 1
    console.report(outcome.text)  # whether or not it can be shown: the code tells of the work
    return 0


def disable(paths: Paths | None, source: Source) -> Outcome:
    """Disable analytics for good, as *source* says: forget the id and all that waits."""
    why = no_home(paths.home if paths else None)
    if paths is None or why:
        return Outcome(False, False, _FOR_NOW + str(why))
    forgotten = ConsentFile(paths).load().uuid
    try:
        new = ConsentFile(paths).disable()
    except CantStore:
        make_true(paths)  # perhaps it is the queue that leaves no room for a record
        new, why = _try_again(paths)
    problems = make_true(paths)
    if why:
        text = "; ".join([_FOR_NOW + why, *problems])
    elif problems:
        text = "analytics is permanently disabled, but " + "; ".join(problems)
    else:
        text = "analytics is permanently disabled; the id and all unsent events are gone."
        if forgotten:
            text += f" {farewell(forgotten)}"
        first = "" if source.kind == "flag" else f" take back {source.text}; then"
        text += f" To undo this:{first} {way_back(paths)}"
        # Analytics stays off for as long as the record has a problem.
        if doubt := ConsentFile(paths).load().problem:
            text += f". Others may undo it, too: {shown(paths.consent, paths.home)} {doubt}."
        return Outcome(True, new, text)
    return Outcome(False, new, text)


def farewell(id: str) -> str:
    """Return what a user must know of an id that is forgotten."""
    return f"The id was {id}: whoever wants sent events deleted needs it."


def way_back(paths: Paths) -> str:
    """Return how a user takes back a no, as the end of a sentence."""
    return f"{paths.program}-analytics enable asks you again"


def take_back(paths: Paths, destination: str) -> list[str]:
    """Take back the yes to one destination, by what the record calls it, and to no other.

    Returns:
        what couldn't be done, as ends of a sentence.

    Raises:
        CantStore: the refusal couldn't be stored.
    """
    ConsentFile(paths).update(
        lambda now: now.with_answer(destination, False, named_by_project=True)
    )
    problems = end_deliverer(paths)
    if os.path.lexists(paths.spool):
        from cecli.analytics.spool.queue import Queue

        Queue(paths.spool).forget(destination)
    return problems


def _try_again(paths: Paths) -> tuple[bool, str | None]:
    try:
        return ConsentFile(paths).disable(), None
    except CantStore as error:
        return False, str(error)


def make_true(paths: Paths) -> list[str]:
    """Let nothing leave and nothing wait after a refusal for good that is stored.

    Returns:
        what couldn't be done, as ends of a sentence.
    """
    return end_deliverer(paths) + _empty(paths) + _sweep(paths)


def end_deliverer(paths: Paths) -> list[str]:
    """Let no request that has begun go on after a refusal that is stored.

    Returns:
        what couldn't be done, as ends of a sentence.
    """
    if not os.path.lexists(paths.spool):
        return []
    from cecli.analytics.spool.token import Token  # few have a queue

    if Token(paths.spool).end_deliverer():
        return []
    return [
        "a deliverer that can't be ended from here (in another container, perhaps) may still be "
        "in the midst of a request; it ends within a minute"
    ]


def _empty(paths: Paths) -> list[str]:
    if not os.path.lexists(paths.spool):
        return []
    from cecli.analytics.spool.folder import trouble
    from cecli.analytics.spool.queue import Queue  # 1 ms, and few have one to empty

    why = Queue(paths.spool).empty()
    if not why:
        return []
    remain = f"unsent events remain in {shown(paths.spool, paths.home)}"
    wrong = trouble(paths.spool)
    return [f"{remain}, which {wrong}" if wrong else f"{remain}: {why}"]


def _sweep(paths: Paths) -> list[str]:
    left = files.sweep(paths.consent)
    return [
        f"the id may remain in {shown(file, paths.home)}, which can't be deleted" for file in left
    ]
