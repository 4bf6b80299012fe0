"""The ``cecli-analytics`` command: look at what analytics holds, deliver it, try it out.

A console script, not ``python -m``: that would import from the current folder.

Exit codes: 0, it did what it was asked; 1, it couldn't, or events still wait; 2, bad usage;
130, interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import IO, Any, NoReturn

from cecli.analytics import process
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.consent import record as consent
from cecli.analytics.consent.decision import switched_off
from cecli.analytics.consent.surroundings import look, no_home
from cecli.analytics.delivery.state import State
from cecli.analytics.delivery.token import Token
from cecli.analytics.paths import Paths
from cecli.analytics.settings import merge as settings
from cecli.analytics.settings.merge import InvalidSettings
from cecli.analytics.spool import segment
from cecli.analytics.spool import writer as spool
from cecli.analytics.spool.queue import Queue
from cecli.messages import CantShow, Showing, because, cut, printable, quoted, say, show, shown
from cecli.places import current_folder, home_folder

_LONGEST_LINE = 1_000_000


class _Problem(Exception):
    """What was asked can't be done; the message is a sentence for the user."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def main(
    argv: Sequence[str] | None = None, *, declared: Callable[[], Catalogue] = Catalogue
) -> int:
    """Run the command and return its exit code; *declared* makes the catalogue to show."""
    arguments = _parser().parse_args(argv, argparse.Namespace(declared=declared))
    try:
        code: int = arguments.run(arguments)
        return code
    except _Problem as problem:
        say(f"cecli-analytics: {problem}", sys.stderr)
        return problem.code
    except KeyboardInterrupt:
        return 130
    except CantShow as error:
        return error.tell("cecli-analytics")
    except OSError as error:
        say(f"cecli-analytics: {cut(str(error))}", sys.stderr)
        return 1


class _Parser(Showing, argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.format_usage()}{self.prog}: error: {printable(message)}\n")


def _print(text: str) -> None:
    """Show one line."""
    show(printable(text) + "\n", sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="cecli-analytics",
        description="Look at cecli's usage analytics, deliver what waits, or try it out.",
        epilog="Exit codes: 0 done, 1 it couldn't be done or events still wait, 2 bad usage.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        command.set_defaults(run=run)
        return command

    add("status", _status, "Show the consent, what waits, and what came of the last delivery.")
    add("events", _events, "Print the catalogue of everything that can leave, as Markdown.")
    view = add("view", _view, "Show a log or a file of the spool in a readable form.")
    view.add_argument("file", metavar="FILE")
    add("deliver", _deliver, "Send what waits now, also if a failure asks to wait longer.")
    receiver = add("receiver", _receiver, "Receive events on this machine, as PostHog would.")
    receiver.add_argument("--address", default="127.0.0.1", help="a loopback address")
    receiver.add_argument("--port", type=int, default=0, help="0, the default, for a free one")
    receiver.add_argument(
        "--file", metavar="FILE", help="append the received events here; default: print them"
    )
    receiver.add_argument("--mode", default="ok", metavar="MODE", help="how to answer; see --modes")
    receiver.add_argument("--modes", action="store_true", help="list the modes and exit")
    return parser


def _paths() -> Paths:
    home = home_folder(os.environ)
    if home is None:
        raise _Problem("the home folder can't be told: HOME is empty or no absolute path")
    return Paths(home)


def _status(_: argparse.Namespace) -> int:
    paths, now = _paths(), time.time()
    folder, queue = paths.spool, Queue(paths.spool)
    names, remembered = queue.segments(), State.load(folder)
    size = sum(queue.size(name) for name in names)
    if not no_home(paths.home) and (why := spool.trouble(folder)):
        _print(f"trouble:  no event can be queued or sent: {shown(folder, paths.home)} {why}")
    waiting = f"{len(names)} file{'' if len(names) == 1 else 's'}, {size / 1000:.0f} kB"
    if names:
        waiting += f", the oldest from {_moment(names[0].created)}"
    _print(f"consent:  {_consent(consent.load(paths))}")
    _print(f"file:     {shown(paths.consent, paths.home)}")
    _print(f"queue:    {waiting}; {shown(folder, paths.home)}")
    if Token(folder).is_taken():
        _print("now:      a delivery is under way")
    for id, back_off in remembered.back_offs.items():
        tries = f"{back_off.failures} failure{'' if back_off.failures == 1 else 's'}"
        until = "" if back_off.is_over(now) else f", left alone until {_moment(back_off.until)}"
        _print(f"failing:  {id}: {back_off.why}; {tries}{until}")
    if remembered.last_time:
        _print(f"last:     {_moment(remembered.last_time)}: {remembered.last_result}")
    unsent = remembered.unsent
    _print(
        f"not sent: {unsent.not_agreed} not agreed to, "
        f"{unsent.dropped} too old or too many, {unsent.damaged} damaged, "
        f"{unsent.set_aside} refused by the server"
    )
    return 0


def _off() -> str | None:
    """Return who or what switches analytics off here, for any session; None if nothing does.

    What of the settings is ignored is told.
    """
    from cecli.analytics.settings.registration import add_options
    from cecli.args import ArgumentParser

    home = home_folder(os.environ)
    parser = ArgumentParser(prog="cecli-analytics")
    add_options(parser)
    try:
        chosen = settings.read(
            parser.parse_known_args([])[0],  # what else a file holds is a session's
            parser,
            environ=os.environ,
            home=home,
            folder=current_folder(),
        )
    except InvalidSettings as error:
        raise _Problem("; ".join(error.problems), 2) from error
    for warning in chosen.warnings:
        say(f"cecli-analytics: warning: {warning}", sys.stderr)
    seen = look(os.environ, home=home, stdin=None, stdout=None)
    return switched_off(chosen, seen) or seen.no_home


def _consent(record: consent.ConsentRecord) -> str:
    off = _off()
    if off:
        return f"off: {off}"
    if record.problem:
        return f"off: the file {record.problem}"
    if record.permanently_disable:
        return "off: analytics is permanently disabled"
    if not record.destinations:
        return "never asked"
    answers = {True: "agreed", False: "refused"}
    return "; ".join(f"{answers[yes]} for {id}" for id, yes in record.destinations.items())


def _moment(seconds: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "an unknown time"


def _events(arguments: argparse.Namespace) -> int:
    from cecli.analytics.catalogue.reference import render

    show(render(arguments.declared()), sys.stdout)
    return 0


def _view(arguments: argparse.Namespace) -> int:
    with _opened(arguments.file, "rb") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            show(_readable(line, number), sys.stdout)
    return 0


def _opened(file: str, mode: str) -> IO[Any]:
    try:
        return open(file, mode)
    except OSError as error:
        raise _Problem(f"{quoted(file)} can't be opened: {because(error)}", 2) from error


def _readable(line: bytes, number: int) -> str:
    event = segment.read_event(line.rstrip(b"\n"))
    if event is None:
        target = segment.read_header(line) if number == 1 else None
        return f"to {ascii(target[0])[1:-1]}\n" if target else f"line {number}: no event\n"
    # ascii: a name may hold the end of a line, and letters that look like others.
    facts = [
        f"  {ascii(name)[1:-1]}: {json.dumps(value)}\n" for name, value in event.properties.items()
    ]
    return "".join([f"{_moment(event.time)}  {ascii(event.event)[1:-1]}\n", *facts])


def _deliver(_: argparse.Namespace) -> int:
    from cecli.analytics.delivery.worker import Worker

    paths = _paths()
    off = _off()
    if off:
        raise _Problem(f"nothing was sent: {off}")
    if why := spool.trouble(paths.spool):
        raise _Problem(f"nothing was sent: {shown(paths.spool, paths.home)} {why}")
    queue, token = Queue(paths.spool), Token(paths.spool)
    if not queue.segments():
        _report("nothing waits to be delivered")
        return 0
    if not token.take(process.identity()):
        if token.is_taken():
            raise _Problem("another delivery is under way")
        raise _Problem(f"{quoted(paths.spool)} can't be written")
    done = Worker(paths, token, heed_back_offs=False).run()
    _report(str(done))
    left = queue.segments()
    writing = sum(name.state == "open" for name in left)
    if writing:
        _report(f"running sessions still write {writing} more; those go when they have ended")
    stuck = 0 if done.problems else len(left) - writing
    if stuck:
        _report(f"{stuck} more can't be read or taken")
    return 1 if done.problems or done.unsent.set_aside or stuck else 0


def _report(text: str) -> None:
    say(text, sys.stdout)  # the exit code tells of the delivery, whether or not this is read


def _receiver(arguments: argparse.Namespace) -> int:
    from cecli.analytics.inspection.receiver import MODES, Receiver

    if arguments.modes:
        show("".join(f"{mode:15} {text}\n" for mode, text in MODES.items()), sys.stdout)
        return 0
    if arguments.mode not in MODES:
        known = ", ".join(MODES)
        raise _Problem(f"--mode: {quoted(arguments.mode)} is none of {known}", 2)
    output: IO[str] = _opened(arguments.file, "a") if arguments.file else sys.stdout
    lost: list[CantShow] = []

    def accept(item: dict[str, Any]) -> None:
        try:
            show(json.dumps(item) + "\n", output)
        except CantShow as error:
            lost.append(error)
            receiver.stop()
            raise

    try:
        receiver = Receiver(
            arguments.address,
            arguments.port,
            mode=arguments.mode,
            accept=accept,
        )
    except ValueError as error:
        raise _Problem(f"--address: {cut(str(error))}", 2) from error
    except (OSError, OverflowError) as error:
        raise _Problem(f"--port: {arguments.port} can't be used: {because(error)}", 2) from error
    with receiver:
        _print(receiver.url)
        receiver.wait()
    if lost:
        raise lost[0]
    return 0
