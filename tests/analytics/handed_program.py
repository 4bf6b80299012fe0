"""A program that hands its analytics to children: ``handed_program.py HOW WAY``, for the tests."""

from __future__ import annotations

import concurrent.futures
import copy
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from typing import Any

import configargparse

from cecli.analytics import Analytics, Catalogue, add_arguments, resolve


def child(analytics: Analytics, close: bool) -> None:
    for _ in range(3):
        analytics.event("command_add")
    if close:
        analytics.close()


def state(analytics: Analytics) -> tuple[int, int, str]:
    """Record, and tell where, by which recorder, and in what state."""
    analytics.event("command_add")
    return os.getpid(), id(analytics), analytics.status.state


def main() -> None:
    catalogue = Catalogue()
    catalogue.declare_commands("add", "show")
    parser = configargparse.ArgumentParser(prog="notes")
    add_arguments(parser)
    parser.add_argument("how")
    parser.add_argument("way")
    args = parser.parse_args()
    with resolve(args, parser, catalogue=catalogue) as analytics:
        hand_over(args.how, args.way, analytics)


def hand_over(how: str, way: str, analytics: Analytics) -> None:
    context: Any = multiprocessing.get_context(way)
    if how == "pool":
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            found = list(pool.map(state, [analytics] * 4))
        print(json.dumps([len(found), len(set(found)), found[0][2]]))
        return
    if how == "same":
        print(pickle.loads(pickle.dumps(analytics)) is analytics is copy.deepcopy(analytics))
        return
    if how == "size":
        print(pickle.dumps(analytics))
        return
    if how == "closed":
        analytics.close()
    analytics.event("command_show")
    if how == "disabled":
        process = context.Process(target=record_and_tell, args=(analytics,))
        words = [sys.executable, __file__, "--analytics-disable", how, way]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    else:
        process = context.Process(target=child, args=(analytics, how == "close"))
    process.start()
    process.join()
    print(process.exitcode)


def record_and_tell(analytics: Analytics) -> None:
    analytics.event("command_add")
    print(analytics.status.state, analytics.status.reason)


if __name__ == "__main__":
    main()
