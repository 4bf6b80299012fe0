"""The hook behind the parser: from what was parsed to a live :class:`Analytics`.

The one place that knows all parts, in the order of the data: what was set, who is asked and what is
decided, what records. It puts them together and lets each decide for itself.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TextIO

from cecli import places
from cecli.analytics import ids
from cecli.analytics.client import Analytics, Status
from cecli.analytics.consent import question, refusal, surroundings
from cecli.analytics.consent.decision import Decision, Verdict, decide, project_names_destination
from cecli.analytics.consent.record import CantStore, ConsentFile, ConsentRecord
from cecli.analytics.console import Console
from cecli.analytics.paths import Paths
from cecli.analytics.settings.merge import InvalidSettings, Settings, read_settings
from cecli.analytics.settings.sources import Source, Switch, Text
from cecli.messages import because, shown

if TYPE_CHECKING:
    from cecli.analytics.catalogue.declaration import Catalogue
    from cecli.analytics.log import Log
    from cecli.analytics.spool.writer import Writer


def resolve(
    args: argparse.Namespace,
    parser: argparse.ArgumentParser,
    *,
    environ: Mapping[str, str] | None = None,
    stdin: TextIO | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
    catalogue: Catalogue | None = None,
    strict: bool = False,
) -> Analytics:
    """Return the analytics that the user's settings and answers call for.

    Asks the consent question if it has to and stores the answer, disables analytics for good if
    told so, and opens the log. What the user must know goes to *stderr*.

    Args:
        args: what *parser* returned.
        parser: a configargparse parser that :func:`add_arguments` was called on.
        environ: the environment variables; the process's own by default.
        stdin: where an answer is read from; the standard stream by default, as for the others.
        stdout: where the question is put.
        stderr: where warnings go.
        catalogue: what may be recorded; the built-in events by default. Closed to further
            declarations from now on.
        strict: raise where an event isn't as declared. For the tests of a program.

    Raises:
        SystemExit: with 2 after a message, if an analytics option can't be read or the log can't
            be opened; after ``--analytics-disable`` on the command line, with 0, or with 1 if
            that couldn't be stored.
    """
    console = Console(parser.prog, stdin or sys.stdin, stdout or sys.stdout, stderr or sys.stderr)
    environ = os.environ if environ is None else environ
    home, folder = places.home_folder(environ), places.current_folder()
    paths = Paths(home) if home else None
    try:
        chosen = read_settings(args, parser, environ=environ, home=home, folder=folder)
    except InvalidSettings as error:
        if error.disable:  # it is heeded whatever else is wrong
            console.tell_problems(error.problems)
            _disable(error.disable, paths, console)
            sys.exit(2)
        console.stop(2, error.problems)
    for warning in chosen.warnings:
        console.say(f"warning: {warning}")
    _disable(chosen.disable, paths, console)
    settled = chosen.log == chosen.own_log  # a project's is written only in a session that is on
    log = _open_log(chosen.log, home, console) if settled else None

    seen = surroundings.look(environ, home=home, stdin=console.stdin, stdout=console.stdout)
    if seen.no_home:
        paths = None
    record, decision = _settle(chosen, paths, seen, console)
    if paths and record.permanently_disable:
        for problem in refusal.make_true(paths):  # a session may not have heard of it yet
            console.say(f"analytics is permanently disabled, but {problem}")
    _tell(chosen, paths, record, decision, console)
    status = _status(chosen, decision, paths)
    if not settled:
        if status.state == "on" and (log := _open_log(chosen.log, home, console)):
            by = chosen.log.source.text if chosen.log else ""
            console.say(f"analytics is also written to {shown(log.path, home)}, as {by} says")
        log = log or _open_log(chosen.own_log, home, console)
        status = status._replace(log=log.path if log else None)
    if status.state == "off" and not strict:
        return Analytics(status)

    # What records is loaded only where something is recorded: 5 ms.
    from cecli.analytics import handover
    from cecli.analytics.catalogue.declaration import Catalogue
    from cecli.analytics.catalogue.sanitiser import Sanitiser
    from cecli.analytics.facts import environment, options_used

    catalogue = catalogue or Catalogue()
    catalogue.declare_options(*options_used.option_names(parser))
    catalogue.freeze()
    sanitiser = Sanitiser(catalogue, record.uuid or ids.new(), environment.facts())
    writer, start = None, None
    if paths and status.state == "on":
        writer, start = _writer_and_start(paths, chosen, environ, console)
    return Analytics(
        status,
        sanitiser=sanitiser,
        options=chosen.uses,
        log=log,
        writer=writer,
        start_deliverer=start,
        elsewhere=partial(
            handover.take, status, chosen, seen, paths, sanitiser, chosen.uses, strict
        ),
        strict=strict,
        complain=console.say,
    )


def _disable(source: Source | None, paths: Paths | None, console: Console) -> None:
    """Store a refusal for good; end the program if that was its job."""
    if source and source.kind != "project":
        code = refusal.carry_out(paths, source, console)
        if code is not None:
            sys.exit(code)


def _open_log(named: Text | None, home: str | None, console: Console) -> Log | None:
    if named is None:
        return None
    from cecli.analytics.log import Log

    path, source = named
    by_project = source.kind == "project"
    try:
        return Log(path, must_be_own=by_project)
    except (OSError, ValueError) as error:
        problem = f"{source.text}: {shown(path, home)} can't be opened: {because(error)}"
    if not by_project:
        console.stop(2, [problem])
    console.say(f"warning: {problem}")  # a project's mistake ends no session
    return None


def _settle(
    chosen: Settings, paths: Paths | None, seen: surroundings.Surroundings, console: Console
) -> tuple[ConsentRecord, Decision]:
    """Load the record, decide, ask if that is the decision, and store what came of it."""
    if paths is None:
        return ConsentRecord(), decide(chosen, ConsentRecord().with_id(), seen)
    file = ConsentFile(paths)
    record = file.load()
    decision = decide(chosen, record.with_id(), seen)
    try:
        if decision.rests_on_id and record.uuid is None:
            record = file.update(ConsentRecord.with_id)  # another process's id may have won
            decision = decide(chosen, record, seen)
        if decision.verdict is Verdict.ASK:
            answer = question.ask(
                stdin=console.stdin,
                stdout=console.stdout,
                destination=_named(chosen),
                by_project=decision.by_project,
            )
            if answer is None:
                return record, Decision(Verdict.REFUSE, "you gave no answer")
            named_by_project = project_names_destination(chosen)
            record = file.update(
                lambda now: now.with_answer(
                    chosen.destination.id, answer, named_by_project=named_by_project
                )
            )
            if not answer:
                refusal.end_deliverer(paths)
            decision = decide(chosen, record, seen)
    except CantStore as error:
        return record, Decision(Verdict.REFUSE, f"your answer can't be kept: {error}")
    return record, decision


def _named(chosen: Settings) -> str | None:
    """Return who gets the events and who says so, if it isn't cecli's own project."""
    if not chosen.destination_set_by:
        return None
    sources = " and ".join(source.text for source in chosen.destination_set_by)
    return f"{chosen.destination.host} (set by {sources})"


def _status(chosen: Settings, decision: Decision, paths: Paths | None) -> Status:
    reason = decision.reason
    sends = decision.verdict is Verdict.SEND
    if sends and chosen.destination.key is None:
        sends, reason = False, f"{reason}, but there is no PostHog project key to send with"
    log = chosen.log if sends else chosen.own_log
    return Status(
        state="on" if sends else "log only" if log else "off",
        reason=reason,
        destination=chosen.destination.host,
        log=log.value if log else None,
        consent=paths.consent if paths else None,
    )


def _tell(
    chosen: Settings,
    paths: Paths | None,
    record: ConsentRecord,
    decision: Decision,
    console: Console,
) -> None:
    """Show why analytics is off if the user can't expect it."""
    if paths and record.problem and os.path.lexists(paths.folder):
        console.say(f"analytics is off: {shown(paths.consent, paths.home)} {record.problem}")
    elif decision.verdict is Verdict.REFUSE and _is_flag(chosen.analytics):
        console.say(f"--analytics has no effect: {decision.reason}")


def _is_flag(switch: Switch | None) -> bool:
    return switch is not None and switch.value and switch.source.kind == "flag"


def _writer_and_start(
    paths: Paths, chosen: Settings, environ: Mapping[str, str], console: Console
) -> tuple[Writer | None, Callable[..., object] | None]:
    """Return what takes the events and what starts their delivery, if they can be kept at all."""
    from cecli.analytics.delivery.start import start_deliverer
    from cecli.analytics.spool.folder import trouble
    from cecli.analytics.spool.writer import Writer

    if why := trouble(paths.spool):
        where = shown(paths.spool, paths.home)
        console.say(f"warning: no event can be queued or sent: {where} {why}")
        return None, None
    # The environment as it is now: a session may load a project's .env into its own, and a proxy
    # that a project names would get the events.
    start = partial(start_deliverer, paths, chosen.destination, environ=dict(environ))
    return Writer(paths.spool, chosen.destination), start
