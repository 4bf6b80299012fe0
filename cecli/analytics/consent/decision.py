"""Whether a session's events may leave: a pure function of what was set, answered and seen."""

from __future__ import annotations

from enum import Enum

from cecli import TYPE_CHECKING
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.consent.surroundings import Surroundings
from cecli.analytics.paths import Paths
from cecli.analytics.settings.merge import Settings
from cecli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from typing import Literal

NO_KEY = "there is no PostHog project key to send with"
ASKED_PERCENT = 10
"""Share of the ids, in percent of their space, whose owners are asked without a flag."""


class Verdict(Enum):
    """What follows for the session."""

    SEND = "send"
    ASK = "ask"
    REFUSE = "refuse"


class Decision(NamedTuple):
    """A verdict and, for people, its reason."""

    verdict: Verdict
    reason: str
    rests_on_id: bool = False
    """Whether the record's id decided; if so it must be stored, for the next time."""
    by_project: bool = False
    """Whether a project's file has brought a question about, or named the destination."""


class Status(NamedTuple):
    """What a session's analytics does, for people."""

    state: Literal["on", "log only", "off"]
    reason: str
    destination: str
    """The host that events are sent to, or would be."""
    log: str | None
    """The path of the log."""
    consent: str | None
    """The path of the consent record; None without a home folder."""
    has_key: bool = True
    """Whether there is a PostHog project key to send with; a release has one."""

    @property
    def events_to(self) -> str:
        """Where events go, or would go."""
        return self.destination if self.has_key else f"nowhere: {NO_KEY}"


def decide(settings: Settings, record: ConsentRecord, surroundings: Surroundings) -> Decision:
    """Decide about the session; what is in doubt is refused.

    The record must carry an id, stored or only just made, unless it is a refusal.
    """
    if off := switched_off(settings, surroundings):
        return _refuse(off)
    if surroundings.no_home:
        return _refuse(surroundings.no_home)
    if record.permanently_disable:
        return _refuse("it is permanently disabled")
    if record.problem:
        return _refuse(f"the consent record {record.problem}")
    destination = settings.destination
    agreed = record.agreed(destination.id)
    if agreed:
        return Decision(Verdict.SEND, "you agreed")
    if agreed is False:
        return _refuse(f"you refused to send events to {destination.host}")
    if surroundings.ci:
        return _refuse("you weren't asked: CI is set (environment)")
    if not surroundings.terminal:
        return _refuse("you weren't asked: there is no terminal to ask on")
    wish = settings.analytics
    by_project = project_names_destination(settings) or (
        wish is not None and wish.source.kind == "project"
    )
    if record.asked_opt_in:
        reason = f"you haven't agreed to send events to {destination.host}"
        return Decision(Verdict.ASK, reason, by_project=by_project)
    if wish:
        return Decision(Verdict.ASK, wish.source.text, True, by_project)
    if record.uuid and is_asked(record.uuid):
        return Decision(Verdict.ASK, "you are one of the few who are asked", True, by_project)
    return Decision(Verdict.REFUSE, "you weren't asked; --analytics asks you", rests_on_id=True)


def status_of(chosen: Settings, decision: Decision, paths: Paths | None) -> Status:
    """Return what analytics does in a session for which that was decided."""
    reason = decision.reason
    sends = decision.verdict is Verdict.SEND
    has_key = chosen.destination.key is not None
    if sends and not has_key:
        sends, reason = False, f"{reason}, but {NO_KEY}"
    log = chosen.log if sends else chosen.own_log
    return Status(
        state="on" if sends else "log only" if log else "off",
        reason=reason,
        destination=chosen.destination.host,
        log=log.value if log else None,
        consent=paths.consent if paths else None,
        has_key=has_key,
    )


def project_names_destination(settings: Settings) -> bool:
    """Tell whether the host or the key comes from a project's file."""
    return any(source.kind == "project" for source in settings.destination_set_by)


def switched_off(settings: Settings, surroundings: Surroundings) -> str | None:
    """Return who switches analytics off, whatever was answered; None if nobody does."""
    if settings.disable:
        return settings.disable.text
    if surroundings.do_not_track:
        return "DO_NOT_TRACK is set (environment)"
    if settings.analytics and not settings.analytics.value:
        return settings.analytics.source.text
    return None


def is_asked(uuid: str) -> bool:
    """Tell whether *uuid* lies in the first :data:`ASKED_PERCENT` percent of the id space.

    Only the first 32 bits count; in a UUID4 they are all random.

    >>> is_asked("19999999-ffff-4fff-bfff-ffffffffffff")
    True
    >>> is_asked("1999999a-0000-4000-8000-000000000000")
    False
    """
    return int(uuid[:8], 16) * 100 < ASKED_PERCENT << 32


def _refuse(reason: str) -> Decision:
    return Decision(Verdict.REFUSE, reason)
