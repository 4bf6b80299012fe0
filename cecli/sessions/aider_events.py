"""What can be recorded of a coding session, and what aider calls it.

Owns what stands beside the events of any program: commands, edit formats, ends, events. Needs
no aider; :mod:`~cecli.sessions.aider_session` runs the session.
"""

from __future__ import annotations

from cecli.analytics.catalogue.builtin import MAIN_MODEL
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.event import Event, Property

COMMANDS = (
    *("add", "architect", "ask", "chat-mode", "clear", "code", "commit", "context", "copy"),
    *("copy-context", "diff", "drop", "edit", "editor", "editor-model", "exit", "git", "help"),
    *("lint", "load", "ls", "map", "map-refresh", "model", "models", "multiline-mode", "paste"),
    *("quit", "read-only", "reasoning-effort", "report", "reset", "run", "save", "settings"),
    *("test", "think-tokens", "tokens", "undo", "voice", "weak-model", "web"),
)
EDIT_FORMATS = (
    *("architect", "ask", "context", "diff", "diff-fenced", "editor-diff", "editor-diff-fenced"),
    *("editor-whole", "help", "patch", "udiff", "udiff-simple", "whole"),
)
EXIT_REASONS = ("command", "missing key", "no model")
"""How a session may end, beside the ends of any program."""
STEPS = ("code_exchange_failed", "user_interrupt")
"""Where a sign-in may fail."""

_COMPANIONS = (
    Property("weak_model", "model name", "Which models are used for small tasks."),
    Property("editor_model", "model name", "Which models are used to apply edits."),
)
"""What aider's model objects carry beside their own name."""
_MODELS = (MAIN_MODEL, *_COMPANIONS)
_EDIT_FORMAT = Property(
    "edit_format", "choice", "Which ways of editing files work with which model.", EDIT_FORMATS
)
_PROVIDER = Property("provider", "choice", "Which providers people sign in to.", ("openrouter",))
_SIGN_IN = "Whether signing in to a provider works."
EVENTS = (
    Event(
        "cli session",
        "A session began on the command line.",
        "How many sessions run on the command line, with which models.",
        (*_MODELS, _EDIT_FORMAT),
    ),
    Event(
        "gui session",
        "A session began in the browser.",
        "How many sessions run in the browser, with which models.",
        (*_MODELS, _EDIT_FORMAT),
    ),
    Event("repo", "The session works in a git repository.", "Whether git can be relied on."),
    Event("no-repo", "The session works without a git repository.", "The other half of `repo`."),
    Event(
        "auto_commits",
        "Whether edits are committed at once was settled.",
        "Whether the default suits people.",
        (Property("enabled", "flag", "Whether edits are committed."),),
    ),
    Event(
        "model warning",
        "A warning about the chosen model was shown.",
        "Which models are tried that don't work well.",
        _MODELS,
    ),
    Event("ai-comments execute", "A comment in a file asked for an edit.", "Whether it is used."),
    Event("ai-comments file-add", "A comment added a file to the chat.", "Whether it is used."),
    Event(
        "auto_model_selection",
        "No model was named, and one was chosen by the keys at hand.",
        "Which models people get by default.",
        (Property("model", "model name", "Which model was chosen."),),
    ),
    Event("copy-paste mode", "A session by way of the clipboard began.", "Whether it is used."),
    Event("interactive help", "A question about the program was asked.", "Whether it is used."),
    Event("oauth_flow_initiated", "A sign-in to a provider began.", _SIGN_IN, (_PROVIDER,)),
    Event("oauth_flow_code_received", "A provider sent a code.", _SIGN_IN, (_PROVIDER,)),
    Event("oauth_flow_success", "A sign-in succeeded.", _SIGN_IN, (_PROVIDER,)),
    Event("oauth_flow_failure", "A sign-in gave no key.", _SIGN_IN),
    Event(
        "oauth_flow_failed",
        "A step of a sign-in failed.",
        _SIGN_IN,
        (_PROVIDER, Property("reason", "choice", "Which step it was.", STEPS)),
    ),
    Event(
        "oauth_flow_save_failed",
        "A provider's key couldn't be saved.",
        _SIGN_IN,
        (_PROVIDER, Property("exception", "exception type", "What kind of failure it was.")),
    ),
)
PASSED = {
    "message_send_starting": (),
    "message_send": (
        *("edit_format", "prompt_tokens", "completion_tokens", "total_tokens"),
        *("cost", "total_cost", "duration", "outcome"),
    ),
    **{event.name: tuple(each.name for each in event.properties) for event in EVENTS},
    **{f"command_{name}": () for name in COMMANDS},
}
"""aider's events that are recorded, and which properties of them beside ``main_model``."""
REASONS = {
    "/exit": "command",
    "Control-C": "interrupted",
    "Keyboard interrupt during model warnings": "interrupted",
    "Completed main CLI coder.run": "end of input",
    **dict.fromkeys(
        (
            *("Applied updates", "Completed --message", "Completed --message-file"),
            *("Completed lint/test/commit", "Exit flag set", "GUI session ended"),
            *("Installed main branch", "Just checking update", "Listed models"),
            *("Showed prompts", "Showed repo map", "Upgrade completed"),
        ),
        "completed",
    ),
    **dict.fromkeys(
        (
            *("Directory with --no-git", "Failed to read apply content", "Invalid directory input"),
            *("Invalid alias format error", "Invalid lint command format"),
            *("Message file IO error", "Message file not found", "No test command provided"),
            "Unknown edit format",
        ),
        "usage error",
    ),
    **dict.fromkeys(
        (
            *("Repository sanity check failed", "Streamlit not installed"),
            "ValueError during coder creation",
        ),
        "configuration error",
    ),
    **dict.fromkeys(
        (
            "OpenRouter key missing after successful OAuth for specified model",
            "OpenRouter key missing for specified model and OAuth failed/declined",
        ),
        "missing key",
    ),
}
GOES_ON = frozenset({"Recursing with correct repo", "Returning coder object"})
"""What aider calls an exit although the session goes on."""


def catalogue() -> Catalogue:
    """Return what can be recorded in a session."""
    found = Catalogue()
    found.declare_choices("reason", *EXIT_REASONS)
    found.declare_properties("message_send", *_COMPANIONS, _EDIT_FORMAT)
    for event in EVENTS:
        found.declare(event)
    found.declare_packages("aider")
    found.declare_commands(*COMMANDS)
    return found
