"""Who disables analytics for good: one decision, for all that was said, or for the plainest words.

A disable on the command line or in the environment must work even where nothing else can be read.
So these words can be looked at without a parser. Carrying it out is
:mod:`~cecli.analytics.consent.refusal`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from cecli import TYPE_CHECKING
from cecli.analytics.settings import spelling
from cecli.analytics.settings.options import BY_NAME, name_of

if TYPE_CHECKING:
    from cecli.analytics.program import Program
    from cecli.analytics.settings.sources import Kind, Source, Switch

_DISABLE = BY_NAME["analytics-disable"]


def who_disables(said: Iterable[Switch]) -> Source | None:
    """Return who does: any source can, and the user's own word is the one to store.

    Args:
        said: what was said of ``analytics-disable``, the strongest first.
    """
    sources = [switch.source for switch in said if switch.value]
    return min(sources, key=lambda source: not source.is_own, default=None)


def is_plain(source: Source) -> bool:
    """Tell whether the command line or the environment says so: both are the user's own word."""
    return source.kind in ("flag", "variable")


def said_plainly(
    words: Sequence[object], environs: Iterable[Mapping[str, str]], program: Program
) -> Iterator[Switch]:
    """Yield the plain words for a disable, also on a command line that no parser can read.

    Args:
        words: the command line.
        environs: the variables, as often as they are kept.
        program: whose options and variables count.
    """
    options = words[: words.index("--")] if "--" in words else words
    if f"--{_DISABLE.name}" in options:
        yield _plain_switch("flag", "")
    for environ in environs:
        for variable, value in environ.items():
            beginning, name = variable[: len(program.prefix)], variable[len(program.prefix) :]
            if beginning == program.prefix and name_of(name) == _DISABLE.name:
                with suppress(ValueError):
                    if spelling.boolean(value):
                        yield _plain_switch("variable", program.prefix)


def _plain_switch(kind: Kind, where: str) -> Switch:
    from cecli.analytics.settings.layers import Layer  # 1 ms, and few disable
    from cecli.analytics.settings.sources import Switch

    return Switch(True, Layer(kind, where, {}).source(_DISABLE.name, True))
