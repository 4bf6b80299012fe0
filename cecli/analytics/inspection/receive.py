"""The verb ``receiver``: receive events on this machine, and show or keep them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import IO, Any

from cecli.analytics.inspection.receiver import MODES, Receiver
from cecli.analytics.inspection.user import Problem, opened
from cecli.messages import CantShow, because, cut, quoted, show


def list_modes() -> int:
    """Show the modes; return the exit code."""
    show("".join(f"{mode:15} {text}\n" for mode, text in MODES.items()), sys.stdout)
    return 0


def run(address: str, port: int, *, mode: str, file: str | None) -> int:
    """Receive until interrupted; return the exit code.

    Raises:
        Problem: an option's value can't be used.
        CantShow: what was received can't be shown or kept.
    """
    if mode not in MODES:
        raise Problem(f"--mode: {quoted(mode)} is none of {', '.join(MODES)}", 2)
    output: IO[str] = opened(file, "a") if file else sys.stdout
    lost: list[CantShow] = []

    def accept(item: dict[str, Any]) -> None:
        try:
            show(json.dumps(item) + "\n", output)
        except CantShow as error:
            lost.append(error)
            receiver.stop()
            raise

    with _bound(address, port, mode, accept) as receiver:
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
