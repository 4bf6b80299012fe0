"""An Analytics in a process that it was handed to, as multiprocessing hands things on.

Owns what goes with it: no environment, no open file. There the consent is read again, and what is
recorded goes into files of that process. It starts no deliverer: the session that it came from does
so when it closes.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial

from cecli import TYPE_CHECKING
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.client import HANDED_ON, Analytics
from cecli.analytics.consent.decision import Status, Verdict, decide
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.consent.surroundings import Surroundings
from cecli.analytics.paths import Paths
from cecli.analytics.settings.merge import Settings
from cecli.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cecli.analytics.facts.options_used import OptionUse


def take(
    status: Status,
    chosen: Settings,
    seen: Surroundings,
    paths: Paths | None,
    sanitiser: Sanitiser,
    options: Sequence[OptionUse],
    strict: bool,
    handover_id: str,
) -> Analytics:
    """Return what records here for the session that handed its Analytics on, one for each process.

    Args:
        status: what the session's analytics does.
        chosen: what was set there.
        seen: where it takes place.
        paths: the files of its user.
        sanitiser: makes the lines of its events.
        options: the options that were set.
        strict: raise where an event isn't as declared.
        handover_id: names its Analytics; the process that it comes from gets that one back.
    """
    if handover_id in HANDED_ON:
        return HANDED_ON[handover_id]
    from cecli.analytics.log import Log
    from cecli.analytics.spool.folder import trouble
    from cecli.analytics.spool.writer import Writer

    log, writer = None, None
    if status.log:
        by_project = chosen.own_log is None or status.log != chosen.own_log.value
        with suppress(OSError):
            log = Log(status.log, must_be_own=by_project)
    if (log or not status.log) and status.state == "on" and paths:
        record = ConsentFile(paths).load()
        agreed = decide(chosen, record, seen).verdict is Verdict.SEND
        if agreed and record.uuid == sanitiser.user_id and not trouble(paths.spool):
            writer = Writer(paths.spool, chosen.destination)
    if status.state == "on" and not writer:
        reason = "the process that it was handed to found no consent, or nowhere to write"
        status = status._replace(state="log only" if log else "off", reason=reason)
    HANDED_ON[handover_id] = analytics = Analytics(
        status,
        sanitiser=sanitiser,
        options=options,
        log=log,
        writer=writer,
        elsewhere=partial(take, status, chosen, seen, paths, sanitiser, options, strict),
        strict=strict,
        complain=lambda text: say(text, sys.stderr),
    )
    return analytics
