"""The fleet's figures for docs/scale.md, and their bounds.

Run ``python -m benchmarks.fleet``: it simulates, writes the figures into the page, and fails where
a bound isn't kept. ``--check`` only compares the page, ``--cost`` measures what a deliverer costs,
``--sample FACTOR`` takes another sample and shows the figures without writing them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import floor, log10
from pathlib import Path

from benchmarks.fleet import scenarios, usage
from benchmarks.fleet.cost import FEW, MANY, measure, told
from benchmarks.fleet.fleet import Fleet
from benchmarks.fleet.scenarios import Midnight, Return
from benchmarks.fleet.usage import DAY, HOUR, KINDS, SENDING
from tools.render_docs import renewed

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
SCALES = 10_000, 1_000_000, 100_000_000
WORKING_DAYS = 22
"""In a month."""
MOST_AFTER, MOST_FIRST, MOST_AT_MIDNIGHT = 1.5, 1.2, 6.0
"""What counts as bounded: the highest half hour after an outage, in ordinary peaks; the highest of
its first minutes, beside those without the outage; midnight's highest second, in ordinary peaks."""


def short(number: float) -> str:
    """Write a number with two digits that count.

    >>> [short(number) for number in (0, 0.01234, 1.26, 123, 45_678, 1_234_567, 3.21e9)]
    ['0', '0.012', '1.3', '120', '46,000', '1.2 million', '3.2 billion']
    """
    for size, name in ((1e9, " billion"), (1e6, " million")):
        if number >= size:
            return short(number / size) + name
    if not number:
        return "0"
    places = 1 - floor(log10(number))
    return f"{round(number, places):,.{max(places, 0)}f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def share(part: float) -> str:
    """Write a share as per cent."""
    return f"{short(100 * part)} %"


def by_scale(fleet: Fleet, midnight: Midnight) -> str:
    """Write an ordinary day's sums and rates for each scale."""
    rows: list[tuple[str, Callable[[float], str]]] = [
        ("installations that send", short),
        ("events a day", lambda n: short(n * fleet.events())),
        ("events a month", lambda n: short(n * fleet.events() * WORKING_DAYS)),
        ("deliverers a day", lambda n: short(n * fleet.processes())),
        ("requests a day", lambda n: short(n * fleet.requests())),
        ("GB a day on the network", lambda n: short(n * fleet.bytes() / 1e9)),
        ("requests a second, on average", lambda n: short(n * fleet.requests() / DAY)),
        ("in the highest half hour", lambda n: short(n * fleet.peak())),
        (
            "in the highest second, at midnight UTC",
            lambda n: short(n * fleet.peak() * midnight.peak),
        ),
    ]
    head = ["installations", *(f"{scale:,}" for scale in SCALES)]
    return table(head, [[name, *(of(n * SENDING) for n in SCALES)] for name, of in rows])


def by_machine(fleet: Fleet) -> str:
    """Write what one machine of each kind does in a day."""
    rows = [
        [
            kind.name,
            share(kind.share),
            short(kind.sessions * kind.loop),
            short(fleet.events(kind)),
            short(fleet.processes(kind)),
            short(fleet.processes(kind) * usage.CPU_SECONDS),
        ]
        for kind in KINDS
    ]
    head = ["used", "share", "sessions", "events", "deliverers", "CPU seconds"]
    return table(head, rows)


def troubles(found: Sequence[Return]) -> str:
    """Write what comes of a server that takes nothing for a while."""
    head = ["the server is", "requests meanwhile", "highest half hour after it"]
    head += ["highest minute of the first half hour"]
    head += [f"accepted by {after // HOUR} h after it" for after in scenarios.RETURNED_AFTER]
    rows = [
        [
            each.what,
            share(each.requests),
            f"{short(each.peak)} x",
            f"{short(each.first)} x",
            *map(share, each.accepted),
            share(each.lost),
        ]
        for each in found
    ]
    return table([*head, "dropped"], rows)


def midnights(found: Sequence[Midnight]) -> str:
    """Write what comes of a clock that starts sessions everywhere."""
    head = ["deliverers", "highest second", "seconds above the ordinary peak"]
    head.append(f"accepted by a server that takes {scenarios.MOST} x")
    return table(
        head,
        [
            [each.what, f"{short(each.peak)} x", str(each.seconds), share(each.accepted)]
            for each in found
        ],
    )


def segments(fleet: Fleet, factor: float) -> str:
    """Write what a longer time in which a session keeps its events would save."""
    spared = [(600, fleet), *((each, scenarios.open_for(each, factor)) for each in (1800, 3600))]
    rows = [
        [f"{seconds // 60} minutes", short(each.processes()), short(each.processes(KINDS[0]))]
        for seconds, each in spared
    ]
    return table(["handed over after", "deliverers a day", "used every day"], rows)


def main(arguments: Sequence[str]) -> int:
    """Run the command; return 1 if a bound isn't kept, or the page differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare the page")
    parser.add_argument("--cost", action="store_true", help="measure one deliverer")
    parser.add_argument("--sample", type=float, metavar="FACTOR", help="show with a larger sample")
    args = parser.parse_args(arguments)
    if args.cost:
        print(told(*map(measure, (FEW, MANY))))
        return 0
    factor = args.sample or 1
    fleet = scenarios.ordinary(factor)
    after = scenarios.outages(fleet, factor)
    midnight = scenarios.midnights(fleet, factor)
    parts = {
        "an ordinary day": by_scale(fleet, midnight[0]),
        "each kind": by_machine(fleet),
        "later": segments(fleet, factor),
        "troubles": troubles(after),
        "midnight": midnights(midnight),
    }
    missed = bounds(after, midnight[0])
    if args.sample:
        print("\n".join(parts.values()))
        return missed
    return max(missed, renew(parts, args.check))


def bounds(after: Sequence[Return], midnight: Midnight) -> int:
    """Print each bound beside what was found; return 1 if one isn't kept."""
    found = [(f"after it was {each.what}", each.peak, MOST_AFTER) for each in after]
    found += [(f"first minutes after it was {each.what}", each.first, MOST_FIRST) for each in after]
    found.append(("at midnight", midnight.peak, MOST_AT_MIDNIGHT))
    for what, rate, most in found:
        kept = "kept" if rate <= most else "MISSED"
        print(f"{what:65} {rate:5.2f} x the ordinary, at most {most}: {kept}")
    return int(any(rate > most for _, rate, most in found))


def renew(parts: Mapping[str, str], check: bool) -> int:
    """Put tables between the page's marks, or compare; return 1 if they differ there."""
    text = before = PAGE.read_text(encoding="utf-8")
    for mark, part in parts.items():
        text = renewed(f"docs/{PAGE.name}", text, mark, part, by="python -m benchmarks.fleet")
    if text == before:
        return 0
    print(f"{PAGE.name} {'differs' if check else 'written'}")
    if not check:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    return int(check)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
