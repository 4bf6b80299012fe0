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

from cecli import TYPE_CHECKING, places
from cecli.analytics import ids, registration
from cecli.analytics.client import Analytics
from cecli.analytics.consent import refusal, surroundings
from cecli.analytics.consent.decision import Decision, Verdict, status_of
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.consent.settling import settle
from cecli.analytics.console import Console
from cecli.analytics.paths import Paths
from cecli.analytics.settings.merge import InvalidSettings, Settings
from cecli.analytics.settings.namespace import changed
from cecli.analytics.settings.sources import Source, Switch, Text
from cecli.messages import because, shown

if TYPE_CHECKING:
    from typing import TextIO

    from cecli.analytics.catalogue.declaration import Catalogue
    from cecli.analytics.log import Log
    from cecli.analytics.spool.writer import Writer


def resolve(
    args: argparse.Namespace,
    parser: argparse.ArgumentParser,
    *,
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
        args: what *parser* returned when it last parsed. What the program has put there since may
            switch off, and choose a log; it can't switch on.
        parser: a configargparse parser that :func:`add_arguments` was called on.
        stdin: where an answer is read from; the standard stream by default, as for the others.
        stdout: where the question is put.
        stderr: where warnings go.
        catalogue: what may be recorded; the built-in events by default. Closed to further
            declarations from now on.
        strict: raise where an event isn't as declared. For the tests of a program.

    Raises:
        TypeError: *parser* hasn't parsed, or has no analytics options; *catalogue* is none.
        SystemExit: with 2 after a message, if the log can't be opened; after
            ``--analytics-disable`` on the command line, with 0, or with 1 if that couldn't be
            stored.
    """
    parsed = registration.parsed(parser)
    if catalogue is not None:
        from cecli.analytics.catalogue.declaration import (
            Catalogue,
        )  # whoever has one, has loaded it

        if not isinstance(catalogue, Catalogue):
            raise TypeError(f"resolve needs a Catalogue, not {type(catalogue).__name__}")
    program, environ = parsed.program, parsed.environ
    console = Console(parser.prog, stdin or sys.stdin, stdout or sys.stdout, stderr or sys.stderr)
    home = places.home_folder(environ)
    paths = Paths(home, program.name) if home else None
    try:
        chosen = changed(parsed.settings, args, places.current_folder())
    except InvalidSettings as error:
        console.stop(2, error.problems)
    for warning in chosen.warnings:
        console.say(f"warning: {warning}")
    _disable(chosen.disable, paths, console)
    settled = chosen.log == chosen.own_log  # a project's is written only in a session that is on
    log = _open_log(chosen.log, paths, console) if settled else None

    seen = surroundings.look(environ, home=home, stdin=console.stdin, stdout=console.stdout)
    if seen.no_home:
        paths = None
    record, decision = settle(program, chosen, paths, seen, console)
    if paths and record.permanently_disable:
        for problem in refusal.make_true(paths):  # a session may not have heard of it yet
            console.say(f"analytics is permanently disabled, but {problem}")
    _tell(chosen, paths, record, decision, console)
    status = status_of(chosen, decision, paths)
    if not settled:
        if status.state == "on" and (log := _open_log(chosen.log, paths, console)):
            by = chosen.log.source.text if chosen.log else ""
            console.say(f"analytics is also written to {shown(log.path, home)}, as {by} says")
        log = log or _open_log(chosen.own_log, paths, console)
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
    catalogue.declare_program(program.name)
    catalogue.freeze()
    sanitiser = Sanitiser(catalogue, record.uuid or ids.new(), environment.facts(program))
    uses = options_used.option_uses(parser, [each.action for each in parsed.typed])
    writer, start = None, None
    if paths and status.state == "on":
        writer, start = _writer_and_start(paths, chosen, seen, environ, console)
        if writer:
            from cecli.analytics.spool.losses import Losses

            keep = log.write if log else None
            Losses(paths.spool).tell(chosen.destination.id, sanitiser.sanitise, keep)
    return Analytics(
        status,
        sanitiser=sanitiser,
        options=uses,
        log=log,
        writer=writer,
        start_deliverer=start,
        elsewhere=partial(handover.take, status, chosen, seen, paths, sanitiser, uses, strict),
        strict=strict,
        complain=console.say,
    )


def _disable(source: Source | None, paths: Paths | None, console: Console) -> None:
    """Store a refusal for good; end the program if that was its job."""
    if source and source.is_own:
        code = refusal.carry_out(paths, source, console)
        if code is not None:
            sys.exit(code)


def _open_log(named: Text | None, paths: Paths | None, console: Console) -> Log | None:
    if named is None:
        return None
    from cecli.analytics.log import Log

    path, source = named
    home = paths.home if paths else None
    by_project = source.kind == "project"
    try:
        if not (paths and paths.is_one(path)):
            return Log(path, must_be_own=by_project)
        why = "analytics keeps something else there"
    except (OSError, ValueError) as error:
        why = because(error)
    problem = f"{source.text}: {shown(path, home)} can't be opened: {why}"
    if not by_project:
        console.stop(2, [problem])
    console.say(f"warning: {problem}")  # a project's mistake ends no session
    return None


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
        refused = record.permanently_disable or record.agreed(chosen.destination.id) is False
        back = f"; {refusal.way_back(paths)}" if paths and refused else ""
        console.say(f"--analytics has no effect: {decision.reason}{back}")


def _is_flag(switch: Switch | None) -> bool:
    return switch is not None and switch.value and switch.source.kind == "flag"


def _writer_and_start(
    paths: Paths,
    chosen: Settings,
    seen: surroundings.Surroundings,
    environ: Mapping[str, str],
    console: Console,
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
    start = partial(
        start_deliverer,
        paths,
        chosen.destination,
        environ=dict(environ),
        attended=seen.terminal,
    )
    return Writer(paths.spool, chosen.destination), start
