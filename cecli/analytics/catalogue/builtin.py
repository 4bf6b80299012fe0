"""The events of any program and the properties of every event, each with the reason to collect it.

What only a coding session has is declared in ``cecli/sessions/``.
"""

from collections.abc import Mapping

from cecli.analytics.catalogue.event import Event, Property
from cecli.analytics.facts import environment

_EXIT_REASONS = (
    "completed",
    "configuration error",
    "crash",
    "end of input",
    "interrupted",
    "usage error",
)
_MESSAGE_OUTCOMES = ("content_filter", "function_call", "length", "stop", "tool_calls")
"""Why a model stopped, as most interfaces call it."""
_CRASH_SOURCES = ("event loop", "main thread", "thread")

MAIN_MODEL = Property("main_model", "model name", "Which models people work with.")
"""The model of an event; a model object that is passed for it stands for the event's others too."""

COMMON = (
    Property("$process_person_profile", "flag", "Always false: keeps the event anonymous."),
    Property("$geoip_disable", "flag", "Always true: tells PostHog not to look up a place."),
    Property("$ip", "choice", "Always `0.0.0.0`, so that no address is stored.", ("0.0.0.0",)),
    Property("$lib", "choice", "Always `cecli`: the library that made the event.", ("cecli",)),
    Property("$lib_version", "version", "PostHog's name for cecli's version."),
    Property(
        "$session_id",
        "session id",
        "Which events belong to one session: how long sessions are, and how many end badly.",
    ),
    Property("cecli_version", "version", "Which versions record, and which have a problem."),
    Property("program", "choice", "Which program it is: cecli, or one that embeds it.", ("cecli",)),
    Property("program_version", "version", "Which versions are in use, and which have a problem."),
    Property("python_version", "version", "Which versions of Python must be supported."),
    Property("os", "choice", "Which systems must be supported.", environment.OS_NAMES),
    Property("os_release", "version", "Which releases must be supported; two numbers only."),
    Property("machine", "choice", "Which processors must be supported.", environment.MACHINES),
    Property("cut", "flag", "True on an event that was too long and was shortened."),
)
"""The properties of every event."""

COMMON_NAMES = frozenset(each.name for each in COMMON)


def own_and_common(
    properties: Mapping[str, object],
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the properties of an event that are its own, and those of every event.

    >>> own_and_common({"reason": "crash", "os": "Linux"})
    ({'reason': 'crash'}, {'os': 'Linux'})
    """
    own = {name: value for name, value in properties.items() if name not in COMMON_NAMES}
    common = {name: value for name, value in properties.items() if name in COMMON_NAMES}
    return own, common


BUILT_IN = (
    Event(
        "launched",
        "The program was started.",
        "How often it is used, and which options are worth keeping.",
        (Property("options", "option names", "Which options are used, and how they are set."),),
    ),
    Event(
        "message_send_starting",
        "A message is about to be sent to a model.",
        "How many messages never get an answer.",
    ),
    Event(
        "message_send",
        "A model has answered.",
        "How models, tokens and costs go together.",
        (
            MAIN_MODEL,
            Property("prompt_tokens", "count", "How long what is sent is."),
            Property("completion_tokens", "count", "How long answers are."),
            Property("total_tokens", "count", "How long both together are."),
            Property("cost", "amount", "What a message costs, in US dollars."),
            Property("total_cost", "amount", "What the session has cost so far, in US dollars."),
            Property("duration", "amount", "How long answers take, in seconds."),
            Property(
                "outcome", "choice", "How often answers are cut off or refused.", _MESSAGE_OUTCOMES
            ),
        ),
    ),
    Event(
        "message_send_exception",
        "Sending a message to a model failed.",
        "Which failures need better handling.",
        (Property("exception", "exception type", "What kind of failure it was."),),
    ),
    Event(
        "events_lost",
        "Events were lost before they arrived; a session tells what was lost since the last time.",
        "How much is missing from all other figures, and why.",
        (
            Property("dropped", "count", "How many waited too long, or were too many."),
            Property("damaged", "count", "How many were damaged on the disk."),
            Property("set_aside", "count", "How many the server refused."),
        ),
    ),
    Event(
        "exit",
        "The session ended.",
        "How sessions end, and whether they end well.",
        (Property("reason", "choice", "How this one ended.", _EXIT_REASONS),),
    ),
    Event(
        "$exception",
        "The program crashed; PostHog's Error tracking knows the event by this name.",
        "Which crashes happen, and where in the code.",
        (
            Property("$exception_list", "exception", "What kind of crash it was, and where."),
            Property("source", "choice", "Which part of the program crashed.", _CRASH_SOURCES),
        ),
    ),
)
