"""Settles whether a session may send: the record is read, decided on, and asked about if need be.

Owns the order of these steps, and that an answer is stored before it counts.
"""

from __future__ import annotations

import time

from cecli.analytics.consent import question, refusal
from cecli.analytics.consent.decision import Decision, Verdict, decide, project_names_destination
from cecli.analytics.consent.file import CantStore, ConsentFile
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.consent.surroundings import Surroundings
from cecli.analytics.console import Console
from cecli.analytics.paths import Paths
from cecli.analytics.program import Program
from cecli.analytics.settings.merge import Settings


def settle(
    program: Program,
    chosen: Settings,
    paths: Paths | None,
    seen: Surroundings,
    console: Console,
) -> tuple[ConsentRecord, Decision]:
    """Load the record, decide, ask if that is the decision, and store what came of it."""
    if paths is None:
        return ConsentRecord(), decide(chosen, ConsentRecord().with_id(), seen)
    file = ConsentFile(paths)
    record = file.load()
    decision = decide(chosen, record.with_id(), seen)
    lost = "you can't be asked"
    try:
        if decision.rests_on_id and record.uuid is None:
            record = file.update(ConsentRecord.with_id)  # another process's id may have won
            decision = decide(chosen, record, seen)
        if decision.verdict is Verdict.ASK:
            answer = question.ask(
                program,
                stdin=console.stdin,
                stdout=console.stdout,
                destination=destination_sentence(chosen),
                by_project=decision.by_project,
            )
            if answer is None:
                return record, Decision(Verdict.REFUSE, "you gave no answer")
            lost = "your answer can't be kept"
            record = keep(paths, chosen, answer)
            if not answer:
                console.say(f"nothing is collected; {refusal.way_back(paths)}")
            decision = decide(chosen, record, seen)
    except CantStore as error:
        why = f"{lost}: {error}"
        if decision.verdict is Verdict.ASK:
            console.say(f"nothing is collected: {why}")
        return record, Decision(Verdict.REFUSE, why)
    return record, decision


def keep(paths: Paths, chosen: Settings, answer: bool) -> ConsentRecord:
    """Store an answer to the question for the destination of a session; a no holds at once.

    Raises:
        CantStore: it couldn't be stored.
    """
    named_by_project, now = project_names_destination(chosen), time.time()
    record = ConsentFile(paths).update(
        lambda current: current.with_answer(
            chosen.destination.id, answer, named_by_project=named_by_project, now=now
        )
    )
    if not answer:
        refusal.end_deliverer(paths)
    return record


def destination_sentence(chosen: Settings) -> str | None:
    """Return who gets the events and who says so, if it isn't the program's own project."""
    if not chosen.destination_set_by:
        return None
    sources = " and ".join(source.text for source in chosen.destination_set_by)
    return f"{chosen.destination.host} (set by {sources})"
