"""Who asks: the program whose analytics these are, and how its PostHog project is spelled.

A program's name gives its variables, its folder and its words. The readers of a host and a key take
what a program, a command line, a variable or a file gave; they raise :class:`ValueError` with a
message for people, which never shows a key.
"""

from __future__ import annotations

import re

from cecli import TYPE_CHECKING, __version__
from cecli.messages import cut, harmless

if TYPE_CHECKING:
    from typing import Final

DEFAULT_HOST = "https://app.posthog.com"
"""Where events go unless the program or the user names another PostHog."""

PROJECT_API_KEY: str | None = None
"""cecli's own PostHog project; a release build sets it, the source tree carries none."""

# Patterns aren't compiled here: that takes a third of a millisecond, and few are needed.
_NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_LONGEST_NAME = 32
_NAME_IS = f"at most {_LONGEST_NAME} small letters, digits and single dashes, a letter first"
_URL = r"https?://[!-~]{1,200}"
_VERSION = r"[0-9A-Za-z][0-9A-Za-z.+!_-]{0,31}"
_LARGEST_PORT = 65535
_KEY = r"[!-~]{1,64}"
"""PostHog takes at most 64 characters."""
_HOST_NAME = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_HOST = (
    rf"(?:(?P<scheme>https?)://)?(?P<name>{_HOST_NAME}|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>(?:/[\w.~-]+)*)/*"
)
_BYTE = r"(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_LOOPBACK = rf"localhost|127(?:\.{_BYTE}){{3}}|\[::1\]"
_PORTS = {"https": "443", "http": "80"}
"""What goes without saying."""
_LONGEST_HOST = 255


class Program:
    """A program that asks for itself, under its own name; it doesn't change once it is made.

    Two programs on one machine don't know of each other: each has its own variables, consent, id
    and queue.

    Args:
        name: what users call it: at most 32 small letters, digits and single dashes, a letter
            first, as in ``my-notes``. It gives the prefix of the variables (``MY_NOTES_``) and the
            folder (``~/.my-notes``).
        info_url: the page on its analytics, which the question names. It also says where a user
            writes who wants sent events deleted.
        version: its version, as in ``1.4.2`` or ``2.0rc1``; any other form, such as that of a
            build between releases, stands as ``other`` on events.
        posthog_project_api_key: its PostHog project's key (``phc_…``). A release sets it; without
            one, events go to the log alone.
        posthog_host: the PostHog that has this project.

    Raises:
        ValueError: one of these can't be what it should; the message says what was expected.
    """

    def __init__(
        self,
        name: str,
        info_url: str,
        version: str,
        posthog_project_api_key: str | None = None,
        posthog_host: str = DEFAULT_HOST,
    ) -> None:
        _require("name", name, _NAME, _NAME_IS, _LONGEST_NAME)
        if name.endswith("-no"):  # X_NO_ANALYTICS is an off of the program x
            raise ValueError(f"Program: name {name!r}: one that doesn't end in '-no' was expected")
        _require("info_url", info_url, _URL, "an http or https URL")
        _require("version", version, _VERSION, "a version, as in '1.4.2'")
        if posthog_project_api_key is not None or posthog_host != DEFAULT_HOST:
            try:
                posthog_host = read_host(posthog_host)
                if posthog_project_api_key is not None:
                    posthog_project_api_key = read_key(posthog_project_api_key)
            except ValueError as error:
                raise ValueError(f"Program: {error}") from None
        self.name: Final = name
        self.info_url: Final = info_url
        self.version: Final = version
        self.posthog_project_api_key: Final = posthog_project_api_key
        self.posthog_host: Final = posthog_host

    @property
    def prefix(self) -> str:
        """What the names of its variables begin with.

        >>> Program("my-notes", "https://example.com/analytics", "1.0").prefix
        'MY_NOTES_'
        """
        return self.name.upper().replace("-", "_") + "_"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Program({self.name!r}, version={self.version!r})"  # without the key


def _require(field: str, value: object, pattern: str, expected: str, longest: int = 250) -> None:
    if not (
        isinstance(value, str) and len(value) <= longest and re.fullmatch(pattern, value, re.ASCII)
    ):
        raise ValueError(f"Program: {field} {cut(str(value))!r}: expected {expected}")


def read_host(raw: object) -> str:
    """Read a PostHog host; return its URL without a final slash.

    >>> read_host("PostHog.example.com:443/"), read_host("http://localhost:8000")
    ('https://posthog.example.com', 'http://localhost:8000')
    """
    text = str(raw).strip()
    # ASCII: a look-alike letter must not name another host.
    short = text[: _LONGEST_HOST + 1]
    match = re.fullmatch(_HOST, short, re.ASCII | re.IGNORECASE)
    if match is None or len(short) > _LONGEST_HOST or int(match["port"] or 0) > _LARGEST_PORT:
        raise ValueError(f"{harmless(text)} is no http or https URL of a PostHog host")
    scheme, name, port = (match["scheme"] or "https").lower(), match["name"].lower(), match["port"]
    is_loopback = re.fullmatch(_LOOPBACK, name) is not None
    if "." not in name and not is_loopback and name[0] != "[":
        raise ValueError(
            f"{harmless(text)} names no host: a name with a dot was expected, as in "
            "'posthog.example.com', or localhost"
        )
    if port == _PORTS[scheme]:
        port = None
    if scheme == "http" and not is_loopback:
        raise ValueError(
            f"{harmless(text)} would show the events to everybody on the way: https was "
            "expected, or a host on this machine"
        )
    return f"{scheme}://{name}{f':{port}' if port else ''}{match['path']}"


def read_key(raw: object) -> str:
    """Read a project API key: one word of printable ASCII, in at most 64 characters."""
    if not (isinstance(raw, str) and re.fullmatch(_KEY, raw)):
        raise ValueError(
            "the value (not shown) is no project API key: one word in ASCII was expected, of at "
            "most 64 characters"
        )
    if raw.lower().startswith("phx_"):
        raise ValueError(
            "the value (not shown) is a personal API key, which opens a PostHog account: a "
            "project API key was expected, as in 'phc_…'"
        )
    return raw


CECLI = Program("cecli", "https://cecli.dev/docs/more/analytics.html", __version__, PROJECT_API_KEY)
"""Who asks where a program doesn't say who it is."""
