"""What aider reports of a session, as the catalogue has it: its commands, events and ends.

Needs no aider; :mod:`~cecli.sessions.aider` runs the session.
"""

from __future__ import annotations

from cecli.analytics.catalogue.declaration import Catalogue, Event, Property

COMMANDS = (
    *("add", "architect", "ask", "chat-mode", "clear", "code", "commit", "context", "copy"),
    *("copy-context", "diff", "drop", "edit", "editor", "editor-model", "exit", "git", "help"),
    *("lint", "load", "ls", "map", "map-refresh", "model", "models", "multiline-mode", "paste"),
    *("quit", "read-only", "reasoning-effort", "report", "reset", "run", "save", "settings"),
    *("test", "think-tokens", "tokens", "undo", "voice", "weak-model", "web"),
)
_PROVIDER = Property("provider", "choice", "Which providers people sign in to.", ("openrouter",))
_SIGN_IN = "Whether signing in to a provider works."
STEPS = ("code_exchange_failed", "user_interrupt")
EVENTS = (
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
        (
            _PROVIDER,
            Property("reason", "choice", "Which step it was.", STEPS),
        ),
    ),
    Event(
        "oauth_flow_save_failed",
        "A provider's key couldn't be saved.",
        _SIGN_IN,
        (_PROVIDER, Property("exception", "exception type", "What kind of failure it was.")),
    ),
)
PASSED = {
    "cli session": ("edit_format",),
    "gui session": (),
    "repo": (),
    "no-repo": (),
    "auto_commits": ("enabled",),
    "message_send_starting": (),
    "message_send": (
        *("edit_format", "prompt_tokens", "completion_tokens", "total_tokens"),
        *("cost", "total_cost", "duration", "outcome"),
    ),
    "model warning": (),
    **{f"command_{name}": () for name in COMMANDS},
    **{event.name: tuple(each.name for each in event.properties) for event in EVENTS},
}
"""aider's events that are recorded, and which of their properties beside the models."""
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
    found.declare_commands(*COMMANDS)
    for event in EVENTS:
        found.declare(event)
    return found
