"""Runs the parts of the benchmarks one after the other, and tells what they have found.

Run ``python -m benchmarks [PART …]``. The exit code is 1 if a bound was missed or a part broke. A
run of all parts in which none broke writes RESULTS.md, its charts, and the README's lines anew.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

from benchmarks import (
    aider_class,
    backlog,
    chart,
    coding,
    crowd,
    event,
    log,
    machine,
    queue,
    report,
    servers,
    session,
    start,
    view,
)
from benchmarks.ground import ROOT
from benchmarks.results import Part
from tools.render_docs import renewed

PARTS: Mapping[str, Callable[[], Part]] = {
    "session": session.measure,
    "event": event.measure,
    "aider_class": aider_class.measure,
    "start": start.measure,
    "servers": servers.measure,
    "coding": coding.measure,
    "queue": queue.measure,
    "crowd": crowd.measure,
    "log": log.measure,
    "backlog": backlog.measure,
    "view": view.measure,
}


def main(
    argv: Sequence[str] | None = None,
    *,
    parts: Mapping[str, Callable[[], Part]] = PARTS,
    render: Callable[[Mapping[str, Part]], object] | None = None,
) -> int:
    """Run what is asked for, all by default; *render* writes what comes of a whole run."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("parts", metavar="PART", nargs="*", help=", ".join(parts))
    names = parser.parse_args(argv).parts or list(parts)
    if unknown := [name for name in names if name not in parts]:
        parser.error(f"there is no part {unknown[0]!r}; the parts are {', '.join(parts)}")
    render = render or partial(write, machine=machine.described())
    found = run({name: parts[name] for name in names})
    print("\n" + report.summary(found.values()))
    if len(found) == len(parts) and not any(part.broken for part in found.values()):
        render(found)
    return 1 if any(part.failed for part in found.values()) else 0


def run(parts: Mapping[str, Callable[[], Part]]) -> dict[str, Part]:
    """Run parts; one that breaks hides none of the rest."""
    found = {}
    for name, measure in parts.items():
        print(f"{name} …", flush=True)
        try:
            found[name] = measure()
        except Exception as error:  # noqa: BLE001 - whatever it is, the rest is to be measured
            traceback.print_exc()
            found[name] = Part(name, broken=f"{type(error).__name__}: {error}".splitlines()[-1])
        missed = [bound.what for bound in found[name].bounds if bound.missed]
        print(f"{name}: {'; '.join(missed) or found[name].broken or 'kept'}", flush=True)
    return found


def write(found: Mapping[str, Part], machine: Mapping[str, str]) -> None:
    """Write RESULTS.md, its charts, and the README's lines anew."""
    parts, folder = list(found.values()), ROOT / "benchmarks"
    (folder / "RESULTS-session.svg").write_bytes(chart.session(found["session"].added))
    growth = chart.growth(found["queue"].growth, list(queue.SIZES))
    (folder / "RESULTS-growth.svg").write_bytes(growth)
    page = report.page(parts, machine, date.today().isoformat())
    (folder / "RESULTS.md").write_text(page, encoding="utf-8", newline="\n")
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    text = renewed("README.md", text, "figures", report.quoted(parts), by="make bench")
    readme.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
