"""The verb ``receiver``: receive events on this machine, and show or keep them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import IO, Any

from cecli.analytics.inspection.receiver import MODES, Receiver
from cecli.analytics.inspection.user import Problem, User, opened
from cecli.messages import CantShow, because, cut, quoted, show


def add(parser: argparse.ArgumentParser) -> None:
    """Put the verb's options on its parser."""
    parser.add_argument("--address", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0, the default, for a free one")
    parser.add_argument(
        "--file", metavar="FILE", help="append the received events here; default: print them"
    )
    parser.add_argument("--mode", default="ok", metavar="MODE", help="how to answer; see --modes")
    parser.add_argument("--modes", action="store_true", help="list the modes and exit")


def run(arguments: argparse.Namespace, user: User, _: object) -> int:
    """Receive until interrupted, or list the modes; return the exit code.

    Raises:
        Problem: an option's value can't be used.
        CantShow: what was received can't be shown or kept.
    """
    if arguments.modes:
        show("".join(f"{mode:15} {text}\n" for mode, text in MODES.items()), sys.stdout)
        return 0
    mode: str = arguments.mode
    if mode not in MODES:
        raise Problem(f"--mode: {quoted(mode)} is none of {', '.join(MODES)}", 2)
    output: IO[str] = opened(arguments.file, "a") if arguments.file else sys.stdout
    lost: list[CantShow] = []

    def accept(item: dict[str, Any]) -> None:
        try:
            show(json.dumps(item) + "\n", output)
        except CantShow as error:
            lost.append(error)
            receiver.stop()
            raise

    with _bound(arguments.address, arguments.port, mode, accept) as receiver:
        show(receiver.url + "\n", sys.stdout)
        receiver.wait()
    if lost:
        raise lost[0]
    return 0


def _bound(
    address: str, port: int, mode: str, accept: Callable[[dict[str, Any]], None]
) -> Receiver:
    try:
        return Receiver(address, port, mode=mode, accept=accept)
    except ValueError as error:
        raise Problem(f"--address: {cut(str(error))}", 2) from error
    except (OSError, OverflowError) as error:
        raise Problem(f"--port: {port} can't be used: {because(error)}", 2) from error
